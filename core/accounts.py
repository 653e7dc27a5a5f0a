"""What telemetry is told of messages and turns, made from what the engine and the worker know of them."""

from __future__ import annotations

from core.incoming import Incoming
from core.lag import Lag
from core.ports import Clock
from core.store import Accepted, Amended, Duplicate, NotOurs, Retracted, Shed
from core.telemetry import (
    Arrived,
    Claim,
    Claimed,
    Effect,
    Ended,
    FirstShown,
    Lagged,
    LetGo,
    LettingGo,
    Telemetry,
)
from core.turn import Outcome, Turn

Result = Accepted | Amended | Retracted | Duplicate | NotOurs | Shed


class Accounts:
    """Tells the telemetry of one process."""

    def __init__(self, telemetry: Telemetry, clock: Clock) -> None:
        self._telemetry = telemetry
        self._clock = clock

    def arrived(self, incoming: Incoming, result: Result) -> None:
        """What a person did was taken in, with that result."""
        platform, kind = incoming.key.platform, incoming.kind
        self._telemetry.happened(Arrived(platform=platform, kind=kind, effect=effect_of(result)))

    def claimed(self, turn: Turn) -> None:
        """This process works on the turn."""
        platform = turn.key.platform
        self._telemetry.happened(Claimed(platform=platform, claim=claim_of(turn), waited=self._age(turn)))

    def let_go(self, turn: Turn, *, lost: bool) -> None:
        """This process works on the turn no more, although it has not ended."""
        why = LettingGo.LOST if lost else LettingGo.HANDED_OVER
        self._telemetry.happened(LetGo(platform=turn.key.platform, why=why))

    def shown(self, turn: Turn, lag: Lag) -> None:
        """This process shows nothing more of the answer. Its first text is told of unless an earlier owner may have
        shown some before."""
        if lag.first_seen is None or (claim_of(turn) is not Claim.FIRST and turn.posts):
            return
        seconds = self._age(turn) - (self._clock.monotonic() - lag.first_seen)
        self._telemetry.happened(FirstShown(platform=turn.key.platform, seconds=max(0.0, seconds)))

    def ended(self, turn: Turn, lag: Lag, outcome: Outcome) -> None:
        """The end of the turn is stored."""
        platform = turn.key.platform
        if lag.mean is not None:
            self._telemetry.happened(Lagged(platform=platform, seconds=lag.mean))
        state, reason, usage = outcome.state, outcome.reason, outcome.usage
        self._telemetry.happened(
            Ended(platform=platform, state=state, reason=reason, seconds=self._age(turn), usage=usage)
        )

    def _age(self, turn: Turn) -> float:
        """Seconds since the message was received, by the clocks of two machines perhaps."""
        return max(0.0, (self._clock.now() - turn.queued_at).total_seconds())


def effect_of(result: Result) -> Effect:
    """The result in one word."""
    match result:
        case Accepted(joined=joined):
            return Effect.JOINED if joined else Effect.ACCEPTED
        case Amended() | Retracted():
            return Effect.CHANGED
        case Duplicate():
            return Effect.DUPLICATE
        case NotOurs():
            return Effect.NOT_OURS
        case Shed():
            return Effect.SHED


def claim_of(turn: Turn) -> Claim:
    """What a turn, just claimed, tells of how that came to be: a hand-over counts as no attempt, but each lease has
    its number."""
    if turn.lease is None or turn.lease.number <= 1:
        return Claim.FIRST
    return Claim.TAKEN_OVER if turn.attempt > 1 else Claim.HANDED_OVER
