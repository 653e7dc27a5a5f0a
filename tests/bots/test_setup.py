"""`parley setup` at a real terminal, against local platforms: a first installation, and every mistake on the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bots.settings import Settings
from migrations.upgrade import current, head
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import KEY, Programs
from tests.bots.terminals import Person, seated

PARLEY = "bots.cli"
WHERE = "Where shall Parley answer?"
WAY = "How shall events come?"
NEW_APP = "Make a new Slack app?"
BOT, APP = "Bot token (xoxb-…)", "App-level token (xapp-…)"
TOKEN = "Bot's token"
DATABASE, FILE, ADDRESS = "Which one?", "File", "Address, unseen"
SERVICE, API, MODEL, WINDOW = "Which service?", "Address of a compatible API", "Model", "Tokens that it reads"
API_KEY = "API key"
MEND, AGAIN, KEEP = "Mend that now, and look again?", "Look again?", "Keep it all the same?"
WRITE = "Write them?"


def around(slack: SlackSandbox | None = None, discord: DiscordSandbox | None = None) -> dict[str, str]:
    """Where the platforms are, without their tokens."""
    env = (slack.env if slack else {}) | (discord.env if discord else {})
    return {name: value for name, value in env.items() if name.endswith("_URL")}


async def skips_platforms(person: Person) -> None:
    """The part on platforms is left as it is."""
    await person.answers(WHERE, "skip")


async def takes_a_file(person: Person, folder: Path) -> None:
    """The database is a file there."""
    await person.answers(DATABASE, "sqlite")
    await person.answers(FILE, str(folder / "parley.db"))
    await person.sees("✓ database")


async def takes_the_model(person: Person, model: ChatCompletionsSandbox) -> None:
    """The local model answers."""
    await person.answers(SERVICE, "other")
    await person.answers(API, model.base_url)
    await person.answers(API_KEY, KEY)
    await person.answers("Model", model.model)
    await person.answers(WINDOW)
    await person.sees("✓ model parley-demo")


def mode(file: Path) -> int:
    """The file's permissions."""
    return stat.S_IMODE(file.stat().st_mode)


# ── all goes well ──


async def test_a_first_installation(
    programs: Programs, slack: SlackSandbox, discord: DiscordSandbox, model: ChatCompletionsSandbox, folder: Path
) -> None:
    """Both platforms, a file and a model: whoever signed in is named, .env is its owner's alone and complete, the
    doctor is content, and no secret was shown."""
    async with seated(programs, "setup", env=around(slack, discord)) as (person, program):
        await person.answers(WHERE, "both")
        await person.answers(WAY)
        await person.answers(NEW_APP)
        await person.sees("https://api.slack.com/apps?new_app=1&manifest_json=%7B")
        await person.answers(BOT, slack.bot_token)
        await person.sees("✓ Slack bot token: parley in Sandbox", "✓ Slack scopes")
        await person.answers(APP, slack.app_token)
        await person.sees("✓ Slack app token")
        await person.answers(TOKEN, f'DISCORD_TOKEN="{discord.token}"')
        await person.sees("✓ Discord token: Parley", "✓ Discord message content", "✓ Discord servers: ")
        await takes_a_file(person, folder)
        await takes_the_model(person, model)
        assert not (folder / ".env").exists()
        await person.answers(WRITE)
        await person.sees("── parley doctor ──", "✓ settings", "All is well: `parley run` starts Parley.")
        assert (await program.ended()).code == 0
    assert mode(folder / ".env") == 0o600
    assert dotenv_values(folder / ".env") == {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "DISCORD_TOKEN": discord.token,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'parley.db'}",
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_API_KEY": KEY,
        "OPENAI_MODEL": model.model,
        "OPENAI_CONTEXT_WINDOW": "8192",
    }
    assert not [secret for secret in (slack.bot_token, slack.app_token, discord.token, KEY) if secret in person.shown]
    assert not list(folder.glob(".env.*"))
    doctor = await programs.run(PARLEY, "doctor", env=around(slack, discord))
    assert doctor.code == 0, doctor.said


