"""Personas made, changed and looked at from the chat: what people are told, what is stored, and who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.commands.personas.editing import UNCHANGED
from core.commands.personas.listing import GONE
from core.incoming import Author
from core.interaction import Answer
from core.persona import Persona, PersonaVersion
from core.store import Store
from tests.core.engine.conftest import ANN, BOB, THREAD, House
from tests.core.engine.desk import CHANNEL, WHOLE, Person, form_of, values_of
from tests.core.engine.test_tools import Bench

HOSTILE = 'Say "yes".\n```\n<!channel> @everyone <@U1> **x** \U0001f600\U00020bb7\n````\n{{user}} \\n\n\'\'\' """'


async def made(house: House, **values: str) -> Answer:
    """A persona by the form, made by an admin."""
    boss = Person(house)
    return await boss.submit(await boss.use("create"), **{"name": "Guide", "prompt": "Guide {user}.", **values})


async def guide(house: House, name: str = "Guide") -> PersonaVersion:
    """The newest version that is stored."""
    found = await house.store.persona(WHOLE, name)
    assert found is not None
    return found


async def test_created(house: House) -> None:
    """A form makes version 1, which is shown with all that can be done to it."""
    answer = await made(house, description="helps", welcome="Hello!")
    expected = Persona(name="Guide", description="helps", prompt="Guide {user}.", welcome="Hello!")
    assert await guide(house) == replace(await guide(house), version=1, persona=expected)
    labels = ["Edit prompt", "Edit model", "Edit style", "Edit tools", "Preview", "Use here", "History"]
    assert [button.label for button in answer.buttons] == labels
    assert all(word in answer.text for word in ("**Guide**, version 1", "`helps`", "`Hello!`", "Guide {user}.", "Cleo"))
    (entry,) = await house.store.audit(WHOLE)
    assert (entry.action, entry.allowed, entry.subject, entry.actor.id) == ("persona.create", True, "Guide", "U9")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"name": "  "}, "a persona needs a name"),
        ({"name": "a`b"}, "letters, digits"),
        ({"prompt": ""}, "a persona needs a prompt"),
        ({"prompt": "Hello {boss}"}, "{boss}"),
        ({"description": "x" * 201}, "201 characters; 200 are allowed"),
        ({"prompt": "word " * 5_000}, "it has 6,250 tokens. The model reads 8,000 at once"),
    ],
)
async def test_what_is_wrong_is_said_over_the_form(house: House, values: dict[str, str], complaint: str) -> None:
    """With all that was typed; nothing is stored."""
    answer = await made(house, **values)
    assert complaint in answer.text
    typed = values_of(answer)
    kept = typed | {"prompt": typed["prompt"] if "prompt" in typed else answer.files[0].content.decode()}
    assert values.items() <= kept.items()
    assert await house.store.personas(WHOLE) == ()


async def test_a_name_is_taken_once(house: House) -> None:
    """However it is written; the form stays."""
    await made(house)
    answer = await made(house, name=" GUIDE ", prompt="Another.")
    assert "already a persona called" in answer.text
    assert values_of(answer)["prompt"] == "Another."


@pytest.mark.parametrize("by", [ANN, replace(ANN, manages_channel=True), replace(ANN, roles=frozenset({"S1"}))])
async def test_others_may_not(house: House, by: Author) -> None:
    """Every verb that changes something is refused in private with who may, and logged; nothing changes."""
    await made(house)
    before = await guide(house)
    ann = Person(house, by)
    used = [await ann.use("create", name="Mine"), await ann.use("edit", name="Guide"), await ann.use("import")]
    used += [await ann.use("copy", name="Guide", as_="Mine"), await ann.use("archive", name="Guide")]
    used += [await ann.use("preview", name="Guide", question="why?"), await ann.use("export")]
    used += [await ann.use("rollback", name="Guide", version="1"), await ann.use("allow", person="U1")]
    used += [await ann.use("use", where=where, name="Guide") for where in ("workspace", "dms")]
    assert all("admins" in answer.text and answer.form is None and not answer.files for answer in used)
    assert await guide(house) == before
    assert await house.store.persona_uses(WHOLE) == ()
    refused = [entry.action for entry in await house.store.audit(WHOLE) if not entry.allowed]
    assert len(refused) == len(used)
    assert not house.model.requests


