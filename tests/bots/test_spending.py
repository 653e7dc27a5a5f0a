"""`parley usage` and `parley quota` as operators use them, on a real database."""

from __future__ import annotations

import json

import pytest

from core.conversation import Platform
from core.privacy import Place
from core.quota.limit import Measure, SubjectKind
from core.store import Store
from core.turn import Outcome, TurnState, Usage
from tests.bots.conftest import Programs
from tests.core.store.scene import NOW, Worker, accept, said

PARLEY = "bots.cli"
T1 = ("--platform", "slack", "--workspace", "T1")
PLACE = Place(platform=Platform.SLACK, workspace="T1")


@pytest.fixture
def told(database_url: str) -> dict[str, str]:
    """Where the database is."""
    return {"DATABASE_URL": database_url}


async def test_limits(programs: Programs, told: dict[str, str], store: Store) -> None:
    """Set by a sentence, shown by the same, cleared by whom they are for; the log says it was the operator."""
    said_so = "50 requests a day for each user; USD 3.50 a month for the user U1"
    done = await programs.run(PARLEY, "quota", "set", said_so, *T1, env=told)
    assert (done.code, done.out.splitlines()[0]) == (0, "set: 50 requests a day for each user")
    shown = await programs.run_from_nothing(PARLEY, "quota", "show", *T1, env=told)
    assert shown.out.splitlines() == ["50 requests a day for each user", "USD 3.50 a month for U1"]
    assert [limit.measure for limit in await store.limits(PLACE)] == [Measure.REQUESTS, Measure.COST]
    gone = await programs.run(PARLEY, "quota", "clear", *T1, "--for", "each_user", env=told)
    assert (gone.code, gone.out) == (0, "1 cleared\n")
    (left,) = await store.limits(PLACE)
    assert left.subject.kind is SubjectKind.USER
    granted = await programs.run(
        PARLEY, "quota", "grant", "20k tokens", *T1, "--for", "user", "--id", "U1", "--days", "3", env=told
    )
    assert granted.out.startswith("granted: 20,000 tokens, until ")
    log = await store.audit(PLACE, action="quota", actor="operator", limit=10)
    assert sorted(one.action for one in log) == ["quota.clear", "quota.grant", "quota.set", "quota.set"]


@pytest.mark.parametrize(
    "words",
    [
        ("set", "50 requests"),
        ("clear", "--for", "user"),
        ("grant", "many", "--for", "workspace"),
        ("grant", "5 requests", "--for", "each_user"),
    ],
)
async def test_what_makes_no_sense(programs: Programs, told: dict[str, str], words: tuple[str, ...]) -> None:
    """Is told in a sentence, with 2."""
    done = await programs.run(PARLEY, "quota", words[0], *words[1:], *T1, env=told)
    assert done.code == 2
    assert "Traceback" not in done.said


async def test_usage(programs: Programs, told: dict[str, str], store: Store) -> None:
    """As a table, for a spreadsheet and for programs; another workspace has its own."""
    await accept(store, said())
    turn = await Worker(store, "w1").claimed()
    usage = Usage(prompt_tokens=1_200, completion_tokens=34, model="tiny\x1b[31m")
    await store.finish(turn, Outcome(state=TurnState.DONE, text="Yes.", usage=usage), (), now=NOW)
    during = ("--since", f"{NOW:%Y-%m-%d}", "--until", f"{NOW:%Y-%m-%d}")
    table = (await programs.run(PARLEY, "usage", *T1, *during, "--by", "model", env=told)).out
    assert table.splitlines()[1].split() == ["tiny[31m", "0", "1,200", "34", "1,234", "-", "0"]
    (line,) = (await programs.run(PARLEY, "usage", *T1, *during, "--json", env=told)).out.splitlines()
    assert (json.loads(line)["tokens"], json.loads(line)["cost_nano"]) == (1_234, None)
    assert json.loads(line)["day"] == f"{NOW:%Y-%m-%d}"
    csv = (await programs.run(PARLEY, "usage", *T1, *during, "--csv", "--by", "person", env=told)).out
    assert csv.splitlines()[1].startswith("U1,Anna,0,1200,0,34,1234,,0")
    people = (await programs.run(PARLEY, "usage", *T1, *during, "--by", "person", env=told)).out
    assert people.splitlines()[1].startswith("Anna (U1)  ")
    (line,) = (await programs.run(PARLEY, "usage", *T1, *during, "--json", "--by", "person", env=told)).out.splitlines()
    assert (json.loads(line)["person"], json.loads(line)["name"]) == ("U1", "Anna")
    elsewhere = await programs.run(PARLEY, "usage", "--platform", "slack", "--workspace", "T2", *during, env=told)
    assert len(elsewhere.out.splitlines()) == 1
    assert (await programs.run(PARLEY, "usage", *T1, "--csv", "--json", env=told)).code == 2
