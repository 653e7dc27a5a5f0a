"""The bots as processes: they start, answer, stop in time, hand over, and survive being killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.chat_completions.script import Answer, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.messages import Message
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import Programs

READY = "process.ready"
PATIENCE = 30.0
WHOLE = "Lima is the capital of Peru, and has been for a long time."


@pytest.fixture
def env(model_env: dict[str, str], folder: Path) -> dict[str, str]:
    """A model, a database of the test's own that is not there yet, and leases that end soon."""
    return model_env | {"DATABASE_URL": f"sqlite:///{folder / 'parley.db'}", "PARLEY_LEASE_SECONDS": "1"}


def replies(discord: DiscordSandbox) -> list[Message]:
    """What the bot wrote in threads, oldest first."""
    found = [message for thread in discord.threads() for message in discord.messages(thread.id)]
    return [message for message in found if message.author.id == discord.bot_user_id and message.content]


async def reply_reads(discord: DiscordSandbox, text: str) -> Message:
    """The bot's only message, as soon as it reads so."""
    await discord.wait_for(lambda: [one.content for one in replies(discord)] == [text], PATIENCE)
    return replies(discord)[0]


async def stalled_reply(discord: DiscordSandbox, model: ChatCompletionsSandbox) -> tuple[Message, asyncio.Event]:
    """A reply whose first words stand there, and that goes on when the event is set."""
    going_on = asyncio.Event()
    model.script(Answer(deltas=("Lima is ", "the capital", " of Peru."), stalls=(Stall(until=going_on, after=2),)))
    await discord.say("ann", "general", "@Parley What is the capital of Peru?")
    await discord.wait_for(lambda: any("Lima" in one.content for one in replies(discord)), PATIENCE)
    return replies(discord)[0], going_on


async def test_it_starts_answers_and_stops(
    programs: Programs, discord: DiscordSandbox, model: ChatCompletionsSandbox, env: dict[str, str]
) -> None:
    """An empty SQLite database is migrated on the way, a mention is answered, and SIGTERM ends it with 0; its log
    says so in JSON and holds neither a word of anybody nor a secret."""
    model.script(Answer(text=WHOLE))
    bot = await programs.start_from_nothing("bots.discord_bot", env=env | discord.env | {"LOG_FORMAT": "json"})
    await bot.said(READY)
    await discord.say("ann", "general", "@Parley What is the capital of Peru?")
    await reply_reads(discord, WHOLE)
    bot.terminate()
    ended = await bot.ended()
    assert (ended.code, ended.out) == (0, "")
    assert all(line.startswith("{") for line in ended.err.splitlines())
    assert "process.stopped" in ended.err
    assert "Peru" not in ended.err
    assert not any(secret in ended.err for secret in (env["OPENAI_API_KEY"], discord.token))


async def test_one_told_to_stop_hands_over(
    programs: Programs, discord: DiscordSandbox, model: ChatCompletionsSandbox, env: dict[str, str]
) -> None:
    """An answer that takes too long is let go in time, and the next process completes it in the same message."""
    first = await programs.start("bots.discord_bot", env=env | discord.env | {"PARLEY_STOP_SECONDS": "0.1"})
    await first.said(READY)
    begun, _ = await stalled_reply(discord, model)
    model.script(Answer(text=WHOLE))
    first.terminate()
    assert (await first.ended()).code == 0
    second = await programs.start("bots.discord_bot", env=env | discord.env)
    await second.said(READY)
    assert (await reply_reads(discord, WHOLE)).id == begun.id
    second.terminate()
    assert (await second.ended()).code == 0


async def test_one_told_to_stop_finishes_what_ends_soon(
    programs: Programs, discord: DiscordSandbox, model: ChatCompletionsSandbox, env: dict[str, str]
) -> None:
    """Within the time set the answer is written to its end, by the process that began it."""
    bot = await programs.start("bots.discord_bot", env=env | discord.env | {"PARLEY_STOP_SECONDS": "30"})
    await bot.said(READY)
    _, going_on = await stalled_reply(discord, model)
    bot.terminate()
    await bot.said("process.stopping")
    going_on.set()
    await reply_reads(discord, "Lima is the capital of Peru.")
    assert (await bot.ended()).code == 0
    assert len(model.requests) == 1