async def test_a_form_is_no_right(house: House) -> None:
    """Who lost the right while the form was open is refused, with what they typed."""
    boss = Person(house)
    await made(house)
    form = await boss.use("edit", name="Guide")
    demoted = Person(house, replace(boss.author, admin=False))
    answer = await demoted.submit(form, prompt="Mine now.")
    assert "You may not" in answer.text
    assert b"Mine now." in answer.files[0].content
    assert (await guide(house)).version == 1


async def test_allowed_by_an_admin(house: House) -> None:
    """People and roles that an admin named may, until they are taken off the list."""
    boss, ann = Person(house), Person(house, ANN)
    member = Person(house, replace(BOB, roles=frozenset({"S1", "S2"})))
    await boss.use("allow", person=ANN.id)
    await boss.use("allow", role="S1")
    assert (await ann.use("create")).form is not None
    assert (await member.use("create")).form is not None
    assert "1 person, 1 role" in (await Person(house, BOB).use("create")).text
    assert "- people: U1\n- roles: S1" in (await boss.use("allow")).text
    await boss.use("disallow", person=ANN.id)
    assert (await ann.use("create")).form is None
    assert "Name somebody" in (await boss.use("allow", person="bob the great")).text
    actions = [entry.action for entry in await house.store.audit(WHOLE) if entry.allowed]
    assert actions == ["persona.disallow", "persona.allow", "persona.allow"]


async def test_edited_in_three_forms(house: House) -> None:
    """Each part makes a version; what is not in the form stays."""
    boss = Person(house)
    shown = await made(house)
    shown = await boss.submit(await boss.press(shown, "Edit prompt"), prompt="Lead {user}.")
    assert shown.replaces
    model = {"model": "large", "temperature": "0.3", "max_tokens": "500", "other": 'top_p = 0.9\nstop = ["END", "\\""]'}
    shown = await boss.submit(await boss.press(shown, "Edit model"), **model, reasoning_effort="low")
    style = {"length": "brief", "language": "German", "answer_in": "channel", "mention_needed": "no"}
    shown = await boss.submit(await boss.press(shown, "Edit style"), **style, visibility="private")
    found = await guide(house)
    assert found.version == 4
    persona = found.persona
    assert (persona.prompt, persona.model, persona.private, persona.style.language) == (
        "Lead {user}.",
        "large",
        True,
        "German",
    )
    assert (persona.parameters.temperature, persona.parameters.stop) == (0.3, ("END", '"'))
    assert all(word in shown.text for word in ("version 4", "temperature 0.3", "top_p 0.9", "brief", "Private"))
    again = await boss.press(shown, "Edit model")
    assert values_of(again)["other"].splitlines() == ["top_p = 0.9", 'stop = ["END", "\\""]']
    assert UNCHANGED in (await boss.submit(again)).text
    assert (await guide(house)).version == 4


async def test_tools_are_chosen(store: Store) -> None:
    """Among those there are, and by name for what servers bring; nobody is allowed what nobody knows."""
    house = House(store, tools=Bench().tools())
    boss = Person(house)
    await made(house)
    opened = await boss.use("edit", name="Guide", part="tools")
    field = form_of(opened).fields[0]
    assert [choice.value for choice in field.choices] == ["shout", "broken", "flood", "unwilling", "erase", "govern"]
    refused = await boss.submit(opened, tools="shout", other_tools="banana\nfiles/*")
    assert "there is no `banana`" in refused.text
    assert values_of(refused) == {"tools": "shout", "other_tools": "banana\nfiles/*"}
    shown = await boss.submit(refused, tools="shout\nerase", other_tools="files/*\nfiles/*")
    assert "Tools: `shout`, `erase`, `files/*`" in shown.text
    assert (await guide(house)).persona.tools == ("shout", "erase", "files/*")
    again = await boss.press(shown, "Edit tools")
    assert values_of(again) == {"tools": "shout\nerase", "other_tools": "files/*"}
    assert UNCHANGED in (await boss.submit(again)).text
    assert (await boss.submit(await boss.press(shown, "Edit tools"), tools="", other_tools="")).text
    assert (await guide(house)).persona.tools == ()


