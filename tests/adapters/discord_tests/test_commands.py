"""Commands with verbs, options of every kind, and what is suggested while one is typed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from adapters.discord import commands
from core.commands.catalogue import CATALOGUE
from core.commands.declaration import Command, Option, OptionKind
from core.errors import StoreUnavailable
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Choice
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.adapters.discord_tests.conftest import Apps, HeardReceiver

NAME = Option(name="name", summary="Which", required=True, suggested=True)
PERSONA = Command(
    name="persona",
    summary="Personas",
    verbs=(
        Command(name="list", summary="All"),
        Command(
            name="use",
            summary="Use one",
            options=(Option(name="where", summary="Where", choices=("here", "thread")), NAME),
            admin=True,
        ),
        Command(
            name="allow",
            summary="Who may",
            options=(
                Option(name="who", summary="Who", kind=OptionKind.PERSON),
                Option(name="role", summary="Or which role", kind=OptionKind.ROLE),
                Option(name="where", summary="Where", kind=OptionKind.CHANNEL),
                Option(name="uses", summary="How often", kind=OptionKind.NUMBER),
                Option(name="level", summary="How far", kind=OptionKind.NUMBER, choices=("1", "2")),
                Option(name="version", summary="Which", kind=OptionKind.NUMBER, suggested=True),
            ),
        ),
    ),
)


@pytest.fixture
async def personas(start: Apps, discord: DiscordSandbox, receiver: HeardReceiver) -> DiscordSandbox:
    """A Discord that knows `/persona`, whose answer is at once."""
    for verb in PERSONA.verbs:
        receiver.answers[f"persona {verb.name}"] = Answer(text="Well.")
    await start(discord, catalogue=(PERSONA,))
    return discord


async def used(discord: DiscordSandbox, receiver: HeardReceiver, name: str, values: dict[str, Any]) -> Incoming:
    """The command as it was heard."""
    await discord.command("ann", "#general", name, values)
    return (await receiver.heard(1, IncomingKind.COMMAND))[-1]


async def test_verbs(personas: DiscordSandbox, receiver: HeardReceiver) -> None:
    """A verb is heard with its command, its options and the words that they make."""
    heard = await used(personas, receiver, "persona use", {"name": "Pirate <@1>", "where": "thread"})
    assert heard.command == "persona use"
    assert heard.options == {"name": "Pirate <@1>", "where": "thread"}
    assert (await used(personas, receiver, "persona list", {})).options == {}
    with pytest.raises(SandboxError):
        await personas.command("ann", "#general", "persona")


async def test_options_of_every_kind(personas: DiscordSandbox, receiver: HeardReceiver) -> None:
    """People, roles and channels come as ids, numbers as digits, choices as their value."""
    world = personas.world
    role = world.add_role(
        personas.guild, "Tutors", world.guilds[personas.guild_id].roles[personas.guild_id].permissions, []
    )
    values = {"who": "bob", "role": "Tutors", "where": "#general", "uses": 2**53, "level": "2"}
    heard = await used(personas, receiver, "persona allow", values)
    assert heard.options == {
        "who": world.person("bob").id,
        "role": role.id,
        "where": world.channel("#general").id,
        "uses": str(2**53),
        "level": "2",
    }


async def test_suggestions(personas: DiscordSandbox, receiver: HeardReceiver) -> None:
    """What is typed is asked about, and what fits is shown; for numbers as numbers."""
    receiver.suggestions = {
        "name": tuple(Choice(value=f"p{number}", label=f"Pirate {number}") for number in range(30)),
        "version": (Choice(value="3", label="Version 3"), Choice(value="new", label="Version none")),
    }
    found = await personas.autocomplete("ann", "#general", "persona use", {"where": "here", "name": "Pirate 1"})
    assert found[0] == {"name": "Pirate 1", "value": "p1"}
    assert len(found) == 11
    assert len(await personas.autocomplete("ann", "#general", "persona use", {"name": ""})) == 25
    found = await personas.autocomplete("ann", "#general", "persona allow", {"version": "Vers"})
    assert found == [{"name": "Version 3", "value": 3}]
    assert receiver.received == []


async def test_who_asks_for_suggestions(
    personas: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver knows who types what, where, with the other options and whether they are an admin."""
    asked: list[tuple[Incoming, str, str]] = []

    async def suggest(incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        asked.append((incoming, option, typed))
        return ()

    monkeypatch.setattr(receiver, "suggest", suggest)
    assert await personas.autocomplete("ann", "#general", "persona use", {"where": "here", "name": "Pi"}) == []
    [(incoming, option, typed)] = asked
    assert (incoming.command, option, typed, incoming.author.admin) == ("persona use", "name", "Pi", True)
    assert incoming.options == {"where": "here", "name": "Pi"}
    assert incoming.key.channel == personas.world.channel("#general").id


@pytest.mark.parametrize("error", [StoreUnavailable("locked"), ValueError("a fault")])
async def test_suggestions_that_fail(
    personas: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Nothing is suggested, and the person can type on."""

    async def suggest(*_: object) -> tuple[Choice, ...]:
        raise error

    monkeypatch.setattr(receiver, "suggest", suggest)
    assert await personas.autocomplete("ann", "#general", "persona use", {"name": "x"}) == []
    assert personas.interactions[-1].status == "choices"


async def test_slow_suggestions(
    personas: DiscordSandbox, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would come too late is left out in time."""

    async def suggest(*_: object) -> tuple[Choice, ...]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(receiver, "suggest", suggest)
    monkeypatch.setattr("adapters.discord.suggestions.WITHIN", 0.02)
    assert await personas.autocomplete("ann", "#general", "persona use", {"name": "x"}) == []
    assert personas.interactions[-1].status == "choices"


async def test_who_sees_a_command(personas: DiscordSandbox, start: Apps, discord: DiscordSandbox) -> None:
    """One with a verb for everybody is shown to everybody; one for admins alone is hidden from others."""
    [registered] = personas.commands
    assert registered["default_member_permissions"] is None
    admins = replace(PERSONA, verbs=tuple(replace(verb, admin=True) for verb in PERSONA.verbs))
    assert commands.declared(admins)["default_member_permissions"] == "32"
    assert commands.declared(admins)["contexts"] == [0]


async def test_registered_only_when_something_changed(discord: DiscordSandbox, start: Apps) -> None:
    """Nothing is sent for what is there already; the smallest change of a verb's option is one."""
    changed = replace(PERSONA, verbs=(replace(PERSONA.verbs[1], options=(replace(NAME, suggested=False),)),))
    before = replace(PERSONA, verbs=(replace(PERSONA.verbs[1], options=(NAME,)),))
    for catalogue in ((PERSONA,), (PERSONA,), (before,), (changed,), (changed,)):
        await start(discord, catalogue=catalogue)
    puts = [call for call in discord.calls if call.method == "PUT" and "commands" in call.route]
    assert len(puts) == 3


async def test_the_whole_catalogue_is_taken(discord: DiscordSandbox, start: Apps) -> None:
    """Every command that core declares is one that Discord takes, verb for verb and option for option."""
    await start(discord)
    registered = {one["name"]: one for one in discord.commands}
    for command in CATALOGUE:
        options = registered[command.name].get("options") or []
        verbs = {one["name"] for one in options if one["type"] == 1}
        assert verbs == {verb.name for verb in command.verbs}
