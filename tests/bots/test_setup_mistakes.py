"""Mistakes in `parley setup`, at a real terminal and against local platforms: each is told and asked again."""

from __future__ import annotations

from pathlib import Path

from dotenv import dotenv_values

from migrations.upgrade import current, head
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import KEY, Programs
from tests.bots.questions import (
    ADDRESS,
    AGAIN,
    API,
    API_KEY,
    APP,
    BOT,
    DATABASE,
    FILE,
    KEEP,
    MEND,
    NEW_APP,
    SERVICE,
    TOKEN,
    WAY,
    WHERE,
    WINDOW,
    WRITE,
    around,
    skips_platforms,
    takes_a_file,
    takes_the_model,
)
from tests.bots.terminals import seated


async def test_another_secret_than_the_one_that_is_asked_for(programs: Programs, slack: SlackSandbox) -> None:
    """What was pasted is named, and where the right one is found; it is asked for again, and Slack is not asked."""
    mixed = {
        slack.app_token: "That is Slack's app-level token (xapp-…), and belongs into SLACK_APP_TOKEN.",
        "xoxp-secret-of-a-person": "That is a user token of Slack's (xoxp-…).",
        "xoxe.xoxb-secret-1": "That is a token that expires, of a Slack app with token rotation (xoxe…).",
        f"{'MTIz' * 6}.GabcdE.{'secret' * 6}": "That is Discord's bot token, and belongs into DISCORD_TOKEN.",
        "sk-secret-key": "That is a model's API key (sk-…), and belongs into OPENAI_API_KEY.",
        "": "Nothing was entered.",
    }
    async with seated(programs, "setup", env=around(slack)) as (person, _):
        await person.answers(WHERE, "slack")
        await person.answers(WAY)
        await person.answers(NEW_APP, "n")
        for secret, said in mixed.items():
            await person.answers(BOT, secret)
            await person.sees(said, "SLACK_BOT_TOKEN takes the Bot User OAuth Token")
        assert not slack.calls
        await person.answers(BOT, slack.bot_token)
        await person.answers(APP, slack.bot_token)
        await person.sees("That is Slack's bot token", "SLACK_APP_TOKEN takes the app-level token")
        await person.answers(APP, "xapp-wrong-secret")
        await person.sees("✗ Slack app token: Slack does not accept it", "connections:write")
        await person.answers(KEEP)
        await person.interrupts(APP)
    assert "secret" not in person.shown.replace("Client secret", "")


async def test_a_scope_that_is_missing(programs: Programs, slack: SlackSandbox) -> None:
    """It is named with what to do; once it is there, the guide goes on with the same token."""
    slack.manifest.scopes.discard("im:history")
    async with seated(programs, "setup", env=around(slack)) as (person, _):
        await person.answers(WHERE, "slack")
        await person.answers(WAY)
        await person.answers(NEW_APP, "n")
        await person.answers(BOT, slack.bot_token)
        await person.sees("✗ Slack scopes: The bot's token lacks im:history (to hear direct messages).", "Reinstall")
        await person.answers(MEND)
        await person.sees("✗ Slack scopes")
        await person.sees(AGAIN)
        slack.manifest.scopes.add("im:history")
        await person.answers("")
        await person.sees("✓ Slack scopes")
        await person.interrupts(APP)


async def test_discord_half_set_up(programs: Programs, discord: DiscordSandbox) -> None:
    """A wrong token, the intent that is off, a server that nobody has chosen: each with what to do, then well."""
    discord.portal.message_content = False
    async with seated(programs, "setup", env=around(discord=discord)) as (person, _):
        await person.answers(WHERE, "discord")
        await person.answers(TOKEN, discord.application_id)
        await person.sees("That is an id of Discord's", "Bot, Reset Token.")
        await person.answers(TOKEN, "a-client-secret-of-the-same-app-")
        await person.sees("✗ Discord token: Discord does not accept DISCORD_TOKEN.", "looks like a client secret")
        await person.answers(KEEP)
        await person.answers(TOKEN, discord.token)
        await person.sees("✗ Discord message content: The message content intent is off", "Message Content Intent on")
        discord.portal.message_content = True
        discord.remove_bot()
        await person.answers(MEND)
        await person.sees("✓ Discord message content", "✗ Discord servers: The bot is on no server.")
        await person.sees(f"https://discord.com/oauth2/authorize?client_id={discord.application_id}&scope=bot")
        await person.answers(AGAIN, "n")
        await person.interrupts(DATABASE)


