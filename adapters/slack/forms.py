"""Forms as Slack's modals, and what was filled in. Pure.

A modal carries what the form is for and where it was opened in its private metadata. A field's name stands in its
block_id with a mark of what it showed at first: Slack keeps what was typed in a block whose id stays, so a form that is
shown again with another text has other ids. A long text stands in several inputs, because one takes 3,000 characters.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack import components
from adapters.slack.markup import to_mrkdwn
from core.interaction import Field, FieldKind, Form
from core.splitting import split

Json = dict[str, Any]
Payload = Mapping[str, Any]

CALLBACK = "parley.form"
LONGEST_INPUT = 3_000
"""Characters of one input, counted as UTF-16 does, because Slack does not say how it counts."""
LONGEST_SECTION = 2_900
LONGEST_TITLE = 24
LONGEST_METADATA = 3_000
LOOK_FOR_SEAM = 200
"""Characters in which a long text may be parted so that no part begins or ends with a blank, which Slack could drop."""
WAITING = "One moment…"

_BLOCK = re.compile(r"(?P<field>\d{1,2})\.(?P<part>\d{1,3})\.[0-9a-f]{8}:(?P<name>.+)", re.DOTALL)
_KEPT = ("type", "callback_id", "private_metadata", "title", "submit", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Which form it is, and where it was opened."""

    action: str
    value: str
    channel: str
    thread: str = ""
    begun: bool = False
    """The thread had replies then."""
    response_url: str = ""
    """Of the command or the press that opened it: another way to answer."""
    pressed: bool = False
    """A press opened it, and the message with its button may be replaced."""


def view(form: Form, place: Opened, notice: str = "") -> Json:
    """The modal. Raises ValueError for an action and a value that could not be carried back."""
    components.carried(form.action, form.value)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": _metadata(form, place),
        "title": components.plain(form.title, LONGEST_TITLE),
        "submit": components.plain(form.submit, LONGEST_TITLE),
        "close": components.plain("Cancel", LONGEST_TITLE),
        "blocks": [
            *sections(notice),
            *(block for number, field in enumerate(form.fields) for block in _inputs(number, field)),
        ],
    }


def message(shown: Payload, text: str) -> Json:
    """The modal as it stands, with words in place of the form."""
    blocks = sections(text) or sections(WAITING)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": shown["title"],
        "close": components.plain("Close", LONGEST_TITLE),
        "blocks": blocks,
    }


def sections(markdown: str) -> list[Json]:
    """Words of our own, where Slack takes no Markdown."""
    parts = split(markdown, limit=LONGEST_SECTION, measure=lambda text: len(to_mrkdwn(text)))
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": to_mrkdwn(part.shown), "verbatim": True}}
        for part in parts
    ]


def _metadata(form: Form, place: Opened) -> str:
    kept = {"a": form.action, "v": form.value, "c": place.channel, "t": place.thread, "r": place.response_url}
    kept |= {"b": "1" if place.begun else "", "p": "1" if place.pressed else ""}
    text = json.dumps(kept, ensure_ascii=False)
    return text if len(text) <= LONGEST_METADATA else json.dumps(kept | {"r": ""}, ensure_ascii=False)


# ── fields ──


