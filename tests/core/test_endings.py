"""What stands under an answer that ended, and what its end is called on record."""

from __future__ import annotations

import pytest

from core import endings
from core.errors import ModelBusy, ModelCut, ModelError, PersonaModelNotFound, StoreUnavailable
from core.ports import Control, Ending, Finished, FinishReason
from core.turn import LIVE, MOVES, OPEN, TurnState


def _subclasses(base: type[ModelError]) -> list[type[ModelError]]:
    """Without what never ends a turn: the default model answered."""
    children = (child for child in base.__subclasses__() if child is not PersonaModelNotFound)
    return [base, *(found for child in children for found in _subclasses(child))]


@pytest.mark.parametrize("reason", [FinishReason.STOP, FinishReason.TOOL_CALLS])
def test_a_whole_answer_speaks_for_itself(reason: FinishReason) -> None:
    """Nothing stands under it."""
    end = endings.finished(Finished(reason=reason), text="words")
    assert (end.state, end.reason) == (TurnState.DONE, reason.value)
    assert (end.ending.notice, end.ending.controls) == ("", ())


@pytest.mark.parametrize("reason", [FinishReason.STOP, FinishReason.TOOL_CALLS])
@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_answer_without_words_failed(reason: FinishReason, text: str) -> None:
    """Blank text is no answer: a sentence says so, and it can be tried again."""
    end = endings.finished(Finished(reason=reason), text=text)
    assert (end.state, end.reason) == (TurnState.FAILED, "empty")
    assert (end.ending.notice, end.ending.controls) == (endings.EMPTY, (Control.TRY_AGAIN,))


@pytest.mark.parametrize("text", ["", "words"])
@pytest.mark.parametrize(
    ("reason", "control"),
    [
        (FinishReason.LENGTH, Control.CONTINUE),
        (FinishReason.FILTER, Control.TRY_AGAIN),
        (FinishReason.REFUSAL, Control.TRY_AGAIN),
    ],
)
def test_another_end_is_said(reason: FinishReason, control: Control, text: str) -> None:
    """Length, filter and refusal are named in a sentence, with what helps, whether or not text came."""
    end = endings.finished(Finished(reason=reason), text=text)
    assert (end.state, end.reason) == (TurnState.DONE, reason.value)
    assert end.ending.notice.endswith(".")
    assert end.ending.controls == (control,)


def test_every_reason_has_an_ending() -> None:
    """No reason that a model can give is without one."""
    for reason in FinishReason:
        assert endings.finished(Finished(reason=reason), text="words").state is TurnState.DONE


@pytest.mark.parametrize("error", _subclasses(ModelError))
def test_a_failing_model_is_told_in_its_sentence(error: type[ModelError]) -> None:
    """Before any text the sentence stands alone; after some it follows the remark that the answer broke off."""
    end = endings.failed(error("secret"), text="  ")
    assert (end.state, end.reason, end.ending.notice) == (TurnState.FAILED, error.__name__, error().sentence)
    after = endings.failed(error("secret"), text="Half")
    assert after.ending.notice == f"{endings.BROKEN_OFF} {error().sentence}"
    assert "secret" not in after.ending.notice
    assert after.ending.controls == (Control.TRY_AGAIN,)


def test_the_ends_that_need_no_model() -> None:
    """Each has its state, its reason and its sentence; none shows an error's own text."""
    stopped, given_up = endings.stopped(), endings.given_up()
    crashed, unreadable = endings.crashed(ValueError("secret")), endings.unreadable(StoreUnavailable("secret"))
    refused = endings.unanswerable("A word.", "too_long")
    assert (stopped.state, stopped.reason, stopped.ending.notice) == (
        TurnState.CANCELLED,
        "stopped",
        endings.STOPPED,
    )
    assert (given_up.state, given_up.reason, given_up.ending.notice) == (
        TurnState.FAILED,
        "given_up",
        endings.GIVEN_UP,
    )
    assert (crashed.state, crashed.reason, crashed.ending.notice) == (
        TurnState.FAILED,
        "ValueError",
        endings.OUR_FAULT,
    )
    assert (unreadable.reason, unreadable.ending.notice) == ("StoreUnavailable", StoreUnavailable().sentence)
    assert (refused.state, refused.reason, refused.ending) == (
        TurnState.DONE,
        "too_long",
        Ending(notice="A word."),
    )


def test_every_end_may_follow_whatever_a_process_works_on() -> None:
    """A running or streaming turn may always end in the state that its end names."""
    ends = [endings.finished(Finished(reason=reason), text=text) for reason in FinishReason for text in ("", "words")]
    ends += [endings.stopped(), endings.given_up(), endings.unanswerable("A word.", "too_long")]
    ends += [endings.failed(ModelBusy(), text=""), endings.crashed(ValueError())]
    for end in ends:
        assert end.state not in OPEN
        assert all(end.state in MOVES[live] for live in LIVE)


def test_one_more_sentence_comes_last() -> None:
    """A remark follows what stood there, keeps the buttons, and stands alone where nothing stood."""
    cut = endings.failed(ModelCut(), text="Half")
    noted = endings.noting(cut, endings.CONDENSED)
    assert noted.ending.notice == f"{cut.ending.notice} {endings.CONDENSED}"
    assert (noted.state, noted.ending.controls) == (cut.state, cut.ending.controls)
    done = endings.finished(Finished(reason=FinishReason.STOP), text="words")
    assert endings.noting(done, endings.SHORTENED).ending.notice == endings.SHORTENED
