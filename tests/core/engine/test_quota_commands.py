"""`/quota` and `/usage`: who may, what they read, and what holds afterwards."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from core.commands.figures import NO_LIMITS, bars
from core.commands.quota import NOTHING_CLEARED
from core.commands.usage import NOTHING_YET
from core.incoming import Author, IncomingKind
from core.interaction import Answer
from core.mentions import Mentioned, mention
from core.moments import plain
from core.privacy import Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.store import Store
from core.turn import Usage
from tests.core.engine.conftest import ADMIN, ANN, BOB, THREAD, House
from tests.core.engine.processes import Process, up
from tests.doubles import says

PLACE = Place.of(THREAD).whole
EACH = Subject(kind=SubjectKind.EACH_USER)


async def use(house: House, command: str, *, by: Author = ADMIN, said: dict[str, str] | None = None) -> Answer:
    """A person uses a command, and is answered in private."""
    used = house.incoming("", by=by, kind=IncomingKind.COMMAND)
    answer = await house.reception.receive(replace(used, command=command, options=said or {}))
    assert answer is not None
    assert answer.private
    return replace(answer, text=plain(answer.text))


def limit(
    amount: str = "50", measure: str = "requests", period: str = "day", whom: str = "each_user"
) -> dict[str, str]:
    return {"amount": amount, "measure": measure, "period": period, "for": whom}


async def test_a_limit_is_set_shown_and_cleared(house: House) -> None:
    """It holds at once, everybody reads what concerns them, and the log tells who did it."""
    told = (await use(house, "quota set", said=limit())).text
    assert told.startswith("From now on: 50 requests a day for each user.")
    each = Limit(subject=EACH, measure=Measure.REQUESTS, period=Period.DAY, amount=50)
    assert await house.store.limits(PLACE) == (each,)
    shown = (await use(house, "quota show", by=ANN)).text
    assert "50 requests a day for each user: **50 requests** left, until" in shown
    assert "All limits" not in shown
    assert "All limits" in (await use(house, "quota")).text
    assert (await use(house, "quota clear", said={"for": "each_user"})).text == "1 limit is gone."
    assert (await use(house, "quota clear", said={"for": "each_user"})).text == NOTHING_CLEARED
    assert (await use(house, "quota show", by=ANN)).text == NO_LIMITS
    assert [one.action for one in await house.store.audit(PLACE, action="quota")] == ["quota.clear", "quota.set"]


@pytest.mark.parametrize(
    ("options", "subject"),
    [
        (limit(whom="user") | {"person": "U2"}, Subject(kind=SubjectKind.USER, id="U2")),
        (limit(whom="role") | {"role": "S7"}, Subject(kind=SubjectKind.ROLE, id="S7")),
        (limit(whom="channel"), Subject(kind=SubjectKind.CHANNEL, id="C1")),
        (limit(whom="workspace"), Subject(kind=SubjectKind.WORKSPACE)),
    ],
)
async def test_for_whom(house: House, options: dict[str, str], subject: Subject) -> None:
    """A user, a role, this channel, the workspace."""
    await use(house, "quota set", said=options)
    (found,) = await house.store.limits(PLACE)
    assert found.subject == subject


async def test_for_a_persona(house: House) -> None:
    """By its name; one that does not exist is said to be none."""
    await use(house, "persona copy", said={"name": "tutor"})
    await use(house, "quota set", said=limit(whom="persona") | {"name": "tutor"})
    (found,) = await house.store.limits(PLACE)
    assert found.subject.kind is SubjectKind.PERSONA
    assert "no persona" in (await use(house, "quota set", said=limit(whom="persona") | {"name": "nobody"})).text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (limit(amount="many"), "“many” is not an amount"),
        (limit(measure="words"), "Say what is counted"),
        (limit(period="year"), "Say in which time"),
        (limit(whom="me"), "Say for whom"),
        (limit(whom="user"), "Name somebody"),
        (limit(amount="EUR 5", measure="cost"), "in USD"),
        ({}, "Say what is counted"),
    ],
)
async def test_what_makes_no_sense_is_told(house: House, options: dict[str, str], told: str) -> None:
    """With what would have been right; nothing changed."""
    assert told in (await use(house, "quota set", said=options)).text
    assert await house.store.limits(PLACE) == ()


@pytest.mark.parametrize("command", ["quota set", "quota clear", "quota grant", "usage top"])
async def test_not_everybody_may(house: House, command: str) -> None:
    """The refusal says who can, and is in the log."""
    told = (await use(house, command, by=ANN, said=limit())).text
    assert told.startswith("You may not do that here.")
    assert [one.allowed for one in await house.store.audit(PLACE)] == [False]


async def test_who_runs_a_channel_limits_it(house: House) -> None:
    """And nothing else."""
    keeper = replace(ANN, manages_channel=True)
    assert "From now on" in (await use(house, "quota set", by=keeper, said=limit(whom="channel"))).text
    assert "You may not" in (await use(house, "quota set", by=keeper, said=limit())).text


async def test_something_extra(store: Store) -> None:
    """Somebody who is over their limit may ask on, once."""
    async with up(Process(store)) as house:
        await use(house, "quota set", said=limit(amount="1"))
        grant = {"amount": "1", "measure": "requests", "days": "7", "for": "user", "person": ANN.id}
        assert "1 request extra, once" in (await use(house, "quota grant", said=grant)).text
        for number in range(3):
            await house.say("one", key=replace(THREAD, thread=f"9.{number}"))
            await house.idle()
        assert len(house.model.requests) == 2
        assert len(house.surface.whispers) == 2
    assert "Something extra is for one" in (await use(house, "quota grant", said=grant | {"for": "each_user"})).text
    assert "how many days" in (await use(house, "quota grant", said=grant | {"days": "soon"})).text


async def test_what_one_has_used(house: House) -> None:
    """Today, this month, what is left, and a chart; others' use is theirs."""
    usage = Usage(prompt_tokens=900, completion_tokens=100, model="tiny")
    house.play(says("Yes.", usage=usage), says("No.", usage=usage))
    for person, thread in ((ANN, "9.1"), (BOB, "9.2")):
        await house.say("one", by=person, key=replace(THREAD, thread=thread))
        await house.idle()
    text = (await use(house, "usage", by=ANN)).text
    assert "**Today:** 1 request, 1,000 tokens, cost unknown for 1" in text
    assert "**This month:** 1 request, 1,000 tokens" in text
    assert NO_LIMITS in text
    assert text.rstrip("`\n").endswith("1,000")


