"""Several endpoints as one model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.fallback import FallbackModel
from adapters.chat_completions.fallback import open_model as open_several
from adapters.chat_completions.secret import Secret
from core.errors import (
    ContextTooLong,
    ModelBusy,
    ModelCut,
    ModelFiltered,
    ModelNotConfigured,
    ModelNotFound,
    ModelOutOfCredit,
)
from core.ports import ModelRequest, TextDelta
from sandbox.chat_completions.failures import FAILURES, rate_limited
from sandbox.chat_completions.script import Answer, Failure, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import KEY, NotingClock, Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of
from tests.doubles import ManualClock

MOVES_ON = (
    "invalid_api_key",
    "no_balance",
    "insufficient_quota",
    "model_not_found",
    "wrong_base_url",
    "server_error",
    "dropped",
    "rate_limited",
    "invalid_image_url",
    "html_with_200",
)


@pytest.fixture
async def second() -> AsyncIterator[ChatCompletionsSandbox]:
    """Another server."""
    server = ChatCompletionsSandbox(api_key=KEY)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def both(
    sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, open_model: Opening, clock: NotingClock
) -> FallbackModel:
    """The first server, and the second behind it with another default."""
    first = open_model(sandbox.base_url, name="first")
    other = open_model(second.base_url, name="second", model="gpt-4.1-mini", window=500_000)
    return FallbackModel([first, other], clock=clock)


@pytest.mark.parametrize("name", MOVES_ON)
async def test_the_next_one_answers(
    name: str,
    both: FallbackModel,
    sandbox: ChatCompletionsSandbox,
    second: ChatCompletionsSandbox,
    question: ModelRequest,
) -> None:
    """Where another endpoint may do better, nobody notices that the first one could not."""
    sandbox.script(*[FAILURES[name]] * 3)
    second.script(Answer(text="Lima"))
    assert text_of(await asked(both, question)) == "Lima"
    assert second.requests[0].body["model"] == "gpt-4.1-mini"


async def test_a_filtered_question_is_not_taken_elsewhere(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """A refusal for its content is an answer about the question."""
    sandbox.script(FAILURES["content_filter"])
    _, caught = await failed(both, question)
    assert isinstance(caught, ModelFiltered)
    assert second.requests == []


async def test_after_the_first_event_nobody_else_is_asked(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """Text that was given out stays; a second answer behind it would be nonsense."""
    sandbox.script(Answer(deltas=("Li", "ma"), cut_after=1))
    text, caught = await failed(both, question)
    assert (text, type(caught)) == ("Li", ModelCut)
    assert second.requests == []


async def test_when_none_answers_the_preferred_one_speaks(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """The error of the endpoint that the operator put first."""
    sandbox.script(FAILURES["no_balance"])
    second.script(FAILURES["invalid_api_key"])
    _, caught = await failed(both, question)
    assert isinstance(caught, ModelOutOfCredit)


async def test_a_larger_window_may_help(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """Too long for the first: the second is asked because its window is larger."""
    sandbox.script(FAILURES["context_length_exceeded"])
    second.script(Answer(text="Lima"))
    assert text_of(await asked(both, question)) == "Lima"


async def test_a_smaller_window_is_not_asked(
    sandbox: ChatCompletionsSandbox,
    second: ChatCompletionsSandbox,
    open_model: Opening,
    clock: NotingClock,
    question: ModelRequest,
) -> None:
    """Too long for the first is too long for a smaller one."""
    large = open_model(sandbox.base_url, window=100_000)
    small = open_model(second.base_url, window=1_000)
    sandbox.script(FAILURES["context_length_exceeded"])
    _, caught = await failed(FallbackModel([large, small], clock=clock), question)
    assert isinstance(caught, ContextTooLong)
    assert second.requests == []


async def test_a_name_that_nobody_knows_rests_no_endpoint(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """A persona's model that is gone is told to whoever asked, instead of another one answering in silence; and it says
    nothing against the endpoint, which is asked first again."""
    sandbox.script(Answer(text="Lima"))
    _, caught = await failed(both, ModelRequest(messages=question.messages, model="gone-4"))
    assert isinstance(caught, ModelNotFound)
    assert text_of(await asked(both, question)) == "Lima"
    assert second.requests == []


async def test_a_named_model_is_asked_of_who_has_it(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """A persona's model goes to the endpoint that has it first; the others answer with their own."""
    wanted = ModelRequest(messages=question.messages, model="gpt-4.1-mini")
    second.script(*[Failure(status=404, body={"error": {"code": "model_not_found", "message": "x"}})])
    sandbox.script(Answer(text="Lima"))
    assert text_of(await asked(both, wanted)) == "Lima"
    assert second.requests[0].body["model"] == "gpt-4.1-mini"
    assert sandbox.requests[0].body["model"] == "parley-demo"
    assert both.window("gpt-4.1-mini") == 500_000


