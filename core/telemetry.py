"""What operators may count, time and follow, as core says it. Core knows neither Prometheus nor OpenTelemetry.

Three kinds of telling: something happened; a piece of work is going on; a model is being asked. All are values without
anybody's words. What becomes of them is decided in adapters/telemetry/; `SILENT` lets them go.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.conversation import Platform
from core.incoming import IncomingKind
from core.ports import Finished
from core.turn import Turn, TurnState, Usage

# ── what happens ──


class Effect(StrEnum):
    """What became of something that a person did."""

    ACCEPTED = "accepted"
    """A new turn answers it."""
    JOINED = "joined"
    """A waiting turn answers it together with earlier messages."""
    CHANGED = "changed"
    """A message was edited or deleted."""
    DUPLICATE = "duplicate"
    """It was delivered before."""
    NOT_OURS = "not_ours"
    SHED = "shed"
    """Too many waited already, and the person was told so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A person's message, edit or deletion was taken in."""

    platform: Platform
    kind: IncomingKind
    effect: Effect


class Claim(StrEnum):
    """Why a turn could be claimed."""

    FIRST = "first"
    HANDED_OVER = "handed_over"
    """Another process went down in order. A turn that was taken over before counts as taken over."""
    TAKEN_OVER = "taken_over"
    """The lease of another process had ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """This process works on a turn."""

    platform: Platform
    claim: Claim
    waited: float
    """Seconds since the message was received."""


class LettingGo(StrEnum):
    """Why this process works no more on a turn that has not ended."""

    HANDED_OVER = "handed_over"
    LOST = "lost"
    """The lease ended, or another process has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """A turn was given up without its end."""

    platform: Platform
    why: LettingGo


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstShown:
    """People see the first text of an answer."""

    platform: Platform
    seconds: float
    """Since the message was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lagged:
    """An answer has been shown to its end."""

    platform: Platform
    seconds: float
    """Mean over its characters of (time visible − time generated)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A turn has ended, and that is stored."""

    platform: Platform
    state: TurnState
    reason: str
    seconds: float
    """Since the message was received."""
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteGranted:
    """A reply may write."""

    platform: str
    seconds: float
    """For which it waited, with something to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReturned:
    """A write of a reply has come back from the platform."""

    platform: str
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited:
    """A platform refused a call because there were too many."""

    platform: Platform


Event = Arrived | Claimed | LetGo | FirstShown | Lagged | Ended | WriteGranted | WriteReturned | RateLimited


# ── what goes on ──


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnWork:
    """A turn is worked on. What goes on meanwhile in the same task, or in tasks begun in it, is part of it."""

    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCall:
    """A method of the store runs."""

    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCall:
    """A platform's API is called."""

    platform: Platform
    method: str
    """As the platform names it, without any id."""


Work = TurnWork | StoreCall | PlatformCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request to one server for a model's answer."""

    endpoint: str
    """Its name in the settings."""
    host: str
    model: str
    temperature: float | None = None
    max_tokens: int | None = None


class Asking(Protocol):
    """One request to a model while it is going on."""

    def began(self) -> None:
        """The first piece of the answer has come."""
        ...

    def answered(self, finished: Finished) -> None:
        """The answer is complete."""
        ...

    def failed(self, error: Exception) -> None:
        """There is no answer, or it broke off."""
        ...


class Telemetry(Protocol):
    """Whom core tells. None of it waits, and none of it raises."""

    def happened(self, event: Event) -> None:
        """It is counted."""
        ...

    def during(self, work: Work) -> AbstractContextManager[None]:
        """Inside, the work goes on; an error that leaves it is how it ended."""
        ...

    def asking(self, call: ModelCall) -> AbstractContextManager[Asking]:
        """Inside, a model is asked; how that went is told to what this gives."""
        ...


class _SilentAsking:
    def began(self) -> None:
        return

    def answered(self, finished: Finished) -> None:
        return

    def failed(self, error: Exception) -> None:
        return


class Silent:
    """Nobody listens."""

    def happened(self, event: Event) -> None:
        """See Telemetry."""

    def during(self, work: Work) -> AbstractContextManager[None]:
        """See Telemetry."""
        return _NOTHING

    def asking(self, call: ModelCall) -> AbstractContextManager[Asking]:
        """See Telemetry."""
        return _NOT_HEARD


_NOTHING = nullcontext()
_NOT_HEARD: AbstractContextManager[Asking] = nullcontext(_SilentAsking())
SILENT: Telemetry = Silent()
