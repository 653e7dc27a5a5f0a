"""`parley invite discord`: the link, whose application it names, and what is asked for."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

from adapters.discord.declarations import INTENTS, PERMISSIONS
from sandbox.discord.server import DiscordSandbox
from tests.bots.conftest import Programs

PARLEY = "bots.cli"
ID = "123456789012345678"
TOKEN = f"{base64.urlsafe_b64encode(ID.encode()).decode().rstrip('=')}.GabcdE.{'x' * 38}"
"""In the shape of Discord's, and nobody's."""
NOBODY = "http://127.0.0.1:9/api/v10"


def query(link: str) -> dict[str, list[str]]:
    """What the link asks for."""
    return parse_qs(urlsplit(link.splitlines()[0]).query)


async def test_discord_is_asked(programs: Programs, discord: DiscordSandbox) -> None:
    """The token's application is named, with the permissions that are declared and no other."""
    ended = await programs.run(PARLEY, "invite", "discord", env=discord.env)
    assert (ended.code, ended.err) == (0, "")
    asked = query(ended.out)
    assert asked["client_id"] == [discord.application_id]
    assert asked["scope"] == ["bot applications.commands"]
    assert asked["permissions"] == [str(sum(one.permission for one in PERMISSIONS))]


async def test_the_id_is_given(programs: Programs) -> None:
    """Nobody is asked then, and no token is needed; what is no id is said."""
    given = await programs.run(PARLEY, "invite", "discord", "--client-id", ID, env={})
    assert (given.code, query(given.out)["client_id"]) == (0, [ID])
    wrong = await programs.run(PARLEY, "invite", "discord", "--client-id", "Parley", env={})
    assert (wrong.code, wrong.out) == (2, "")
    assert "17 to 20 digits" in wrong.err


async def test_discord_is_away(programs: Programs) -> None:
    """The token says whose it is; one that does not leads to the option."""
    env = {"DISCORD_API_URL": NOBODY}
    told = await programs.run(PARLEY, "invite", "discord", env=env | {"DISCORD_TOKEN": TOKEN})
    assert (told.code, query(told.out)["client_id"]) == (0, [ID])
    assert "taken from the token" in told.err
    silent = await programs.run(PARLEY, "invite", "discord", env=env | {"DISCORD_TOKEN": "a-token-in-no-shape"})
    assert (silent.code, silent.out) == (1, "")
    assert "--client-id" in silent.err
    assert TOKEN not in told.said + silent.said


async def test_the_token_is_wrong_or_missing(programs: Programs, discord: DiscordSandbox) -> None:
    """What it is instead, and where the right one is found; nothing is repeated."""
    refused = await programs.run(PARLEY, "invite", "discord", env=discord.env | {"DISCORD_TOKEN": TOKEN})
    other = await programs.run(PARLEY, "invite", "discord", env=discord.env | {"DISCORD_TOKEN": "xoxb-1-secret"})
    missing = await programs.run(PARLEY, "invite", "discord", env={})
    assert (refused.code, other.code, missing.code) == (1, 1, 2)
    assert "Reset Token" in refused.err
    assert "It looks like Slack's bot token (xoxb-…), which belongs into SLACK_BOT_TOKEN." in other.err
    assert "--client-id" in missing.err
    assert "secret" not in other.said
    assert not any("Traceback" in ended.said for ended in (refused, other, missing))


async def test_everything_is_explained(programs: Programs) -> None:
    """Each permission with its bit, each intent with its reason, and the switch that is no part of a link."""
    ended = await programs.run(PARLEY, "invite", "discord", "--client-id", ID, "--explain", env={})
    for asked in PERMISSIONS:
        assert f"{asked.title} " in ended.out
        assert f"(bit {int(asked.permission).bit_length() - 1})" in ended.out
    assert all(intent.reason in ended.out for intent in INTENTS)
    assert "switch on Message Content Intent" in ended.out