async def test_a_model_nobody_listed_is_asked_of_the_first(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """Endpoints need not list their models."""
    sandbox.script(Answer(text="ok"))
    await asked(both, ModelRequest(messages=question.messages, model="gpt-6-luna"))
    assert sandbox.requests[0].body["model"] == "gpt-6-luna"


async def test_a_broken_endpoint_rests(
    sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, open_model: Opening, question: ModelRequest
) -> None:
    """For half a minute, or as long as it said, it is asked last; then it is preferred again."""
    clock = ManualClock()
    both = FallbackModel([open_model(sandbox.base_url), open_model(second.base_url)], clock=clock)
    sandbox.script(rate_limited("120"))
    second.script(*[Answer(text="second")] * 3)
    await asked(both, question)
    clock.advance(119)
    assert text_of(await asked(both, question)) == "second"
    assert len(sandbox.requests) == 1
    clock.advance(2)
    sandbox.script(Answer(text="first"))
    assert text_of(await asked(both, question)) == "first"


async def test_a_resting_endpoint_is_still_better_than_none(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """When the other one fails too, the resting one is tried."""
    sandbox.script(rate_limited("120"), Answer(text="first"))
    second.script(Answer(text="second"), FAILURES["invalid_api_key"])
    await asked(both, question)
    assert text_of(await asked(both, question)) == "first"


async def test_a_question_too_long_says_nothing_about_health(
    sandbox: ChatCompletionsSandbox, open_model: Opening, clock: NotingClock, question: ModelRequest
) -> None:
    """The endpoint that refused one question is asked the next one."""
    alone = FallbackModel([open_model(sandbox.base_url)], clock=clock)
    sandbox.script(FAILURES["context_length_exceeded"], Answer(text="ok"))
    await failed(alone, question)
    assert text_of(await asked(alone, question)) == "ok"


async def test_closing_reaches_the_endpoint(
    both: FallbackModel, sandbox: ChatCompletionsSandbox, question: ModelRequest
) -> None:
    """Stopping a turn closes the stream through all layers; closing the model closes every candidate."""
    sandbox.script(Answer(deltas=("Li", "ma"), stalls=(Stall(until=asyncio.Event(), after=1),)))
    async with aclosing(both.stream(question)) as events:
        assert await anext(events) == TextDelta(text="Li")
    await sandbox.wait_for(lambda requests: requests[0].disconnected, within=2)
    await both.aclose()
    _, caught = await failed(both, question)
    assert not isinstance(caught, ModelBusy | ModelNotConfigured)


def test_a_fallback_of_nothing_is_a_mistake(clock: NotingClock) -> None:
    """Said at once."""
    with pytest.raises(ValueError, match="at least one"):
        FallbackModel([], clock=clock)


async def test_one_endpoint_needs_no_fallback(clock: NotingClock) -> None:
    """One is asked directly, none is a mistake in the settings."""
    here = Endpoint(name="here", base_url="http://localhost:1/v1", model="m")
    alone = open_several(endpoints=[here], clock=clock)
    assert isinstance(alone, ChatCompletionsModel)
    await alone.aclose()
    with pytest.raises(ValueError, match="no endpoint"):
        open_several(endpoints=[], clock=clock)


async def test_nobody_waits_long_where_another_can_answer(
    sandbox: ChatCompletionsSandbox, second: ChatCompletionsSandbox, clock: NotingClock, question: ModelRequest
) -> None:
    """A busy first endpoint is left at once, the last one is waited for."""
    places = [("first", sandbox), ("second", second)]
    endpoints = [
        Endpoint(name=name, base_url=server.base_url, model="parley-demo", api_key=Secret(KEY))
        for name, server in places
    ]
    both = open_several(endpoints, clock=clock)
    sandbox.script(FAILURES["gemini_rate_limited"])
    second.script(FAILURES["gemini_rate_limited"], Answer(text="Lima"))
    assert text_of(await asked(both, question)) == "Lima"
    assert [round(seconds) for seconds in clock.slept] == [34]
    await both.aclose()
