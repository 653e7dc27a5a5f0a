"""Copies of personas, files of them, and previews."""

from __future__ import annotations

import pytest

from core.audit import AuditEntry
from core.commands.personas.preview import CUT, EMPTY
from core.errors import ModelBusy, ModelNotFound
from core.ports import FinishReason
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.turn import Usage
from tests.core.engine.conftest import ADMIN, THREAD, House
from tests.core.engine.desk import WHOLE, Person, made
from tests.core.engine.test_spending import accounts
from tests.doubles import Script, says

# ── copies and files ──


async def test_copies(house: House) -> None:
    """Of personas and presets; a form asks for the name where none was given."""
    boss = Person(house)
    await made(house, "Big guide", description="helps")
    assert "**Small one** is there." in (await boss.use("copy", name="big guide as Small one")).text
    asked = await boss.use("copy", name="Big guide")
    assert "already a persona" in (await boss.submit(asked, name="small ONE")).text
    await boss.submit(asked, name="Third")
    assert "**Tutor** is there." in (await boss.use("copy", name="tutor")).text
    again = await boss.use("copy", name="Tutor")
    assert "already a persona" not in (await boss.submit(again, name="Tutor 2")).text
    assert "no persona called" in (await boss.use("copy", name="Nobody", as_="Somebody")).text
    names = [one.persona.name for one in await house.store.personas(WHOLE)]
    assert names == ["Big guide", "Small one", "Third", "Tutor", "Tutor 2"]
    third = await house.store.persona(WHOLE, "third")
    assert third is not None
    assert (third.persona.description, third.persona.prompt) == ("helps", "I am Big guide.")


async def test_out_and_in_again(house: House) -> None:
    """A file brings a workspace to what it says: new ones, new versions, and what is the same stays."""
    boss = Person(house)
    assert "no persona to export" in (await boss.use("export")).text
    for name in ("One", "Two", "Three"):
        await made(house, name)
    exported = await boss.use("export")
    assert exported.files[0].name == "personas.toml"
    await boss.submit(await boss.use("edit", name="Two"), prompt="Changed.")
    await boss.press(await boss.use("archive", name="Three"), "Archive")
    form = await boss.use("import")
    boss.files.append(exported.files[0].content)
    told = (await boss.submit(form)).text
    assert all(line in told for line in ("**One**: unchanged", "**Two**: version 3", "**Three**: new"))
    assert "Put a file in" in (await boss.submit(await boss.use("import"))).text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name = ", "TOML"),
        (b'name = "A"\nprompt = "{boss}"', "{boss}"),
        (b'[[persona]]\nname = "A"\nprompt = "a"\n[[persona]]\nname = "B"\nprompt = ""', "prompt"),
        (b'name = "A"\nprompt = "' + b"word " * 8_000 + b'"', "would be left"),
        (b"\xff", "UTF-8"),
        (b"x" * 1_000_001, "could not read the file"),
    ],
)
async def test_files_that_say_nothing(house: House, content: bytes, complaint: str) -> None:
    """Nothing is imported, and it is said why."""
    boss = Person(house, files=[content])
    assert complaint in (await boss.use("import")).text
    assert await house.store.personas(WHOLE) == ()


# ── previews ──


async def test_preview(house: House) -> None:
    """Asks the persona's model with its prompt, capped; nothing is stored but an entry with the tokens."""
    boss = Person(house)
    shown = await made(house, prompt="I speak with {user}.")
    await boss.submit(await boss.press(shown, "Edit model"), model="large", max_tokens="5000")
    house.play(says("Because **this", usage=Usage(prompt_tokens=12, completion_tokens=3, model="large-1")))
    answer = await boss.use("preview", name="guide: why?")
    assert answer.text == "**Guide**, version 2, answers:\n\nBecause **this**"
    request = house.model.requests[-1]
    assert (request.model, request.parameters.max_tokens) == ("large", 700)
    assert [one.text for one in request.messages] == ["I speak with Cleo.", "why?"]
    (entry,) = await house.store.audit(WHOLE, action="persona.preview")
    expected = {"version": 2, "model": "large-1", "prompt_tokens": 12, "completion_tokens": 3}
    assert dict(entry.details) == expected
    assert await house.store.open_turn(THREAD) is None


async def test_preview_asks_for_the_question(house: House) -> None:
    """In a form, from the button and from the command; what fails is said."""
    boss = Person(house)
    shown = await made(house)
    house.play(says("cut", reason=FinishReason.LENGTH), says(""), Script(steps=[ModelBusy("429")]))
    assert CUT in (await boss.submit(await boss.press(shown, "Preview"), question="why?")).text
    assert EMPTY in (await boss.submit(await boss.use("preview", name="Guide"), question="why?")).text
    assert (await boss.use("preview", name="Guide", question="why?")).text == ModelBusy().sentence
    house.play(Script(steps=[ModelNotFound("gone")]))
    assert "/persona edit" in (await boss.use("preview", name="Guide", question="why?")).text


async def test_preview_is_charged_to_who_previews(house: House, database_url: str) -> None:
    """Like any question: on their account, and not where their limit is reached."""
    boss = Person(house)
    await made(house)
    limit = Limit(subject=Subject(kind=SubjectKind.EACH_USER), measure=Measure.REQUESTS, period=Period.DAY, amount=1)
    by = AuditEntry(at=house.clock.now(), place=WHOLE, actor=ADMIN, action="quota.set")
    await house.store.set_limit(WHOLE, limit, by=by)
    house.play(says("Because", usage=Usage(prompt_tokens=12, completion_tokens=3, model="large-1")))
    await boss.use("preview", name="guide: why?")
    (account,) = await accounts(database_url)
    assert (account.person_id, account.requests, account.tokens, account.cost) == (ADMIN.id, 1, 15, None)
    assert account.turn_id < 0
    again = await boss.use("preview", name="guide: why?")
    assert again.text.startswith("The limit of 1 request a day for each user is reached")
    assert len(house.model.requests) == 1
