"""The page on commands, made from their catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from core.commands.catalogue import CATALOGUE
from core.commands.declaration import Command, Option, OptionKind

PREFACE = """\
# Commands

*Made from `core/commands/catalogue.py` by `python -m bots.reference`.*

The same commands are on Slack and on Discord. Slack offers none in threads and takes one line of words: there the
options stand in the order below, and `!ask`, `!stop`, … do in a thread what `/ask`, `/stop`, … do elsewhere. Discord
shows each option by its name and proposes values while you type. *Admins*: who may is checked again at each use,
whatever the platform shows.
"""
KINDS = {
    OptionKind.TEXT: "text",
    OptionKind.NUMBER: "whole number",
    OptionKind.PERSON: "person",
    OptionKind.ROLE: "role or user group",
    OptionKind.CHANNEL: "channel",
}


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([PREFACE, _contents(), *(_section(command) for command in CATALOGUE)])


def _contents() -> str:
    rows = "\n".join(f"| [`/{command.name}`](#{command.name}) | {_cell(command.summary)} |" for command in CATALOGUE)
    return f"| command | what it does |\n| --- | --- |\n{rows}\n"


def _section(command: Command) -> str:
    parts = [f"## {command.name}", f"{command.summary}.{_who(command)}"]
    parts += [_used(command, f"/{command.name}")] if not command.verbs else []
    parts += [_verb(command, verb) for verb in command.verbs]
    return "\n\n".join(parts) + "\n"


def _verb(command: Command, verb: Command) -> str:
    return f"### {command.name} {verb.name}\n\n{verb.summary}.{_who(verb)}\n\n" + _used(
        verb, f"/{command.name} {verb.name}"
    )


def _who(command: Command) -> str:
    return " *Admins.*" if command.admin and "(admins)" not in command.summary else ""


def _used(command: Command, typed: str) -> str:
    words = (option.name.upper() if option.required else f"[{option.name.upper()}]" for option in command.options)
    usage = f"```text\n{' '.join([typed, *words])}\n```"
    if not command.options:
        return usage
    rows = "\n".join(
        f"| `{option.name}` | {'; '.join(_takes(option))} | {_cell(option.summary)} |" for option in command.options
    )
    return f"{usage}\n\n| option | takes | meaning |\n| --- | --- | --- |\n{rows}"


def _takes(option: Option) -> Iterator[str]:
    yield ", ".join(f"`{choice}`" for choice in option.choices) or KINDS[option.kind]
    if option.required:
        yield "needed"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
