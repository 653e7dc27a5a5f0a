"""Forms: opened by commands and presses, heard when they are sent, and nothing that was typed is ever lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.discord import exchange
from adapters.discord.app import DiscordApp
from adapters.discord.surface import DiscordSurface
from core.errors import StoreUnavailable
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Button, Choice, Field, FieldKind, Form
from sandbox.discord.attachments import Upload
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Message
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver
from tests.adapters.discord_tests.test_answers import ids, press, shown

CHOICES = (Choice(value="small", label="A small one"), Choice(value="big", label="A big one"))
FORM = Form(
    action="help.save",
    title="Persona",
    value="pirate:3",
    fields=(
        Field(name="name", label="Name", required=True, longest=20, hint="Short"),
        Field(name="prompt", label="Prompt", kind=FieldKind.TEXT, value="Be kind."),
        Field(name="model", label="Model", kind=FieldKind.CHOICE, choices=CHOICES, value="big"),
        Field(name="file", label="File", kind=FieldKind.FILE),
    ),
)
NAME, PROMPT, MODEL, FILE = "0.0:name", "1.0:prompt", "2.0:model", "3.0:file"
SAY = "Arr, “ahoy” 🏴‍☠️ @everyone\n\n# Two"


async def opened(discord: DiscordSandbox, receiver: HeardReceiver, form: Form = FORM) -> Interaction:
    """The form that `/help` opens for Ann."""
    receiver.answers["help"] = Answer(text="Use the form.", form=form)
    return await discord.command("ann", "#general", "help")


def last(discord: DiscordSandbox, person: str = "ann") -> Message:
    return discord.messages("#general", person=person)[-1]


def texts_of(interaction: Interaction) -> dict[str, str]:
    """What stands in the inputs of the form that is open."""
    assert interaction.modal is not None
    inputs = [one["component"] for one in interaction.modal["components"]]
    return {one["custom_id"]: one.get("value", "") for one in inputs if one["type"] == 4}


async def test_form_is_shown_as_declared(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Each field in its kind, under its label, with what stands there at first."""
    interaction = await opened(discord, receiver)
    assert interaction.status == "modal"
    assert interaction.modal is not None
    assert interaction.modal["title"] == "Persona"
    labels = interaction.modal["components"]
    assert [one["label"] for one in labels] == ["Name", "Prompt", "Model", "File"]
    assert [one.get("description") for one in labels] == ["Short", None, None, None]
    name, prompt, model, file = (one["component"] for one in labels)
    assert (name["type"], name["style"], name["max_length"], name["required"]) == (4, 1, 20, True)
    assert (prompt["style"], prompt["value"], prompt["required"]) == (2, "Be kind.", False)
    assert [(one["value"], one["default"]) for one in model["options"]] == [("small", False), ("big", True)]
    assert (file["type"], file["min_values"], file["max_values"]) == (19, 0, 1)