def _inputs(number: int, field: Field) -> Iterator[Json]:
    texts = _texts(field)
    for part, text in enumerate(texts):
        mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        label = field.label if len(texts) == 1 else f"{field.label} ({part + 1} of {len(texts)})"
        block: Json = {
            "type": "input",
            "block_id": f"{number}.{part}.{mark}:{field.name}",
            "label": components.plain(label, LONGEST_INPUT // 2),
            "optional": not field.required or part > 0,
            "element": _element(field, part, text),
        }
        if field.hint and not part:
            block["hint"] = components.plain(field.hint, LONGEST_INPUT // 2)
        yield block


def _texts(field: Field) -> list[str]:
    """What each input of the field shows at first."""
    if field.kind is not FieldKind.TEXT:
        return [field.value]
    texts = pieces(field.value)
    wanted = -(-field.longest // LONGEST_INPUT)
    return [*texts, *[""] * (max(1, wanted) - len(texts))]


def _element(field: Field, part: int, text: str) -> Json:
    element: Json = {"action_id": field.name if not part else f"{field.name}.{part + 1}"}
    if field.kind is FieldKind.FILE:
        return element | {"type": "file_input", "max_files": 1}
    if field.kind is FieldKind.CHOICE:
        shown = {"type": "static_select", "options": components.options(field.choices)}
        return element | shown | components.initial(field.choices, text)
    if field.kind is FieldKind.CHOICES:
        shown = {"type": "multi_static_select", "options": components.options(field.choices)}
        return element | shown | components.all_initial(field.choices, text.splitlines())
    most = max(1, min(field.longest, LONGEST_INPUT))
    element |= {"type": "plain_text_input", "multiline": field.kind is FieldKind.TEXT, "max_length": most}
    return element | ({"initial_value": text[:most]} if text else {})


def pieces(text: str) -> list[str]:
    """The text in parts that fit into one input each; joined they are the text."""
    parts: list[str] = []
    while _units(text) > LONGEST_INPUT:
        end = _seam(text, _fitting(text))
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text] if text or not parts else parts


def _units(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text)


def _fitting(text: str) -> int:
    """How many characters of a text that is too long fit."""
    end = LONGEST_INPUT
    while (excess := _units(text[:end]) - LONGEST_INPUT) > 0:
        end -= -(-excess // 2)
    return end


def _seam(text: str, end: int) -> int:
    for at in range(end, max(end - LOOK_FOR_SEAM, 1), -1):
        if not text[at - 1].isspace() and not text[at].isspace():
            return at
    return end


# ── what was filled in ──


def opened(shown: Payload) -> Opened | None:
    """Which form a submitted modal was; none where it is not ours, or not as we made it."""
    try:
        kept = json.loads(str(shown.get("private_metadata") or ""))
    except ValueError:
        return None
    if shown.get("callback_id") != CALLBACK or not isinstance(kept, dict):
        return None
    action, value, channel, thread, url = (str(kept.get(name) or "") for name in "avctr")
    try:
        components.carried(action, value)
    except ValueError:
        return None
    if not channel:
        return None
    return Opened(
        action=action,
        value=value,
        channel=channel,
        thread=thread,
        begun=bool(kept.get("b")),
        response_url=url,
        pressed=bool(kept.get("p")),
    )


def values(shown: Payload) -> dict[str, str]:
    """The fields by name, empty where nothing was filled in; files are not among them."""
    texts: dict[str, str] = {}
    for name, given in _filled(shown):
        if given.get("type") != "file_input":
            texts[name] = texts.get(name, "") + _text(given)
    return texts


def files(shown: Payload) -> list[Json]:
    """The files that were put in."""
    return [file for _, given in _filled(shown) for file in given.get("files") or () if isinstance(file, dict)]


def _filled(shown: Payload) -> Iterator[tuple[str, Payload]]:
    """Each input's field and state, in the order of the fields and their parts."""
    state: Payload = (shown.get("state") or {}).get("values") or {}
    found = [(match, inner) for block_id, inner in state.items() if (match := _BLOCK.fullmatch(block_id))]
    for match, inner in sorted(found, key=lambda one: (int(one[0]["field"]), int(one[0]["part"]))):
        for given in inner.values():
            yield match["name"], given


def _text(given: Payload) -> str:
    chosen = given.get("selected_option")
    if isinstance(chosen, dict):
        return _storable(components.unescaped(str(chosen.get("value") or "")))
    if isinstance(several := given.get("selected_options"), list):
        return _storable("\n".join(components.unescaped(str(one.get("value") or "")) for one in several))
    return _storable(str(given.get("value") or ""))


def _storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def first_input(shown: Payload) -> str | None:
    """Where a complaint about the whole form can stand: Slack shows one only under an input."""
    return next((block["block_id"] for block in shown.get("blocks") or () if block.get("type") == "input"), None)


def refilled(shown: Payload, notice: str) -> Json:
    """The modal again, with what was typed in it and a sentence above. Files have to be put in anew."""
    state: Payload = (shown.get("state") or {}).get("values") or {}
    inputs = [block for block in shown.get("blocks") or () if block.get("type") == "input"]
    kept = {name: shown[name] for name in _KEPT if shown.get(name)}
    return kept | {"blocks": [*sections(notice), *(_refilled(block, state) for block in inputs)]}


def _refilled(block: Json, state: Payload) -> Json:
    element = {name: value for name, value in block["element"].items() if not name.startswith("initial_")}
    given: Payload = (state.get(block["block_id"]) or {}).get(element.get("action_id")) or {}
    if given.get("value"):
        element["initial_value"] = given["value"]
    if given.get("selected_option"):
        element["initial_option"] = _chosen(element, given["selected_option"])
    if given.get("selected_options"):
        element["initial_options"] = [_chosen(element, one) for one in given["selected_options"]]
    return {**block, "element": element}


def _chosen(element: Json, option: Payload) -> Json:
    """The very option of the list: Slack compares all of it."""
    found: Json = next((one for one in element.get("options") or () if one["value"] == option["value"]), dict(option))
    return found


def typed(shown: Payload) -> str:
    """What was filled in, as Markdown, for a person whose form is lost."""
    labels: dict[str, str] = {}
    for block in shown.get("blocks") or ():
        match = _BLOCK.fullmatch(str(block.get("block_id") or ""))
        if match and block.get("type") == "input":
            labels.setdefault(match["name"], str((block.get("label") or {}).get("text") or match["name"]))
    return "\n\n".join(
        f"**{labels.get(name, name)}**\n\n{_fenced(text)}" for name, text in values(shown).items() if text
    )


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
