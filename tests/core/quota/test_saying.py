"""Limits in one line of the settings."""

from __future__ import annotations

import pytest

from core.quota.amount import NANO, QuotaMistake
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind, written
from core.quota.saying import parse_limits

EACH, ALL = Subject(kind=SubjectKind.EACH_USER), Subject(kind=SubjectKind.WORKSPACE)


def test_several_are_read() -> None:
    """Each with its measure, period and subject; empty parts are nothing."""
    said = (
        "50 requests a day for each user; 20k tokens per hour for each user, sliding;; "
        "USD 3.50 a month for the workspace;"
    )
    assert parse_limits(said, "USD") == (
        Limit(subject=EACH, measure=Measure.REQUESTS, period=Period.DAY, amount=50),
        Limit(subject=EACH, measure=Measure.TOKENS, period=Period.HOUR, amount=20_000, sliding=True),
        Limit(subject=ALL, measure=Measure.COST, period=Period.MONTH, amount=3_500_000_000),
    )
    assert parse_limits("", "USD") == ()


def test_for_one() -> None:
    """By the platform's id, whose letters stay as they are."""
    (user,) = parse_limits("5 requests a day for the user U0aB", "USD")
    (channel,) = parse_limits("5 requests a day For the Channel C1, sliding", "USD")
    assert user.subject == Subject(kind=SubjectKind.USER, id="U0aB")
    assert (channel.subject, channel.sliding) == (Subject(kind=SubjectKind.CHANNEL, id="C1"), True)


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("subject", [EACH, ALL])
def test_what_people_read_can_be_written(measure: Measure, subject: Subject) -> None:
    """The words that tell of a limit set it too, but for the whole workspace, which needs no `whole` here."""
    limit = Limit(subject=subject, measure=measure, period=Period.WEEK, amount=7 * NANO)
    assert parse_limits(written(limit, "EUR").replace("whole ", ""), "EUR") == (limit,)


@pytest.mark.parametrize(
    "said",
    ["50 requests", "many requests a day for each user", "EUR 5 a day for each user", "5 a day for me", "x" * 2_000],
)
def test_anything_else_is_said_to_be_none(said: str) -> None:
    """With an example of what is."""
    with pytest.raises(QuotaMistake, match=r"[Ww]rite"):
        parse_limits(said, "USD")
