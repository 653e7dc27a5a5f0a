"""What a command is, before any platform renders it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from core.incoming import Incoming
from core.interaction import Answer, Choice


class OptionKind(StrEnum):
    """What an option takes. People, roles and channels come as the platform's id."""

    TEXT = "text"
    NUMBER = "number"
    """Whole."""
    PERSON = "person"
    ROLE = "role"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing a person can say to a command."""

    name: str
    summary: str
    """At most 100 characters."""
    kind: OptionKind = OptionKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    """The only values it takes; any text where empty. At most 25."""
    suggested: bool = False
    """The command's feature proposes values while one is typed, where the platform has a way."""
    rest: bool = False
    """Where a platform gives one line of words, this option takes all that is left of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command's name and options. What it does stands in `core/commands/`, beside the others."""

    name: str
    """Lower case, at most 32 characters."""
    summary: str
    """At most 100 characters."""
    options: tuple[Option, ...] = ()
    verbs: tuple[Command, ...] = ()
    """Where there are any, the command is always used with one of them and has no options of its own."""
    admin: bool = False
    """Whether only admins may change things with it; told to the platform and checked again on each use."""

    @property
    def usage(self) -> str:
        """How it is typed, such as `/ask question`."""
        return " ".join([f"/{self.name}", *self._words()])

    def _words(self) -> list[str]:
        if self.verbs:
            return ["|".join(verb.name for verb in self.verbs)]
        return [option.name if option.required else f"[{option.name}]" for option in self.options]

    def verb(self, name: str) -> Command | None:
        """The verb of that name."""
        return next((verb for verb in self.verbs if verb.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command as it was typed: which one (or which verb of one), and its options."""

    name: str
    """With the verb, such as `persona create`."""
    command: Command
    options: dict[str, str]


def parse_words(command: Command, words: str) -> Said:
    """The command out of one line of words, its options in the order of the declaration: Slack and the `!` form have
    nothing else. A verb that does not exist is left to whoever handles the command, as its option `verb`."""
    if not command.verbs:
        return Said(name=command.name, command=command, options=_options(command, words))
    first, _, left = words.strip().partition(" ")
    verb = command.verb(first.lower())
    if verb is None:
        return Said(name=command.name, command=command, options={"verb": first} if first else {})
    return Said(name=f"{command.name} {verb.name}", command=verb, options=_options(verb, left))


def _options(command: Command, words: str) -> dict[str, str]:
    values: dict[str, str] = {}
    left = words.strip()
    for option in command.options:
        if not left:
            break
        if option.rest:
            values[option.name] = left
            break
        value, _, left = left.partition(" ")
        values[option.name] = value
        left = left.strip()
    return values


Handler = Callable[[Incoming], Awaitable[Answer | None]]
Suggester = Callable[[Incoming, str, str], Awaitable[tuple[Choice, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A command with what it does. Presses and forms are its own where their action begins with its name and a dot."""

    command: Command
    call: Handler
    pressed: Handler | None = None
    submitted: Handler | None = None
    suggest: Suggester | None = None