async def test_form_is_heard(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Its fields, its value, its file and its sender arrive; the answer is read by the sender alone."""
    interaction = await opened(discord, receiver)
    receiver.answers["help.save"] = Answer(text="Saved.")
    upload = Upload(name="notes.toml", content=b"a = 1", mimetype="application/toml")
    await discord.submit_modal("ann", interaction, {NAME: "Pirate", PROMPT: SAY, FILE: [upload]})
    [heard] = await receiver.heard(1, IncomingKind.FORM)
    assert heard.text == "help.save"
    assert heard.options == {"name": "Pirate", "prompt": SAY, "model": "big", "value": "pirate:3"}
    assert (heard.author.name, heard.author.admin, heard.shared) == ("Ann", True, True)
    [file] = heard.attachments
    assert (file.name, file.media_type, file.size) == ("notes.toml", "application/toml", 5)
    assert (last(discord).content, last(discord).ephemeral) == ("Saved.", True)
    assert discord.messages("#general", person="bob") == []


async def test_file_of_a_form_is_fetched(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, surface: DiscordSurface
) -> None:
    """What came with a form can be read like any other file."""
    interaction = await opened(discord, receiver)
    upload = Upload(name="notes.toml", content=b"a = 1")
    await discord.submit_modal("ann", interaction, {NAME: "x", FILE: upload})
    [heard] = await receiver.heard(1, IncomingKind.FORM)
    assert await surface.fetch(heard.attachments[0], most=5) == b"a = 1"


async def test_empty_fields_are_empty(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What was left out or taken away is there as nothing."""
    interaction = await opened(discord, receiver)
    await discord.submit_modal("ann", interaction, {NAME: "x", PROMPT: "", MODEL: []})
    [heard] = await receiver.heard(1, IncomingKind.FORM)
    assert heard.options == {"name": "x", "prompt": "", "model": "", "value": "pirate:3"}
    assert last(discord).content == "Done."


async def test_press_opens_a_form(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A press can open a form too, whose answer takes the place of the private message with the button."""
    button = Button(label="Edit", action="help.edit")
    message = await shown(discord, receiver, Answer(text="Pirate", buttons=(button,)))
    receiver.answers |= {
        "help.edit": Answer(form=FORM),
        "help.save": Answer(text="Saved.", replaces=True),
    }
    interaction = await press(discord, message)
    assert interaction.status == "modal"
    await discord.submit_modal("ann", interaction, {NAME: "x"})
    assert (message.content, message.components) == ("Saved.", ())
    assert len(discord.messages("#general", person="ann")) == 1


async def test_form_in_direct_messages(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """There it is about that conversation, and nobody is an admin."""
    receiver.answers |= {"help": Answer(form=FORM), "help.save": Answer(text="Saved.")}
    interaction = await discord.command("ann", "dm", "help")
    await discord.submit_modal("ann", interaction, {NAME: "x"})
    [heard] = await receiver.heard(1, IncomingKind.FORM)
    assert (heard.key.workspace, heard.author.admin, heard.shared) == ("@me", False, False)


async def test_too_late_for_a_form(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a deferral Discord opens none: a button under the words opens it."""
    monkeypatch.setattr("adapters.discord.interactions.STORE_WITHIN", 0.02)
    receiver.gate = asyncio.Event()
    await opened(discord, receiver)
    receiver.gate.set()
    await discord.wait_for(lambda: last(discord).content == "Use the form.")
    interaction = await press(discord, last(discord))
    assert interaction.status == "modal"
    assert texts_of(interaction)[PROMPT] == "Be kind."


async def test_put_right(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What is wrong with what was typed is said with a button that opens it again, as typed; when it is right the
    answer takes the place of the complaint."""
    interaction = await opened(discord, receiver)
    fields = (replace(FORM.fields[0], value="Pirate"), replace(FORM.fields[1], value=SAY), *FORM.fields[2:])
    receiver.answers["help.save"] = Answer(text="Too many pirates.", form=replace(FORM, fields=fields))
    await discord.submit_modal("ann", interaction, {NAME: "Pirate", PROMPT: SAY})
    complaint = last(discord)
    assert (complaint.content, complaint.ephemeral) == ("Too many pirates.", True)
    [file] = complaint.attachments
    assert SAY in file.upload.content.decode()
    again = await press(discord, complaint)
    assert texts_of(again) == {NAME: "Pirate", PROMPT: SAY}
    receiver.answers["help.save"] = Answer(text="Saved.")
    await discord.submit_modal("ann", again, {NAME: "Parrot"})
    assert [one.content for one in discord.messages("#general", person="ann")] == ["Saved."]
    assert last(discord).attachments == ()
    assert [one.options["name"] for one in await receiver.heard(2, IncomingKind.FORM)] == ["Pirate", "Parrot"]
    assert await receiver.heard(0, IncomingKind.BUTTON) == []


async def test_put_right_after_a_restart(
    app: DiscordApp, start: Apps, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """The button knows nothing any more and says so; what was typed still stands in the message."""
    interaction = await opened(discord, receiver)
    receiver.answers["help.save"] = Answer(text="No.", form=FORM)
    await discord.submit_modal("ann", interaction, {NAME: "Pirate"})
    await app.close()
    await start(discord)
    complaint = last(discord)
    again = await press(discord, complaint)
    assert again.status == "answered"
    assert last(discord).content == exchange.LOST
    assert b"Be kind." in complaint.attachments[0].upload.content


async def test_form_that_cannot_be_stored(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """When the memory is away what was typed is kept behind a button and in a file, and can be sent again."""
    interaction = await opened(discord, receiver)
    receiver.failures.append(StoreUnavailable("locked"))
    await discord.submit_modal("ann", interaction, {NAME: "Pirate", PROMPT: SAY, MODEL: "small"})
    assert last(discord).content == StoreUnavailable().sentence
    assert SAY in last(discord).attachments[0].upload.content.decode()
    again = await press(discord, last(discord))
    await discord.submit_modal("ann", again, {})
    [heard] = await receiver.heard(1, IncomingKind.FORM)
    assert heard.options == {"name": "Pirate", "prompt": SAY, "model": "small", "value": "pirate:3"}


async def test_form_of_an_earlier_process_that_cannot_be_stored(
    app: DiscordApp, start: Apps, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Another process does not know the form, but what was typed is given back all the same."""
    interaction = await opened(discord, receiver)
    await app.close()
    await start(discord)
    receiver.failures.append(StoreUnavailable("locked"))
    await discord.submit_modal("ann", interaction, {NAME: "Pirate", PROMPT: SAY})
    assert last(discord).content == StoreUnavailable().sentence
    assert SAY in last(discord).attachments[0].upload.content.decode()


@pytest.mark.parametrize("private", [True, False])
async def test_slow_form(
    app: DiscordApp,
    discord: DiscordSandbox,
    receiver: HeardReceiver,
    monkeypatch: pytest.MonkeyPatch,
    private: bool,
) -> None:
    """A submission that takes long is deferred, and its answer comes to whom it was meant for."""
    interaction = await opened(discord, receiver)
    monkeypatch.setattr("adapters.discord.interactions.STORE_WITHIN", 0.02)
    receiver.gate = asyncio.Event()
    receiver.answers["help.save"] = Answer(text="Saved.", private=private)
    sent = await discord.submit_modal("ann", interaction, {NAME: "x"})
    assert sent.status == "thinking"
    receiver.gate.set()
    await discord.wait_for(lambda: [one.content for one in discord.messages("#general", person="ann")] == ["Saved."])
    assert last(discord).ephemeral is private


async def test_more_than_a_form_holds(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """12,000 characters stand in three inputs where there is room; where there is none they are given as a file,
    because a part that is saved would be the rest lost."""
    long = "".join(f"{number:>5} beautiful words\n" for number in range(550))[:12_000].strip()
    field = Field(name="prompt", label="Prompt", kind=FieldKind.TEXT, value=long)
    alone = await opened(discord, receiver, replace(FORM, fields=(field,)))
    assert "".join(texts_of(alone).values()) == long
    await discord.submit_modal("ann", alone, {})
    [heard] = await receiver.heard(1, IncomingKind.FORM)
    assert heard.options["prompt"] == long
    with_others = (FORM.fields[0], *(replace(FORM.fields[2], name=f"m{n}") for n in range(2)), field)
    crowded = await opened(discord, receiver, replace(FORM, fields=with_others))
    assert crowded.status == "answered"
    assert exchange.FORM_TOO_LONG in last(discord).content
    assert long in last(discord).attachments[0].upload.content.decode()


async def test_form_that_discord_refuses(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """The person reads that it was not opened, instead of nothing."""
    discord.faults.call("POST", "respond", status=400, code=50035, when=lambda body: body.get("type") == 9)
    await opened(discord, receiver)
    assert exchange.FORM_REFUSED in last(discord).content


async def test_edit_again_is_for_its_owner(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Whoever gets hold of the button's id opens nothing of somebody else's."""
    interaction = await opened(discord, receiver)
    receiver.answers["help.save"] = Answer(text="No.", form=FORM)
    await discord.submit_modal("ann", interaction, {NAME: "Pirate"})
    [custom_id] = ids(last(discord))
    receiver.answers["help"] = Answer(text="mine", buttons=(Button(label="x", action="help.x"),))
    await discord.command("bob", "#general", "help")
    mine = last(discord, "bob")
    mine.components[0]["components"][0]["custom_id"] = custom_id
    await discord.click("bob", "#general", mine.id, custom_id)
    assert last(discord, "bob").content == exchange.LOST


async def test_whoever_answers_later_finds_the_place(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """While a form is handled, a message can already be sent where it was opened."""
    interaction = await opened(discord, receiver)
    surface = app._surface

    async def tell(incoming: Incoming) -> None:
        if incoming.kind is IncomingKind.FORM:
            await surface.send(incoming.target, "Ann saved something.", key="told")

    receiver.on_received = tell
    await discord.submit_modal("ann", interaction, {NAME: "x"})
    assert [one.content for one in discord.messages("#general", person="bob")] == ["Ann saved something."]
