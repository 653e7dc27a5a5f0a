"""Reminders: to who wants them, when they want them, once, and never by two processes."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation import Role
from core.errors import SurfaceForbidden, SurfaceUnavailable
from core.privacy import Place
from core.prompting import PlaceNames
from core.store import Store
from core.teaching.reminders import Reminders
from core.tutoring.reminding import Hours, Wishes, day_of, may_remind, read_hours
from tests.core.teaching.conftest import DM, School
from tests.doubles import LetterCounter, ManualClock, RecordingSurface

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "no/such")
YEAR = (datetime(2026, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001 - hypothesis takes bounds without a zone
moments = st.datetimes(*YEAR, timezones=st.just(UTC))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(Hours, begins=times, ends=times).filter(lambda one: one.begins != one.ends)


@given(hours, st.sampled_from(ZONES), moments, st.integers(0, 5))
def test_at_most_once_a_day_of_theirs(span: Hours, zone: str, start: datetime, looks: int) -> None:
    """However often it is looked, over days and over changes of the clock."""
    last: date | None = None
    sent: list[date] = []
    for step in range(24 * 4):
        now = start + timedelta(minutes=30 * step + looks)
        wishes = Wishes(on=True, hours=span, zone=zone, last=last)
        if may_remind(wishes, now):
            last = day_of(wishes, now)
            sent.append(last)
    assert len(sent) == len(set(sent))
    assert len(sent) <= 4


@given(hours, st.sampled_from(ZONES[:-1]), moments)
def test_only_within_their_hours(span: Hours, zone: str, now: datetime) -> None:
    """By the clock on their wall."""
    if may_remind(Wishes(on=True, hours=span, zone=zone), now):
        local = now.astimezone(ZoneInfo(zone)).time()
        inside = span.begins <= local < span.ends
        assert inside if span.begins < span.ends else (local >= span.begins or local < span.ends)


@pytest.mark.parametrize(
    ("now", "may"),
    [
        (datetime(2026, 3, 28, 16, 30, tzinfo=UTC), True),  # 17:30 in Berlin, in winter
        (datetime(2026, 3, 29, 15, 30, tzinfo=UTC), True),  # 17:30 in summer, an hour earlier
        (datetime(2026, 3, 29, 18, 30, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 16, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 15, 30, tzinfo=UTC), False),  # 16:30 in winter again
    ],
)
def test_daylight_saving(now: datetime, may: bool) -> None:
    """Their hours stay their hours when the clocks change."""
    assert may_remind(Wishes(on=True, hours=read_hours("17-20"), zone="Europe/Berlin"), now) is may


@pytest.mark.parametrize(("said", "begins", "ends"), [("17-20", 17, 20), ("7 - 9", 7, 9), ("22:00 to 2:00", 22, 2)])
def test_hours_are_read(said: str, begins: int, ends: int) -> None:
    """As people write them."""
    assert read_hours(said) == Hours(begins=time(begins), ends=time(ends))


@pytest.mark.parametrize("said", ["", "soon", "25-26", "8-8", "17", "17-20-23", "-1-5"])
def test_odd_hours_are_refused(said: str) -> None:
    """With how to write them."""
    with pytest.raises(ValueError, match="17-20"):
        read_hours(said)


# ── sent ──


class Post:
    """Reminders of one process, with a clock that a test moves."""

    def __init__(self, store: Store, surface: RecordingSurface, at: datetime) -> None:
        self.clock = StillClock(at)
        self.surface = surface
        self.reminders = Reminders(
            store=store, outlets={DM.platform: surface}, counter=LetterCounter(), clock=self.clock
        )

    async def look(self, **later: float) -> int:
        """It looks some time later; how many reminders stand there."""
        self.clock.at += timedelta(**later)
        await self.reminders.send_due()
        return len(self.sent)

    @property
    def sent(self) -> list[str]:
        """Reminders that people see."""
        return [text for key, (_, text) in self.surface.sent.items() if key.startswith("tutor-reminder")]


class StillClock(ManualClock):
    """Any time, and no waiting."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


async def mastered(school: School) -> None:
    """Something is mastered, and the session has ended."""
    school.surface.places["DU1"] = PlaceNames(workspace="W", channel="dm", time_zone="Europe/Berlin")
    await school.diagnosed()
    while not (await school.lesson()).mastered:
        lesson = await school.lesson()
        await (school.pressed("Go on") if lesson.open is None else school.tell(await school.right()))
    await school.use("end")


