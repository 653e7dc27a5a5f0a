"""Core's own commands as people on Discord meet them: the real bot between the local Discord and the local model."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bots.runtime import Runtime
from bots.settings import Settings
from core.conversation import Platform
from sandbox.chat_completions.script import Answer as Scripted
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.messages import Message
from sandbox.discord.server import DiscordSandbox
from tests.adapters.discord_tests.test_answers import press
from tests.adapters.discord_tests.test_surface import contents


@pytest.fixture
async def town(monkeypatch: pytest.MonkeyPatch, discord: DiscordSandbox) -> AsyncIterator[DiscordSandbox]:
    """A Discord where Parley is up."""
    model = ChatCompletionsSandbox()
    await model.start()
    model.script(Scripted(text="Noted."))
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    values = discord.env | {
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_API_KEY": model.api_key,
        "OPENAI_MODEL": model.model,
        "DATABASE_URL": "sqlite+aiosqlite:///:memory:",
        "PARLEY_STOP_SECONDS": "5",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    async with Runtime(Settings(_env_file=None), (Platform.DISCORD,)):
        yield discord
    await model.stop()


def last(discord: DiscordSandbox) -> Message:
    return discord.messages("dm", person="ann")[-1]


async def told(discord: DiscordSandbox) -> None:
    """Ann says something in direct messages and has her answer."""
    await discord.say("ann", "dm", "My secret is 42.")
    await discord.wait_for(lambda: contents(discord, "@ann") and not last(discord).components)


async def test_forgetting(town: DiscordSandbox) -> None:
    """`/forget here` shows what would go; the button that says so has it go, in the same message."""
    await told(town)
    await town.command("ann", "dm", "forget here")
    question = last(town)
    assert question.ephemeral
    assert [one["label"] for one in question.components[0]["components"]] == ["Forget", "Keep"]
    await press(town, question)
    assert question.content.startswith(("Forgotten: 1 message", "Forgotten: your 1 message"))
    assert question.components == ()
    await town.command("ann", "dm", "forget here")
    assert "Nothing of that is stored" in last(town).content


async def test_keeping(town: DiscordSandbox) -> None:
    """The other button keeps it."""
    await told(town)
    await town.command("ann", "dm", "forget here")
    await press(town, last(town), 1)
    assert last(town).content == "Nothing was forgotten."


async def test_own_data(town: DiscordSandbox) -> None:
    """`/mydata` gives a file that nobody else sees, with what was said."""
    await told(town)
    await town.command("ann", "dm", "mydata")
    [file] = last(town).attachments
    assert file.ephemeral
    assert b"My secret is 42." in file.upload.content
