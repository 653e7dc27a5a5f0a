"""`parley` as a person runs it: a process of its own, its words and its exit code."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from migrations.upgrade import current, head, upgrade
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import KEY, Programs
from tests.bots.programs import Ended

PARLEY = "bots.cli"


def faults(ended: Ended) -> dict[str, str]:
    """What is marked with a cross, and the fix under it."""
    assert "Traceback" not in ended.said
    lines = [*ended.out.splitlines(), ""]
    found = [(line, following.strip()) for line, following in itertools.pairwise(lines) if line[:1] == "✗"]
    assert all(fix.startswith("→ ") for _, fix in found), ended.out
    return dict(found)


def well(ended: Ended) -> list[str]:
    """What is marked as well."""
    return [line.removeprefix("✓ ") for line in ended.out.splitlines() if line.startswith("✓ ")]


# ── help ──


async def test_help(programs: Programs) -> None:
    """Every verb is named in plain text, each explains itself, and a server's own options are its own affair."""
    everything, sandbox, server, nonsense = await asyncio.gather(
        programs.run_from_nothing(PARLEY, "--help", env={}),
        programs.run(PARLEY, "sandbox", "--help", env={}),
        programs.run(PARLEY, "sandbox", "discord", "--help", env={}),
        programs.run(PARLEY, "nonsense", env={}),
    )
    assert everything.code == sandbox.code == server.code == 0
    assert all(f"\n  {verb} " in everything.out for verb in ("run", "migrate", "doctor", "sandbox"))
    assert everything.out.isascii()
    assert "slack|discord|model" in sandbox.out
    assert "--no-rate-limits" in server.out
    assert (nonsense.code, "Traceback" in nonsense.err) == (2, False)


# ── migrate ──


async def test_migrate(programs: Programs, empty_database_url: str, sqlite_url: str) -> None:
    """An empty database has the newest tables afterwards; one that has them is left alone. No other setting is
    needed."""
    empty, migrated = await asyncio.gather(
        programs.run(PARLEY, "migrate", env={"DATABASE_URL": empty_database_url}),
        programs.run_from_nothing(PARLEY, "migrate", env={"DATABASE_URL": sqlite_url}),
    )
    assert (empty.code, empty.err, migrated.code) == (0, "", 0)
    assert "it was empty" in empty.out
    assert "as before" in migrated.out
    assert await current(empty_database_url) == head()


async def test_migrate_without_a_database(programs: Programs) -> None:
    """The fix is told, without the password and without a traceback; so is a URL that is none."""
    down, wrong = await asyncio.gather(
        programs.run(PARLEY, "migrate", env={"DATABASE_URL": "postgres://parley:the-password@127.0.0.1:9/parley"}),
        programs.run(PARLEY, "migrate", env={"DATABASE_URL": "mysql://parley:the-password@127.0.0.1/parley"}),
    )
    assert (down.code, wrong.code) == (1, 2)
    assert "127.0.0.1:9 cannot be reached" in down.err
    assert "    → Start it" in down.err
    assert "speaks sqlite and postgresql" in wrong.err
    assert "the-password" not in down.said + wrong.said
    assert "Traceback" not in down.said + wrong.said


# ── doctor ──


async def test_all_is_well(
    programs: Programs,
    slack: SlackSandbox,
    discord: DiscordSandbox,
    model_env: dict[str, str],
    postgresql_url: str,
) -> None:
    """Every part is named with a tick, and the exit code says so to scripts."""
    ended = await programs.run_from_nothing(
        PARLEY, "doctor", env=model_env | slack.env | discord.env | {"DATABASE_URL": postgresql_url}
    )
    assert faults(ended) == {}
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("\nAll is well.\n")
    names = " ".join(well(ended))
    assert all(part in names for part in ("settings", "database", "model parley-demo", "Slack ", "Discord "))


