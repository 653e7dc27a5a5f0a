"""Bodies of messages: a draft, or a sentence of ours, as Slack's Web API takes it. Pure.

Each body has the blocks that people see and a `text` for whatever shows no blocks. Neither calls anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.slack.components import rows
from adapters.slack.markup import for_stream, to_markdown, to_mrkdwn
from adapters.slack.moments import has_marks, own_words, without_marks
from core.interaction import Button, Select
from core.ports import CONTROL_LABELS, Control, Draft
from core.splitting import split

Json = dict[str, Any]

LONGEST_BLOCK = 12_000
"""Characters of all Markdown of a message (slack.md, section 8)."""
LONGEST_PART = 11_500
"""Characters of our own words in one message; longer ones become several."""
LONGEST_TEXT = 3_000
"""Characters of the text beside the blocks; chat.update takes 4,000."""
LONGEST_NOTICE = 2_900
EVENT_TYPE = "parley_reply"
"""Of the metadata by which a message is found whose answer was lost."""
QUIET: Json = {"unfurl_links": False, "unfurl_media": False}

_PREFIX = "parley:"
_CONTROLS = frozenset(control.value for control in Control)


def body_of(draft: Draft, *, rendered: bool = True) -> Json:
    """The message that shows the draft, and nothing of what it showed before. Not `rendered`: as a stream shows it."""
    shown = to_markdown(draft.text) if rendered else for_stream(draft.text)
    return {"text": fallback(draft), "blocks": [*_text(shown.strip()), *foot(draft)]}


def foot(draft: Draft) -> list[Json]:
    """What stands under the text: the notice and the buttons."""
    return [*_notice(draft.notice), *_buttons(draft.controls, draft.turn), *rows(draft.buttons)]


def fallback(draft: Draft) -> str:
    """The draft without blocks."""
    shown = to_mrkdwn(draft.text).strip()
    notice = own_words(draft.notice)
    return _cut("\n".join(part for part in (shown, notice) if part), LONGEST_TEXT) or "…"


def sentence(markdown: str) -> Json:
    """A message with words of our own."""
    words = own_words(markdown)
    if has_marks(markdown) and len(words) <= LONGEST_TEXT:  # a `markdown` block shows no dates and no mentions
        section = {"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}
        return {"text": words, "blocks": [section]}
    markdown = without_marks(markdown)
    shown = _cut(to_markdown(markdown), LONGEST_BLOCK)
    return {"text": _cut(to_mrkdwn(markdown), LONGEST_TEXT), "blocks": [{"type": "markdown", "text": shown}]}


def statements(text: str, buttons: Sequence[Button] = (), selects: Sequence[Select] = ()) -> list[Json]:
    """The messages that show words of our own, all of them; buttons and lists stand under the last. Raises ValueError
    for buttons that could not be carried back."""
    parts = split(text, limit=LONGEST_PART, measure=lambda part: len(to_markdown(without_marks(part))))
    bodies = [sentence(part.shown) for part in parts] or [{"text": "…", "blocks": []}]
    bodies[-1]["blocks"] += rows(buttons, selects)
    return bodies


def root(name: str, question: str) -> Json:
    """The message under which a slash command is answered: who asked what. It calls nobody."""
    quoted = "\n".join(f"> {line}" for line in question.split("\n"))
    text = f"**@{_plain(name)} asked:**\n{quoted}"
    return {"text": _cut(to_mrkdwn(text), LONGEST_TEXT), "blocks": [{"type": "markdown", "text": to_markdown(text)}]}


def metadata(key: str, files: Sequence[str] = ()) -> Json:
    """Marks a message with the key under which it was posted, and with the ids of the files that follow it."""
    payload = {"key": key} | ({"files": " ".join(files)} if files else {})
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def files_of(mark: Json) -> tuple[str, ...]:
    """The ids of the files that follow a message of ours, out of its metadata."""
    ours = mark.get("event_type") == EVENT_TYPE
    return tuple(str((mark.get("event_payload") or {}).get("files") or "").split()) if ours else ()


def key_of(message: Json) -> str | None:
    """The key of a message of ours, where it carries one."""
    data = message.get("metadata") or {}
    return (data.get("event_payload") or {}).get("key") if data.get("event_type") == EVENT_TYPE else None


def control_of(action_id: str) -> Control | None:
    """The control that a button of ours carries; none for any other."""
    value = action_id.removeprefix(_PREFIX)
    return Control(value) if value != action_id and value in _CONTROLS else None


def _text(shown: str) -> list[Json]:
    return [{"type": "markdown", "text": _cut(shown, LONGEST_BLOCK)}] if shown else []


def _notice(notice: str) -> list[Json]:
    if not notice:
        return []
    shown = _cut(own_words(notice), LONGEST_NOTICE)
    return [{"type": "context", "elements": [{"type": "mrkdwn", "text": shown, "verbatim": True}]}]


def _buttons(controls: Sequence[Control], turn: int) -> list[Json]:
    elements = [_button(control, turn) for control in controls]
    return [{"type": "actions", "elements": elements}] if elements else []


def _button(control: Control, turn: int) -> Json:
    return {
        "type": "button",
        "action_id": f"{_PREFIX}{control.value}",
        "value": str(turn),
        "text": {"type": "plain_text", "text": CONTROL_LABELS[control]},
    }


def _plain(name: str) -> str:
    return "".join(f"\\{sign}" if sign in "*_`~[]\\" else sign for sign in name)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