async def test_what_everybody_has_used(house: House) -> None:
    """The most first, with a file for a spreadsheet."""
    assert (await use(house, "usage top")).text == NOTHING_YET
    for tokens, person, thread in ((10, ANN, "9.1"), (990, BOB, "9.2")):
        house.play(says("Yes.", usage=Usage(prompt_tokens=tokens, completion_tokens=10, model="=tiny")))
        await house.say("one", by=person, key=replace(THREAD, thread=thread))
        await house.idle()
    answer = await use(house, "usage top", said={"by": "person", "since": "day"})
    assert answer.text.splitlines()[1:] == [
        f"1. {mention(Mentioned.PERSON, BOB.id)}: 1 request, 1,000 tokens, cost unknown for 1",
        f"2. {mention(Mentioned.PERSON, ANN.id)}: 1 request, 20 tokens, cost unknown for 1",
    ]
    (file,) = answer.files
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    told = [(row["id"], row["name"], row["tokens"], row["cost_USD"], row["cost_unknown"]) for row in rows]
    assert told == [("U2", "Bob", "1000", "", "1"), ("U1", "Ann", "20", "", "1")]
    by_model = (await use(house, "usage top", said={"by": "model"})).files[0].content.decode()
    assert "'=tiny" in by_model
    for by in ("channel", "day", "persona"):
        assert "2 requests, 1,020 tokens" in (await use(house, "usage top", said={"by": by})).text
    assert "Add up by" in (await use(house, "usage top", said={"by": "mood"})).text


def test_bars() -> None:
    """As long as their figures say; nothing has no bar."""
    assert bars([("a", 0), ("bb", 5), ("c", 10)]).splitlines() == ["a  0", f"bb {'█' * 12} 5", f"c  {'█' * 24} 10"]
