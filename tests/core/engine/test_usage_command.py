"""`/usage`: the picture and the file of everybody's use, and one's own in the days and under the limits that hold."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.audit import AuditEntry
from core.chart import Bar, Track
from core.commands.personas.desk import Desk
from core.commands.usage import LONGEST_MONTH, SHOWN, UsageCommand
from core.conversation import Platform
from core.incoming import Author, IncomingKind
from core.interaction import Answer, File
from core.mentions import Mentioned, mention
from core.moments import plain
from core.privacy import Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.reservation import Terms
from core.quota.terms import FixedTerms
from core.store import Store
from core.turn import Usage
from tests.core.engine.conftest import ADMIN, ANN, PERSONA, THREAD, House
from tests.core.engine.desk import Person, made
from tests.core.store.test_reports import PRICE, used
from tests.doubles import START, LetterCounter, ManualClock, RecordingSurface, ScriptedModel

PLACE = Place.of(THREAD).whole
DAY = timedelta(days=1)
TWO_LINES = Usage(prompt_tokens=900, completion_tokens=100, model="tiny")


@dataclass
class Drawn:
    """Remembers what it was asked to draw."""

    titles: list[str] = field(default_factory=list)
    rows: list[Bar] = field(default_factory=list)

    async def bar_chart(self, title: str, bars: Sequence[Bar]) -> bytes:
        self.titles.append(title)
        self.rows[:] = bars
        return b"a picture"

    async def track_chart(self, title: str, tracks: Sequence[Track], *, goal: float) -> bytes:
        raise AssertionError("accounts have no tracks")


@dataclass
class Counter:
    """The command, in a workspace whose clocks are in Berlin, on a day of ours."""

    house: House
    store: Store
    charts: Drawn = field(default_factory=Drawn)
    terms: FixedTerms = FixedTerms(fixed=Terms(zone="Europe/Berlin"))

    async def use(self, command: str, *, author: Author = ADMIN, **said: str) -> Answer:
        desk = Desk(
            store=self.store,
            clock=ManualClock(),
            model=ScriptedModel(),
            counter=LetterCounter(),
            outlets={Platform.SLACK: RecordingSurface()},
            built_in=PERSONA,
        )
        given = replace(self.house.incoming("", by=author, kind=IncomingKind.COMMAND), command=command, options=said)
        answer = await UsageCommand(desk, self.terms, self.charts).call(given)
        assert answer.private
        return replace(answer, text=plain(answer.text))


@pytest.fixture
async def counter(store: Store) -> AsyncIterator[Counter]:
    """Nothing has been used yet."""
    house = House(store)
    yield Counter(house=house, store=store)
    await house.stop()


def person(number: int) -> Author:
    return Author(id=f"U{number}", name=f"Person {number}")


def kinds(answer: Answer) -> list[tuple[str, str]]:
    return [(file.name, file.media_type) for file in answer.files]


async def test_a_picture_and_a_file_of_the_same(counter: Counter) -> None:
    """The same names in the same order; the picture has words for those who do not see it."""
    for number in (1, 2):
        await used(counter.store, replace(TWO_LINES, prompt_tokens=900 * number), by=person(number), at=START)
    answer = await counter.use("usage top", by="person")
    assert kinds(answer) == [
        ("usage-by-person-2026-11-23.png", "image/png"),
        ("usage-by-person-2026-11-23.csv", "text/csv"),
    ]
    picture, file = answer.files
    assert picture.content == b"a picture"
    assert counter.charts.titles == ["Tokens by person, since 1 November 2026"]
    assert [(one.name, one.amount, one.told) for one in counter.charts.rows] == [
        ("1. Person 2", 1_900, "1,900"),
        ("2. Person 1", 1_000, "1,000"),
    ]
    assert picture.alt_text == "Tokens by person, since 1 November 2026. 1. Person 2: 1,900; 2. Person 1: 1,000"
    assert [row["name"] for row in _table(file)] == ["Person 2", "Person 1"]
    lines = answer.text.splitlines()
    assert lines[0] == "**Used since 1 November 2026, by person**"
    assert lines[1].startswith(f"1. {mention(Mentioned.PERSON, 'U2')}: 1 request, 1,900 tokens")


def _table(file: File) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


async def test_of_many_the_file_has_all(counter: Counter) -> None:
    """The message and the picture have the first."""
    for number in range(1, SHOWN + 4):
        await used(counter.store, replace(TWO_LINES, prompt_tokens=number), by=person(number), at=START)
    answer = await counter.use("usage top", since="week")
    assert len(counter.charts.rows) == SHOWN
    assert answer.text.endswith("\n3 more are in the file.")
    assert len(_table(answer.files[1])) == SHOWN + 3


@pytest.mark.parametrize(
    ("by", "name", "in_text"),
    [
        ("channel", "1. C1", mention(Mentioned.CHANNEL, "C1")),
        ("model", "1. tiny", "**tiny**"),
        ("persona", "1. Parley", "**Parley**"),
        ("day", "2026-11-23", "**2026-11-23**"),
    ],
)
async def test_what_things_are_called(counter: Counter, by: str, name: str, in_text: str) -> None:
    """A channel is named by the platform alone: the picture does not tell that a private one exists."""
    await used(counter.store, TWO_LINES, at=START, price=PRICE)
    answer = await counter.use("usage top", by=by)
    assert [one.name for one in counter.charts.rows] == [name]
    assert f" {in_text}: 1 request, 1,000 tokens, USD 0.0011" in answer.text


async def test_days_of_a_whole_month(counter: Counter) -> None:
    """In their order, and none is left out."""
    for ago in range(22, -1, -1):
        await used(counter.store, TWO_LINES, at=START - ago * DAY)
    await counter.use("usage top", by="day")
    assert len(counter.charts.rows) == 23 <= LONGEST_MONTH
    assert [one.name for one in counter.charts.rows][::22] == ["2026-11-01", "2026-11-23"]


async def test_periods_begin_with_the_clocks_of_the_workspace(counter: Counter) -> None:
    """A minute before midnight in Berlin is yesterday, though it is the same day in UTC."""
    midnight = START.replace(hour=0) - timedelta(hours=1)
    await used(counter.store, TWO_LINES, at=midnight - timedelta(minutes=1))
    await used(counter.store, TWO_LINES, at=midnight + timedelta(minutes=1))
    assert "1. " in (await counter.use("usage top", since="day")).text
    assert [one.amount for one in counter.charts.rows] == [1_000]
    own = (await counter.use("usage", author=ANN)).text
    assert "**Today:** 1 request, 1,000 tokens" in own
    assert "**This month:** 2 requests, 2,000 tokens" in own


async def test_ones_own_chart_has_fourteen_days(counter: Counter) -> None:
    """A row for each, with those on which nothing was used, in a block that both platforms show letter by letter."""
    for ago in (0, 13, 14):
        await used(counter.store, TWO_LINES, at=START - ago * DAY)
    text = (await counter.use("usage", author=ANN)).text
    block = text.split("```")[1].strip("\n").splitlines()
    assert text.endswith("```")
    assert "**Tokens a day** (Europe/Berlin)" in text
    assert (len(block), block[0].split()[0], block[-1].split()[0]) == (14, "11-10", "11-23")
    assert [line.split()[-1] for line in block] == ["1,000", *["0"] * 12, "1,000"]


async def test_limits_of_who_answers_here(house: House) -> None:
    """The persona's limit is told where it answers, by its name; something extra is told with when it expires."""
    await made(house, "Tutor")
    boss, ann = Person(house), Person(house, author=ANN)
    assert "Tutor" in (await boss.use("use", where="here", name="Tutor")).text
    told = await boss.use("set", "quota", amount="5k", measure="tokens", period="day", for_="persona", name="Tutor")
    assert told.text.startswith("From now on: 5,000 tokens a day for the persona Tutor.")
    await boss.use("grant", "quota", amount="20k", measure="tokens", days="2", for_="user", person=ANN.id)
    shown = plain((await ann.use("show", "quota")).text)
    assert "- 5,000 tokens a day for the persona Tutor: **5,000 tokens** left, until 2026-11-24 00:00 UTC" in shown
    assert "- **20,000 tokens** extra for you, until 2026-11-25 " in shown
    elsewhere = Person(house, author=replace(ANN, id="U7"), key=replace(THREAD, channel="C2", thread=None))
    assert "Tutor" not in (await elsewhere.use("show", "quota")).text


