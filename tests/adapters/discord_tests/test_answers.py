"""Answers with buttons, lists and files: who sees them, what a press carries, and what Discord does not take."""

from __future__ import annotations

import asyncio

import pytest

from adapters.discord import exchange
from adapters.discord.app import DiscordApp
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Button, Choice, File, Select, Style
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Message
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import HeardReceiver

GO = Button(label="Go", action="help.go", value="x:1|2", style=Style.DANGER)
PICK = Select(
    action="help.pick",
    placeholder="Which?",
    choices=(Choice(value="", label="None"), Choice(value="b", label="B")),
    chosen="b",
)
NOTE = File(name="note.md", media_type="text/markdown", content="# Größe".encode(), alt_text="a note")


def ids(message: Message) -> list[str]:
    """The custom_ids of all that can be pressed."""
    return [one["custom_id"] for row in message.components for one in row["components"]]


async def shown(discord: DiscordSandbox, receiver: HeardReceiver, answer: Answer) -> Message:
    """What Ann sees last after `/help` was answered so."""
    receiver.answers["help"] = answer
    await discord.command("ann", "#general", "help")
    return await discord.wait_for(lambda: discord.messages("#general", person="ann")[-1])


async def press(
    discord: DiscordSandbox, message: Message, number: int = 0, person: str = "ann", *values: str
) -> Interaction:
    return await discord.click(person, message.channel_id, message.id, ids(message)[number], values=values)


