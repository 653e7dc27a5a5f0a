"""Which models a person may choose: those that were set, and those that the server lists."""

from __future__ import annotations

from adapters.chat_completions.fallback import FallbackModel
from adapters.chat_completions.listing import FRESH_FOR, chatting
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import NotingClock, Opening


async def test_what_the_server_lists(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """After those that were set, each once."""
    model = open_model(sandbox.base_url, model="parley-demo", aliases={"quick": "gpt-6-luna"})
    names = await model.models()
    assert names[:2] == ("parley-demo", "quick")
    assert "gpt-6-luna" in names
    assert len(names) == len(set(names))


async def test_it_is_asked_now_and_then(
    sandbox: ChatCompletionsSandbox, open_model: Opening, clock: NotingClock
) -> None:
    """A server that has gone is remembered as it was."""
    model = open_model(sandbox.base_url)
    before = await model.models()
    await sandbox.stop()
    assert await model.models() == before
    await clock.sleep(FRESH_FOR)
    assert await model.models() == before


async def test_a_server_that_is_not_there(open_model: Opening) -> None:
    """Leaves what was set."""
    assert await open_model("http://127.0.0.1:9/v1", model="mine").models() == ("mine",)


async def test_several(sandbox: ChatCompletionsSandbox, open_model: Opening, clock: NotingClock) -> None:
    """The models of all endpoints, the first one's first."""
    first = open_model("http://127.0.0.1:9/v1", model="mine")
    both = FallbackModel([first, open_model(sandbox.base_url)], clock=clock)
    names = await both.models()
    assert names[:2] == ("mine", "parley-demo")


def test_models_for_something_else() -> None:
    """Are not offered."""
    assert chatting(["gpt-6", "text-embedding-3-small", "whisper-1", "gpt-image-1", "", "qwen3:8b"]) == [
        "gpt-6",
        "qwen3:8b",
    ]
