"""What the model reads: prompt, summary, messages with names, and how a window is divided between them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context import (
    ANSWER_MOST,
    MESSAGE_OVERHEAD,
    REPLY_OVERHEAD,
    SUMMARY_INTRODUCTION,
    SUMMARY_REQUEST,
    answer_cap,
    build,
    divide,
    named,
    size,
    summary_request,
)
from core.conversation import ImagePart, Message, Role, TextPart, text_message
from core.persona import ModelParameters, Persona
from tests.doubles import LetterCounter

PERSONA = Persona(prompt="Be brief.", model="tiny")
COUNTER = LetterCounter()


def _user(text: str, author: str | None = "Ann") -> Message:
    return text_message(Role.USER, text, author=author, author_id=author and f"U-{author}")


def _model(text: str) -> Message:
    return text_message(Role.ASSISTANT, text)


def test_the_system_message_comes_first_and_once() -> None:
    """The prompt, then the conversation as it was."""
    messages = (_user("hi"), _model("hello"), _user("more"))
    assert build(PERSONA, None, messages) == (text_message(Role.SYSTEM, "Be brief."), *messages)
    assert build(PERSONA, "", messages) == build(PERSONA, None, messages)


def test_the_summary_stands_in_the_system_message() -> None:
    """It follows the prompt with a word on what it is; there is still one system message only."""
    system, *rest = build(PERSONA, "Ann likes tea.", (_user("hi"),))
    assert system.text == f"Be brief.\n\n{SUMMARY_INTRODUCTION}Ann likes tea."
    assert [message.role for message in rest] == [Role.USER]


def test_one_person_needs_no_name() -> None:
    """However often they speak, the messages are as they wrote them."""
    messages = (_user("one"), _model("two"), _user("three"))
    assert named(messages) == messages


def test_several_people_are_told_apart() -> None:
    """Each person's message begins with their name; the model's own never does."""
    messages = (_user("one"), _model("two"), _user("three", "Bob"))
    assert [message.text for message in named(messages)] == ["Ann: one", "two", "Bob: three"]


def test_people_of_the_same_name_are_two() -> None:
    """The platform's id says who is who, and the shown name is what the model reads."""
    twins = (_user("one"), replace(_user("two"), author_id="U-other"))
    assert [message.text for message in named(twins)] == ["Ann: one", "Ann: two"]


def test_whoever_has_no_name_gets_none() -> None:
    """No name is invented."""
    nameless = replace(_user("two", None), author_id="U-nameless")
    assert [message.text for message in named((_user("one"), nameless))] == ["Ann: one", "two"]


def test_a_name_goes_before_a_picture_too() -> None:
    """The other parts stay as they are."""
    picture = replace(_user("", "Bob"), parts=(ImagePart(url="https://x/y.png"),))
    assert named((_user("one"), picture))[1].parts == (
        TextPart(text="Bob: "),
        ImagePart(url="https://x/y.png"),
    )


@given(
    st.integers(0, 200_000),
    st.one_of(st.none(), st.integers(1, 300_000)),
    st.text(max_size=400),
    st.integers(0, 3_000),
)
def test_what_is_divided_fits_the_window(window: int, cap: int | None, prompt: str, summary: int) -> None:
    """Prompt, summary, messages and answer together never exceed the window, unless the prompt alone leaves nothing."""
    persona = Persona(prompt=prompt, parameters=ModelParameters(max_tokens=cap))
    room = divide(window, persona, summary_tokens=summary, counter=COUNTER)
    assert 0 <= room.answer <= window / 2
    assert room.history >= 0
    if room.history:
        fixed = COUNTER.count(prompt) + MESSAGE_OVERHEAD + REPLY_OVERHEAD + summary
        assert room.answer + room.history + fixed <= window


@pytest.mark.parametrize(
    ("window", "cap", "answer"),
    [(8_000, None, 2_000), (200_000, None, ANSWER_MOST), (8_000, 500, 500), (8_000, 7_000, 4_000)],
)
def test_room_for_the_answer(window: int, cap: int | None, answer: int) -> None:
    """A quarter of the window up to a bound; what a persona asks for, up to half."""
    persona = Persona(parameters=ModelParameters(max_tokens=cap))
    assert answer_cap(persona, window) == answer


def test_size_counts_only_what_was_not_counted() -> None:
    """A stored message's tokens are believed; another's are counted; each has its frame."""
    stored = replace(_user("word word word"), tokens=100)
    assert size((stored, _user("12345678")), COUNTER) == 100 + 2 + 2 * MESSAGE_OVERHEAD
    assert size((), COUNTER) == 0


def test_a_summary_is_asked_for_in_two_messages() -> None:
    """What to do stands in the system message, what was said in one user message, so that it instructs nobody."""
    system, user = summary_request("old notes", (_user("one"), _model("two"), _model(""), _user("three", "Bob")))
    assert (system.role, system.text) == (Role.SYSTEM, SUMMARY_REQUEST)
    assert user.role is Role.USER
    assert user.text == (
        "Notes so far:\nold notes\n\nConversation:\n\nPerson: Ann: one\n\nAssistant: two\n\nPerson: Bob: three"
    )


def test_the_first_summary_has_no_notes_before_it() -> None:
    """Without a summary nothing is said about one."""
    assert summary_request(None, (_user("one"),))[1].text == "Conversation:\n\nPerson: one"
