"""What is said to a person at once, outside of any growing reply: an answer with buttons, a form, a file.

Declared here once and rendered by each platform with its own means. What a person does with it comes back as an
`Incoming` (a press or a submitted form) that carries the action's name and its value, so it works after a restart and
in any process. The bounds are those of the stricter platform (slack.md, section 9; discord.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How much a button asks for attention."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under an answer."""

    label: str
    """At most 75 characters."""
    action: str
    """Whose it is and what it does, such as `forget.confirm`: what stands before the dot names the command."""
    value: str = ""
    """Given back with the press. With the action at most 90 characters. Not a secret, and not to be trusted."""
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several things to choose from."""

    value: str
    """At most 90 characters."""
    label: str
    """At most 75 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A list under an answer from which one is chosen. Comes back as a press whose value is the choice's."""

    action: str
    placeholder: str
    choices: tuple[Choice, ...]
    """At most 25."""
    chosen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that we give to people."""

    name: str
    media_type: str
    content: bytes
    alt_text: str = ""
    """For a picture: what it shows, for those who do not see it."""


class FieldKind(StrEnum):
    """What a field of a form takes."""

    LINE = "line"
    TEXT = "text"
    """Several lines."""
    CHOICE = "choice"
    CHOICES = "choices"
    """Any number of them; as a value, a line each."""
    FILE = "file"
    """Comes back among the attachments of the submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    name: str
    """The option under which it comes back; never `value`, which is the form's own."""
    label: str
    """At most 45 characters."""
    kind: FieldKind = FieldKind.LINE
    value: str = ""
    """What stands there at first; for a choice, the value chosen at first."""
    hint: str = ""
    """At most 100 characters."""
    required: bool = False
    longest: int = 3_000
    """Characters. Beyond 3,000 Slack shows several inputs, whose texts are joined again; at most 4,000 on Discord."""
    choices: tuple[Choice, ...] = ()
    """For one choice or several: at most 25."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A window that asks for several things at once. Comes back as an Incoming of kind FORM."""

    action: str
    title: str
    """At most 24 characters."""
    fields: tuple[Field, ...]
    """At most 5: Discord shows no more."""
    value: str = ""
    """Given back with the submission. With the action at most 90 characters."""
    submit: str = "Save"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Something said at once to whoever used a command, a button or a form, instead of a turn."""

    text: str = ""
    """Markdown of our own."""
    private: bool = True
    buttons: tuple[Button, ...] = ()
    """At most 25; shown five in a row."""
    selects: tuple[Select, ...] = ()
    """At most four."""
    files: tuple[File, ...] = ()
    """To the person alone where `private`: a platform that has no private files sends a direct message."""
    form: Form | None = None
    """Opened instead of showing the text, where what the person did can open one (a command or a press, answered within
    two seconds); otherwise the text is shown."""
    replaces: bool = False
    """The private message whose button was pressed shows this from now on, and its old buttons are gone."""
