"""`parley setup` at a real terminal, against local platforms: a first installation, and leaving early."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bots.settings import Settings
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import KEY, Programs
from tests.bots.questions import (
    API,
    API_KEY,
    APP,
    BOT,
    DATABASE,
    FILE,
    KEEP,
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

PARLEY = "bots.cli"


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


async def test_a_model_on_this_machine(programs: Programs, folder: Path) -> None:
    """Ollama and its like need no key; the address is completed, and the window asked for."""
    local = ChatCompletionsSandbox(api_key="")
    await local.start()
    try:
        async with seated(programs, "setup", env={}) as (person, program):
            await skips_platforms(person)
            await person.answers(DATABASE, "skip")
            await person.answers(SERVICE, "ollama")
            await person.sees("OLLAMA_CONTEXT_LENGTH=8192")
            await person.answers("Address [http://localhost:11434/v1]", local.base_url.removeprefix("http://"))
            await person.answers("Model", local.model)
            await person.answers(WINDOW, "4096")
            await person.sees("✓ model parley-demo")
            await person.answers(WRITE)
            await person.sees("✗ platforms")
            assert (await program.ended()).code == 1
    finally:
        await local.stop()
    written = {"OPENAI_BASE_URL": local.base_url, "OPENAI_MODEL": local.model, "OPENAI_CONTEXT_WINDOW": "4096"}
    assert dotenv_values(folder / ".env") == written


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
