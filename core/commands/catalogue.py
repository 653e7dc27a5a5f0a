"""All commands. Registering them on a platform means walking over this list."""

from __future__ import annotations

from dataclasses import replace

from core.channel import SAYABLE
from core.commands.declaration import Command, Option, OptionKind
from core.commands.tutoring.declaration import TUTOR as TUTOR
from core.privacy import Kept
from core.quota.limit import Measure, SubjectKind

WHOM = (
    Option(name="person", summary="A person", kind=OptionKind.PERSON),
    Option(name="role", summary="A role on Discord, a user group on Slack", kind=OptionKind.ROLE),
)
ASK = Command(
    name="ask",
    summary="Ask Parley a question",
    options=(Option(name="question", summary="What you want to know", required=True, rest=True),),
)
STOP = Command(name="stop", summary="Stop the answer that is being written here")
HELP = Command(name="help", summary="What Parley can do, and how to ask")
SETTINGS_COMMAND = Command(
    name="settings",
    summary="See or change how Parley behaves in this channel",
    verbs=(
        Command(name="show", summary="How I behave in this channel"),
        Command(
            name="set",
            summary="Change one thing (admins)",
            options=(
                Option(name="setting", summary="Which setting to change", required=True, choices=tuple(SAYABLE)),
                Option(name="value", summary="yes, no, a word, or languages: show tells", required=True, rest=True),
            ),
            admin=True,
        ),
        Command(name="allow", summary="Let somebody ask here where only some may (admins)", options=WHOM, admin=True),
        Command(name="disallow", summary="Take that back (admins)", options=WHOM, admin=True),
    ),
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

PLACES = ("here", "thread", "workspace", "dms")
PARTS = ("prompt", "model", "style", "tools")
_NAME = Option(name="name", summary="Which persona", required=True, suggested=True, rest=True)
_ANY_NAME = Option(name="name", summary="Which persona or preset", required=True, suggested=True, rest=True)


def _version(name: str, summary: str, *, required: bool = False) -> Option:
    return Option(name=name, summary=summary, kind=OptionKind.NUMBER, required=required)


PERSONA = Command(
    name="persona",
    summary="Assistants of your own: who answers where, with which prompt and model",
    verbs=(
        Command(name="list", summary="The personas of this workspace, and where they answer"),
        Command(
            name="show",
            summary="What a persona is told and how it answers",
            options=(Option(name="name", summary="Without one: who answers here", suggested=True, rest=True),),
        ),
        Command(
            name="create",
            summary="Make a persona, in a form",
            options=(Option(name="name", summary="What it shall be called", rest=True),),
            admin=True,
        ),
        Command(
            name="edit",
            summary="Change a persona, in a form; this makes a new version",
            options=(_NAME, Option(name="part", summary="What to change: the prompt by default", choices=PARTS)),
            admin=True,
        ),
        Command(
            name="copy",
            summary="Make a persona out of another one, or out of a preset",
            options=(_ANY_NAME, Option(name="as", summary="What the copy shall be called")),
            admin=True,
        ),
        Command(
            name="use",
            summary="Choose who answers here, in this thread, everywhere, or in direct messages",
            options=(Option(name="where", summary="Where it answers", required=True, choices=PLACES), _NAME),
            admin=True,
        ),
        Command(
            name="preview",
            summary="Ask a persona a question in private; nothing is saved",
            options=(_NAME, Option(name="question", summary="What to ask it")),
            admin=True,
        ),
        Command(name="history", summary="Who changed a persona when", options=(_NAME,)),
        Command(
            name="diff",
            summary="What changed between two versions: the last two by default",
            options=(_NAME, _version("from", "The older version"), _version("to", "The newer version")),
        ),
        Command(
            name="rollback",
            summary="Go back to an older version; this makes a new one",
            options=(_NAME, _version("version", "The version to go back to")),
            admin=True,
        ),
        Command(name="archive", summary="Put a persona away; its name is free then", options=(_NAME,), admin=True),
        Command(
            name="export",
            summary="Get personas as a file: one, or all",
            options=(Option(name="name", summary="Without one: all", suggested=True, rest=True),),
            admin=True,
        ),
        Command(name="import", summary="Make or change personas from a file", admin=True),
        Command(name="allow", summary="Let somebody change personas; without a name, see who may", options=WHOM),
        Command(name="disallow", summary="Take that back", options=WHOM, admin=True),
    ),
)

QUOTA_PERIODS = ("minute", "hour", "day", "week", "month", "60s", "60m", "24h", "7d", "30d")
USAGE_SINCE = ("day", "week", "month")
_AMOUNT = Option(name="amount", summary="How much, such as 50, 20k or 3.50", required=True)
_MEASURE = Option(
    name="measure", summary="What is counted", required=True, choices=tuple(measure.value for measure in Measure)
)
_PERIOD = Option(
    name="period", summary="In which time; with a number: counted back from now", required=True, choices=QUOTA_PERIODS
)
_FOR = Option(
    name="for", summary="For whom; channel: this one", required=True, choices=tuple(kind.value for kind in SubjectKind)
)
_OF = Option(name="name", summary="A persona, where it is for one", suggested=True, rest=True)
QUOTA = Command(
    name="quota",
    summary="Limits: what you may still use, and for admins what everybody may",
    verbs=(
        Command(name="show", summary="What limits you, and what is left"),
        Command(
            name="set",
            summary="Set a limit (admins)",
            options=(_AMOUNT, _MEASURE, _PERIOD, _FOR, *WHOM, _OF),
            admin=True,
        ),
        Command(
            name="clear",
            summary="Take limits away (admins)",
            options=(_FOR, *WHOM, replace(_MEASURE, required=False), replace(_PERIOD, required=False), _OF),
            admin=True,
        ),
        Command(
            name="grant",
            summary="Give somebody something extra, once (admins)",
            options=(
                _AMOUNT,
                _MEASURE,
                Option(name="days", summary="For how many days", kind=OptionKind.NUMBER, required=True),
                _FOR,
                *WHOM,
                _OF,
            ),
            admin=True,
        ),
    ),
)
USAGE = Command(
    name="usage",
    summary="What you have used, today and this month, and what is left",
    verbs=(
        Command(name="me", summary="What you have used, and what is left"),
        Command(
            name="top",
            summary="What everybody has used (admins)",
            options=(
                Option(name="by", summary="Added up by", choices=("person", "channel", "persona", "model", "day")),
                Option(name="since", summary="Since the beginning of the", choices=USAGE_SINCE),
            ),
            admin=True,
        ),
    ),
)

_SERVER = Option(name="server", summary="Which server", required=True, suggested=True)
TOOLS = Command(
    name="tools",
    summary="Which tools I may use here, and for admins the servers that bring them",
    verbs=(
        Command(name="list", summary="The tools that there are here, and who uses them"),
        Command(
            name="enable", summary="Use a server's tools in this workspace (admins)", options=(_SERVER,), admin=True
        ),
        Command(name="disable", summary="Use them no more (admins)", options=(_SERVER,), admin=True),
        Command(
            name="add",
            summary="Add a server by its address, in a form (admins)",
            options=(Option(name="server", summary="What it shall be called"),),
            admin=True,
        ),
        Command(name="remove", summary="Take away a server that was added (admins)", options=(_SERVER,), admin=True),
        Command(
            name="test",
            summary="Connect to a server now, and tell what it brings (admins)",
            options=(_SERVER,),
            admin=True,
        ),
    ),
)
LINK = Command(
    name="link",
    summary="Have one quota on Slack and on Discord: shows a code to enter in the other place",
    options=(Option(name="code", summary="The code that you were shown in the other place"),),
)
UNLINK = Command(name="unlink", summary="Undo that: what you use here counts by itself")

CATALOGUE: tuple[Command, ...] = (
    ASK,
    STOP,
    HELP,
    TUTOR,
    SETTINGS_COMMAND,
    PERSONA,
    USAGE,
    QUOTA,
    TOOLS,
    LINK,
    UNLINK,
    FORGET,
    MYDATA,
    RETENTION,
    AUDIT,
)


def named(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in CATALOGUE if command.name == name), None)
