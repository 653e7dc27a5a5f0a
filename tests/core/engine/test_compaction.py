"""A conversation longer than the model's window: summarised, told about, and never beyond the window (law 4)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import endings
from core.context import MESSAGE_OVERHEAD, REPLY_OVERHEAD, SUMMARY_INTRODUCTION, SUMMARY_REQUEST, answer_cap
from core.conversation import Role
from core.errors import ContextTooLong, ModelUnavailable
from core.incoming import Author
from core.ports import ModelEvent, ModelRequest
from core.store import Store
from tests.core.engine.conftest import ANN, PERSONA, THREAD, House
from tests.doubles import LetterCounter, Script, ScriptedModel, says

WINDOW = 1_000


class NotingModel(ScriptedModel):
    """Writes short notes where it is asked for a summary, and answers briefly otherwise."""

    def __init__(self, *, window: int = WINDOW, notes: Script | None = None) -> None:
        super().__init__(window=window)
        self.notes = notes or says("- noted")
        self.summaries: list[ModelRequest] = []
        self.answers: list[ModelRequest] = []

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        summary = request.messages[0].text == SUMMARY_REQUEST
        (self.summaries if summary else self.answers).append(request)
        self.scripts.append(self.notes if summary else says("ok"))
        return super().stream(request)


@asynccontextmanager
async def talking(store: Store, model: NotingModel) -> AsyncIterator[House]:
    """A process with that model is up."""
    house = House(store, model=model)
    house.start()
    try:
        yield house
    finally:
        await house.stop()


async def talk(house: House, sizes: list[int], *, authors: tuple[Author, ...] = (ANN,)) -> None:
    """One question after the other, each answered before the next."""
    for number, size in enumerate(sizes, start=1):
        await house.say(f"q{number} ".ljust(size, "x"), by=authors[number % len(authors)])
        await house.ended(number)


def tokens(request: ModelRequest) -> int:
    """What the request and its answer take of the window."""
    count = LetterCounter().count
    read = sum(count(message.text) + MESSAGE_OVERHEAD for message in request.messages) + REPLY_OVERHEAD
    return read + (request.parameters.max_tokens or answer_cap(PERSONA, WINDOW))


async def test_nothing_is_asked_while_everything_fits(store: Store) -> None:
    """A short conversation costs one request for each answer."""
    async with talking(store, NotingModel()) as house:
        await talk(house, [40] * 5)
    assert isinstance(house.model, NotingModel)
    assert not house.model.summaries
    assert all(draft.notice == "" for draft in house.surface.visible)


async def test_old_talk_is_summarised_and_people_are_told(store: Store) -> None:
    """What no longer fits is in the system message of the next request, in the model's own words, and the answer for
    which that happened carries a notice; the newest talk stays word for word."""
    model = NotingModel()
    async with talking(store, model) as house:
        await talk(house, [400] * 7)
    assert model.summaries
    noticed = [draft.notice for draft in house.surface.visible if draft.notice]
    assert noticed
    assert set(noticed) == {endings.CONDENSED}
    assert len(noticed) < 7 - 1
    system, *rest = model.answers[-1].messages
    assert system.text == f"{PERSONA.prompt}\n\n{SUMMARY_INTRODUCTION}- noted"
    assert rest[-1].text.startswith("q7 ")


async def test_every_turn_is_in_the_summary_or_in_the_request(store: Store) -> None:
    """No question is left out in silence: those that the last request lacks were noted, each once and in order."""
    model = NotingModel()
    async with talking(store, model) as house:
        await talk(house, [300] * 9)
    noted = [f"q{number}" for request in model.summaries for number in range(1, 10) if f"q{number} " in _said(request)]
    kept = [message.text.split()[0] for message in model.answers[-1].messages if message.role is Role.USER]
    assert noted + kept == [f"q{number}" for number in range(1, 10)]
    assert all("Notes so far:\n- noted" in _said(request) for request in model.summaries[1:])


def _said(request: ModelRequest) -> str:
    return request.messages[1].text


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(4, 1_500), min_size=4, max_size=8), st.integers(1, 3))
async def test_no_request_exceeds_the_window(sizes: list[int], people: int) -> None:
    """Whatever is said by however many people: questions and summaries fit with room for their answers, each request
    begins with the prompt and ends with the question, and a question is never parted from its answer."""
    authors = tuple(Author(id=f"U{number}", name=f"Somebody {number}") for number in range(people))
    store = await Store.open("sqlite://")
    model = NotingModel()
    try:
        async with talking(store, model) as house:
            await talk(house, sizes, authors=authors)
    finally:
        await store.close()
    assert all(tokens(request) <= WINDOW for request in model.answers + model.summaries)
    for request in model.answers:
        system, *rest = request.messages
        assert system.role is Role.SYSTEM
        assert [message.role for message in rest] == [Role.USER, Role.ASSISTANT] * (len(rest) // 2) + [Role.USER]


async def test_many_short_messages_with_long_names_fit(store: Store) -> None:
    """The names that are put before messages take room too."""
    authors = tuple(Author(id=f"U{number}", name="Maximiliane " * 16 + str(number)) for number in range(2))
    model = NotingModel()
    async with talking(store, model) as house:
        await talk(house, [4] * 18, authors=authors)
    assert all(tokens(request) <= WINDOW for request in model.answers + model.summaries)


@pytest.mark.parametrize("notes", [Script(steps=[ModelUnavailable("503")]), says("")])
async def test_without_a_summary_the_oldest_talk_is_left_out_and_people_are_told(store: Store, notes: Script) -> None:
    """The answer comes all the same, and its notice says what the model did not read."""
    model = NotingModel(notes=notes)
    async with talking(store, model) as house:
        await talk(house, [400] * 7)
    last = house.surface.visible[-1]
    assert (last.text, last.notice) == ("ok", endings.SHORTENED)
    assert model.answers[-1].messages[0].text == PERSONA.prompt
    assert all(tokens(request) <= WINDOW for request in model.answers + model.summaries)


async def test_a_summary_that_is_too_long_is_cut(store: Store) -> None:
    """A server that heeds no limit cannot make the conversation unanswerable."""
    model = NotingModel(notes=says("- noted at length " * 400))
    async with talking(store, model) as house:
        await talk(house, [400] * 7)
    assert house.surface.visible[-1].text == "ok"
    assert all(tokens(request) <= WINDOW for request in model.answers + model.summaries)


async def test_one_huge_message_is_told_so(store: Store) -> None:
    """The model is not asked for what it cannot read, and the next question is answered as ever."""
    model = NotingModel()
    async with talking(store, model) as house:
        await talk(house, [40, 9_000, 40])
    answers = house.surface.visible
    assert [draft.text for draft in answers] == ["ok", "", "ok"]
    assert answers[1].notice == ContextTooLong().sentence
    assert all(tokens(request) <= WINDOW for request in model.answers + model.summaries)


async def test_other_conversations_are_not_in_the_summary(store: Store) -> None:
    """Notes are of one conversation only."""
    model = NotingModel()
    async with talking(store, model) as house:
        await house.say("elsewhere", key=replace(THREAD, thread="7.7"))
        await house.ended(1)
        for number in range(7):
            await house.say(f"q{number} ".ljust(400, "x"))
            await house.ended(number + 2)
    assert model.summaries
    assert all("elsewhere" not in _said(request) for request in model.summaries)
