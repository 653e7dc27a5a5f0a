"""What stands under an answer that ended, and what a turn's end is called. Pure: reasons in, sentences out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import ModelError, StoreUnavailable
from core.persona import PersonaVersion
from core.ports import Control, Ending, Finished, FinishReason
from core.quota.amount import Measure, amount_text, rounded
from core.quota.price import Price, cost
from core.turn import TurnState, Usage

STOPPED = "Stopped."
BROKEN_OFF = "The answer broke off here."
EMPTY = "The model gave an empty answer."
GIVEN_UP = "I tried several times and could not finish this answer. Please try again."
NOTHING_ASKED = "You called me without a question. Write it behind my name, or use `/ask`; `/help` tells what I can do."
CONDENSED = "Earlier messages of this conversation were summarised, so that it still fits the model."
SHORTENED = "The oldest messages of this conversation no longer fit the model and were left out."
OUR_FAULT = "Something went wrong on my side. It is in my log; please try again."

TOOLS_ENDED = "I used tools as often as I may for one answer, so it may be incomplete."

OVER_QUOTA = "over_quota"
OVER_QUOTA_NOTICE = "A limit is reached, so I cannot go on. Whoever asked has been told which one."

AFTER_EDIT = (Control.ANSWER_AGAIN,)

_FINISHES: dict[FinishReason, tuple[str, tuple[Control, ...]]] = {
    FinishReason.STOP: ("", ()),
    FinishReason.TOOL_CALLS: ("", ()),
    FinishReason.LENGTH: ("The answer reached its length limit.", (Control.CONTINUE,)),
    FinishReason.FILTER: ("The provider's content filter ended the answer here.", (Control.TRY_AGAIN,)),
    FinishReason.REFUSAL: ("The model declined to answer this.", (Control.TRY_AGAIN,)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnd:
    """How a turn ends: for people (the ending) and for the record (state and reason)."""

    state: TurnState
    reason: str
    ending: Ending


def finished(event: Finished, *, text: str) -> TurnEnd:
    """The model ended its answer by itself."""
    if not text.strip() and event.reason in (FinishReason.STOP, FinishReason.TOOL_CALLS):
        return TurnEnd(
            state=TurnState.FAILED, reason="empty", ending=Ending(notice=EMPTY, controls=(Control.TRY_AGAIN,))
        )
    notice, controls = _FINISHES[event.reason]
    return TurnEnd(state=TurnState.DONE, reason=event.reason.value, ending=Ending(notice=notice, controls=controls))


def stopped() -> TurnEnd:
    """A person asked to stop."""
    ending = Ending(notice=STOPPED, controls=(Control.TRY_AGAIN,))
    return TurnEnd(state=TurnState.CANCELLED, reason="stopped", ending=ending)


def given_up() -> TurnEnd:
    """Too many processes died over this turn."""
    ending = Ending(notice=GIVEN_UP, controls=(Control.TRY_AGAIN,))
    return TurnEnd(state=TurnState.FAILED, reason="given_up", ending=ending)


def unanswerable(sentence: str, reason: str) -> TurnEnd:
    """The question itself needs a word instead of an answer."""
    return TurnEnd(state=TurnState.DONE, reason=reason, ending=Ending(notice=sentence))


def refused() -> TurnEnd:
    """A limit is reached. The asker reads in private which; here it stands only where people see a message already."""
    return TurnEnd(state=TurnState.REFUSED, reason=OVER_QUOTA, ending=Ending(notice=OVER_QUOTA_NOTICE))


def failed(error: ModelError, *, text: str) -> TurnEnd:
    """The model's side failed. What came stays, and the notice says that it is not all."""
    notice = f"{BROKEN_OFF} {error.sentence}" if text.strip() else error.sentence
    ending = Ending(notice=notice, controls=(Control.TRY_AGAIN,))
    return TurnEnd(state=TurnState.FAILED, reason=type(error).__name__, ending=ending)


def crashed(error: Exception) -> TurnEnd:
    """A fault of ours: said plainly, without its text."""
    ending = Ending(notice=OUR_FAULT, controls=(Control.TRY_AGAIN,))
    return TurnEnd(state=TurnState.FAILED, reason=type(error).__name__, ending=ending)


def unreadable(error: StoreUnavailable) -> TurnEnd:
    """The conversation could not be read."""
    ending = Ending(notice=error.sentence, controls=(Control.TRY_AGAIN,))
    return TurnEnd(state=TurnState.FAILED, reason=type(error).__name__, ending=ending)


def noting(end: TurnEnd, sentence: str) -> TurnEnd:
    """The same end with one more sentence under the answer."""
    notice = f"{end.ending.notice} {sentence}".strip()
    return replace(end, ending=replace(end.ending, notice=notice))


def footed(end: TurnEnd, *, model: str, usage: Usage, by: PersonaVersion, price: Price | None = None) -> TurnEnd:
    """The same end with what made the answer beneath it, if the answer is finished."""
    if end.state is not TurnState.DONE:
        return end
    name = "".join(sign for sign in model if sign.isalnum() or sign in "._-/: ")  # the provider's word: no marks
    about = "about " if usage.estimated else ""
    tokens = f"{about}{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens"
    version = f", version {by.version}" if by.version else ""
    costs = [f"{about}{amount_text(rounded(cost(usage, price)), Measure.COST, price.currency)}"] if price else []
    return noting(end, " · ".join([name or "default model", tokens, *costs, f"{by.persona.name}{version}"]))
