"""All commands. Registering them on a platform means walking over this list."""

from __future__ import annotations

from core.channel import AnswerIn
from core.commands.declaration import Command, Option, OptionKind
from core.privacy import Kept

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
FORGET = Command(
    name="forget",
    summary="Have Parley forget what you wrote to it; you see first what will go",
    verbs=(
        Command(name="here", summary="What you wrote in this channel or direct message, and the answers"),
        Command(name="thread", summary="What you wrote in this conversation alone, and the answers"),
        Command(name="everywhere", summary="What you wrote anywhere in this workspace, and the answers"),
        Command(name="channel", summary="All that anybody wrote to Parley in this channel (admins)", admin=True),
    ),
)
MYDATA = Command(name="mydata", summary="Get a file with everything that Parley has stored of you")
RETENTION = Command(
    name="retention",
    summary="See or change for how long Parley keeps things",
    verbs=(
        Command(name="show", summary="For how long things are kept in this channel"),
        Command(
            name="set",
            summary="Keep things for so many days (admins)",
            options=(
                Option(name="what", summary="What is kept", required=True, choices=tuple(kept.value for kept in Kept)),
                Option(name="days", summary="Days; forever; or default, for what holds around it", required=True),
                Option(name="where", summary="For this channel or for the workspace", choices=("here", "workspace")),
            ),
            admin=True,
        ),
    ),
)
AUDIT = Command(
    name="audit",
    summary="Read what admins changed, and what was refused",
    options=(
        Option(name="action", summary="Only actions that begin so, such as retention or settings.set"),
        Option(name="person", summary="Only what this person did", kind=OptionKind.PERSON),
    ),
    admin=True,
)

CATALOGUE: tuple[Command, ...] = (ASK, STOP, HELP, SETTINGS, FORGET, MYDATA, RETENTION, AUDIT)


def named(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in CATALOGUE if command.name == name), None)