async def due_day(school: School) -> datetime:
    """Noon, in UTC, of a day on which it is due."""
    (lesson,) = await school.all_lessons()
    review = lesson.objectives[0].review
    assert review is not None
    return (review.due + timedelta(days=1)).replace(hour=12, minute=0)


async def test_a_reminder_comes_once_a_day(school: School) -> None:
    """Within the hours, with what is due and two buttons; it stands in the conversation like anything said there."""
    await mastered(school)
    post = Post(school.store, school.surface, await due_day(school))
    assert await post.look() == 0, "nobody has said yes"
    assert "once a day" in await school.said_by("remind", when="17-20")
    assert await post.look() == 0, "noon is not within the hours"
    assert [await post.look(hours=hours) for hours in (5, 1, 1)] == [1, 1, 1]
    assert await post.look(days=1, hours=-1) == 2
    assert "1 thing is to review in *sums*" in post.sent[0]
    key = next(key for key in school.surface.sent if key.startswith("tutor-reminder"))
    before = len(school.surface.posts)
    assert await school.press_button(school.surface.offered[key][0]) is None
    await school.next(before)
    await school.tell("hm")
    found = [
        sum("to review in" in message.text and message.role is Role.ASSISTANT for message in request.messages)
        for request in school.model.requests
    ]
    assert max(found) == 2


async def test_one_button_stops_them(school: School) -> None:
    """At once; another begins the review."""
    await mastered(school)
    await school.said_by("remind", when="0:00-23:59")
    post = Post(school.store, school.surface, await due_day(school))
    assert await post.look() == 1
    key = next(key for key in school.surface.sent if key.startswith("tutor-reminder"))
    review, quiet = school.surface.offered[key]
    assert (review.label, quiet.label) == ("Review now", "No more reminders")
    answer = await school.press_button(quiet)
    assert answer is not None
    assert "No more reminders" in answer.text
    assert await post.look(days=3) == 1
    before = len(school.surface.posts)
    assert await school.press_button(review) is None
    assert "Welcome back" in await school.next(before)


async def test_several_processes_send_one(school: School) -> None:
    """Whoever claims the day sends it."""
    await mastered(school)
    await school.said_by("remind", when="0:00-23:59")
    at = await due_day(school)
    posts = [Post(school.store, school.surface, at) for _ in range(5)]
    await asyncio.gather(*(post.reminders.send_due() for post in posts))
    assert len(posts[0].sent) == 1


async def test_a_process_that_died_over_it(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one sends it under the same key, some minutes later: it stands there once, and once in the talk."""
    await mastered(school)
    await school.said_by("remind", when="0:00-23:59")
    at = await due_day(school)
    dying = Post(school.store, school.surface, at)

    async def die(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(school.store, "reminded", die)
    with pytest.raises(asyncio.CancelledError):
        await dying.look()
    monkeypatch.undo()
    other = Post(school.store, school.surface, at)
    assert await other.look(seconds=30) == 1
    assert await other.look(minutes=5) == 1
    (candidate,) = await school.store.reminders_due(after=0, now=other.clock.at)
    assert candidate.sending is None


async def test_a_platform_that_is_away(school: School) -> None:
    """The reminder is sent when it is back."""
    await mastered(school)
    await school.said_by("remind", when="0:00-23:59")
    post = Post(school.store, school.surface, await due_day(school))
    school.surface.failures.append(SurfaceUnavailable())
    assert await post.look() == 0
    assert await post.look(minutes=5) == 1


async def test_somebody_who_takes_no_messages(school: School) -> None:
    """Is not tried again on that day."""
    await mastered(school)
    await school.said_by("remind", when="0:00-23:59")
    post = Post(school.store, school.surface, await due_day(school))
    school.surface.failures.append(SurfaceForbidden())
    assert await post.look() == 0
    assert await post.look(hours=1) == 0
    assert await post.look(days=1) == 1


async def test_wishes_are_told(school: School) -> None:
    """What was said, with the time zone; odd hours change nothing."""
    school.surface.places["DU1"] = PlaceNames(workspace="W", channel="dm", time_zone="Asia/Kolkata")
    assert "do not remind" in await school.said_by("remind")
    assert "18:30-21:00 (Asia/Kolkata)" in await school.said_by("remind", when="18:30-21")
    assert "Write your hours" in await school.said_by("remind", when="whenever")
    assert "18:30-21:00" in await school.said_by("remind")
    assert "No more" in await school.said_by("remind", when="off")
    wishes = await school.store.reminder_wishes(Place.of(DM).whole, school.learner.id)
    assert not wishes.on
