"""What may happen to the ledger, for tests that try it at random; and what a model keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from core.privacy import Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.reservation import Terms
from core.turn import Turn
from tests.core.store.scene import ANNA, BEN, KEY

LEASE = timedelta(minutes=2)
PLACE = Place(platform=KEY.platform, workspace=KEY.workspace)
PEOPLE = [replace(ANNA, roles=frozenset({"R1"})), BEN]
CHANNELS = ["C1", "C2"]
TERMS = Terms(zone="Europe/Berlin")
SUBJECTS = [
    Subject(kind=SubjectKind.EACH_USER),
    Subject(kind=SubjectKind.USER, id=BEN.id),
    Subject(kind=SubjectKind.ROLE, id="R1"),
    Subject(kind=SubjectKind.CHANNEL, id="C1"),
    Subject(kind=SubjectKind.WORKSPACE),
    Subject(kind=SubjectKind.PERSONA, id="3"),
]
GRANTED = [SUBJECTS[1], SUBJECTS[3], SUBJECTS[4], Subject(kind=SubjectKind.USER, id=ANNA.id)]
ROOM = {Measure.REQUESTS: [0, 1, 3, 50], Measure.TOKENS: [100, 300, 700], Measure.COST: [200_000, 900_000]}
"""Amounts of which a few turns take all."""
STARTS = [
    datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    datetime(2026, 3, 28, 22, 58, 30, tzinfo=UTC),  # a minute and a half before a day of 23 hours
    datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC),  # a second before one of 25
    datetime(2028, 2, 29, 22, 59, 30, tzinfo=UTC),  # before a month's end, in a leap year
    datetime(2026, 12, 31, 22, 59, 58, tzinfo=UTC),
]
WAITS = [timedelta(seconds=seconds) for seconds in (1, 30, 61, 200, 3_700, 90_000)]
BACK = [timedelta(seconds=seconds) for seconds in (1, 70, 4_000)]


def _limits(
    subjects: Sequence[Subject], measures: Sequence[Measure], periods: Sequence[Period]
) -> st.SearchStrategy[Limit]:
    kinds = st.tuples(st.sampled_from(subjects), st.sampled_from(measures), st.sampled_from(periods), st.booleans())
    return kinds.flatmap(
        lambda kind: st.builds(
            Limit,
            subject=st.just(kind[0]),
            measure=st.just(kind[1]),
            period=st.just(kind[2]),
            sliding=st.just(kind[3]),
            amount=st.sampled_from(ROOM[kind[1]]),
        )
    )


limits = st.one_of(
    _limits(SUBJECTS, list(Measure), [Period.MINUTE, Period.HOUR, Period.DAY, Period.MONTH]),
    _limits([SUBJECTS[0], SUBJECTS[4]], [Measure.TOKENS], [Period.MINUTE, Period.DAY]),  # where much happens
)


@dataclass
class Known:
    """What the model knows of an open turn."""

    persona: int | None
    claim: Turn | None = None
    prompt: int = 0
    """Sent by this owner, and not accounted for."""
    answer: int | None = None
    """Tokens that its answer may take; None where this owner has not asked."""
    spent: int = 0
    """By earlier owners and earlier askings."""
    asked: bool = False
    covered: frozenset[int] = frozenset()
    """The counters on which something was held for it when it last asked."""


@dataclass
class Model:
    """What must be true."""

    turns: dict[int, Known] = field(default_factory=dict)
    charges: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Requests and tokens of each turn that has ended."""
    stale: list[Turn] = field(default_factory=list)
