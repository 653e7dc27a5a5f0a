"""What a command is, before any platform renders it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing a person can say to a command."""

    name: str
    summary: str
    required: bool = False
    choices: tuple[str, ...] = ()
    """The only values it takes; any text where empty."""
    rest: bool = False
    """Where a platform gives one line of words, this option takes all that is left of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command's name and options. What it does stands in `core/commands/`, beside the others."""

    name: str
    summary: str
    options: tuple[Option, ...] = ()
    admin: bool = False
    """Whether only admins may change things with it; told to the platform and checked again on each use."""

    @property
    def usage(self) -> str:
        """How it is typed, such as `/ask question`."""
        words = [option.name if option.required else f"[{option.name}]" for option in self.options]
        return " ".join([f"/{self.name}", *words])


def parse_words(command: Command, words: str) -> dict[str, str]:
    """Options out of one line of words, in the order of the declaration: Slack and the `!` form have no others."""
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
