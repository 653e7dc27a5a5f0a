"""Which limits hold for a turn, and how they read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind, nearest, written

EVERYBODY = Subject(kind=SubjectKind.EACH_USER)
ANNE = Subject(kind=SubjectKind.USER, id="U1")
STAFF = Subject(kind=SubjectKind.ROLE, id="R1")
GUESTS = Subject(kind=SubjectKind.ROLE, id="R2")
LEARNERS = Subject(kind=SubjectKind.EACH_LEARNER)
WORKSPACE = Subject(kind=SubjectKind.WORKSPACE)

SUBJECTS = st.sampled_from(
    [
        EVERYBODY,
        ANNE,
        Subject(kind=SubjectKind.USER, id="U2"),
        STAFF,
        GUESTS,
        Subject(kind=SubjectKind.CHANNEL, id="C1"),
        Subject(kind=SubjectKind.CHANNEL, id="C2"),
        WORKSPACE,
        LEARNERS,
        Subject(kind=SubjectKind.PERSONA, id="7"),
        Subject(kind=SubjectKind.PERSONA, id="0"),
    ]
)
LIMITS = st.lists(
    st.builds(
        Limit,
        subject=SUBJECTS,
        measure=st.sampled_from(Measure),
        period=st.sampled_from([Period.DAY, Period.MONTH]),
        amount=st.integers(0, 5),
        sliding=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda limit: (limit.subject, limit.measure, limit.period, limit.sliding),
)


def tokens(subject: Subject, amount: int, *, period: Period = Period.DAY) -> Limit:
    return Limit(subject=subject, measure=Measure.TOKENS, period=period, amount=amount)


def for_anne(
    *limits: Limit, roles: frozenset[str] = frozenset(), persona: int | None = 7, tutoring: bool = False
) -> tuple[Limit, ...]:
    """What holds when she asks in C1."""
    return nearest(limits, "U1", roles, "C1", persona, tutoring)


def test_a_persons_own_limit_goes_before_roles_and_everybodys() -> None:
    """Even where it is the tightest: who names somebody means it."""
    own = tokens(ANNE, 1)
    assert for_anne(tokens(EVERYBODY, 10), tokens(STAFF, 99), own, roles=frozenset({"R1"})) == (own,)


def test_the_most_generous_role_goes_before_everybodys() -> None:
    """Whoever is in two groups has the larger of their limits, and never both."""
    staff, guests, everybody = tokens(STAFF, 50), tokens(GUESTS, 5), tokens(EVERYBODY, 10)
    both = frozenset({"R1", "R2"})
    assert for_anne(everybody, guests, staff, roles=both) == (staff,)
    assert for_anne(everybody, guests, staff, roles=frozenset({"R2"})) == (guests,)
    assert for_anne(everybody, guests, staff) == (everybody,)


def test_a_limit_of_another_period_is_not_replaced() -> None:
    """An own limit a day leaves everybody's limit a month as it is."""
    own, monthly = tokens(ANNE, 1), tokens(EVERYBODY, 10, period=Period.MONTH)
    assert for_anne(own, monthly, tokens(EVERYBODY, 5)) == (own, monthly)


def test_the_built_in_persona_has_the_number_zero() -> None:
    """It can be limited like any other."""
    builtin = tokens(Subject(kind=SubjectKind.PERSONA, id="0"), 3)
    assert for_anne(builtin, persona=None) == for_anne(builtin, persona=0) == (builtin,)
    assert for_anne(builtin, persona=7) == ()


def test_tutoring_has_a_class_of_its_own() -> None:
    """A limit for learners replaces the ordinary ones for people there, and the workspace's cap holds on."""
    ordinary, tutoring, cap = tokens(ANNE, 5), tokens(LEARNERS, 50), tokens(WORKSPACE, 1000)
    assert for_anne(ordinary, tutoring, cap, tutoring=True) == (tutoring, cap)
    assert for_anne(ordinary, tutoring, cap) == (ordinary, cap)


