"""A sandbox on a free port, a client for it, and a reader of event streams that shares no code with either side."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.chat_completions.server import ChatCompletionsSandbox

HELLO = {"model": "parley-demo", "messages": [{"role": "user", "content": "Hello there"}]}
STREAMED = {**HELLO, "stream": True}


@dataclass(frozen=True, slots=True)
class Events:
    """What a body of events holds, read by the rules of the HTML standard but lenient about the last blank line."""

    raw: bytes

    @property
    def data(self) -> list[str]:
        """The data of every event."""
        text = self.raw.removeprefix(b"\xef\xbb\xbf").decode()
        lines = re.split(r"\r\n|\n|\r", text)
        blocks: list[list[str]] = [[]]
        for line in lines:
            if not line:
                blocks.append([])
            elif line.startswith("data:"):
                blocks[-1].append(line.removeprefix("data:").removeprefix(" "))
        return ["\n".join(block) for block in blocks if block]

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """The JSON of every event but the end mark."""
        return [json.loads(data) for data in self.data if data != "[DONE]"]

    @property
    def deltas(self) -> list[dict[str, Any]]:
        """The deltas of the first choice."""
        choices = [chunk["choices"][0] for chunk in self.chunks if chunk.get("choices")]
        return [choice.get("delta") or choice.get("message") or {} for choice in choices if choice["index"] == 0]

    @property
    def text(self) -> str:
        """The content put together."""
        return "".join(delta.get("content") or "" for delta in self.deltas)

    @property
    def finish_reasons(self) -> list[str]:
        """Every finish reason that came."""
        choices = [choice for chunk in self.chunks for choice in chunk.get("choices", ())]
        return [choice["finish_reason"] for choice in choices if choice["finish_reason"]]

    @property
    def usages(self) -> list[dict[str, Any]]:
        """Every usage object at the top of a chunk."""
        return [chunk["usage"] for chunk in self.chunks if chunk.get("usage")]


@pytest.fixture
def events() -> Callable[[bytes], Events]:
    """Reads a body of events."""
    return Events


@pytest.fixture
def slept() -> list[float]:
    """Every pause the sandbox made instead of sleeping."""
    return []


@pytest.fixture
async def sandbox(slept: list[float]) -> AsyncIterator[ChatCompletionsSandbox]:
    """A started sandbox that never really waits between tokens."""

    async def noted(seconds: float) -> None:
        slept.append(seconds)

    server = ChatCompletionsSandbox(sleep=noted, now=lambda: 1_790_000_000.0)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(sandbox: ChatCompletionsSandbox) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client with the right key."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    async with httpx.AsyncClient(base_url=sandbox.base_url, headers=headers, trust_env=False) as http:
        yield http


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Asks a streamed question and reads all events; `changes` go over the plain body."""

    async def asked(**changes: Any) -> Events:
        response = await client.post("/chat/completions", json={**STREAMED, **changes})
        assert response.status_code == 200, response.text
        return Events(response.content)

    return asked
