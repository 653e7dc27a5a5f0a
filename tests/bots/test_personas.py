"""Personas kept in files: the plan that is printed, what is then done, and what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bots.cli.persona_plan import OPERATOR, Kind, carried_out, planned, told
from core.audit import AuditEntry
from core.conversation import Platform
from core.persona import ModelParameters, Persona, PersonaVersion
from core.persona_file import dumped, loaded
from core.presets import presets
from core.privacy import Place
from core.store import PersonaScope, PersonaUse, Store
from tests.bots.conftest import Programs
from tests.core.store.scene import ANNA, NOW
from tests.doubles import ManualClock

PARLEY = "bots.cli"
T1 = ("--platform", "slack", "--workspace", "T1")
TEAM = Place(platform=Platform.SLACK, workspace="T1")
ENTRY = AuditEntry(at=NOW, place=TEAM, actor=ANNA, action="persona.edit")
SUPPORT = Persona(
    name="Support", prompt="You help customers.\nBe brief.\n", parameters=ModelParameters(temperature=0.2)
)
TUTOR = Persona(name="Tutor", prompt="You teach.")


async def created(store: Store, persona: Persona) -> PersonaVersion:
    """The persona is there."""
    made = await store.create_persona(TEAM, persona, by=ANNA, note="created", entry=ENTRY, now=NOW)
    assert isinstance(made, PersonaVersion)
    return made


async def changed(store: Store, of: PersonaVersion, persona: Persona) -> None:
    """Anna made a new version."""
    args = {"based_on": of.version, "by": ANNA, "note": "edited", "entry": ENTRY, "now": NOW}
    assert isinstance(await store.change_persona(TEAM, of.id, persona, **args), PersonaVersion)  # type: ignore[arg-type]


@pytest.fixture
async def env(store: Store, database_url: str) -> dict[str, str]:
    """The environment of a workspace that has a support and a tutor."""
    await created(store, SUPPORT)
    await created(store, TUTOR)
    return {"DATABASE_URL": database_url}


async def test_the_plan_comes_first_and_is_then_done(
    programs: Programs, env: dict[str, str], folder: Path, store: Store
) -> None:
    """New, changed with the difference, unchanged, and what stands in no file; the log names the operator."""
    better = replace(SUPPORT, prompt="You help customers.\nBe kind.\n")
    (folder / "support.toml").write_text(dumped([better]))
    (folder / "more.toml").write_text(dumped([presets()[3], presets()[4]]))
    apply = (PARLEY, "personas", "apply", "support.toml", "more.toml", *T1)

    dry = await programs.run(*apply, "--dry-run", env=env)
    assert dry.code == 0
    for words in (
        "change            Support, version 1 to 2",
        "    -Be brief.\n    +Be kind.",
        "create            Translator",
        "create            Code reviewer",
        "not in the files  Tutor, version 1",
        "dry run",
    ):
        assert words in dry.out
    asked = await programs.run(*apply, env=env)
    assert (asked.code, "Do this (3 of 4)?" in asked.out) == (1, True)
    assert [found.version for found in await store.personas(TEAM)] == [1, 1]

    done = await programs.run(*apply, "--yes", env=env)
    assert (done.code, "Done: 3 of 3." in done.out) == (0, True)
    there = {found.persona.name: found for found in await store.personas(TEAM)}
    assert there["Support"].persona == better
    assert there["Translator"].persona == presets()[3]
    assert there["Tutor"].version == 1
    newest, _ = await store.persona_revisions(TEAM, there["Support"].id)
    assert (newest.author, newest.note) == (OPERATOR, "applied from a file")
    log = await programs.run(PARLEY, "audit", *T1, "--action", "persona.apply", "--json", env=env)
    assert {json.loads(line)["subject"] for line in log.out.splitlines()} == {"Support", "Translator", "Code reviewer"}

    again = await programs.run(*apply, "--yes", env=env)
    assert (again.code, "Nothing is to be done." in again.out) == (0, True)


async def test_export_and_apply_are_a_circle(programs: Programs, env: dict[str, str], folder: Path) -> None:
    """What was exported changes nothing when applied; a file that holds something else is left alone."""
    printed = await programs.run(PARLEY, "personas", "export", *T1, env=env)
    assert (printed.code, loaded(printed.out)) == (0, (SUPPORT, TUTOR))
    written = await programs.run(PARLEY, "personas", "export", *T1, "--output", "kept/here", env=env)
    assert (written.code, written.out.split()) == (0, ["kept/here/support.toml", "kept/here/tutor.toml"])
    files = [str(file) for file in sorted((folder / "kept/here").iterdir())]
    same = await programs.run(PARLEY, "personas", "apply", *files, *T1, env=env)
    assert (same.code, "Nothing is to be done." in same.out) == (0, True)
    (folder / "kept/here/tutor.toml").write_text("our own notes")
    again = await programs.run(PARLEY, "personas", "export", *T1, "--output", "kept/here", env=env)
    assert (again.code, again.out.split()) == (1, ["kept/here/support.toml"])
    assert "tutor.toml holds something else" in again.err
    assert (folder / "kept/here/tutor.toml").read_text() == "our own notes"


async def test_list(programs: Programs, env: dict[str, str], store: Store) -> None:
    """A line for each, with its version and where it answers; another workspace has its own."""
    support = await store.persona(TEAM, "support")
    assert support is not None
    use = PersonaUse(place=replace(TEAM, channel="C7"), scope=PersonaScope.CHANNEL, persona_id=support.id)
    await store.use_persona(use, entry=ENTRY, now=NOW)
    listed = await programs.run(PARLEY, "personas", "list", *T1, env=env)
    assert listed.out.splitlines() == [
        "Support  version 1  (default model)  C7",
        "Tutor  version 1  (default model)  -",
    ]
    other = await programs.run(PARLEY, "personas", "list", "--platform", "slack", "--workspace", "T2", env=env)
    assert "There is no persona" in other.out


async def test_files_that_are_not_right(
    programs: Programs, env: dict[str, str], folder: Path, store: Store, model_env: dict[str, str]
) -> None:
    """Every fault of every file is named at once, with its place, and nothing is changed."""
    (folder / "a.toml").write_text('name = "A"\nprompt = "p {nobody}"\ncolour = "red"\n')
    (folder / "b.toml").write_text("name = \n")
    (folder / "c.toml").write_bytes(b'name = "\xff"')
    (folder / "d.toml").write_text(dumped([TUTOR]))
    (folder / "e.toml").write_text(dumped([replace(TUTOR, name="TUTOR")]))
    files = [f"{name}.toml" for name in "abcde"]
    wrong = await programs.run(PARLEY, "personas", "apply", *files, *T1, "--yes", env=env)
    assert (wrong.code, wrong.out) == (2, "")
    for words in (
        "a.toml: prompt: nothing is known of {nobody}",
        "a.toml: colour: there is no such name",
        "b.toml: This is not TOML: Invalid value (at line 1, column 8)",
        "c.toml: it cannot be read: it is not UTF-8 text",
        "e.toml: name: another file has a persona called TUTOR too",
    ):
        assert words in wrong.err
    (folder / "long.toml").write_text(dumped([Persona(name="Long", prompt="a word " * 12_000)]))
    long = await programs.run(PARLEY, "personas", "apply", "long.toml", *T1, "--yes", env=model_env | env)
    assert (long.code, "Long: prompt: it has" in long.err) == (2, True)
    assert len(await store.personas(TEAM)) == 2
    assert "Traceback" not in wrong.said + long.said


async def test_whoever_was_faster_is_not_overwritten(store: Store) -> None:
    """Between plan and deed a persona was changed, one archived, and one made: each is told, and the rest is done."""
    support, tutor = await created(store, SUPPORT), await created(store, TUTOR)
    new, other = Persona(name="New", prompt="Mine."), Persona(name="Other", prompt="Mine too.")
    wanted = [replace(SUPPORT, prompt="Mine."), replace(TUTOR, prompt="Mine."), new, other]
    steps = planned(wanted, await store.personas(TEAM))
    await changed(store, support, replace(SUPPORT, prompt="Anna's."))
    await store.archive_persona(TEAM, tutor.id, entry=ENTRY, now=NOW)
    await created(store, replace(new, prompt="Anna's."))

    problems = await carried_out(store, TEAM, steps, ManualClock())
    assert [problem.partition(":")[0] for problem in problems] == ["Support", "Tutor", "New"]
    assert f"{ANNA.name} made version 2" in problems[0]
    there = {found.persona.name: found.persona.prompt for found in await store.personas(TEAM)}
    assert there == {"Support": "Anna's.", "New": "Anna's.", "Other": "Mine too."}


def test_a_plan_does_nothing_to_a_terminal() -> None:
    """Whatever stands in a prompt, escape sequences among it, is shown and not obeyed."""
    there = PersonaVersion(id=1, version=1, persona=SUPPORT)
    (step,) = planned([replace(SUPPORT, prompt="\x1b[2J\x9b2J\u202e\nx")], [there])
    assert step.kind is Kind.CHANGE
    assert all(sign.isprintable() or sign == "\n" for sign in told(step))
