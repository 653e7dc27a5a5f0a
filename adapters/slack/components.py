"""Buttons and lists under answers, and what a press on one carries back. Pure.

The action travels in Slack's `action_id`, with a number before it because those differ within a message, and the value
in `value`. Whatever comes back was in a person's hands: it is read only within the bounds that we ourselves keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.interaction import Button, Choice, Select, Style

Json = dict[str, Any]

IN_A_ROW = 5
MOST_CARRIED = 90
"""Characters of an action and its value together (core/interaction.py)."""
LONGEST_LABEL = 75
LONGEST_PLACEHOLDER = 150
MOST_OPTIONS = 100

_PRESSED = re.compile(r"parley\.\d{1,3}:(?P<action>.+)", re.DOTALL)
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a button or a list carries."""

    action: str
    value: str


def rows(buttons: Sequence[Button], selects: Sequence[Select] = ()) -> list[Json]:
    """Blocks with the lists and the buttons. Raises ValueError for what could not be carried back."""
    lists = [_select(select, number) for number, select in enumerate(selects)]
    shown = [_button(button, len(lists) + number) for number, button in enumerate(buttons)]
    blocks = [lists] if lists else []
    blocks += [shown[start : start + IN_A_ROW] for start in range(0, len(shown), IN_A_ROW)]
    return [{"type": "actions", "elements": elements} for elements in blocks]


def press_of(action: Mapping[str, Any]) -> Press | None:
    """What was pressed or chosen; none where it is not ours, or not as we made it."""
    found = _PRESSED.fullmatch(str(action.get("action_id") or ""))
    if found is None:
        return None
    chosen = action.get("selected_option")
    value = unescaped(str(chosen.get("value") or "")) if isinstance(chosen, dict) else str(action.get("value") or "")
    press = Press(action=found["action"], value=value)
    return press if _is_carried(press.action, press.value) else None


def carried(action: str, value: str) -> None:
    """Raises ValueError for an action and a value that would not come back."""
    if not action or not _is_carried(action, value):
        raise ValueError(f"cannot be carried: {len(action)} and {len(value)} characters")


def _is_carried(action: str, value: str) -> bool:
    return len(action) + len(value) <= MOST_CARRIED and not _UNREADABLE.search(action + value)


def options(choices: Sequence[Choice]) -> list[Json]:
    """The choices as Slack's options."""
    return [{"text": plain(one.label, LONGEST_LABEL), "value": escaped(one.value)} for one in choices[:MOST_OPTIONS]]


def escaped(value: str) -> str:
    """The value as an option carries it: Slack knows no empty one."""
    return f"\\{value}" if not value or value.startswith("\\") else value


def unescaped(value: str) -> str:
    """The way back."""
    return value.removeprefix("\\")


def plain(text: str, most: int) -> Json:
    """A text without marks."""
    text = text.strip() or "…"
    return {"type": "plain_text", "text": text if len(text) <= most else text[: most - 1] + "…"}


def _button(button: Button, number: int) -> Json:
    carried(button.action, button.value)
    element: Json = {
        "type": "button",
        "action_id": f"parley.{number}:{button.action}",
        "text": plain(button.label, LONGEST_LABEL),
    }
    if button.value:
        element["value"] = button.value
    if button.style is not Style.PLAIN:
        element["style"] = button.style.value
    return element


def _select(select: Select, number: int) -> Json:
    for choice in select.choices:
        carried(select.action, choice.value)
    element: Json = {
        "type": "static_select",
        "action_id": f"parley.{number}:{select.action}",
        "placeholder": plain(select.placeholder, LONGEST_PLACEHOLDER),
        "options": options(select.choices),
    }
    return element | initial(select.choices, select.chosen)


def initial(choices: Sequence[Choice], chosen: str | None) -> Json:
    """Which of them is chosen at first, where it is one of them."""
    found = [option for option in options(choices) if chosen is not None and option["value"] == escaped(chosen)]
    return {"initial_option": found[0]} if found else {}


def all_initial(choices: Sequence[Choice], chosen: Sequence[str]) -> Json:
    """The same for several."""
    wanted = {escaped(one) for one in chosen}
    found = [option for option in options(choices) if option["value"] in wanted]
    return {"initial_options": found} if found else {}