async def test_platforms_that_are_not_where_they_are_said_to_be(
    programs: Programs, model: ChatCompletionsSandbox
) -> None:
    """An address where nobody is, and one where something else answers: the setting is named, and the token may be
    kept all the same."""
    env = {"SLACK_API_URL": "http://127.0.0.1:9/api/", "DISCORD_API_URL": f"{model.base_url}/api/v10"}
    async with seated(programs, "setup", env=env) as (person, _):
        await person.answers(WHERE, "both")
        await person.answers(WAY)
        await person.answers(NEW_APP, "n")
        await person.answers(BOT, "xoxb-a-token-1")
        await person.sees("✗ Slack bot token: Slack cannot be reached", "SLACK_API_URL")
        await person.answers(KEEP, "y")
        await person.answers(APP, "skip")
        await person.sees("Left as it is.")
        await person.answers(TOKEN, "a-token")
        await person.sees("answers, but not as Discord's API", "DISCORD_API_URL")
        await person.answers(KEEP, "y")
        await person.interrupts(DATABASE)


async def test_mistakes_with_the_model(programs: Programs, model: ChatCompletionsSandbox, folder: Path) -> None:
    """An address that leads nowhere, a wrong key, a model that is not there: each said, and asked again with what was
    entered as the default."""
    async with seated(programs, "setup", env={}) as (person, _):
        await skips_platforms(person)
        await takes_a_file(person, folder)
        await person.answers(SERVICE, "nonsense")
        await person.sees("Please answer with one of: openai")
        await person.answers(SERVICE, "oth")
        await person.answers(API, "http://127.0.0.1:9")
        await person.answers(API_KEY, "xoxb-secret-1")
        await person.sees("That is Slack's bot token")
        await person.answers(API_KEY, "sk-wrong-secret-0123456789")
        await person.answers("Model", "our-model")
        await person.answers(WINDOW, "few")
        await person.sees("at least 512")
        await person.answers(WINDOW, "4096")
        await person.sees("http://127.0.0.1:9/v1 cannot be reached", "OPENAI_BASE_URL")
        await person.answers(KEEP)
        await person.answers(SERVICE)
        await person.answers(f"{API}, mostly ending in /v1 [http://127.0.0.1:9/v1]", model.base_url)
        await person.answers("[…6789]")
        await person.answers("Model [our-model]", model.model)
        await person.answers(WINDOW)
        await person.sees("does not accept the API key")
        await person.answers(KEEP)
        await person.answers(SERVICE)
        await person.answers(API)
        await person.answers("[…6789]", KEY)
        await person.sees("It has ", model.model)
        await person.answers("Model", "gpt-6-lunar")
        await person.answers("gpt-6-lunar is not in its list (close to it: gpt-6-luna", "y")
        await person.sees("has no model gpt-6-lunar", "OPENAI_MODEL")
        await person.interrupts(KEEP)
    assert "wrong-secret" not in person.shown


async def test_mistakes_with_the_database(
    programs: Programs, model: ChatCompletionsSandbox, empty_postgresql_url: str, folder: Path
) -> None:
    """A server that is down, an address that is none, a file where none can be; then a server without tables, which
    has them in the end. No password was shown."""
    async with seated(programs, "setup", env={}) as (person, program):
        await skips_platforms(person)
        await person.answers(DATABASE, "postgresql")
        await person.answers(ADDRESS, "postgresql://parley:the-password@127.0.0.1:9/parley")
        await person.sees("✗ database: PostgreSQL at 127.0.0.1:9 cannot be reached", "Start it")
        await person.answers(KEEP)
        await person.answers(DATABASE)
        await person.sees("Enter keeps postgresql+asyncpg://parley:***@127.0.0.1:9/parley")
        await person.answers(ADDRESS, "mysql://parley:the-password@127.0.0.1/parley")
        await person.sees("speaks sqlite and postgresql")
        await person.answers(DATABASE, "sqlite")
        (folder / "letter").write_text("Dear reader, " * 100)
        await person.answers(FILE, str(folder / "letter"))
        await person.sees("is no SQLite database")
        await person.answers(KEEP)
        await person.answers(DATABASE, "postgresql")
        await person.answers(ADDRESS, empty_postgresql_url)
        await person.sees("✓ database: PostgreSQL; its tables are made or brought up to date at the end")
        assert await current(empty_postgresql_url) is None
        await takes_the_model(person, model)
        await person.answers(WRITE)
        await person.answers("Make the tables in the database, or bring them up to date, now?")
        await person.sees("✗ platforms", "✓ database: PostgreSQL, at revision", "Mend what is marked ✗")
        assert (await program.ended()).code == 1
    assert await current(empty_postgresql_url) == head()
    assert "the-password" not in person.shown
    assert dotenv_values(folder / ".env")["DATABASE_URL"] == empty_postgresql_url
