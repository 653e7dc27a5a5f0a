"""What a typed line means: something said, a command, a press, or a word for the terminal itself. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.commands import catalogue
from core.commands.declaration import Command, OptionKind, parse_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Words for Parley."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A command of Parley's."""

    name: str
    words: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressNumber:
    """A button by its number."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A word for the terminal itself."""

    word: str
    rest: str = ""


Meaning = Say | Use | PressNumber | Own

OWN = {
    "new": "begin another conversation",
    "dm": "go to direct messages, where tutoring is",
    "channel": "go to a channel: /channel NAME",
    "attach": "send a file with your next line: /attach PATH",
    "quit": "leave (or Ctrl-D)",
}
"""Words that no command of Parley's has, and what they do."""
_PRESS = re.compile(r"/(\d{1,6})")
_COMMAND = re.compile(r"[/!]([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_MARKED = {OptionKind.PERSON: "@", OptionKind.ROLE: "@", OptionKind.CHANNEL: "#"}


def meaning(line: str) -> Meaning:
    """What was meant. A slash before no known word is part of what is said, such as a path."""
    text = line.strip()
    if press := _PRESS.fullmatch(text):
        return PressNumber(number=int(press[1]))
    found = _COMMAND.fullmatch(text)
    if found is None:
        return Say(text=text)
    name, words = found[1].lower(), (found[2] or "").strip()
    if name in OWN and text.startswith("/"):
        return Own(word=name, rest=words)
    command = catalogue.named(name)
    return Say(text=text) if command is None else _used(command, words)


def _used(command: Command, words: str) -> Use:
    said = parse_words(command, words)
    kinds = {option.name: option.kind for option in said.command.options}
    options = {
        name: value.removeprefix(_MARKED.get(kinds.get(name, OptionKind.TEXT), ""))
        for name, value in said.options.items()
    }
    return Use(name=said.name, words=words, options=options)


def guide() -> str:
    """The words for the terminal itself, for people."""
    lines = [f"- `/{word}`: {what}" for word, what in OWN.items()]
    return "\n".join(["In this terminal also:", *lines, "- `/7`: press the button with that number"])