async def test_once_more(programs: Programs, slack: SlackSandbox, model: ChatCompletionsSandbox, folder: Path) -> None:
    """What is set is the default, secrets by their last four characters; what is changed keeps its place, and all the
    rest stays to the letter. The old file is kept, for its owner alone."""
    before = (
        "# Ours\r\n\r\nexport SLACK_BOT_TOKEN='xoxb-old-token-0123456789'  # of last year\r\n"
        f"#OPENAI_MODEL=\r\nOPENAI_API_KEY={KEY}\r\nLOG_FORMAT=json\r\n\r\nSLACK_APP_TOKEN={slack.app_token}\r\n"
        f'OPENAI_BASE_URL={model.base_url}\r\nOURS="two\r\nlines"\r\nDATABASE_URL=sqlite:///{folder}/other.db'
    )
    (folder / ".env").write_text(before, newline="")
    (folder / ".env").chmod(0o644)
    async with seated(programs, "setup", env=around(slack)) as (person, program):
        await person.answers(WHERE, "slack")
        await person.answers(WAY)
        await person.answers(NEW_APP)
        await person.answers(f"{BOT} […6789]")
        await person.sees("✗ Slack bot token: Slack does not accept it")
        await person.answers(KEEP)
        await person.answers(BOT, slack.bot_token)
        await person.answers(f"{APP} […DBOX]")
        await person.answers(DATABASE)
        await person.answers(f"{FILE} [{folder}/other.db]")
        await person.answers(f"{SERVICE} (openai, openrouter, azure, ollama, other) [other]")
        await person.answers(f"{API}, mostly ending in /v1 [{model.base_url}]")
        await person.answers(f"{API_KEY}, if it wants one [{KEY[-4:].join(['…', ''])}]")
        await person.answers("Model", model.model)
        await person.answers(WINDOW)
        await person.answers(WRITE)
        await person.sees("what it was before is in .env.bak", "All is well")
        assert (await program.ended()).code == 0
    assert (folder / ".env").read_bytes().decode() == (
        f"# Ours\r\n\r\nexport SLACK_BOT_TOKEN={slack.bot_token}  # of last year\r\n"
        f"#OPENAI_MODEL=\r\nOPENAI_MODEL={model.model}\r\nOPENAI_API_KEY={KEY}\r\nLOG_FORMAT=json\r\n\r\n"
        f'SLACK_APP_TOKEN={slack.app_token}\r\nOPENAI_BASE_URL={model.base_url}\r\nOURS="two\r\nlines"\r\n'
        f"DATABASE_URL=sqlite:///{folder}/other.db\r\nOPENAI_CONTEXT_WINDOW=8192\r\n"
    )
    assert (folder / ".env.bak").read_bytes().decode() == before
    assert mode(folder / ".env") == mode(folder / ".env.bak") == 0o600
    assert "old-token" not in person.shown


async def test_the_link_opens_in_a_browser(programs: Programs, slack: SlackSandbox, folder: Path) -> None:
    """Where there is a screen: then it does not fill the terminal. By HTTP it has Parley's address in it, which is
    asked for until Slack would take it."""
    browser = folder / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" > "$HOME/opened"\n')
    browser.chmod(0o755)
    env = around(slack) | {"DISPLAY": ":9", "BROWSER": f"{browser} %s"}
    async with seated(programs, "setup", env=env) as (person, _):
        await person.answers(WHERE, "slack")
        await person.answers(WAY, "http")
        await person.answers(NEW_APP)
        await person.answers("Parley's public address", "http://parley.example.org")
        await person.sees("begins with https://")
        await person.answers("Parley's public address", "https://parley.example.org")
        await person.answers("Open it in the browser now?")
        await person.answers(BOT, slack.bot_token)
        await person.answers("Signing secret", slack.app_token)
        await person.sees("That is Slack's app-level token")
        await person.answers("Signing secret", "0123456789abcdef" * 2)
        await person.answers("Port on which Parley listens [3000]", "many")
        await person.answers("Port on which Parley listens [3000]")
        await person.interrupts(DATABASE)
    link = (folder / "opened").read_text()
    assert link.startswith("https://api.slack.com/apps?new_app=1&manifest_json=")
    assert "https://parley.example.org/slack/events" in link
    assert "manifest_json" not in person.shown


