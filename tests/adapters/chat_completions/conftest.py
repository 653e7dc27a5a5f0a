"""The local completions server, and models that ask it over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.secret import Secret
from core.conversation import Role, text_message
from core.ports import ModelRequest
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.doubles import FastClock

KEY = "sk-test-0123456789abcdefghij"


class NotingClock(FastClock):
    """Fast, and keeps what it was asked to sleep."""

    def __init__(self) -> None:
        super().__init__(speed=10_000)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(min(seconds, 1.0))


@pytest.fixture
def clock() -> NotingClock:
    """A clock whose pauses a test can read."""
    return NotingClock()


@pytest.fixture
async def sandbox() -> AsyncIterator[ChatCompletionsSandbox]:
    """A completions server on a free port."""
    server = ChatCompletionsSandbox(api_key=KEY)
    await server.start()
    yield server
    await server.stop()


Opening = Callable[..., ChatCompletionsModel]


@pytest.fixture
async def open_model(clock: NotingClock) -> AsyncIterator[Opening]:
    """Makes models for an address; they are closed when the test ends."""
    opened: list[ChatCompletionsModel] = []

    def opening(base_url: str, *, model: str = "parley-demo", **fields: object) -> ChatCompletionsModel:
        given = {"name": "here", "base_url": base_url, "model": model, "api_key": Secret(KEY)} | fields
        opened.append(ChatCompletionsModel(Endpoint(**given), clock=clock, chance=lambda: 0.0))  # type: ignore[arg-type]  # a test gives any field
        return opened[-1]

    yield opening
    for model in opened:
        await model.aclose()


@pytest.fixture
def model(sandbox: ChatCompletionsSandbox, open_model: Opening) -> ChatCompletionsModel:
    """A model at the sandbox."""
    return open_model(sandbox.base_url)


@pytest.fixture
def question() -> ModelRequest:
    """Something to ask."""
    return ModelRequest(messages=(text_message(Role.USER, "What is the capital of Peru?"),))