async def test_limits_by_their_names(house: House) -> None:
    """Whoever sets limits reads people, roles and channels as the platform shows them; the log keeps ids."""
    boss = Person(house)
    for kind, options, shown in (
        ("user", {"person": "U2"}, f"for {mention(Mentioned.PERSON, 'U2')}"),
        ("role", {"role": "S7"}, f"for each user with the role {mention(Mentioned.ROLE, 'S7')}"),
        ("channel", {}, f"in the channel {mention(Mentioned.CHANNEL, 'C1')}"),
    ):
        told = await boss.use("set", "quota", amount="5", measure="requests", period="day", for_=kind, **options)
        assert f"5 requests a day {shown}" in told.text
        assert f"- 5 requests a day {shown}" in (await boss.use("show", "quota")).text
    logged = [entry.details["limit"] for entry in await house.store.audit(PLACE, action="quota.set")]
    assert "5 requests a day for U2" in logged


async def test_a_role_is_not_taken_for_a_persona(house: House) -> None:
    """Though its id may be a persona's number."""
    await made(house, "Tutor")
    await Person(house).use("use", where="here", name="Tutor")
    found = await house.store.persona(PLACE, "Tutor")
    assert found is not None
    number = str(found.id)
    role = Limit(
        subject=Subject(kind=SubjectKind.ROLE, id=number), measure=Measure.REQUESTS, period=Period.DAY, amount=9
    )
    by = AuditEntry(at=START, place=PLACE, actor=ADMIN, action="quota.set")
    await house.store.set_limit(PLACE, role, by=by)
    ann = Person(house, author=replace(ANN, roles=frozenset({number})))
    assert "with the role that you have" in (await ann.use("show", "quota")).text
