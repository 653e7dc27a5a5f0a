"""Bodies of messages: a draft, or a sentence of ours, as Discord's REST interface takes it. Pure.

Each body says anew that nobody is mentioned: Discord decides that again on every edit (discord.md, section 2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from adapters.discord.components import rows
from adapters.discord.markup import to_discord
from adapters.discord.moments import own_words
from core.ports import CONTROL_LABELS, Control, Draft

LONGEST = 2_000
"""Characters of a message (discord.md, section 3)."""
NOTICE_ROOM = 250
"""Characters kept free in each message for a sentence of ours under the text."""
NO_MENTIONS: dict[str, Any] = {"parse": [], "replied_user": False}
SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
"""A deferred response that still shows that the bot thinks."""

BEGUN = "…"
"""Shown while nothing of the text can be seen yet, such as the mark of a heading: Discord takes no empty message."""

_PREFIX = "parley"
_CONTROLS = frozenset(control.value for control in Control)
_SECONDARY, _DANGER = 2, 4
_ACTION_ROW, _BUTTON = 1, 2


def body_of(draft: Draft) -> dict[str, Any]:
    """The message that shows the draft, and nothing of what it showed before."""
    body = _body(_content(draft), draft.controls, draft.turn)
    body["components"] += rows(draft.buttons)
    return body


def sentence(text: str, *, private: bool = False) -> dict[str, Any]:
    """A message with words of our own; private ones only where an interaction is answered."""
    body = _body(shortened(own_words(text)), (), 0)
    del body["components"]
    return body | ({"flags": SUPPRESS_EMBEDS | EPHEMERAL} if private else {})


def _body(content: str, controls: Sequence[Control], turn: int) -> dict[str, Any]:
    return {
        "content": content,
        "allowed_mentions": NO_MENTIONS,
        "flags": SUPPRESS_EMBEDS,
        "components": [_row(controls, turn)] if controls else [],
    }


def _content(draft: Draft) -> str:
    text = to_discord(draft.text).strip()
    if not draft.notice:
        return text or BEGUN
    notice = " ".join(own_words(draft.notice).split())
    return f"{text}\n-# {notice}" if text else notice


def shortened(content: str) -> str:
    """The content, cut where it is too long for one message."""
    return content if len(content) <= LONGEST else content[: LONGEST - 1] + "…"


def _row(controls: Sequence[Control], turn: int) -> dict[str, Any]:
    return {"type": _ACTION_ROW, "components": [_button(control, turn) for control in controls]}


def _button(control: Control, turn: int) -> dict[str, Any]:
    return {
        "type": _BUTTON,
        "style": _DANGER if control is Control.STOP else _SECONDARY,
        "label": CONTROL_LABELS[control],
        "custom_id": f"{_PREFIX}:{control.value}:{turn}",
    }


def control_of(custom_id: str) -> tuple[Control, str] | None:
    """The control and the turn's number that a button of ours carries; none for any other button."""
    prefix, _, rest = custom_id.partition(":")
    control, _, turn = rest.partition(":")
    if prefix != _PREFIX or control not in _CONTROLS or not turn:
        return None
    return Control(control), turn


def nonce(key: str) -> str:
    """Discord posts only once what comes twice with the same one; 25 characters at most (discord.md, section 2)."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]