def test_tutoring_without_limits_of_its_own_is_held_to_the_ordinary_ones() -> None:
    """Nobody forgets tutoring and so leaves it without bounds; nor does a limit of another measure free it."""
    ordinary = tokens(EVERYBODY, 5)
    requests = Limit(subject=LEARNERS, measure=Measure.REQUESTS, period=Period.DAY, amount=50)
    assert for_anne(ordinary, tutoring=True) == (ordinary,)
    assert for_anne(ordinary, requests, tutoring=True) == (ordinary, requests)


@given(limits=LIMITS, roles=st.frozensets(st.sampled_from(["R1", "R2"])), tutoring=st.booleans())
def test_laws_of_replacement(limits: list[Limit], roles: frozenset[str], tutoring: bool) -> None:
    """At most one personal limit of a kin holds, it is the nearest kind that there is, and all others stay."""
    held = for_anne(*limits, roles=roles, tutoring=tutoring)
    concerned = [limit for limit in limits if _concerns_anne(limit, roles) and (tutoring or limit.subject != LEARNERS)]
    assert set(held) <= set(concerned)
    assert list(held) == [limit for limit in limits if limit in held]
    ranks = {SubjectKind.USER: 0, SubjectKind.ROLE: 1, SubjectKind.EACH_USER: 2}
    for limit in concerned:
        kin = [
            other
            for other in concerned
            if _kin(other) == _kin(limit) and (other.subject.kind in ranks) == (limit.subject.kind in ranks)
        ]
        learners = any(other.subject == LEARNERS and other.measure == limit.measure for other in concerned)
        if learners and limit.subject.kind in ranks:
            assert limit not in held
        elif limit.subject.kind in ranks:
            best = min(kin, key=lambda one: (ranks[one.subject.kind], -one.amount))
            chosen = [one for one in held if one in kin]
            assert len(chosen) == 1
            assert (chosen[0].subject.kind, chosen[0].amount) == (best.subject.kind, best.amount)
        else:
            assert limit in held


def _concerns_anne(limit: Limit, roles: frozenset[str]) -> bool:
    ids = {SubjectKind.USER: {"U1"}, SubjectKind.ROLE: roles, SubjectKind.CHANNEL: {"C1"}, SubjectKind.PERSONA: {"7"}}
    return limit.subject.id in ids.get(limit.subject.kind, {""})


def _kin(limit: Limit) -> tuple[object, ...]:
    return limit.measure, limit.period, limit.sliding


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (tokens(EVERYBODY, 20_000), "20,000 tokens a day for each user"),
        (tokens(ANNE, 1), "1 token a day for U1"),
        (tokens(LEARNERS, 5), "5 tokens a day for each learner, in tutoring"),
        (
            Limit(subject=WORKSPACE, measure=Measure.COST, period=Period.MONTH, amount=3_500_000_000, sliding=True),
            "EUR 3.50 in any 30 days for the whole workspace",
        ),
        (
            Limit(subject=STAFF, measure=Measure.REQUESTS, period=Period.HOUR, amount=0),
            "0 requests an hour for each user with the role R1",
        ),
        (
            Limit(
                subject=Subject(kind=SubjectKind.CHANNEL, id="C1"),
                measure=Measure.REQUESTS,
                period=Period.MINUTE,
                amount=3,
            ),
            "3 requests a minute in the channel C1",
        ),
        (
            Limit(
                subject=Subject(kind=SubjectKind.PERSONA, id="7"), measure=Measure.TOKENS, period=Period.WEEK, amount=9
            ),
            "9 tokens a week for the persona 7",
        ),
    ],
)
def test_limits_read_as_people_say_them(limit: Limit, text: str) -> None:
    """Amount, time and subject, in words."""
    assert written(limit, "EUR") == text


def test_a_limit_names_its_subject_as_the_platform_does() -> None:
    """A mention or a name goes before the id."""
    assert written(tokens(ANNE, 5), "USD", "<@U1>") == "5 tokens a day for <@U1>"
