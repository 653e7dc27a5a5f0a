"""Personas on both platforms: every verb, allowed and refused, with forms sent as people send them."""

from __future__ import annotations

import pytest

from sandbox.chat_completions.script import Answer
from tests.contract.conftest import Town
from tests.contract.hands import Hand, Told, hand
from tests.contract.places import DiscordPlace

LONG = "\n".join(f"{number}. Understanding requires considerable communication everywhere." for number in range(190))
HOSTILE = 'Be "quick".\n```\n<!channel> @everyone <@U1> **x**\n```\n\U0001f600\U00020bb7 {{user}} \\n'


@pytest.fixture
def ann(town: Town) -> Hand:
    """She may do everything."""
    return hand(town.place, "ann")


@pytest.fixture
def bob(town: Town) -> Hand:
    """He may do nothing, until somebody lets him."""
    return hand(town.place, "bob")


async def made(ann: Hand, name: str = "Guide", **values: str) -> Told:
    """A persona by the form."""
    await ann.use("persona create", name=name)
    assert (await ann.form())["name"] == name
    await ann.fill({"prompt": f"I am {name}.", **values})
    return await ann.told(f"**{name}**, version 1")


async def test_made_changed_and_used(town: Town, ann: Hand) -> None:
    """From the form to the answer: the model is given the newest prompt and the parameters, in the channel."""
    shown = await made(ann, welcome="Hello <!channel> @everyone")
    assert shown.private
    assert shown.buttons == ("Edit prompt", "Edit model", "Edit style", "Edit tools", "Preview", "Use here", "History")
    await ann.press(shown, "Edit prompt")
    assert (await ann.form())["prompt"] == "I am Guide."
    await ann.fill({"prompt": "I am new.", "description": "helps"})
    await ann.press(await ann.told("**Guide**, version 2"), "Edit model")
    await ann.form()
    await ann.fill({"model": "parley-demo", "temperature": "0.3", "max_tokens": "321", "other": "top_p = 0.5"})
    await ann.press(await ann.told("**Guide**, version 3"), "Edit style")
    await ann.form()
    await ann.fill({"length": "brief", "language": "German"})
    await ann.press(await ann.told("**Guide**, version 4"), "Use here")
    await ann.told("answers here from now on")
    welcome = await hand(town.place, "bob").told("Hello")
    assert (welcome.private, welcome.pings) == (False, ())
    await town.answered(await town.place.mention("bob", "who are you?"))
    asked = town.model.requests[-1].body
    assert asked["messages"][0]["content"].startswith("I am new.")
    assert "German" in asked["messages"][0]["content"]
    cap = asked.get("max_completion_tokens") or asked.get("max_tokens")
    assert (asked["temperature"], asked["top_p"], cap) == (0.3, 0.5, 321)


async def test_what_is_wrong_is_put_right(ann: Hand) -> None:
    """A form with a mistake comes back with all that was typed, and can be sent again."""
    await ann.use("persona create", name="Guide")
    await ann.form()
    await ann.fill({"prompt": "Hello {boss}!", "description": "kept"})
    values = await ann.again("{boss}")
    assert (values["prompt"], values["description"]) == ("Hello {boss}!", "kept")
    await ann.fill({"prompt": "Hello {user}!"})
    assert "Hello {user}!" in (await ann.told("**Guide**, version 1")).text


async def test_every_verb_is_refused(ann: Hand, bob: Hand) -> None:
    """In private, with who may; looking is for everybody, but for what is private."""
    await made(ann)
    for name, options in (
        ("create", {"name": "Mine"}),
        ("edit", {"name": "Guide"}),
        ("copy", {"name": "Guide"}),
        ("use", {"where": "here", "name": "Guide"}),
        ("preview", {"name": "Guide", "question": "why?"}),
        ("rollback", {"name": "Guide"}),
        ("archive", {"name": "Guide"}),
        ("export", {}),
        ("import", {}),
    ):
        await bob.use(f"persona {name}", **options)
        assert (await bob.told("You may not do that here. Those who may are admins")).private, name
    for name in ("allow", "disallow"):
        await bob.use(f"persona {name}", person="@bob")
        await bob.told("Only admins")
    await bob.use("persona list")
    assert "**Guide**, version 1" in (await bob.told("Personas of this workspace")).text
    await bob.use("persona show", name="guide")
    assert (await bob.told("**Guide**, version 1")).buttons == ("History",)
    await bob.use("persona history", name="Guide")
    await bob.told("Versions of **Guide**")
    await bob.use("persona diff", name="Guide")
    await bob.told("only one version")
    await ann.use("audit", action="persona")
    log = (await ann.told("persona.create")).text
    assert log.count("**refused**") == 11