# ── mistakes ──


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
        await person.answers(TOKEN, "not-the-token")
        await person.sees("✗ Discord token: Discord does not accept DISCORD_TOKEN.")
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


# ── leaving ──


@pytest.mark.parametrize("question", [WHERE, NEW_APP, BOT, APP, WRITE])
async def test_interrupted(programs: Programs, slack: SlackSandbox, folder: Path, question: str) -> None:
    """Ctrl-C at any question, a hidden one too, leaves every file as it was."""
    (folder / ".env").write_text("OURS=1\n")
    steps = [(WHERE, "slack"), (WAY, ""), (NEW_APP, "n"), (BOT, slack.bot_token), (APP, slack.app_token)]
    steps += [(DATABASE, "skip"), (SERVICE, "skip")]
    async with seated(programs, "setup", env=around(slack)) as (person, program):
        for asked, answer in steps:
            if asked == question:
                break
            await person.answers(asked, answer)
        await person.interrupts(question)
        await person.sees("Interrupted: nothing more was done.")
        assert (await program.ended()).code == 130
    assert [file.name for file in folder.iterdir()] == [".env"]
    assert (folder / ".env").read_text() == "OURS=1\n"


async def test_interrupted_while_slack_does_not_answer(programs: Programs, slack: SlackSandbox, folder: Path) -> None:
    """Nobody has to wait for an answer in order to leave."""
    slack.faults.call("auth.test", "hang")
    async with seated(programs, "setup", env=around(slack)) as (person, program):
        await person.answers(WHERE, "slack")
        await person.answers(WAY)
        await person.answers(NEW_APP, "n")
        await person.answers(BOT, slack.bot_token)
        await person.leaves_by_interrupting()
        assert (await program.ended()).code == 130
    assert list(folder.iterdir()) == []


async def test_not_wanted_in_the_end(programs: Programs, folder: Path) -> None:
    """Who says no to what would be written has written nothing; who skips all has nothing to write."""
    async with seated(programs, "setup", env={}) as (person, program):
        await skips_platforms(person)
        await takes_a_file(person, folder)
        await person.answers(SERVICE, "skip")
        await person.answers(WRITE, "n")
        assert (await program.ended()).code == 1
    async with seated(programs, "setup", env={}) as (person, program):
        for question in (WHERE, DATABASE, SERVICE):
            await person.answers(question, "skip")
        await person.sees("Nothing has changed", "✗ settings: OPENAI_MODEL is not set")
        assert (await program.ended()).code == 1
    assert list(folder.iterdir()) == []


async def test_without_a_terminal(programs: Programs, folder: Path) -> None:
    """Nothing is asked where nobody can answer, and nothing is done where .env cannot be read."""
    ended = await programs.run(PARLEY, "setup", env={})
    assert ended.code == 2
    assert "run it in a terminal" in ended.err
    (folder / ".env").write_bytes(b"\xff\xfe")
    async with seated(programs, "setup", env={}) as (person, program):
        await person.sees("✗ .env cannot be read as UTF-8 text")
        assert (await program.ended()).code == 2


async def test_the_environment_is_stronger(programs: Programs, slack: SlackSandbox, folder: Path) -> None:
    """A value that has no effect is written, and said to have none."""
    env = around(slack) | {"SLACK_BOT_TOKEN": "xoxb-another-secret-1"}
    async with seated(programs, "setup", env=env) as (person, program):
        await person.answers(WHERE, "slack")
        await person.answers(WAY)
        await person.answers(NEW_APP)
        await person.answers(BOT, slack.bot_token)
        await person.answers(APP, slack.app_token)
        await person.answers(DATABASE, "skip")
        await person.answers(SERVICE, "skip")
        await person.answers(WRITE)
        await person.sees("✗ SLACK_BOT_TOKEN is set in the environment as well, which is stronger")
        assert (await program.ended()).code == 1
    assert Settings(_env_file=folder / ".env").slack_bot_token is not None
    assert "another-secret" not in person.shown
