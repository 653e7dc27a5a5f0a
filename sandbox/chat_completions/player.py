"""Carries one planned reply out over one connection: waits where the plan waits, flushes each event by itself.

It stops when the client goes away, and keeps the journal's record of this request true. Which reply it is was decided
before (server.py).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from sandbox.chat_completions import plan
from sandbox.chat_completions.framing import Framer
from sandbox.chat_completions.journal import Journal, Outcome, RecordedRequest
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer, Failure
from sandbox.chat_completions.wire import Envelope

_LIMITS = {
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-limit-tokens": "2000000",
    "x-ratelimit-remaining-tokens": "1999980",
    "x-ratelimit-reset-tokens": "0s",
}


class Player:
    """One request on its way to its answer."""

    def __init__(
        self,
        request: web.Request,
        record: RecordedRequest,
        journal: Journal,
        *,
        sleep: Callable[[float], Awaitable[object]],
        now: Callable[[], float],
    ) -> None:
        self._request = request
        self._record = record
        self._journal = journal
        self._sleep = sleep
        self._now = now

    async def answer(self, question: Question, answer: Answer) -> web.StreamResponse:
        """The answer has been played to its end, its cut, or the client's leaving."""
        return await self._watched(self._answered(question, answer))

    async def refuse(self, failure: Failure) -> web.StreamResponse:
        """The failure is the whole HTTP answer."""
        return await self._watched(self._refused(failure))

    def close(self, outcome: Outcome, status: int | None = None) -> None:
        """The record says how it ended; the first end stands."""
        if self._record.outcome is Outcome.OPEN:
            self._record.outcome = outcome
        self._record.status = self._record.status or status
        self._journal.move()

    async def _watched(self, answered: Awaitable[web.StreamResponse]) -> web.StreamResponse:
        try:
            return await answered
        except (asyncio.CancelledError, ConnectionResetError):
            self.close(Outcome.DISCONNECTED)
            raise

    async def _answered(self, question: Question, answer: Answer) -> web.StreamResponse:
        for stall in answer.stalls:
            if stall.after is None:
                await stall.until.wait()
        envelope = Envelope(
            id=new_id("chatcmpl"),
            created=int(self._now()),
            model=answer.model or question.model.id,
            shape=answer.shape,
        )
        framer = Framer(answer.framing)
        if question.streamed and not answer.shape.as_json:
            response = await self._opened(answer, "text/event-stream")
            await self._streamed(response, framer, answer, plan.stream(answer, question, envelope))
        else:
            response = await self._opened(answer, "application/json")
            await _write(response, framer.body(plan.completion(answer, question, envelope)))
            self.close(Outcome.FINISHED)
        if self._record.outcome is not Outcome.CUT or answer.cut == "eof":
            await response.write_eof()
        return response

    async def _opened(self, answer: Answer, content_type: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"x-request-id": new_id("req"), **_LIMITS, **answer.headers})
        response.content_type = content_type
        response.charset = "utf-8"
        self._record.status = 200
        await response.prepare(self._request)
        return response

    async def _streamed(
        self, response: web.StreamResponse, framer: Framer, answer: Answer, steps: Iterable[plan.Step]
    ) -> None:
        await _write(response, framer.opening())
        coming = iter(steps)
        step = next(coming, None)
        while step is not None:
            following = next(coming, None)
            if isinstance(step, plan.Cut):
                return self._cut(step)
            await self._play(step, response, framer, last=following is None and not answer.framing.done)
            step = following
        if answer.framing.done:
            await _write(response, framer.done())
        self.close(Outcome.FINISHED)
        return None

    async def _play(
        self, step: plan.Send | plan.Hold | plan.Pause, response: web.StreamResponse, framer: Framer, *, last: bool
    ) -> None:
        match step:
            case plan.Hold():
                await step.until.wait()
            case plan.Pause():
                await self._sleep(step.seconds)
            case plan.Send():
                await _write(response, framer.event(step.payload, last=last))
                self._record.deltas += step.delta
                self._journal.move()

    def _cut(self, cut: plan.Cut) -> None:
        self.close(Outcome.CUT)
        if cut.kind == "reset" and self._request.transport is not None:
            self._request.transport.abort()

    async def _refused(self, failure: Failure) -> web.StreamResponse:
        if failure.until is not None:
            await failure.until.wait()
        if failure.dropped:
            self.close(Outcome.CUT)
            if self._request.transport is not None:
                self._request.transport.abort()
        self.close(Outcome.REFUSED, failure.status)
        headers = {"x-request-id": new_id("req"), **failure.headers}
        return web.Response(
            status=failure.status, body=_bytes(failure.body), headers=headers, content_type=failure.content_type
        )


def new_id(kind: str) -> str:
    """An id such as OpenAI's: `chatcmpl-…`, `req-…`."""
    return f"{kind}-{secrets.token_hex(12)}"


async def _write(response: web.StreamResponse, chunks: list[bytes]) -> None:
    """Each chunk is a network chunk of its own; the loop runs in between, so that a client's leaving is seen."""
    for chunk in chunks:
        await response.write(chunk)
        await asyncio.sleep(0)


def _bytes(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