async def test_everything_is_wrong(
    programs: Programs,
    slack: SlackSandbox,
    discord: DiscordSandbox,
    model_env: dict[str, str],
    empty_postgresql_url: str,
) -> None:
    """One mistake does not hide another: each is told with its fix, and no token is repeated."""
    wrong = {
        "DATABASE_URL": empty_postgresql_url,
        "OPENAI_API_KEY": "sk-wrong-secret-1",
        "DISCORD_TOKEN": "discord-wrong-secret-2",
        "SLACK_BOT_TOKEN": "xoxb-wrong-secret-3",
    }
    ended = await programs.run(PARLEY, "doctor", env=model_env | slack.env | discord.env | wrong)
    found = faults(ended)
    assert ended.code == 1
    assert well(ended)[0] == "settings"
    assert found[f"✗ database: The PostgreSQL database has no tables; this release needs revision {head()}."] == (
        "→ Run `parley migrate`."
    )
    assert any("does not accept the API key" in problem for problem in found)
    assert any(problem.startswith("✗ Discord token") and "Reset Token" in fix for problem, fix in found.items())
    assert any(problem.startswith("✗ Slack") for problem in found)
    assert "wrong-secret" not in ended.said


async def test_what_was_switched_off(
    programs: Programs, slack: SlackSandbox, discord: DiscordSandbox, model_env: dict[str, str], sqlite_url: str
) -> None:
    """A scope that was not granted, an intent that is off, and a server that nobody has invited the bot to."""
    slack.manifest.scopes.discard("im:history")
    discord.portal.message_content = False
    discord.remove_bot()
    ended = await programs.run(PARLEY, "doctor", env=model_env | slack.env | discord.env | {"DATABASE_URL": sqlite_url})
    found = faults(ended)
    assert ended.code == 1
    told = " ".join(f"{problem} {fix}" for problem, fix in found.items())
    assert "im:history" in told
    assert "Message Content Intent" in told
    assert "The bot is on no server." in told


async def test_addresses_that_are_wrong(programs: Programs, model: ChatCompletionsSandbox, folder: Path) -> None:
    """Nobody answers there: the setting to be looked at is named for each; a second endpoint is looked at as well."""
    (folder / "models.toml").write_text(
        f'[[endpoint]]\nname = "backup"\nbase_url = "{model.base_url}"\nmodel = "gpt-6-lunar"\napi_key_env = "BACKUP"\n'
    )
    env = {
        "DISCORD_TOKEN": "a-token",
        "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
        "OPENAI_MODEL": "m",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "PARLEY_ENDPOINTS": "models.toml",
        "BACKUP": KEY,
        "DATABASE_URL": "postgres://parley:the-password@127.0.0.1:9/parley",
    }
    ended = await programs.run(PARLEY, "doctor", env=env)
    found = faults(ended)
    assert ended.code == 1
    told = "\n".join(f"{problem} {fix}" for problem, fix in found.items())
    for setting in ("DATABASE_URL", "OPENAI_BASE_URL", "DISCORD_API_URL", "model of [[endpoint]] backup"):
        assert setting in told
    assert "the-password" not in ended.said


async def test_settings_that_are_wrong(programs: Programs) -> None:
    """All of them at once, and nothing is asked with them."""
    env = {"SLACK_BOT_TOKEN": "xapp-1-secret", "SLACK_APP_TOKEN": "xoxb-2-secret", "PORT": "many"}
    ended = await programs.run(PARLEY, "doctor", env=env)
    assert ended.code == 1
    assert "Traceback" not in ended.said
    assert all(word in ended.out for word in ("✗ settings: PORT", "OPENAI_MODEL", "mixed up", "→ Correct .env"))
    assert "-secret" not in ended.said


async def test_sqlite_mends_itself(programs: Programs, model_env: dict[str, str], empty_sqlite_url: str) -> None:
    """A file without tables is no fault: the start migrates it. Looking has not changed it."""
    await upgrade(empty_sqlite_url, "base")
    ended = await programs.run(PARLEY, "doctor", env=model_env | {"DATABASE_URL": empty_sqlite_url})
    assert [fault.partition(":")[0] for fault in faults(ended)] == ["✗ platforms"]
    assert await current(empty_sqlite_url) is None