class Known:
    """Knows two models."""

    async def models(self) -> tuple[str, ...]:
        return ("tiny", "large")


async def test_a_model_is_chosen(store: Store) -> None:
    """Among those there are; another one by its name, and what the persona has is always among them."""
    house = House(store, names=Known())
    boss = Person(house)
    opened = await boss.press(await made(house), "Edit model")
    assert [choice.value for choice in form_of(opened).fields[0].choices] == ["", "tiny", "large"]
    shown = await boss.submit(opened, model="large")
    assert (await guide(house)).persona.model == "large"
    shown = await boss.submit(await boss.press(shown, "Edit model"), other='model = "mine"')
    assert (await guide(house)).persona.model == "mine"
    again = form_of(await boss.press(shown, "Edit model")).fields[0]
    assert ([choice.value for choice in again.choices], again.value) == (["", "mine", "tiny", "large"], "mine")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"max_tokens": "many"}, "a whole number from 1"),
        ({"other": "top_p: 1"}, "a line each is needed"),
        ({"other": "banana = 1"}, "there is no such name"),
        ({"other": 'stop = ["a", "b", "c", "d", "e"]'}, "at most 4 texts"),
        ({"temperature": "3"}, "a number from 0 to 2"),
    ],
)
async def test_parameters_that_cannot_be(house: House, values: dict[str, str], complaint: str) -> None:
    """Are told over the form, which holds what was typed."""
    boss = Person(house)
    answer = await boss.submit(await boss.press(await made(house), "Edit model"), **values)
    assert complaint in answer.text
    assert values.items() <= values_of(answer).items()
    assert (await guide(house)).version == 1


async def test_edit_by_name(house: House) -> None:
    """Names have several words, are compared without case, and the part may stand behind them."""
    boss = Person(house)
    await made(house, name="Code guide")
    assert form_of(await boss.use("edit", name="code  GUIDE style")).title == "Style"
    assert form_of(await boss.use("edit", name="Code guide", part="model")).title == "Model"
    assert form_of(await boss.use("edit", name="code guide")).title == "Edit persona"
    assert "Is it **Code guide**?" in (await boss.use("edit", name="Code gide")).text
    assert "no persona called `Code guide soul`" in (await boss.use("edit", name="Code guide soul")).text


async def test_two_at_once(house: House) -> None:
    """The second is told both changes and gets the form with what they typed, upon the newest version."""
    first, second = Person(house), Person(house, replace(ANN, admin=True))
    await made(house, description="old")
    theirs, mine = await first.use("edit", name="Guide"), await second.use("edit", name="Guide")
    await first.submit(theirs, description="new", prompt="Theirs.")
    told = await second.submit(mine, prompt="Mine.", welcome="Hi")
    assert all(line in told.text for line in ("Cleo has saved version 2", "+prompt = ", "Theirs.", "Mine."))
    assert (await guide(house)).version == 2
    typed = values_of(told)
    assert (typed["prompt"], typed["welcome"], typed["description"]) == ("Mine.", "Hi", "new")
    await second.submit(told)
    found = await guide(house)
    assert (found.version, found.persona.prompt, found.persona.description) == (3, "Mine.", "new")
    revisions = await house.store.persona_revisions(WHOLE, found.id)
    assert [one.of.persona.prompt for one in revisions] == ["Mine.", "Theirs.", "Guide {user}."]


async def test_a_long_prompt(house: House) -> None:
    """12,000 characters go in and come out again, by typing and as a file; the file goes first."""
    house.model._window = 64_000
    boss, long = Person(house), ("All that a guide must know. " * 430).strip()
    shown = await made(house, prompt=long)
    assert (await guide(house)).persona.prompt == long
    assert shown.files[0].content.decode() == long
    assert len(shown.text) < 3_000
    form = await boss.press(shown, "Edit prompt")
    boss.files.append(b"\xef\xbb\xbfFrom a file.\r\nYes.")
    await boss.submit(form)
    assert (await guide(house)).persona.prompt == "From a file.\nYes."
    form = await boss.use("edit", name="Guide")
    boss.files.append(b"\xff\xfe")
    told = await boss.submit(form, description="kept")
    assert "not text in UTF-8" in told.text
    assert values_of(told)["description"] == "kept"


