"""What operators do with Parley's memory on the command line: give out, erase, read the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.store import Store
from tests.bots.conftest import Programs
from tests.core.store.scene import ANNA, BEN, Worker, accept, said
from tests.core.store.test_audit import ENTRY

PARLEY = "bots.cli"
T1 = ("--platform", "slack", "--workspace", "T1")
HERS = (*T1, "--person", ANNA.id)


@pytest.fixture
async def told(store: Store, database_url: str) -> dict[str, str]:
    """Two people told Parley something, an admin set something; the environment in which that is remembered."""
    for author in (ANNA, BEN):
        await accept(store, said(f"from {author.name} \N{GRINNING FACE}", by=author))
        await Worker(store, "w1").answer()
    await store.record_audit(ENTRY)
    return {"DATABASE_URL": database_url}


async def test_export(programs: Programs, told: dict[str, str], folder: Path) -> None:
    """One person's data and nobody else's, printed or in a file that only the operator reads and that is new."""
    printed = await programs.run(PARLEY, "export", *HERS, env=told)
    document = json.loads(printed.out)
    assert (printed.code, printed.err, document["whole"]) == (0, "", True)
    asked = [one["messages"][0]["text"] for one in document["entries"] if one["kind"] == "exchanges"]
    assert asked == ["from Anna \N{GRINNING FACE}"]
    assert {one["kind"] for one in document["entries"]} == {"exchanges", "usage", "audit"}
    written = await programs.run(PARLEY, "export", *HERS, "--out", "hers.json", env=told)
    file = folder / "hers.json"
    assert (written.code, written.said) == (0, "")
    assert json.loads(file.read_text())["entries"] == document["entries"]
    assert file.stat().st_mode & 0o777 == 0o600
    again = await programs.run(PARLEY, "export", *HERS, "--out", "hers.json", env=told)
    assert (again.code, again.out) == (1, "")
    assert "hers.json cannot be written" in again.err


async def test_forget(programs: Programs, told: dict[str, str], store: Store) -> None:
    """Nothing goes without a yes; then all of it goes, and the log says that the operator did it."""
    asked = await programs.run(PARLEY, "forget", *HERS, env=told)
    assert asked.code == 1
    assert "Erase 1 messages, 1 answers" in asked.out
    done = await programs.run(PARLEY, "forget", *HERS, "--yes", env=told)
    assert (done.code, done.out) == (0, "Erased: 1 messages, 1 answers, 0 summaries, 0 notes.\n")
    again = await programs.run(PARLEY, "forget", *HERS, env=told)
    assert (again.code, again.out) == (0, "Nothing of that is stored.\n")
    log = await programs.run(PARLEY, "audit", *T1, "--json", env=told)
    newest, oldest = (json.loads(line) for line in log.out.splitlines())
    assert (newest["action"], newest["actor"]["id"]) == ("forget.operator", "operator")
    assert (oldest["action"], oldest["details"]) == ("settings.set", {"before": None, "after": 3})


async def test_audit(programs: Programs, told: dict[str, str], store: Store) -> None:
    """A line for each entry, chosen by action and person; another workspace has its own."""
    lines = await programs.run(PARLEY, "audit", *T1, env=told)
    assert lines.code == 0
    assert all(word in lines.out for word in ("settings.set", "allowed", "answer_in", "C1", "U1 Anna"))
    assert (await programs.run(PARLEY, "audit", *T1, "--action", "ret", env=told)).out == ""
    assert (await programs.run(PARLEY, "audit", "--platform", "slack", "--workspace", "T2", env=told)).out == ""


async def test_a_database_that_is_not_ready(programs: Programs, empty_database_url: str) -> None:
    """The next step is named, and nothing of the URL's password."""
    empty = await programs.run(PARLEY, "audit", *T1, env={"DATABASE_URL": empty_database_url})
    assert (empty.code, "parley migrate" in empty.err) == (1, True)
    down = await programs.run(PARLEY, "audit", *T1, env={"DATABASE_URL": "postgres://p:the-password@127.0.0.1:9/p"})
    assert (down.code, "cannot be reached" in down.err) == (1, True)
    wrong = await programs.run(PARLEY, "audit", *T1, env={"DATABASE_URL": "mysql://p:the-password@127.0.0.1/p"})
    assert wrong.code == 2
    assert "the-password" not in down.said + wrong.said
    assert "Traceback" not in empty.said + down.said + wrong.said
