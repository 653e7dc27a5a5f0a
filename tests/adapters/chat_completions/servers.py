"""A server that sends exactly the bytes a test gives it, for what no proper server would do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Playing = Callable[[asyncio.StreamWriter], Awaitable[None]]
EVENTS = "text/event-stream"


@dataclass(slots=True)
class RawServer:
    """Plays one answer a connection, the last one again and again, and remembers what it was asked."""

    answers: list[Playing]
    base_url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A client closed its connection."""

    def messages(self, number: int) -> list[dict[str, Any]]:
        """The messages of that request, counted from 0."""
        messages: list[dict[str, Any]] = self.bodies[number]["messages"]
        return messages

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            length = next((int(v) for k, v in _headers(head) if k == "content-length"), 0)
            body = await reader.readexactly(length)
            self.bodies.append(json.loads(body) if body else {})
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await asyncio.gather(answer(writer), self._watch(reader))
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left.set()
        finally:
            writer.close()

    async def _watch(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self.left.set()


def _headers(head: str) -> list[tuple[str, str]]:
    lines = [line.partition(":") for line in head.split("\r\n")[1:]]
    return [(name.strip().lower(), value.strip()) for name, _, value in lines]


@asynccontextmanager
async def raw_server(*answers: Playing) -> AsyncIterator[RawServer]:
    """The server listens on a free port of this machine."""
    raw = RawServer(list(answers))
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    raw.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield raw
    finally:
        server.close()
        await server.wait_closed()


def http(
    status: int = 200,
    body: bytes = b"",
    *,
    kind: str = EVENTS,
    close: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Playing:
    """A whole HTTP answer; without `close` the connection then stays open and silent."""

    async def play(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        if close:
            writer.close()

    return play


def said(*chunks: object, done: bool = True) -> bytes:
    """Chunks as the events of a stream."""
    events = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)
    return events + b"data: [DONE]\n\n" * done


def delta(finish: str | None = None, **fields: object) -> dict[str, object]:
    """A chunk with one delta."""
    return {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def told(text: str) -> bytes:
    """A whole small answer."""
    return said(delta(content=text), delta("stop"))


def refusal(status: int, error: object, headers: Mapping[str, str] | None = None) -> Playing:
    """An error in JSON."""
    return http(status, json.dumps(error).encode(), kind="application/json", headers=headers)