async def test_hostile_words(house: House) -> None:
    """Come back as they were, and mark nothing up where they are shown."""
    boss = Person(house)
    shown = await made(house, prompt=HOSTILE, description="` @everyone", welcome="<!channel>")
    assert (await guide(house)).persona.prompt == HOSTILE
    assert "`````\n" + HOSTILE + "\n`````" in shown.text
    assert "`` ` @everyone ``" in shown.text
    assert values_of(await boss.press(shown, "Edit prompt"))["prompt"] == HOSTILE
    exported = await boss.use("export", name="guide")
    boss.files.append(exported.files[0].content)
    assert "unchanged" in (await boss.use("import")).text


async def test_listed(house: House) -> None:
    """Everybody sees the personas, where they answer, and the presets; private ones are for those who may change."""
    boss, ann = Person(house), Person(house, ANN)
    assert "no persona here yet" in (await ann.use("list")).text
    shown = await made(house, description="helps")
    await boss.press(shown, "Use here")
    await boss.submit(await boss.press(await made(house, name="Secret"), "Edit style"), visibility="private")
    listed = (await ann.use("list")).text
    assert "**Guide**, version 1: `helps` – answers in 1 channel" in listed
    assert "New conversations here are answered by **Guide**." in listed
    assert "Secret" not in listed
    assert "**Secret**, version 2 (private)" in (await boss.use("list")).text
    assert "no persona called" in (await ann.use("show", name="Secret")).text
    assert "no persona called" in (await ann.use("history", name="Secret")).text
    assert "**Secret**, version 2" in (await boss.use("show", name="secret")).text


async def test_shown_to_everybody(house: House) -> None:
    """With the buttons that they may press; without a name, whoever answers here."""
    ann, keeper = Person(house, ANN), Person(house, replace(ANN, manages_channel=True))
    assert "Be brief." in (await ann.use("show")).text
    made_now = await made(house)
    await Person(house).press(made_now, "Use here")
    shown = await ann.use("show")
    assert "**Guide**, version 1" in shown.text
    assert [button.label for button in shown.buttons] == ["History"]
    in_thread = Person(house, keeper.author, THREAD)
    labels = [button.label for button in (await in_thread.use("show", name="Guide")).buttons]
    assert labels == ["Use here", "Use version 1 in this thread", "History"]
    assert "You may not" in (await ann.press(made_now, "Edit prompt")).text


async def test_another_workspace_knows_nothing(house: House) -> None:
    """Buttons and forms of one workspace open nothing in another (law 7)."""
    elsewhere = Person(house, key=replace(CHANNEL, workspace="T2"))
    shown = await made(house)
    opened = await Person(house).press(shown, "Edit prompt")
    for button in shown.buttons:
        assert (await elsewhere.press(shown, button.label)).text == GONE
    assert b"Mine." in (await elsewhere.submit(opened, prompt="Mine.")).files[0].content
    assert "no persona called" in (await elsewhere.use("show", name="Guide")).text
    assert (await guide(house)).version == 1


async def test_what_nobody_made(house: House) -> None:
    """Buttons, forms and verbs that are none of ours are answered in words."""
    boss = Person(house)
    shown = await made(house)
    forged = replace(shown, buttons=tuple(replace(one, value="9" * 30) for one in shown.buttons))
    for button in forged.buttons:
        assert (await boss.press(forged, button.label)).text == GONE
    odd = replace(shown, buttons=(replace(shown.buttons[0], action="persona.eat"),))
    assert "no longer know" in (await boss.press(odd, "Edit prompt")).text
    assert "/persona create" in (await boss.use("")).text
    assert "/persona create" in (await boss.use("dance")).text


async def test_suggestions(house: House) -> None:
    """Names that fit what is typed; of private personas only to those who may; presets for a copy."""
    await made(house)
    await made(house, name="Big guide")
    boss = Person(house)
    used = replace(house.incoming("", by=boss.author, key=CHANNEL), command="persona show")
    names = [choice.value for choice in await house.reception.suggest(used, "name", "GUI")]
    assert names == ["Guide", "Big guide"]
    assert await house.reception.suggest(used, "part", "p") == ()
    copying = replace(used, command="persona copy")
    assert "Tutor" in [choice.value for choice in await house.reception.suggest(copying, "name", "tut")]
