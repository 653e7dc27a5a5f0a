"""`parley doctor` with each mistake of an installation: a line that says what is wrong, one that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from migrations.upgrade import downgrade, head, upgrade
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.permissions import Permission
from sandbox.discord.server import DiscordSandbox
from sandbox.postgres import execute
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import KEY, Programs
from tests.bots.programs import Ended

PARLEY = "bots.cli"
DISCORD = f"MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.{'secret' * 6}"


@dataclass(frozen=True, slots=True)
class World:
    """The local servers around one Parley."""

    slack: SlackSandbox
    discord: DiscordSandbox
    model: ChatCompletionsSandbox


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and what the doctor says of it."""

    problem: str
    fix: str
    times: int = 1
    env: Callable[[World], Mapping[str, str]] = lambda _: {}
    make: Callable[[World], object] = lambda _: None


@pytest.fixture
def world(slack: SlackSandbox, discord: DiscordSandbox, model: ChatCompletionsSandbox) -> World:
    """Everything is well in it."""
    return World(slack, discord, model)


async def examined(programs: Programs, world: World, database: str, env: Mapping[str, str]) -> Ended:
    """What the doctor said."""
    known = {"OPENAI_BASE_URL": world.model.base_url, "OPENAI_API_KEY": KEY, "OPENAI_MODEL": world.model.model}
    known |= world.slack.env | world.discord.env | {"DATABASE_URL": database}
    ended = await programs.run(PARLEY, "doctor", env=known | dict(env))
    assert "Traceback" not in ended.said
    assert ended.err == ""
    return ended


def withheld(discord: DiscordSandbox) -> None:
    """Nobody may attach files on the server."""
    for role in discord.guild.roles.values():
        role.permissions &= ~(Permission.ATTACH_FILES | Permission.ADMINISTRATOR)


