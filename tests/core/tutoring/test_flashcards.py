"""Which questions of a session become cards, and under which names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.conversation import ConversationKey, Platform
from core.incoming import ReplyTarget
from core.tutoring.flashcards import deck_of
from core.tutoring.mastery import Kind
from core.tutoring.question import Asked, Form, Option, Purpose
from core.tutoring.session import Lesson, Objective, Question, Session, SessionState, Standing, Wanted

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="D1")
SESSION = Session(
    id=7,
    key=KEY,
    home="T1",
    learner="U1",
    target=ReplyTarget(key=KEY, kind="dm"),
    wanted=Wanted(name="Capitals of Europe", topic="capitals"),
    state=SessionState.ACTIVE,
    started_at=BEGAN,
    active_at=BEGAN,
)


def question(number: int, text: str, *, standing: Standing = Standing.ANSWERED, answer: str = "Paris") -> Question:
    """One that was asked and, unless it is open, closed."""
    at = BEGAN + timedelta(minutes=number)
    return Question(
        id=number,
        turn=number,
        objective=1,
        purpose=Purpose.PRACTISE,
        asked=Asked(form=Form.TEXT, text=text, answer=answer, explanation="On the Seine."),
        standing=standing,
        at=at,
        closed_at=None if standing is Standing.OPEN else at,
    )


def lesson(*questions: Question, session: Session = SESSION) -> Lesson:
    """A lesson with these on its only objective, the open one apart."""
    closed = tuple(one for one in questions if one.standing is not Standing.OPEN)
    objective = Objective(id=1, position=1, title="Western Europe", kind=Kind.FACT, questions=closed)
    still = next((one for one in questions if one.standing is Standing.OPEN), None)
    return Lesson(session=session, objectives=(objective,), open=still)


def test_a_card_has_the_question_its_answer_and_where_it_belongs() -> None:
    """Tags are one word each, as Anki wants them."""
    (card,) = deck_of(lesson(question(1, "Capital of France?"))).cards
    assert (card.front, card.back) == ("Capital of France?", "Paris\n\nOn the Seine.")
    assert card.tags == ("Capitals-of-Europe", "Western-Europe")


def test_choices_stand_on_the_front() -> None:
    """With their letters, and the right one on the back."""
    chosen = Asked(form=Form.CHOICE, text="Which?", options=(Option(text="Rome"), Option(text="Paris")), right=1)
    (card,) = deck_of(lesson(replace(question(1, ""), asked=chosen))).cards
    assert (card.front, card.back) == ("Which?\nA. Rome\nB. Paris", "B. Paris")


@pytest.mark.parametrize(
    ("standing", "cards"),
    [
        (Standing.ANSWERED, 1),
        (Standing.SHOWN, 1),
        (Standing.OPEN, 0),
        (Standing.GIVEN_UP, 0),
        (Standing.VOID, 0),
    ],
)
def test_only_what_was_told_becomes_a_card(standing: Standing, cards: int) -> None:
    """No answer is learnt from the export before it may be known."""
    assert len(deck_of(lesson(question(1, "Capital of France?", standing=standing))).cards) == cards


def test_a_question_that_is_asked_again_is_no_card_until_it_was_answered() -> None:
    """A review may ask what was asked before: the export is not where to look it up."""
    before = question(1, "Capital of France?")
    asked_again = question(2, "Capital of France?", standing=Standing.OPEN)
    other = question(3, "Capital of Italy?", answer="Rome")
    assert [card.front for card in deck_of(lesson(before, asked_again, other)).cards] == ["Capital of Italy?"]


def test_a_card_keeps_its_name_when_its_question_comes_up_again() -> None:
    """So that importing the later export changes the card, and does not double it."""
    first = question(1, "Capital of France?")
    (before,) = deck_of(lesson(first)).cards
    (after,) = deck_of(lesson(first, question(2, "Capital of France?", answer="Paris, still"))).cards
    assert after.guid == before.guid
    assert after.back.startswith("Paris, still")


def test_cards_of_other_sessions_have_other_names() -> None:
    """The same question in two sessions is two cards, and two questions of one are."""
    asked = question(1, "Capital of France?")
    other = replace(SESSION, id=8)
    guids = [
        card.guid
        for deck in (deck_of(lesson(asked, question(2, "Of Italy?"))), deck_of(lesson(asked, session=other)))
        for card in deck.cards
    ]
    assert len(set(guids)) == len(guids) == 3


def test_graded_work_is_in_no_card() -> None:
    """What the learner brought and will be graded for is never solved, not in an export either."""
    brought = replace(question(1, "My homework"), purpose=Purpose.TASK)
    graded = replace(SESSION, wanted=replace(SESSION.wanted, graded=True))
    assert deck_of(lesson(brought, session=graded)).cards == ()
    assert len(deck_of(lesson(brought)).cards) == 1
