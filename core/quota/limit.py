"""Limits: how much of what in which time, for whom; and which of them hold for a turn.

Pure values. How people write an amount and read one is amount.py; from when to when is counted window.py. Who may set
limits is for commands, keeping and counting them for the store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.quota.amount import Measure, QuotaMistake, amount_text, parse_amount

__all__ = [
    "Limit",
    "Measure",
    "Period",
    "QuotaMistake",
    "Subject",
    "SubjectKind",
    "amount_text",
    "nearest",
    "parse_amount",
    "written",
]


class Period(StrEnum):
    """The time in which a limit's amount may be spent."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class SubjectKind(StrEnum):
    """Whose spending a limit counts."""

    EACH_USER = "each_user"
    """Each person by themselves: what holds for everybody who has nothing of their own."""
    EACH_LEARNER = "each_learner"
    """Each person by themselves in tutoring sessions: a class of its own, which goes there before what holds for them
    otherwise."""
    USER = "user"
    ROLE = "role"
    """Each person with that role (Slack: user group) by themselves."""
    CHANNEL = "channel"
    """All who ask in it together; likewise for the two below."""
    WORKSPACE = "workspace"
    PERSONA = "persona"


PERSONAL = frozenset({SubjectKind.USER, SubjectKind.ROLE, SubjectKind.EACH_USER})
"""Kinds under which each person is counted alone. Of these the nearest holds; the others hold besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose spending is counted."""

    kind: SubjectKind
    id: str = ""
    """The platform's id, or the persona's number; empty for EACH_USER and WORKSPACE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So much and no more, in such a time, for such people."""

    subject: Subject
    measure: Measure
    period: Period
    amount: int
    """In the measure's units. 0 allows nothing."""
    sliding: bool = False
    """Counts the last so many seconds instead of a calendar window."""


def nearest(
    limits: Iterable[Limit],
    author_id: str,
    roles: Collection[str],
    channel: str,
    persona_id: int | None,
    tutoring: bool,
) -> tuple[Limit, ...]:
    """The limits that hold for a turn, in the order given. All of them bind.

    Of the personal ones with the same measure, period and way of counting, the nearest holds: the person's own, else
    the most generous of their roles', else everybody's. Those of the channel, workspace and persona hold besides. The
    built-in persona is None and has the id 0. In a tutoring session limits for learners hold in place of personal ones
    of the same measure; where there is none, those do, so that tutoring is never without bounds by oversight. Other
    turns know nothing of limits for learners.
    """
    concerned = _Concerned(author_id, roles, channel, persona_id, tutoring=tutoring)
    found = _of_class([limit for limit in limits if limit.subject in concerned])
    return tuple(limit for limit in found if _holds(limit, found))


class _Concerned:
    """The subjects as which a turn counts."""

    def __init__(
        self, author_id: str, roles: Collection[str], channel: str, persona_id: int | None, *, tutoring: bool
    ) -> None:
        self._ids: dict[SubjectKind, Collection[str]] = {
            SubjectKind.EACH_USER: ("",),
            SubjectKind.EACH_LEARNER: ("",) if tutoring else (),
            SubjectKind.USER: (author_id,),
            SubjectKind.ROLE: frozenset(roles),
            SubjectKind.CHANNEL: (channel,),
            SubjectKind.WORKSPACE: ("",),
            SubjectKind.PERSONA: (str(persona_id or 0),),
        }

    def __contains__(self, subject: Subject) -> bool:
        return subject.id in self._ids[subject.kind]


def _of_class(limits: list[Limit]) -> list[Limit]:
    """Without the personal ones for which there are limits for learners."""
    apart = {limit.measure for limit in limits if limit.subject.kind is SubjectKind.EACH_LEARNER}
    return [limit for limit in limits if limit.subject.kind not in PERSONAL or limit.measure not in apart]


def _holds(limit: Limit, found: list[Limit]) -> bool:
    kind = limit.subject.kind
    if kind not in PERSONAL or kind is SubjectKind.USER:
        return True
    rivals = [other for other in found if other.subject.kind in PERSONAL and _kin(other) == _kin(limit)]
    kinds = {rival.subject.kind for rival in rivals}
    if kind is SubjectKind.EACH_USER:
        return kinds == {SubjectKind.EACH_USER}
    of_roles = [rival for rival in rivals if rival.subject.kind is SubjectKind.ROLE]
    return SubjectKind.USER not in kinds and limit == max(of_roles, key=lambda rival: (rival.amount, rival.subject.id))


def _kin(limit: Limit) -> tuple[Measure, Period, bool]:
    return limit.measure, limit.period, limit.sliding


_CALENDAR = {
    Period.MINUTE: "a minute",
    Period.HOUR: "an hour",
    Period.DAY: "a day",
    Period.WEEK: "a week",
    Period.MONTH: "a month",
}
_SLIDING = {
    Period.MINUTE: "in any 60 seconds",
    Period.HOUR: "in any 60 minutes",
    Period.DAY: "in any 24 hours",
    Period.WEEK: "in any 7 days",
    Period.MONTH: "in any 30 days",
}


def written(limit: Limit, currency: str, subject: str = "") -> str:
    """As people read it: "20,000 tokens a day for each user". `subject` is what the platform calls the one concerned
    (a mention, a persona's name); without it the id stands there."""
    period = (_SLIDING if limit.sliding else _CALENDAR)[limit.period]
    return f"{amount_text(limit.amount, limit.measure, currency)} {period} {_for_whom(limit.subject, subject)}"


def _for_whom(subject: Subject, name: str) -> str:
    name = name or subject.id
    match subject.kind:
        case SubjectKind.EACH_USER:
            return "for each user"
        case SubjectKind.EACH_LEARNER:
            return "for each learner, in tutoring"
        case SubjectKind.USER:
            return f"for {name}"
        case SubjectKind.ROLE:
            return f"for each user with the role {name}"
        case SubjectKind.CHANNEL:
            return f"in the channel {name}"
        case SubjectKind.WORKSPACE:
            return "for the whole workspace"
        case SubjectKind.PERSONA:
            return f"for the persona {name}"
