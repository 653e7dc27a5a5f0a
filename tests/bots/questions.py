"""What `parley setup` asks, and the answers that every conversation with it has."""

from __future__ import annotations

from pathlib import Path

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import KEY
from tests.bots.terminals import Person

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
