"""What Parley asks its model passes unchanged, is told to the page without a key, and can be spoilt on request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from sandbox.chat_completions import demo
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.switching import Upstream
from sandbox.combined.tap import BASE, CUT_AFTER, SLOW_SECONDS, ModelTap

LONG = Answer(text="word " * 80)


class Tapped:
    """A model behind a tap, and what the tap told."""

    def __init__(self) -> None:
        self.model = ChatCompletionsSandbox(answering=lambda question: demo.reply(question, pace=None))
        self.told: list[dict[str, Any]] = []
        self.slept: list[float] = []
        self._more = asyncio.Event()
        self.tap = ModelTap(tell=self._tell, changed=lambda: None, sleep=self._sleep)
        self.client = httpx.AsyncClient(trust_env=False, timeout=20)
        self.url = ""

    def _tell(self, told: dict[str, Any]) -> None:
        self.told.append(told)
        self._more.set()
        self._more = asyncio.Event()

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def ended(self) -> dict[str, Any]:
        """The last telling, once an answer has ended."""
        async with asyncio.timeout(10):
            while not self.told or self.told[-1]["ending"] == "open":
                await self._more.wait()
        return self.told[-1]

    def asking(self, text: str = "hello", **more: Any) -> dict[str, Any]:
        """What httpx needs for one request."""
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
        options = {"include_usage": True}
        return {
            "url": f"{self.url}/chat/completions",
            "headers": {"Authorization": f"Bearer {self.model.api_key}"},
            "json": {"model": self.model.model, "messages": messages, "stream": True, "stream_options": options} | more,
        }


@pytest.fixture
async def tapped() -> AsyncIterator[Tapped]:
    """Both run."""
    both = Tapped()
    await both.model.start()
    both.tap.upstream = Upstream(base_url=both.model.base_url)
    app = web.Application()
    app.add_subapp(BASE, both.tap.create_app())
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    both.url = f"http://127.0.0.1:{runner.addresses[0][1]}{BASE}/v1"
    yield both
    await both.client.aclose()
    await runner.cleanup()
    await both.model.stop()


async def test_it_passes_on_and_tells(tapped: Tapped) -> None:
    """The stream is the model's own, byte for byte; the page learns the messages, the pieces and the tokens."""
    tapped.model.script(Answer(text="One two three.", deltas=("One ", "two ", "three.")), Answer(text="x"))
    through = await tapped.client.post(**tapped.asking())
    assert through.status_code == 200
    assert through.text.count('"content":"') >= 3
    assert through.text.endswith("data: [DONE]\n\n")
    last = await tapped.ended()
    assert (last["ending"], last["pieces"]) == ("finished", 3)
    assert last["prompt_tokens"] > 0
    assert last["completion_tokens"] > 0
    first = tapped.told[0]
    assert [(one["role"], one["text"]) for one in first["messages"]] == [("system", "Be brief."), ("user", "hello")]
    assert tapped.model.api_key not in str(tapped.told)


async def test_an_answer_in_one_piece_and_other_questions(tapped: Tapped) -> None:
    """Without a stream the tokens are told as well; a list of models passes and is no request for an answer."""
    whole = await tapped.client.post(**tapped.asking(stream=False, stream_options=None))
    assert whole.json()["choices"]
    assert (await tapped.ended())["completion_tokens"] > 0
    before = len(tapped.told)
    headers = {"Authorization": f"Bearer {tapped.model.api_key}"}
    models = await tapped.client.get(f"{tapped.url}/models", headers=headers)
    assert models.json()["data"]
    assert len(tapped.told) == before


async def test_parts_tools_and_long_texts_are_shown_shortened(tapped: Tapped) -> None:
    """A picture is named and not shown, a tool's call is, and nothing is shown at any length."""
    parts = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    call = {"id": "c", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    messages = [
        {"role": "user", "content": parts},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "x" * 7000},
    ]
    await tapped.client.post(**tapped.asking(messages=messages))
    shown = tapped.told[0]["messages"]
    assert shown[0]["text"] == "look\n[image_url]"
    assert shown[1]["calls"] == ['add({"a": 1})']
    assert shown[2]["text"].endswith("(1000 characters more)")


async def test_the_next_answer_is_cut_once(tapped: Tapped) -> None:
    """The stream breaks in the middle, as a lost connection; the answer after it is whole."""
    tapped.model.script(LONG, LONG)
    tapped.tap.mischief.cut_next = True
    with pytest.raises(httpx.RemoteProtocolError):
        await tapped.client.post(**tapped.asking())
    cut = await tapped.ended()
    assert (cut["ending"], cut["pieces"]) == ("cut", CUT_AFTER)
    assert (await tapped.client.post(**tapped.asking())).text.endswith("[DONE]\n\n")
    assert (await tapped.ended())["ending"] == "finished"


async def test_the_next_request_is_refused_once(tapped: Tapped) -> None:
    """With the status that was asked for; the model is not asked."""
    tapped.tap.mischief.refuse_next = 429
    refused = await tapped.client.post(**tapped.asking())
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert ((await tapped.ended())["ending"], tapped.model.requests) == ("refused", [])
    assert (await tapped.client.post(**tapped.asking())).status_code == 200


async def test_a_slow_model_is_slow_until_it_is_not(tapped: Tapped) -> None:
    """Each piece waits while the switch is on."""
    tapped.model.script(Answer(text="ab", deltas=("a", "b")))
    tapped.tap.mischief.slow = True
    await tapped.client.post(**tapped.asking())
    assert set(tapped.slept) == {SLOW_SECONDS}
    assert len(tapped.slept) >= 2
    tapped.tap.mischief.slow = False
    slept = len(tapped.slept)
    await tapped.client.post(**tapped.asking())
    assert len(tapped.slept) == slept


async def test_who_leaves_stops_the_model(tapped: Tapped) -> None:
    """A client that hangs up is told as such, and the model behind stops generating."""
    tapped.model.script(Answer(text="word " * 500, pace=50.0))
    async with tapped.client.stream("POST", **tapped.asking()) as stream:
        async for _ in stream.aiter_bytes():
            break
    assert (await tapped.ended())["ending"] == "left"
    await tapped.model.wait_for(lambda requests: requests[0].disconnected)


async def test_a_model_that_is_away_is_told(tapped: Tapped) -> None:
    """A readable error comes back, with the status of a gateway."""
    tapped.tap.upstream = Upstream(base_url="http://127.0.0.1:9/v1")
    answer = await tapped.client.post(**tapped.asking())
    assert answer.status_code == 502
    assert "cannot be reached" in answer.json()["error"]["message"]
    assert (await tapped.ended())["ending"] == "failed"