async def test_one_that_was_killed_is_followed_by_another(
    programs: Programs, discord: DiscordSandbox, model: ChatCompletionsSandbox, env: dict[str, str]
) -> None:
    """kill -9 in the middle of an answer loses nothing: after the lease the same message is completed."""
    first = await programs.start("bots.discord_bot", env=env | discord.env)
    await first.said(READY)
    begun, _ = await stalled_reply(discord, model)
    model.script(Answer(text=WHOLE))
    await first.kill()
    second = await programs.start("bots.discord_bot", env=env | discord.env)
    assert (await reply_reads(discord, WHOLE)).id == begun.id
    second.terminate()
    assert (await second.ended()).code == 0


async def test_both_in_one_process(
    programs: Programs,
    slack: SlackSandbox,
    discord: DiscordSandbox,
    model: ChatCompletionsSandbox,
    env: dict[str, str],
) -> None:
    """A mention on each platform is answered, each in its own place."""
    model.script(Answer(text=WHOLE), Answer(text=WHOLE))
    bot = await programs.start_from_nothing("bots.both", env=env | slack.env | discord.env)
    await bot.said(READY)
    asked = await slack.say("ann", "general", "@Parley What is the capital of Peru?")
    await discord.say("ann", "general", "@Parley What is the capital of Peru?")
    await reply_reads(discord, WHOLE)
    await slack.wait_for(lambda: slack_replies(slack, asked) == [WHOLE], PATIENCE)
    bot.terminate()
    assert (await bot.ended()).code == 0


# ── starts that fail ──


async def test_settings_that_are_missing(programs: Programs) -> None:
    """Each process names what it lacks, all of it, and ends with 2 at once."""
    slack, discord, both = await asyncio.gather(
        programs.run_from_nothing("bots.slack_bot", env={}),
        programs.run("bots.discord_bot", env={"PORT": "many"}),
        programs.run("bots.both", env={"OPENAI_MODEL": "m", "OPENAI_BASE_URL": "http://localhost:1/v1"}),
    )
    assert (slack.code, discord.code, both.code) == (2, 2, 2)
    assert all(name in slack.err for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "OPENAI_MODEL"))
    assert all(name in discord.err for name in ("DISCORD_TOKEN", "PORT: ", "OPENAI_MODEL", "OPENAI_API_KEY"))
    assert "set SLACK_BOT_TOKEN or DISCORD_TOKEN" in both.err
    assert "Traceback" not in slack.err + discord.err + both.err


async def test_starts_that_fail(
    programs: Programs, discord: DiscordSandbox, env: dict[str, str], empty_postgresql_url: str, folder: Path
) -> None:
    """A token that is refused, a database that is down or not migrated, a file of endpoints that is broken: the
    reason and the fix in a line, no traceback, no secret."""
    (folder / "models.toml").write_text("[[endpoint]\n")
    down = "postgresql://parley:the-password@127.0.0.1:9/parley"
    token, away, pending, broken = await asyncio.gather(
        programs.run("bots.discord_bot", env=env | discord.env | {"DISCORD_TOKEN": "a-wrong-token"}),
        programs.run("bots.discord_bot", env=env | discord.env | {"DATABASE_URL": down}),
        programs.run("bots.discord_bot", env=env | discord.env | {"DATABASE_URL": empty_postgresql_url}),
        programs.run("bots.discord_bot", env=env | discord.env | {"PARLEY_ENDPOINTS": "models.toml"}),
    )
    assert (token.code, away.code, pending.code, broken.code) == (1, 1, 1, 2)
    assert "Reset Token" in token.err
    assert "127.0.0.1:9 cannot be reached" in away.err
    assert "`parley migrate`" in pending.err
    assert "PARLEY_ENDPOINTS, models.toml: this is not TOML" in broken.err
    said = token.said + away.said + pending.said + broken.said
    assert not any(word in said for word in ("Traceback", "a-wrong-token", "the-password"))


async def test_told_to_stop_while_it_starts(programs: Programs, env: dict[str, str]) -> None:
    """A platform that is out of reach is tried for a minute; SIGTERM does not wait for that."""
    listening = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listening.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        token = {"DISCORD_TOKEN": "a-token", "DISCORD_API_URL": f"http://127.0.0.1:{port}/api/v10"}
        bot = await programs.start("bots.discord_bot", env=env | token)
        await asyncio.wait_for(listening.wait(), PATIENCE)
        bot.terminate()
        ended = await bot.ended()
    assert ended.code == 0
    assert "Traceback" not in ended.said


def slack_replies(slack: SlackSandbox, asked: str) -> list[str]:
    """What the bot wrote under that message."""
    return [one.text for one in slack.messages("general", asked) if one.author.id == slack.bot_user_id]
