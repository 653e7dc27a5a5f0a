"""Registering commands: what Discord takes, what it refuses, and what stays of an old one."""

from typing import Any

import pytest

from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.sandbox.discord_tests.clients import Api

ASK = {"name": "ask", "description": "Ask"}


@pytest.fixture
def path(sandbox: DiscordSandbox) -> str:
    return f"/applications/{sandbox.application_id}/commands"


async def test_overwrite_replaces_everything(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """What is not in the list is gone; a command that stays keeps its id, unchanged also its version."""
    first = (await api("PUT", path, [ASK, {"name": "help", "description": "Help"}]))[1]
    second = (await api("PUT", path, [ASK]))[1]
    assert [one["name"] for one in sandbox.commands] == ["ask"]
    assert (second[0]["id"], second[0]["version"]) == (first[0]["id"], first[0]["version"])
    third = (await api("PUT", path, [ASK | {"description": "Ask me"}]))[1]
    assert third[0]["id"] == first[0]["id"]
    assert third[0]["version"] != first[0]["version"]


async def test_guild_commands_stand_beside_global_ones(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """A guild's command is used there and not elsewhere."""
    guild_path = f"/applications/{sandbox.application_id}/guilds/{sandbox.guild_id}/commands"
    await api("PUT", guild_path, [ASK])
    assert (await api("GET", path))[1] == []
    asked = await sandbox.command("ann", "general", "ask", wait=False)
    assert asked.payload["data"]["guild_id"] == sandbox.guild_id
    with pytest.raises(SandboxError, match="no command"):
        await sandbox.command("ann", "dm", "ask", wait=False)


BAD: dict[str, list[dict[str, Any]]] = {
    "0.name": [ASK | {"name": "Ask Me"}],
    "0.description": [ASK | {"description": "x" * 101}],
    "1.name": [ASK, ASK],
    "0.options.0.name": [ASK | {"options": [{"type": 3, "name": "BIG", "description": "x"}]}],
    "0.options.0.type": [ASK | {"options": [{"type": 99, "name": "x", "description": "x"}]}],
    "0.options.1": [
        ASK
        | {
            "options": [
                {"type": 3, "name": "a", "description": "x"},
                {"type": 3, "name": "b", "description": "x", "required": True},
            ]
        }
    ],
    "0.options.0.choices": [
        ASK
        | {
            "options": [
                {
                    "type": 3,
                    "name": "a",
                    "description": "x",
                    "choices": [{"name": str(n), "value": str(n)} for n in range(26)],
                }
            ]
        }
    ],
    "0.options": [ASK | {"options": [{"type": 3, "name": f"o{n}", "description": "x"} for n in range(26)]}],
    "commands": [ASK | {"name": f"c{n}"} for n in range(101)],
    "0.default_member_permissions": [ASK | {"default_member_permissions": "many"}],
    "0.contexts": [ASK | {"contexts": [3]}],
}
TEXT = {"type": 3, "name": "text", "description": "x"}
VERB = {"type": 1, "name": "verb", "description": "x"}
GROUP = {"type": 2, "name": "group", "description": "x"}
BAD |= {
    f"0.options{place}": [ASK | {"options": options}]
    for place, options in {
        "": [VERB, TEXT],
        ".0.options": [VERB | {"options": [VERB]}],
        ".0.options.0.options": [GROUP | {"options": [VERB | {"options": [VERB]}]}],
        ".0.required": [VERB | {"required": True}],
        ".0.options ": [TEXT | {"options": [TEXT]}],
        ".0": [{"type": 6, "name": "who", "description": "x", "autocomplete": True}],
        ".0.choices": [TEXT | {"autocomplete": True, "choices": [{"name": "x", "value": "x"}]}],
        ".0.choices.0.value": [TEXT | {"choices": [{"name": "x", "value": 3}]}],
        ".0.choices.0.value ": [TEXT | {"type": 4, "choices": [{"name": "x", "value": 2**53 + 1}]}],
        ".0.choices.0.name": [TEXT | {"choices": [{"name": "x" * 101, "value": "x"}]}],
    }.items()
}
BAD["0"] = [
    ASK
    | {
        "options": [
            VERB | {"name": f"v{n}", "options": [TEXT | {"name": f"o{m}", "description": "x" * 100} for m in range(9)]}
            for n in range(9)
        ]
    }
]


@pytest.mark.parametrize("field", BAD)
async def test_bad_command_changes_nothing(sandbox: DiscordSandbox, api: Api, path: str, field: str) -> None:
    """50035 under the field; the old commands stay."""
    await api("PUT", path, [ASK | {"name": "old"}])
    status, said, _ = await api("PUT", path, BAD[field])
    assert (status, said["code"]) == (400, 50035)
    place = said["errors"]
    for key in field.strip().split("."):
        place = place[key]
    assert place["_errors"]
    assert [one["name"] for one in sandbox.commands] == ["old"]


async def test_subcommands_are_named_with_a_space(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """`persona set` nests its options as Discord does."""
    option = {"type": 3, "name": "name", "description": "x", "required": True}
    nested = {"type": 1, "name": "set", "description": "x", "options": [option]}
    await api("PUT", path, [ASK | {"name": "persona", "options": [nested]}])
    asked = await sandbox.command("ann", "general", "persona set", {"name": "pirate"}, wait=False)
    assert asked.payload["data"]["options"] == [
        {"name": "set", "type": 1, "options": [{"name": "name", "type": 3, "value": "pirate"}]}
    ]
    with pytest.raises(SandboxError, match="subcommand"):
        await sandbox.command("ann", "general", "persona", wait=False)


async def test_options_that_name_something(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """People, channels and roles travel as ids and are resolved beside."""
    options = [
        {"type": kind, "name": name, "description": "x"} for kind, name in ((6, "who"), (7, "where"), (8, "role"))
    ]
    await api("PUT", path, [ASK | {"options": options}])
    values = {"who": "bob", "where": "help", "role": "Admins"}
    data = (await sandbox.command("ann", "general", "ask", values, wait=False)).payload["data"]
    bob = sandbox.world.person("bob")
    assert data["options"][0]["value"] == bob.id
    assert data["resolved"]["users"][bob.id]["username"] == "bob"
    assert set(data["resolved"]) == {"users", "members", "channels", "roles"}


async def test_choices_are_picked_by_name(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """People see a choice's name, the bot gets its value; anything else cannot be sent."""
    choices = [{"name": "One", "value": 1}, {"name": "Two", "value": 2}]
    await api("PUT", path, [ASK | {"options": [{"type": 4, "name": "n", "description": "x", "choices": choices}]}])
    for given in ("Two", 2):
        data = (await sandbox.command("ann", "general", "ask", {"n": given}, wait=False)).payload["data"]
        assert data["options"][0]["value"] == 2
    with pytest.raises(SandboxError, match="One, Two"):
        await sandbox.command("ann", "general", "ask", {"n": "Three"}, wait=False)


async def test_one_command_at_a_time(sandbox: DiscordSandbox, api: Api, path: str) -> None:
    """Created, read, changed and deleted by id."""
    status, made, _ = await api("POST", path, ASK)
    assert status == 201
    one = f"{path}/{made['id']}"
    assert (await api("PATCH", one, {"description": "Ask away"}))[1]["description"] == "Ask away"
    assert (await api("GET", one))[1]["description"] == "Ask away"
    assert (await api("DELETE", one))[0] == 204
    assert await api.refused("GET", one) == 10063
    assert await api.refused("PUT", "/applications/1/commands", []) == 10002
