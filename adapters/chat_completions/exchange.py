"""One request over HTTP and its answer, with every deadline kept. Ends in CallFailed or gives Finished last.

Deadlines are the event loop's own, set around each wait on the network and never around a `yield`, so that they cannot
cancel whoever reads the events. Whether to ask again is not decided here (client.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import httpx
import structlog

from adapters.chat_completions.answers import Answer
from adapters.chat_completions.endpoints import COMPLETIONS, Timeouts
from adapters.chat_completions.failures import CallFailed, Failure, failure
from adapters.chat_completions.faults import Fault, read_fault
from adapters.chat_completions.transport import FIRST_TOKEN, FOREIGN, SILENCE, WHOLE, shown, translated
from core.errors import ModelTimeout
from core.ports import ModelEvent

log = structlog.get_logger()
Result = TypeVar("Result")

LONGEST_COMPLAINT = 64 * 1024
"""Bytes of an error's body that are read."""
AFTERWORD = 5.0
"""Seconds that usage and `[DONE]` may take after the finish reason; without them the answer is complete too."""
_REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-groq-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is sent, and what is needed to understand the answer."""

    body: bytes
    model: str
    streamed: bool
    timeouts: Timeouts
    until: float
    """The event loop's time at which the whole reply has taken too long."""
    explain: Callable[[Fault], str]
    """A complaint → words fit to print."""
    now: Callable[[], datetime]


class Exchange:
    """One request. Iterate `events` once."""

    def __init__(self, http: httpx.AsyncClient, question: Question) -> None:
        self._http = http
        self._question = question
        self._loop = asyncio.get_running_loop()
        patience = question.timeouts.first_token if question.streamed else question.timeouts.whole
        self._until = self._loop.time() + patience
        self._late = FIRST_TOKEN
        self.request_id = ""
        """The server's own name for the request, for the log."""

    async def events(self) -> AsyncGenerator[ModelEvent]:
        """The answer's events, Finished last. Raises CallFailed. Closing it closes the connection at once."""
        try:
            response = await self._within(self._sent())
            try:
                self.request_id = _request_id(response)
                if not response.is_success:
                    raise CallFailed(await self._refusal(response))
                chunks = response.aiter_bytes()
                answer = Answer(self._question.model, self._question.explain)
                while (events := await self._more(answer, chunks)) is not None:
                    for event in events:
                        yield event
            finally:
                await response.aclose()
            for event in answer.end():
                yield event
            return
        except FOREIGN as error:
            failed, cause = translated(error), shown(error)
        raise CallFailed(failed) from cause

    async def _sent(self) -> httpx.Response:
        request = self._http.build_request("POST", COMPLETIONS.lstrip("/"), content=self._question.body)
        return await self._http.send(request, stream=True)

    async def _more(self, answer: Answer, chunks: AsyncIterator[bytes]) -> list[ModelEvent] | None:
        """The events of the next bytes; None when nothing more is to come."""
        if answer.complete:
            return None
        self._expect(answer)
        try:
            data = await self._within(_next(chunks))
        except (CallFailed, *FOREIGN):
            if not answer.finished:
                raise
            log.info("no end after the finish reason", action="model.no_done", model=self._question.model)
            data = b""
        return answer.take(data)

    def _expect(self, answer: Answer) -> None:
        """Moves the deadline on when the last bytes brought the answer forward."""
        timeouts = self._question.timeouts
        if answer.moved and answer.begun and not answer.finished:
            self._until, self._late = self._loop.time() + timeouts.silence, SILENCE
        elif answer.moved and answer.finished:
            self._until, self._late = self._loop.time() + min(AFTERWORD, timeouts.silence), SILENCE

    async def _within(self, step: Coroutine[object, object, Result]) -> Result:
        """The step's result. Raises CallFailed when the nearest deadline passes first."""
        until = min(self._until, self._question.until)
        try:
            async with asyncio.timeout_at(until):
                return await step
        except TimeoutError:
            late = self._late if self._until <= self._question.until else WHOLE
        raise CallFailed(Failure(error=ModelTimeout(late)))

    async def _refusal(self, response: httpx.Response) -> Failure:
        body = bytearray()
        try:
            chunks = response.aiter_bytes()
            while len(body) < LONGEST_COMPLAINT and (data := await self._within(_next(chunks))):
                body += data
        except (CallFailed, *FOREIGN):
            pass  # the status alone says enough
        fault = read_fault(response.status_code, bytes(body))
        explained = self._question.explain(fault)
        return failure(fault, dict(response.headers), detail=explained, now=self._question.now())


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next bytes; none at the end."""
    return await anext(chunks, b"")


def _request_id(response: httpx.Response) -> str:
    word = next((response.headers[name] for name in _REQUEST_IDS if name in response.headers), "")
    return word[:80] if word.isascii() and word.isprintable() else ""
