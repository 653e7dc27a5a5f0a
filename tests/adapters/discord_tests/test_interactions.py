"""Commands and buttons: stored first, answered in time, and their answers go on when the token is over."""

from __future__ import annotations

import asyncio

import pytest

from adapters.discord.app import DiscordApp
from adapters.discord.commands import KINDS
from adapters.discord.surface import DiscordSurface
from core.commands.catalogue import CATALOGUE
from core.errors import StoreUnavailable, SurfaceUnavailable
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Call, Control, Draft
from sandbox.clock import ManualClock
from sandbox.discord.permissions import Overwrite, Permission
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver, Surfaces
from tests.adapters.discord_tests.test_surface import asked, channel_of, contents


def surface_of(app: DiscordApp) -> DiscordSurface:
    return app._surface


async def slash(discord: DiscordSandbox, receiver: HeardReceiver, channel: str = "#general") -> Incoming:
    """A question by `/ask`, as the engine hears of it."""
    await discord.command("ann", channel, "ask", {"question": "why?"})
    return (await receiver.heard(1, IncomingKind.COMMAND))[-1]


async def test_commands_are_registered_as_declared(app: DiscordApp, discord: DiscordSandbox) -> None:
    """Every command of the catalogue can be used, with its options; an admin's is hidden from others."""
    registered = {command["name"]: command for command in discord.commands}
    assert set(registered) == {command.name for command in CATALOGUE}
    for command in CATALOGUE:
        shown = registered[command.name]
        assert shown["description"] == command.summary
        assert (shown.get("default_member_permissions") == "32") is command.admin
        assert {option["name"]: option["type"] for option in shown.get("options", ())} == (
            {verb.name: 1 for verb in command.verbs} or {one.name: KINDS[one.kind] for one in command.options}
        )


async def test_unchanged_commands_are_not_sent_again(start: Apps, discord: DiscordSandbox) -> None:
    """Discord counts changes of commands, so a restart registers nothing that is there already."""
    await start(discord)
    await start(discord)
    puts = [call for call in discord.calls if call.method == "PUT" and "commands" in call.route]
    assert len(puts) == 1


