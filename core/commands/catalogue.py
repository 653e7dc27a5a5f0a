"""All commands. Registering them on a platform means walking over this list."""

from __future__ import annotations

from core.channel import AnswerIn
from core.commands.declaration import Command, Option

ASK = Command(
    name="ask",
    summary="Ask Parley a question",
    options=(Option(name="question", summary="What you want to know", required=True, rest=True),),
)
STOP = Command(name="stop", summary="Stop the answer that is being written here")
HELP = Command(name="help", summary="What Parley can do, and how to ask")
SETTINGS = Command(
    name="settings",
    summary="See or change how Parley behaves in this channel",
    options=(
        Option(name="setting", summary="Which setting to change", choices=("answer_in", "mention_needed")),
        Option(name="value", summary=f"{' or '.join(AnswerIn)}; yes or no", rest=True),
    ),
    admin=True,
)

CATALOGUE: tuple[Command, ...] = (ASK, STOP, HELP, SETTINGS)


def named(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in CATALOGUE if command.name == name), None)
