"""Buttons and lists under messages of ours, and what a press on one carries back. Pure.

Action and value travel in Discord's `custom_id`, behind a number because those differ within a message, and before an
end mark because nobody says what becomes of blanks at its end. Whatever comes back was in a person's hands: it is read
only within the bounds that we ourselves keep. Buttons under replies are payloads.py's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.interaction import Button, Choice, Select, Style

Json = dict[str, Any]

ROW, BUTTON, MENU = 1, 2, 3
"""Kinds of components."""
IN_A_ROW, MOST_ROWS = 5, 5
MOST_CARRIED = 90
"""Characters of an action and its value together (core/interaction.py); a custom_id takes 100."""
LONGEST_LABEL, LONGEST_OPTION, LONGEST_PLACEHOLDER, LONGEST_VALUE = 80, 100, 150, 100
MOST_OPTIONS = 25

_STYLES = {Style.PRIMARY: 1, Style.PLAIN: 2, Style.DANGER: 4}
_CARRIED = re.compile(r"p[0-9]{1,2}:(?P<length>[0-9]{1,2}):(?P<both>.+)\|", re.DOTALL)
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a button, a list or a form carries."""

    action: str
    value: str


def carrying(action: str, value: str = "", number: int = 0) -> str:
    """The custom_id that carries both. Raises ValueError for what would not come back."""
    if not action or not _is_carried(action, value) or not 0 <= number < 100:
        raise ValueError(f"cannot be carried: {len(action)} and {len(value)} characters")
    return f"p{number}:{len(action)}:{action}{value}|"


def carried_by(custom_id: str) -> Carried | None:
    """What the custom_id carries; none where it is not ours, or not as we made it."""
    found = _CARRIED.fullmatch(custom_id)
    if found is None:
        return None
    length, both = int(found["length"]), found["both"]
    action, value = both[:length], both[length:]
    return Carried(action=action, value=value) if len(action) == length > 0 and _is_carried(action, value) else None


def press_of(data: Mapping[str, Any]) -> Carried | None:
    """What was pressed or chosen; none where it is not ours."""
    carried = carried_by(str(data.get("custom_id") or ""))
    if carried is None or data.get("component_type") != MENU:
        return carried
    value = unescaped(str(next(iter(data.get("values") or ()), "")))
    return Carried(action=carried.action, value=value) if _is_carried("", value) else None


def _is_carried(action: str, value: str) -> bool:
    return len(action) + len(value) <= MOST_CARRIED and not _UNREADABLE.search(action + value)


def rows(buttons: Sequence[Button], selects: Sequence[Select] = ()) -> list[Json]:
    """Rows with the lists and the buttons, as many as it takes. Raises ValueError for what could not be carried."""
    lists = [row(menu(select, number)) for number, select in enumerate(selects)]
    shown = [
        button(one.label, carrying(one.action, one.value, len(lists) + number), one.style)
        for number, one in enumerate(buttons)
    ]
    return lists + [row(*shown[start : start + IN_A_ROW]) for start in range(0, len(shown), IN_A_ROW)]


def row(*inside: Json) -> Json:
    """A row of buttons, or with one list."""
    return {"type": ROW, "components": list(inside)}


def button(label: str, custom_id: str, style: Style = Style.PLAIN) -> Json:
    """A button."""
    return {"type": BUTTON, "style": _STYLES[style], "label": plain(label, LONGEST_LABEL), "custom_id": custom_id}


def menu(select: Select, number: int) -> Json:
    """A list from which one is chosen."""
    shape: Json = {
        "type": MENU,
        "custom_id": carrying(select.action, number=number),
        "options": options(select.choices, select.chosen),
    }
    return shape | ({"placeholder": plain(select.placeholder, LONGEST_PLACEHOLDER)} if select.placeholder else {})


def options(choices: Sequence[Choice], *chosen: str | None) -> list[Json]:
    """The choices as Discord's options, each value once. Raises ValueError where there are none, or too long ones."""
    by_value = {choice.value: choice.label for choice in choices}
    if not by_value or any(len(escaped(value)) > LONGEST_VALUE for value in by_value):
        raise ValueError("nothing to choose from, or too long a value")
    return [
        {"label": plain(label, LONGEST_OPTION), "value": escaped(value), "default": value in chosen}
        for value, label in list(by_value.items())[:MOST_OPTIONS]
    ]


def escaped(value: str) -> str:
    """The value as an option carries it: Discord knows no empty one."""
    return f"\\{value}" if not value or value.startswith("\\") else value


def unescaped(value: str) -> str:
    """The way back."""
    return value.removeprefix("\\")


def plain(text: str, most: int) -> str:
    """The text, never empty and never longer than that."""
    text = text.strip() or "…"
    return text if len(text) <= most else text[: most - 1] + "…"