async def test_ask(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """`/ask` is heard with its question, shows at once that the bot thinks, and the answer grows in that message."""
    heard = await slash(discord, receiver)
    assert (heard.command, heard.options, heard.text) == ("ask", {"question": "why?"}, "why?")
    assert heard.author.name == "Ann"
    assert heard.shared
    [interaction] = discord.interactions
    assert interaction.status == "thinking"
    surface = surface_of(app)
    ref = await surface.open(heard.target, Draft(text="Because", controls=(Control.STOP,), turn=3), key="k")
    await surface.finish(heard.target, ref, Draft(text="Because."))
    [shown] = discord.messages("#general")
    assert (shown.id, shown.content, shown.ephemeral) == (ref.message, "Because.", False)
    assert ref.channel == heard.key.channel


async def test_long_answer_to_ask(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Further parts follow the first one, and each is edited for itself."""
    heard = await slash(discord, receiver)
    surface = surface_of(app)
    first = await surface.open(heard.target, Draft(text="one"), key="k0")
    second = await surface.open(heard.target, Draft(text="two"), key="k1")
    await surface.edit(heard.target, first, Draft(text="one."))
    await surface.edit(heard.target, second, Draft(text="two."))
    assert contents(discord, "#general") == ["one.", "two."]
    await surface.delete(heard.target, second)
    assert contents(discord, "#general") == ["one."]


async def test_reply_to_an_answer_of_ask(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """People go on by replying to the answer: the engine finds the conversation by the message it recorded."""
    heard = await slash(discord, receiver)
    ref = await surface_of(app).open(heard.target, Draft(text="Because."), key="k")
    await discord.say("bob", "#general", "really?", reply_to=ref.message)
    _, reply = await receiver.heard(2)
    assert (reply.continues, reply.key.channel) == (ref.message, ref.channel)


async def test_the_answer_waits_for_the_first_response(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """A worker may be faster than the response that defers; its text comes after it, not before."""
    refs: list[asyncio.Task[object]] = []

    async def work(incoming: Incoming) -> None:
        draft = Draft(text="at once")
        refs.append(asyncio.create_task(surface_of(app).open(incoming.target, draft, key="k")))
        await asyncio.sleep(0)

    receiver.on_received = work
    await slash(discord, receiver)
    await refs[0]
    assert contents(discord, "#general") == ["at once"]
    names = [call.name for call in discord.calls if "webhook" in call.route or call.name == "respond"]
    assert names.index("respond") == 0


async def test_another_process_answers(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """The target alone is enough: another process fills the waiting response, and a third one adds to it."""
    heard = await slash(discord, receiver)
    ref = await surface_on(discord).open(heard.target, Draft(text="one"), key="k0")
    third = surface_on(discord)
    await third.edit(heard.target, ref, Draft(text="one."))
    await third.open(heard.target, Draft(text="two"), key="k1")
    assert contents(discord, "#general") == ["one.", "two"]


async def test_follow_up_whose_answer_was_lost(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Follow-ups have no key on Discord; the one that came all the same is found by its text."""
    heard = await slash(discord, receiver)
    surface = surface_of(app)
    await surface.open(heard.target, Draft(text="one"), key="k0")
    discord.faults.call("POST", "*webhooks*", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.open(heard.target, Draft(text="two"), key="k1")
    await surface.open(heard.target, Draft(text="two and more"), key="k1", seek=True)
    assert contents(discord, "#general") == ["one", "two and more"]


async def test_after_a_quarter_of_an_hour(
    timed: DiscordSandbox, time_of_discord: ManualClock, start: Apps, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """When the token is over the same message is edited, and new ones posted, as the channel's."""
    await start(timed)
    heard = await slash(timed, receiver)
    surface = surface_on(timed)
    ref = await surface.open(heard.target, Draft(text="one"), key="k0")
    time_of_discord.advance(14.6 * 60)
    await surface.edit(heard.target, ref, Draft(text="one, later"))
    await surface.open(heard.target, Draft(text="two"), key="k1")
    await surface.working(heard.target)
    assert contents(timed, "#general") == ["one, later", "two"]
    assert [call.name for call in timed.calls][-3:] == ["edit_message", "create_message", "typing"]


async def test_token_refused_before_its_time(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """A token that Discord calls invalid is not tried again; the answer goes on in the channel."""
    heard = await slash(discord, receiver)
    surface = surface_on(discord, now=lambda: discord.now() + 60)
    ref = await surface.open(heard.target, Draft(text="one"), key="k0")
    discord.faults.call("PATCH", "*webhooks*", status=401, code=50027)
    await surface.edit(heard.target, ref, Draft(text="one."))
    await surface.edit(heard.target, ref, Draft(text="one.."))
    assert contents(discord, "#general") == ["one.."]
    assert len(discord.calls_of("edit_message")) == 2


async def test_ask_where_the_bot_is_no_reader(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """A command needs no permission of the bot in the channel, and neither does its answer."""
    heard = await slash(discord, receiver, "#hidden")
    await surface_of(app).open(heard.target, Draft(text="still here"), key="k")
    assert contents(discord, "#hidden") == ["still here"]


async def test_ask_in_a_thread_and_directly(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """In a thread `/ask` belongs to the thread's conversation, in direct messages to theirs."""
    root = await discord.say("ann", "#general", "hello")
    thread = await discord.start_thread("ann", "#general", "hello", message=root)
    await discord.command("ann", thread, "ask", {"question": "one"})
    await discord.command("ann", "dm", "ask", {"question": "two"})
    first, second = await receiver.heard(2, IncomingKind.COMMAND)
    general, dm = channel_of(discord, "#general"), channel_of(discord, "@ann")
    assert str(first.key) == f"discord:{discord.guild_id}:{general}:{thread}"
    assert str(second.key) == f"discord:@me:{dm}"
    assert not second.shared


async def test_answers_at_once_are_private(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What a command answers is read by whoever used it, and by nobody else."""
    receiver.answers["help"] = Answer(text="I can do **this**.")
    await discord.command("ann", "#general", "help")
    assert discord.messages("#general", person="bob") == []
    [shown] = discord.messages("#general", person="ann")
    assert (shown.content, shown.ephemeral) == ("I can do **this**.", True)


async def test_memory_away(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """When nothing can be stored the person is told so at once, privately, and the question is not half accepted."""
    receiver.failures.append(StoreUnavailable("locked"))
    interaction = await discord.command("ann", "#general", "ask", {"question": "why?"})
    [shown] = discord.messages("#general", person="ann")
    assert (shown.content, shown.ephemeral) == (StoreUnavailable().sentence, True)
    assert interaction.status == "answered"
    assert receiver.received == []


async def test_memory_slow(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where storing takes long the response is deferred meanwhile, so that the token does not die."""
    monkeypatch.setattr("adapters.discord.interactions.STORE_WITHIN", 0.05)
    receiver.gate = asyncio.Event()
    receiver.answers["help"] = Answer(text="late")
    interaction = await discord.command("ann", "#general", "help")
    assert interaction.status == "thinking"
    receiver.gate.set()
    await discord.wait_for(lambda: interaction.status == "answered")
    [shown] = discord.messages("#general", person="ann")
    assert (shown.content, shown.ephemeral) == ("late", True)


async def test_buttons(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A click is heard with its turn and acknowledged; a refusal is said to the person alone."""
    _, aimed = await asked(discord)
    ref = await surface_of(app).open(aimed, Draft(text="…", controls=(Control.STOP,), turn=41), key="k")
    await receiver.heard(1)
    interaction = await discord.click("bob", ref.channel, ref.message, "parley:stop:41")
    [click] = await receiver.heard(1, IncomingKind.BUTTON)
    assert (click.text, click.options, click.message_id) == ("stop", {"turn": "41"}, ref.message)
    assert click.key.channel == channel_of(discord, "#general")
    assert (click.author.name, click.author.admin) == ("Bob", False)
    assert interaction.status == "updated"
    receiver.answers["stop"] = Answer(text="Only Ann can do that.")
    await discord.click("bob", ref.channel, ref.message, "parley:stop:41")
    assert discord.messages(ref.channel, person="bob")[-1].content == "Only Ann can do that."
    assert discord.messages(ref.channel, person="ann")[-1].id == ref.message


async def test_buttons_work_after_a_restart(
    start: Apps, discord: DiscordSandbox, receiver: HeardReceiver, surface_on: Surfaces
) -> None:
    """A button that another process made is understood: it carries all that is needed."""
    _, aimed = await asked(discord)
    draft = Draft(text="broken off", controls=(Control.TRY_AGAIN,), turn=9)
    ref = await surface_on(discord).open(aimed, draft, key="k")
    await start(discord)
    await discord.click("ann", ref.channel, ref.message, "parley:try_again:9")
    [click] = await receiver.heard(1, IncomingKind.BUTTON)
    assert (click.text, click.options["turn"]) == (Control.TRY_AGAIN, "9")


async def test_who_is_an_admin(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Whoever manages the server is an admin; whoever manages this channel decides what holds in it."""
    rule = Overwrite(discord.world.person("cleo").id, "member", allow=Permission.MANAGE_CHANNELS)
    discord.add_channel("cleos", overwrites=[rule])
    for person, channel in (("ann", "#general"), ("bob", "#general"), ("cleo", "#general"), ("cleo", "#cleos")):
        await discord.command(person, channel, "stop")
    heard = await receiver.heard(4, IncomingKind.COMMAND)
    assert [one.author.admin for one in heard] == [True, False, False, False]
    assert [one.author.runs_channel for one in heard] == [True, False, False, True]
    assert [one.key.thread for one in heard] == [None] * 4


async def test_whisper_after_a_command(app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver) -> None:
    """Private words to whoever used a command come beside the answer, seen by nobody else."""
    heard = await slash(discord, receiver)
    surface = surface_of(app)
    await surface.open(heard.target, Draft(text="answer"), key="k")
    await surface.whisper(heard.target, heard.author, "for you")
    assert [one.content for one in discord.messages("#general", person="ann")] == ["answer", "for you"]
    assert [one.content for one in discord.messages("#general", person="bob")] == ["answer"]


async def test_budget_of_a_command_is_its_own(
    app: DiscordApp, discord: DiscordSandbox, receiver: HeardReceiver
) -> None:
    """Edits by the token do not draw on the channel's budget, and the token is no part of the name."""
    heard = await slash(discord, receiver)
    name = surface_of(app).budget(Call.EDIT, heard.target).name
    assert channel_of(discord, "#general") not in name
    assert heard.target.details["token"] not in name