# One of each list is made at a time: a mistake at one place must not hide those at the others.
SLACK = [
    # tokens of Slack that are swapped
    Mistake(
        "settings: SLACK_BOT_TOKEN and SLACK_APP_TOKEN are mixed up: xoxb-… is the bot's, xapp-… the app's.",
        "Correct .env or the environment",
        env=lambda world: {"SLACK_BOT_TOKEN": world.slack.app_token, "SLACK_APP_TOKEN": world.slack.bot_token},
    ),
    # a person's token
    Mistake(
        "settings: SLACK_BOT_TOKEN holds a user token of Slack's (xoxp-…): it takes the Bot User OAuth Token, which",
        "Correct .env",
        env=lambda _: {"SLACK_BOT_TOKEN": "xoxp-a-secret"},
    ),
    # Discord's token at Slack
    Mistake(
        "settings: SLACK_BOT_TOKEN holds Discord's bot token, which belongs into DISCORD_TOKEN: it takes",
        "Correct .env",
        env=lambda _: {"SLACK_BOT_TOKEN": DISCORD},
    ),
    # a bot token that was revoked
    Mistake(
        "Slack bot token: Slack does not accept it (auth.test: invalid_auth).",
        "Copy the Bot User OAuth Token, which begins with xoxb-,",
        env=lambda _: {"SLACK_BOT_TOKEN": "xoxb-a-secret"},
    ),
    # an app token that is wrong
    Mistake(
        "Slack app token: Slack does not accept it (apps.connections.open: invalid_auth).",
        "Make an app-level token with the scope connections:write",
        env=lambda _: {"SLACK_APP_TOKEN": "xapp-a-secret"},
    ),
    # an app token without its scope
    Mistake(
        "Slack app token: It lacks the scope connections:write.",
        "Make an app-level token with the scope connections:write",
        make=lambda world: world.slack.faults.call("apps.connections.open", "error", error="missing_scope"),
    ),
    # tokens of two apps
    Mistake(
        "Slack app token: It is of another app (A0OTHER) than the bot token (",
        "Make an app-level token",
        env=lambda _: {"SLACK_APP_TOKEN": "xapp-1-A0OTHER-1-secret"},
        make=lambda world: setattr(world.slack.tokens, "app", "xapp-1-A0OTHER-1-secret"),
    ),
    # a scope that is missing
    Mistake(
        "Slack scopes: The bot's token lacks im:history (to hear direct messages).",
        "OAuth & Permissions, Bot Token Scopes, then press Reinstall.",
        make=lambda world: world.slack.manifest.scopes.discard("im:history"),
    ),
    # another address for Slack
    Mistake(
        "answers, but not as Slack's Web API.",
        "Correct SLACK_API_URL; Slack's own is https://slack.com/api/",
        times=2,  # both tokens are tried there
        env=lambda world: {"SLACK_API_URL": world.model.base_url},
    ),
    # an address for Slack where nobody is
    Mistake(
        "Slack cannot be reached (",
        "Check the network, SLACK_API_URL",
        times=2,
        env=lambda _: {"SLACK_API_URL": "http://127.0.0.1:9/api/"},
    ),
]
DISCORD_BOT = [
    # a wrong token of Discord's
    Mistake(
        "Discord token: Discord does not accept DISCORD_TOKEN.",
        "Reset Token) and set it.",
        env=lambda _: {"DISCORD_TOKEN": DISCORD},
    ),
    # the message content intent
    Mistake(
        "Discord message content: The message content intent is off:",
        "Bot, Privileged Gateway Intents: switch Message Content Intent on, then restart.",
        make=lambda world: setattr(world.discord.portal, "message_content", False),
    ),
    # a permission that the server withholds
    Mistake(
        "Discord servers: The bot's role may not do all that is needed, on Sandbox: Attach Files.",
        "Allow it under Server Settings, Roles.",
        make=lambda world: withheld(world.discord),
    ),
    # Slack's token at Discord
    Mistake(
        "settings: DISCORD_TOKEN holds Slack's bot token (xoxb-…), which belongs into SLACK_BOT_TOKEN: it takes",
        "Correct .env",
        env=lambda _: {"DISCORD_TOKEN": "xoxb-a-secret"},
    ),
    # the application's id at Discord
    Mistake(
        "settings: DISCORD_TOKEN holds an id of Discord's, such as the application's: it takes the bot's token",
        "Correct .env",
        env=lambda world: {"DISCORD_TOKEN": world.discord.application_id},
    ),
    # no server
    Mistake(
        "Discord servers: The bot is on no server.",
        "https://discord.com/oauth2/authorize?client_id=",
        make=lambda world: world.discord.remove_bot(),
    ),
    # another address for Discord
    Mistake(
        "answers, but not as Discord's API (404 0).",
        "Correct DISCORD_API_URL; Discord's own is https://discord.com/api/v10",
        env=lambda world: {"DISCORD_API_URL": world.model.base_url},
    ),
    # another gateway
    Mistake(
        "Discord gateway: The gateway cannot be reached (",
        "check DISCORD_GATEWAY_URL",
        env=lambda _: {"DISCORD_GATEWAY_URL": "ws://127.0.0.1:9/"},
    ),
]
MODEL = [
    # a wrong key
    Mistake(
        "127.0.0.1 does not accept the API key.",
        "Make a new one there and set OPENAI_API_KEY.",
        env=lambda _: {"OPENAI_API_KEY": "sk-a-secret-0123456789"},
    ),
    # a model that is not there
    Mistake(
        "127.0.0.1 has no model gpt-6-lunar.",
        "Set OPENAI_MODEL to one that it has; close to it: gpt-6-luna",
        env=lambda _: {"OPENAI_MODEL": "gpt-6-lunar"},
    ),
    # an address for the model where nobody is
    Mistake(
        "http://127.0.0.1:9/v1 cannot be reached",
        "Start the server, or correct OPENAI_BASE_URL.",
        env=lambda _: {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
    ),
    # an address that is no model's
    Mistake(
        "answers, but not as an OpenAI-compatible API (",
        "Correct OPENAI_BASE_URL; most addresses end in /v1.",
        env=lambda world: {"OPENAI_BASE_URL": world.model.base_url.removesuffix("/v1")},
    ),
    None,
    # a token for the model's key
    Mistake(
        "settings: OPENAI_API_KEY holds Slack's bot token (xoxb-…), which belongs into SLACK_BOT_TOKEN",
        "Correct .env",
        env=lambda _: {"OPENAI_API_KEY": "xoxb-a-secret"},
    ),
]


@pytest.mark.parametrize("place", range(len(SLACK)))
async def test_mistakes(programs: Programs, world: World, sqlite_url: str, place: int) -> None:
    """Each is told in one line, with the next step in the one below, whatever is wrong elsewhere; no secret is told."""
    lists: tuple[Sequence[Mistake | None], ...] = (SLACK, DISCORD_BOT, MODEL)
    mistakes = [made for each in lists for made in each[place : place + 1] if made is not None]
    env: dict[str, str] = {}
    for mistake in mistakes:
        mistake.make(world)
        env |= mistake.env(world)
    ended = await examined(programs, world, sqlite_url, env)
    lines = ended.out.splitlines()
    wrong = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert len(wrong) == sum(mistake.times for mistake in mistakes), ended.out
    for mistake in mistakes:
        [first, *_] = [number for number in wrong if mistake.problem in lines[number]]
        assert lines[first + 1].startswith("    → ")
        assert mistake.fix in lines[first + 1]
    assert "✓ database" in ended.out
    assert (ended.code, "secret" in ended.out) == (1, False)


async def test_all_is_well(programs: Programs, world: World, sqlite_url: str) -> None:
    """Who signed in where is told; a bot without a server, say, would be found among these lines."""
    ended = await examined(programs, world, sqlite_url, {})
    assert ended.code == 0, ended.out
    for line in ("✓ Slack bot token: parley in Sandbox", "✓ Discord token: Parley", "✓ Discord servers: Sandbox"):
        assert f"{line}\n" in ended.out


async def test_a_database_that_is_down_or_behind(programs: Programs, world: World, empty_postgresql_url: str) -> None:
    """Down, without tables, with those of an earlier release, with those of a later one: each has its own line."""
    down = await examined(programs, world, "postgresql://parley:a-secret@127.0.0.1:9/parley", {})
    assert "✗ database: PostgreSQL at 127.0.0.1:9 cannot be reached (" in down.out
    assert "correct host and port in DATABASE_URL" in down.out
    assert "a-secret" not in down.out
    missing = await examined(programs, world, empty_postgresql_url, {})
    assert f"has no tables; this release needs revision {head()}.\n    → Run `parley migrate`." in missing.out
    await upgrade(empty_postgresql_url)
    await downgrade(empty_postgresql_url, "0011")
    behind = await examined(programs, world, empty_postgresql_url, {})
    assert f"is at revision 0011; this release needs revision {head()}.\n    → Run `parley migrate`." in behind.out
    await upgrade(empty_postgresql_url)
    await execute(empty_postgresql_url, "UPDATE alembic_version SET version_num = '9999'")
    newer = await examined(programs, world, empty_postgresql_url, {})
    assert "✗ database: It is newer than this release.\n    → " in newer.out
    assert [ended.code for ended in (down, missing, behind, newer)] == [1, 1, 1, 1]


async def test_one_wrong_setting_hides_nothing(programs: Programs, world: World, sqlite_url: str) -> None:
    """What cannot be used is told once, and each part that does not need it is looked at."""
    slack = await examined(programs, world, sqlite_url, {"SLACK_API_URL": "nonsense", "PORT": "many"})
    assert "✗ settings: SLACK_API_URL" in slack.out
    assert "✗ settings: PORT" in slack.out
    assert "✓ Discord token" in slack.out
    assert "Slack bot token" not in slack.out
    database = await examined(programs, world, "mysql://parley:a-secret@127.0.0.1/parley", {"OPENAI_MODEL": ""})
    assert "✗ settings: DATABASE_URL" in database.out
    assert "✗ settings: OPENAI_MODEL is not set" in database.out
    assert "✓ Slack scopes" in database.out
    assert not {"database", "model"} & {line[2:].split()[0] for line in database.out.splitlines() if line[:1] == "✓"}
    assert "a-secret" not in database.out