async def test_answer_with_everything(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Words, a list, a button and a file stand in one message that only its person sees."""
    message = await shown(
        discord, receiver, Answer(text="Choose @everyone", buttons=(GO,), selects=(PICK,), files=(NOTE,))
    )
    assert (message.ephemeral, message.ephemeral_for) == (True, discord.world.person("ann").id)
    menu, button = (row["components"][0] for row in message.components)
    assert [(one["label"], one["default"]) for one in menu["options"]] == [("None", False), ("B", True)]
    assert (menu["placeholder"], button["label"], button["style"]) == ("Which?", "Go", 4)
    [file] = message.attachments
    assert (file.upload.name, file.upload.mimetype, file.description) == ("note.md", "text/markdown", "a note")
    assert (file.upload.content, file.ephemeral) == (NOTE.content, True)
    assert message.pings == frozenset()


async def test_public_answer(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What is not private is read by all."""
    message = await shown(discord, receiver, Answer(text="For all", private=False, files=(NOTE,)))
    assert not message.ephemeral
    assert discord.messages("#general", person="bob")[-1].attachments == message.attachments


async def test_press_and_choice(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Both are heard with action and value, with who pressed and whether that is an admin."""
    message = await shown(discord, receiver, Answer(text="?", private=False, buttons=(GO,), selects=(PICK,)))
    await press(discord, message, 1)
    await press(discord, message, 0, "bob", "\\")
    first, second = await receiver.heard(2, IncomingKind.BUTTON)
    assert (first.text, first.options, first.author.admin) == ("help.go", {"value": "x:1|2"}, True)
    assert (second.text, second.options, second.author.admin) == ("help.pick", {"value": ""}, False)
    assert (first.message_id, first.key.thread) == (message.id, message.id)


async def test_press_on_a_private_answer(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A message that others do not see begins no conversation: the press is about the channel."""
    message = await shown(discord, receiver, Answer(text="?", buttons=(GO,)))
    await press(discord, message)
    [heard] = await receiver.heard(1, IncomingKind.BUTTON)
    assert heard.key.thread is None


async def test_answer_takes_the_place(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """The private message whose button was pressed shows the new words and buttons and files, and not its old ones."""
    message = await shown(discord, receiver, Answer(text="Sure?", buttons=(GO,), files=(NOTE,)))
    other = File(name="b.txt", media_type="text/plain", content=b"b")
    receiver.answers["help.go"] = Answer(text="Gone.", replaces=True, files=(other,))
    pressed = await press(discord, message)
    assert pressed.status == "updated"
    assert (message.content, message.components) == ("Gone.", ())
    assert [one.upload.name for one in message.attachments] == ["b.txt"]
    assert len(discord.messages("#general", person="ann")) == 1


async def test_nobody_replaces_what_others_read(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """A private answer to a press on everybody's message is shown beside it; one for all takes its place."""
    message = await shown(discord, receiver, Answer(text="Vote", private=False, buttons=(GO,)))
    receiver.answers["help.go"] = Answer(text="Only you", replaces=True)
    await press(discord, message)
    assert (message.content, len(ids(message))) == ("Vote", 1)
    assert discord.messages("#general", person="ann")[-1].content == "Only you"
    receiver.answers["help.go"] = Answer(text="Voted", private=False, replaces=True)
    await press(discord, message)
    assert (message.content, ids(message)) == ("Voted", [])


async def test_message_is_closed_meanwhile(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Where the message is gone the answer is shown all the same."""
    message = await shown(discord, receiver, Answer(text="Sure?", buttons=(GO,)))
    receiver.answers["help.go"] = Answer(text="Gone.", replaces=True)

    async def close(incoming: Incoming) -> None:
        if incoming.kind is IncomingKind.BUTTON:
            discord.happenings.delete(message)

    receiver.on_received = close
    await press(discord, message)
    assert [one.content for one in discord.messages("#general", person="ann")] == ["Gone."]


@pytest.mark.parametrize("replaces", [True, False])
async def test_slow_press(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch, replaces: bool
) -> None:
    """Deferred, the answer comes with all its parts: in the message's place, or beside it and private."""
    message = await shown(discord, receiver, Answer(text="Sure?", buttons=(GO,)))
    monkeypatch.setattr("adapters.discord.interactions.STORE_WITHIN", 0.02)
    receiver.gate = asyncio.Event()
    receiver.answers["help.go"] = Answer(text="Late", buttons=(GO,), files=(NOTE,), replaces=replaces)
    await press(discord, message)
    receiver.gate.set()

    def last() -> Message:
        return discord.messages("#general", person="ann")[-1]

    await discord.wait_for(lambda: last().content == "Late")
    assert (len(last().components), len(last().attachments), last().ephemeral) == (1, 1, True)
    assert (last() is message) is replaces
    assert discord.messages("#general", person="bob") == []


@pytest.mark.parametrize(("command", "private"), [("help", True), ("help", False), ("ask", True), ("ask", False)])
async def test_slow_command(
    app: DiscordApp,
    discord: DiscordSandbox,
    receiver: HeardReceiver,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    private: bool,
) -> None:
    """Whoever was to read the answer reads it with buttons and files, and nobody else, however it was deferred."""
    monkeypatch.setattr("adapters.discord.interactions.STORE_WITHIN", 0.02)
    receiver.gate = asyncio.Event()
    receiver.answers[command] = Answer(text="Late", private=private, buttons=(GO,), files=(NOTE,))
    await discord.command("ann", "#general", command, {"question": "?"} if command == "ask" else {})
    receiver.gate.set()
    await discord.wait_for(lambda: [one.content for one in discord.messages("#general", person="ann")] == ["Late"])
    [message] = discord.messages("#general", person="ann")
    assert (len(message.components), len(message.attachments), message.ephemeral) == (1, 1, private)
    assert len(discord.messages("#general", person="bob")) == (0 if private else 1)


async def test_long_answer(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What one message does not hold goes on in the next ones, as private as the first, with the buttons last."""
    text = "\n\n".join(f"Line {number}: " + "x" * 80 for number in range(60))
    await shown(discord, receiver, Answer(text=text, buttons=(GO,)))
    await discord.wait_for(lambda: len(discord.messages("#general", person="ann")) == 3)
    parts = discord.messages("#general", person="ann")
    assert "\n\n".join(one.content for one in parts) == text
    assert [len(one.components) for one in parts] == [0, 0, 1]
    assert all(one.ephemeral for one in parts)


async def test_very_long_answer(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A flood of messages is nobody's joy: the whole text is a file."""
    text = "\n\n".join(f"Line {number}: " + "x" * 80 for number in range(200))
    message = await shown(discord, receiver, Answer(text=text))
    [file] = message.attachments
    assert file.upload.content.decode() == text
    assert len(discord.messages("#general", person="ann")) == 1


async def test_large_file(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """It could take longer than Discord waits for the first response, so that is given before."""
    large = File(name="large.bin", media_type="application/octet-stream", content=b"x" * (exchange.QUICK + 1))
    receiver.answers["help"] = Answer(text="Here", files=(large,))
    interaction = await discord.command("ann", "#general", "help")
    assert interaction.deferred
    await discord.wait_for(lambda: discord.messages("#general", person="ann")[-1].content == "Here")
    [file] = discord.messages("#general", person="ann")[-1].attachments
    assert file.upload.content == large.content


async def test_file_that_discord_does_not_take(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """The words are shown with a sentence on what is missing, instead of nothing."""
    large = File(name="large.bin", media_type="application/octet-stream", content=b"x" * (10 * 1024 * 1024 + 1))
    receiver.answers["help"] = Answer(text="Here", files=(large,))
    await discord.command("ann", "#general", "help")
    await discord.wait_for(lambda: "larger" in discord.messages("#general", person="ann")[-1].content)
    assert discord.messages("#general", person="ann")[-1].content.startswith("Here\n")


async def test_buttons_that_could_not_be_carried(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """A fault of ours costs the buttons and not the words."""
    message = await shown(discord, receiver, Answer(text="Words", buttons=(Button(label="B", action="a" * 91),)))
    assert (message.content, message.components) == ("Words", ())


async def test_forged_press(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A press beyond our own bounds, or of somebody else's button, is not heard at all; the next one is."""
    message = await shown(discord, receiver, Answer(text="?", buttons=(GO,)))
    [row] = message.components
    for forged in (f"p0:1:{'a' * 93}|", "somebody:else", "p9"):
        row["components"][0]["custom_id"] = forged
        await discord.click("ann", message.channel_id, message.id, forged, wait=False)
    row["components"][0]["custom_id"] = "p0:7:help.goagain|"
    await discord.click("ann", message.channel_id, message.id, "p0:7:help.goagain|")
    assert [one.options["value"] for one in await receiver.heard(1, IncomingKind.BUTTON)] == ["again"]


async def test_answer_that_says_nothing(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Discord takes no empty message, so it says at least that it is done."""
    assert (await shown(discord, receiver, Answer())).content == "Done."


@pytest.mark.parametrize("takes_effect", [True, False])
async def test_lost_first_response(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, takes_effect: bool
) -> None:
    """Where nobody knows whether the first response came it is given once more, and is there once."""
    discord.faults.call("POST", "respond", "cut", takes_effect=takes_effect)
    message = await shown(discord, receiver, Answer(text="Here", buttons=(GO,), files=(NOTE,)))
    assert (message.content, len(message.attachments)) == ("Here", 1)
    assert len(discord.messages("#general", person="ann")) == 1