async def test_an_admin_lets_somebody(ann: Hand, bob: Hand) -> None:
    """Until it is taken back."""
    await ann.use("persona allow", person="@bob")
    await ann.told("They may change personas now.")
    await made(bob, "Mine")
    await ann.use("persona disallow", person="@bob")
    await ann.told("They may not change personas any more")
    await bob.use("persona edit", name="Mine")
    await bob.told("You may not do that here")


async def test_two_at_once(ann: Hand, bob: Hand) -> None:
    """The second reads both changes and goes on with what they typed; nothing is lost."""
    await ann.use("persona allow", person="@bob")
    await ann.told("They may change personas now.")
    await made(ann)
    await ann.use("persona edit", name="Guide")
    await ann.form()
    await bob.use("persona edit", name="Guide")
    await bob.form()
    await ann.fill({"prompt": "Hers.", "welcome": "Hi"})
    await ann.told("**Guide**, version 2")
    await bob.fill({"prompt": "His."})
    values = await bob.again("has saved version 2")
    assert (values["prompt"], values["welcome"]) == ("His.", "Hi")
    await bob.fill()
    await bob.told("**Guide**, version 3")
    await ann.use("persona diff", name="Guide")
    text = (await ann.told("from version 2 to version 3")).text
    assert "Hers." in text
    assert "His." in text


async def test_a_long_prompt(town: Town, ann: Hand) -> None:
    """12,000 characters: typed where the form takes them, as a file everywhere; the model is given every letter."""
    assert len(LONG) > 12_000
    await ann.use("persona create", name="Guide")
    await ann.form()
    await ann.fill({"prompt": ""}, file=LONG.encode())
    shown = await ann.told("**Guide**, version 1")
    await town.place.wait_for(lambda: ann.files().get("Guide-prompt.md") == LONG.encode())
    await ann.press(shown, "Edit prompt")
    values = await ann.form()
    assert values.get("prompt", LONG) == LONG
    await ann.fill({"description": "with rules"})
    await ann.told("**Guide**, version 2")
    await ann.use("persona use", where="here", name="Guide")
    await ann.told("answers here from now on")
    await town.answered(await town.place.mention("bob", "why?"))
    assert town.model.requests[-1].body["messages"][0]["content"] == LONG


async def test_hostile_words(town: Town, ann: Hand) -> None:
    """Come to the model as they were typed, and call nobody where they are shown."""
    shown = await made(ann, prompt=HOSTILE, description="`` <!here> @everyone")
    assert shown.pings == ()
    await ann.press(shown, "Edit prompt")
    assert (await ann.form())["prompt"] == HOSTILE
    await ann.use("persona use", where="workspace", name="Guide")
    await ann.told("in the whole workspace")
    await town.answered(await town.place.mention("bob", "why?"))
    assert town.model.requests[-1].body["messages"][0]["content"] == HOSTILE.replace("{{user}}", "{user}").strip()


async def test_versions(ann: Hand) -> None:
    """History, difference and the way back, by words and by the list."""
    shown = await made(ann)
    await ann.press(shown, "Edit prompt")
    await ann.form()
    await ann.fill({"prompt": "I am new."})
    await ann.told("**Guide**, version 2")
    await ann.use("persona diff", name="Guide", from_="1", to="2")
    assert "+prompt" in (await ann.told("from version 1 to version 2")).text
    await ann.use("persona history", name="Guide")
    history = await ann.told("Versions of **Guide**")
    assert history.choices == 1
    await ann.choose(history, 0)
    assert "I am Guide." in (await ann.told("**Guide**, version 3")).text
    await ann.use("persona rollback", name="Guide", version="2")
    assert "I am new." in (await ann.told("**Guide**, version 4")).text


async def test_put_away_while_in_use(town: Town, ann: Hand) -> None:
    """The thread goes on as it began; the next one is answered by whoever is around."""
    await ann.press(await made(ann), "Use here")
    await ann.told("answers here from now on")
    talk = await town.place.mention("bob", "one")
    await town.answered(talk)
    await ann.use("persona archive", name="Guide")
    await ann.press(await ann.told("Put **Guide** away?"), "Archive")
    await ann.told("**Guide** is archived. It answered in 1 channel.")
    await town.place.say(talk, "bob", "two")
    await town.answered(talk, 2)
    assert town.model.requests[-1].body["messages"][0]["content"] == "I am Guide."
    await town.answered(await town.place.mention("bob", "three"))
    assert town.model.requests[-1].body["messages"][0]["content"].startswith("You are Parley")


