"""The chat completions server itself: HTTP in, the planned steps out, a journal of both.

What to answer is script.py's and demo.py's affair, in which steps plan.py's, as which bytes framing.py's; player.py
carries it out. This module knows the endpoints, the key, and which reply is next.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from sandbox.chat_completions import demo
from sandbox.chat_completions.catalogue import DEMO_MODEL, MODELS, Model
from sandbox.chat_completions.failures import error
from sandbox.chat_completions.journal import Journal, Outcome, RecordedRequest, without_secrets
from sandbox.chat_completions.moderation import judged
from sandbox.chat_completions.player import Player, new_id
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Failure, Reply
from sandbox.chat_completions.validation import checked

Answering = Callable[[Question], Reply]
_BODY_LIMIT = 64 * 1024 * 1024


class ChatCompletionsSandbox:
    """A local OpenAI-compatible API. Start it by itself, or mount `create_app()` in another application."""

    def __init__(
        self,
        *,
        api_key: str = "sk-sandbox",
        models: Iterable[Model] = MODELS,
        answering: Answering = demo.reply,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.api_key = api_key
        self.answering = answering
        """Answers whatever is not scripted; the demo unless a test puts its own here."""
        self.base_url = ""
        """Ends in /v1, as OPENAI_BASE_URL does. Known once started or mounted."""
        self._models = {model.id: model for model in models}
        self._sleep = sleep
        self._now = now
        self._journal = Journal()
        self._scripted: deque[tuple[Reply, Callable[[Question], bool]]] = deque()
        self._runner: web.AppRunner | None = None

    # ── for tests and for whoever mounts it ──

    @property
    def model(self) -> str:
        """The name to put into OPENAI_MODEL."""
        return DEMO_MODEL

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request so far, oldest first."""
        return self._journal.requests

    def script(self, *replies: Reply, when: Callable[[Question], bool] = lambda _: True) -> None:
        """The next valid requests that `when` takes get these replies, one each, in order."""
        self._scripted.extend((reply, when) for reply in replies)

    @property
    def unplayed(self) -> int:
        """Scripted replies that nobody has asked for yet."""
        return len(self._scripted)

    async def wait_for(self, predicate: Callable[[list[RecordedRequest]], bool], within: float = 5.0) -> None:
        """Returns once the predicate holds for `requests`; TimeoutError after `within` seconds."""
        await self._journal.wait_for(predicate, within)

    def create_app(self) -> web.Application:
        """The application, to be run with `handler_cancellation=True` so that a client's leaving is noticed at once."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_post("/openai/deployments/{deployment}/chat/completions", self._completions)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/v1/models/{model}", self._one_model)
        app.router.add_post("/v1/moderations", self._moderations)
        return app

    def mounted_at(self, base_url: str) -> None:
        """It is reachable under this address; `base_url` then ends in /v1."""
        self.base_url = base_url.rstrip("/") + "/v1"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """It listens. Port 0 takes a free one; `base_url` tells which."""
        self._runner = web.AppRunner(
            self.create_app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.mounted_at(f"http://{host}:{self._runner.addresses[0][1]}")

    async def stop(self) -> None:
        """It listens no more; answers under way are broken off."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # ── the endpoints ──

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        record, body = await self._received(request)
        refusal = self._stranger(request) or _unreadable(body)
        if refusal is not None:
            return await self._player(request, record).refuse(refusal)
        if "deployment" in request.match_info and isinstance(body, dict):
            body = {"model": request.match_info["deployment"], **body}
        question = checked(body, self._models)
        if isinstance(question, Failure):
            return await self._player(request, record).refuse(question)
        reply = self._next(question)
        if isinstance(reply, Failure):
            return await self._player(request, record).refuse(reply)
        return await self._player(request, record).answer(question, reply)

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        record, _ = await self._received(request)
        refusal = self._stranger(request)
        if refusal is not None:
            return await self._player(request, record).refuse(refusal)
        self._player(request, record).close(Outcome.FINISHED, 200)
        return web.json_response({"object": "list", "data": [model.listed() for model in self._models.values()]})

    async def _one_model(self, request: web.Request) -> web.StreamResponse:
        record, _ = await self._received(request)
        model = self._models.get(request.match_info["model"])
        missing = error(404, "The model does not exist or you do not have access to it.", code="model_not_found")
        refusal = self._stranger(request) or (missing if model is None else None)
        if refusal is not None or model is None:
            return await self._player(request, record).refuse(refusal or missing)
        self._player(request, record).close(Outcome.FINISHED, 200)
        return web.json_response(model.listed())

    async def _moderations(self, request: web.Request) -> web.StreamResponse:
        record, body = await self._received(request)
        refusal = self._stranger(request) or _unreadable(body)
        if refusal is None and not (isinstance(body, dict) and body.get("input")):
            refusal = error(400, "Missing required parameter: 'input'.", param="input")
        if refusal is not None:
            return await self._player(request, record).refuse(refusal)
        self._player(request, record).close(Outcome.FINISHED, 200)
        model = body.get("model") or "omni-moderation-latest"
        return web.json_response({"id": new_id("modr"), "model": model, "results": judged(body["input"])})

    # ── the request ──

    async def _received(self, request: web.Request) -> tuple[RecordedRequest, Any]:
        text = (await request.read()).decode("utf-8", errors="replace")
        try:
            body: Any = json.loads(text) if text else None
        except ValueError:
            body = text
        record = RecordedRequest(path=request.path, headers=without_secrets(request.headers), body=body, at=self._now())
        self._journal.record(record)
        return record, body

    def _stranger(self, request: web.Request) -> Failure | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        given = key if scheme.lower() == "bearer" else request.headers.get("api-key", "")
        if not self.api_key:  # as servers on one's own machine, which want none
            return None
        if not given:
            text = "You didn't provide an API key. You need to provide your API key in an Authorization header."
            return error(401, text)
        if not secrets.compare_digest(given.encode(), self.api_key.encode()):
            return error(401, "Incorrect API key provided: ********.", code="invalid_api_key")
        return None

    def _player(self, request: web.Request, record: RecordedRequest) -> Player:
        return Player(request, record, self._journal, sleep=self._sleep, now=self._now)

    def _next(self, question: Question) -> Reply:
        for place, (reply, when) in enumerate(self._scripted):
            if when(question):
                del self._scripted[place]
                return reply
        return self.answering(question)

    def _close(self, record: RecordedRequest, outcome: Outcome, status: int | None = None) -> None:
        if record.outcome is Outcome.OPEN:
            record.outcome = outcome
        record.status = record.status or status
        self._journal.move()


def _unreadable(body: object) -> Failure | None:
    if isinstance(body, dict):
        return None
    return error(
        400,
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
        "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
    )