async def test_copies_and_files(town: Town, ann: Hand) -> None:
    """Presets and personas are copied; a file takes them out and in again."""
    await ann.use("persona copy", name="tutor")
    await ann.told("**Tutor** is there.")
    await ann.use("persona copy", name="Tutor", as_="Second tutor")
    await ann.told("**Second tutor** is there.")
    await ann.use("persona copy", name="Tutor")
    assert list(await ann.form()) == ["name"]
    await ann.fill({"name": "Third"})
    await ann.told("**Third** is there.")
    await ann.use("persona export")
    await ann.told("The file holds")
    await town.place.wait_for(lambda: "personas.toml" in ann.files())
    await ann.use("persona archive", name="Third")
    await ann.press(await ann.told("Put **Third** away?"), "Archive")
    await ann.told("**Third** is archived.")
    await ann.use("persona import")
    await ann.form()
    await ann.fill(file=ann.files()["personas.toml"])
    told = (await ann.told("From the file:")).text
    assert "**Third**: new" in told
    assert "**Tutor**: unchanged" in told


async def test_preview(town: Town, ann: Hand) -> None:
    """One answer for one person, from the button's form and from the command; a slow model is waited for."""
    shown = await made(ann)
    town.model.script(Answer(text="Because **I** say so."), Answer(text="Still here, at last.", pace=4.0))
    await ann.press(shown, "Preview")
    await ann.form()
    await ann.fill({"question": "why?"})
    told = await ann.told("Because")
    assert told.private
    asked = town.model.requests[-1].body["messages"]
    assert [one["content"] for one in asked] == ["I am Guide.", "why?"]
    await ann.use("persona preview", name="Guide", question="still?")
    await ann.told("Still here, at last.")


async def test_in_a_thread(town: Town, ann: Hand) -> None:
    """A running thread is moved by the command in it."""
    await made(ann)
    await ann.use("persona use", where="thread", name="Guide")
    await ann.told("This is no thread.")
    talk = await town.place.mention("ann", "one")
    await town.answered(talk)
    if town.place.name == "slack":
        await town.place.say(talk, "ann", "!persona use thread Guide")
        await ann.told("goes on in this thread")
    else:
        inside = hand(town.place, "ann", talk.first)
        await inside.use("persona use", where="thread", name="Guide")
        await inside.told("goes on in this thread")
    await town.place.say(talk, "ann", "two")
    await town.place.wait_for(lambda: len(town.model.requests) == 2)
    assert town.model.requests[-1].body["messages"][0]["content"] == "I am Guide."


async def test_settings_are_heeded(town: Town, ann: Hand, bob: Hand) -> None:
    """One post at the end, what made it beneath, and only those who may ask; others read why not."""
    await bob.use("settings set", setting="footer", value="on")
    await bob.told("Only an admin can change this")
    for setting, value in (("streaming", "off"), ("footer", "on"), ("languages", "German"), ("who_may_ask", "named")):
        await ann.use("settings set", setting=setting, value=value)
        await ann.told(f"`{setting}`: {'no' if value == 'off' else 'yes' if value == 'on' else value}")
    await ann.use("settings allow", person="@cleo")
    await ann.told("Settings of this channel")
    await bob.use("ask", question="why?")
    assert "only admins and whom they have named (1 person)" in (await bob.told("may ask me")).text
    assert not town.model.requests
    (reply,) = await town.answered(await town.place.mention("cleo", "why?"))
    assert "tokens · Parley" in reply.text
    assert reply.edits == 0
    assert "answer only in German" in town.model.requests[-1].body["messages"][0]["content"]
    (reply,) = await town.answered(await town.place.mention("ann", "and I?"))
    assert reply.edits == 0


async def test_suggested(town: Town, ann: Hand) -> None:
    """Where the platform completes what is typed (Discord), it proposes names."""
    await made(ann)
    if not isinstance(town.place, DiscordPlace):
        return
    choices = await town.place.sandbox.autocomplete("ann", "general", "persona show", {"name": "gu"})
    assert [one["value"] for one in choices] == ["Guide"]
