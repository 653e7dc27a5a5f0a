"""Block Kit: what Slack refuses, and what a person can press. Pure.

Limits are those of Slack's reference (docs.slack.dev/reference/block-kit); texts are counted in characters.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sandbox.slack.values import ApiError, Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_TOTAL = 12_000

_PLAIN = frozenset({"plain_text"})
_TEXTS = frozenset({"plain_text", "mrkdwn"})
_UNCHECKED = frozenset(
    {"divider", "image", "rich_text", "video", "file", "input", "table", "context_actions", "task_card", "plan"}
)


class _Fault(Exception):
    """What is wrong with a block, in Slack's own sort of words."""


def check(blocks: Any, *, most: int = MESSAGE_BLOCKS) -> tuple[Json, ...]:
    """The blocks, when Slack would take them; `invalid_blocks` with the reason otherwise."""
    try:
        return tuple(_checked(blocks, most))
    except _Fault as fault:
        raise ApiError("invalid_blocks", errors=[str(fault)]) from fault


def named(blocks: Sequence[Json], new_id: Callable[[], str]) -> tuple[Json, ...]:
    """The same blocks as Slack stores them: each has a block_id, each button an action_id."""
    return tuple(_named(block, new_id) for block in blocks)


def _named(block: Json, new_id: Callable[[], str]) -> Json:
    if block.get("type") == "actions":
        inner = [item if item.get("action_id") else item | {"action_id": new_id()} for item in block["elements"]]
        block = block | {"elements": inner}
    return block if block.get("block_id") else block | {"block_id": new_id()}


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block it stands in."""
    for block in blocks:
        inner = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        yield from ((block, item) for item in inner if isinstance(item, dict) and "action_id" in item)


def buttons(blocks: Sequence[Json]) -> list[Json]:
    """The buttons as the page shows them."""
    return [
        {
            "id": item["action_id"],
            "label": item["text"]["text"],
            "value": item.get("value"),
            "style": item.get("style"),
        }
        for _, item in elements(blocks)
        if item.get("type") == "button"
    ]


def _checked(blocks: Any, most: int) -> list[Json]:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise _Fault("blocks must be an array of objects")
    if len(blocks) > most:
        raise _Fault(f"no more than {most} items allowed [json-pointer:/blocks]")
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        raise _Fault("block_id already exists")
    for number, block in enumerate(blocks):
        _check_block(block, f"/blocks/{number}")
    markdown = sum(len(block.get("text", "")) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_TOTAL:
        raise _Fault(f"markdown blocks together exceed {MARKDOWN_TOTAL} characters")
    return blocks


def _check_block(block: Json, at: str) -> None:
    _short(block.get("block_id"), 255, f"{at}/block_id")
    match block.get("type"):
        case "section":
            _section(block, at)
        case "header":
            _text(block.get("text"), 150, f"{at}/text", _PLAIN)
        case "markdown":
            if not isinstance(block.get("text"), str) or not block["text"]:
                raise _Fault(f"must provide a string [json-pointer:{at}/text]")
        case "context":
            _context(block, at)
        case "actions":
            _actions(block, at)
        case kind:
            if kind in _UNCHECKED:
                return
            raise _Fault(f"unsupported type: {kind} [json-pointer:{at}/type]")


def _section(block: Json, at: str) -> None:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        raise _Fault(f"missing required field: text or fields [json-pointer:{at}]")
    if block.get("text") is not None:
        _text(block["text"], 3_000, f"{at}/text")
    if fields is not None:
        _several(fields, 10, f"{at}/fields")
        for number, item in enumerate(fields):
            _text(item, 2_000, f"{at}/fields/{number}")
    if block.get("accessory") is not None:
        _element(block["accessory"], f"{at}/accessory")


def _context(block: Json, at: str) -> None:
    _several(block.get("elements"), 10, f"{at}/elements")
    for number, item in enumerate(block["elements"]):
        if not isinstance(item, dict) or item.get("type") != "image":
            _text(item, 3_000, f"{at}/elements/{number}")


def _actions(block: Json, at: str) -> None:
    _several(block.get("elements"), 25, f"{at}/elements")
    ids = [item.get("action_id") for item in block["elements"] if isinstance(item, dict)]
    if len(ids) != len(set(ids)):
        raise _Fault(f"action_id already exists [json-pointer:{at}/elements]")
    for number, item in enumerate(block["elements"]):
        _element(item, f"{at}/elements/{number}")


def _element(item: Any, at: str) -> None:
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise _Fault(f"must be an element with a type [json-pointer:{at}]")
    _short(item.get("action_id"), 255, f"{at}/action_id")
    if item["type"] == "button":
        _text(item.get("text"), 75, f"{at}/text", _PLAIN)
        _short(item.get("value"), 2_000, f"{at}/value")
        if item.get("style") not in (None, "primary", "danger"):
            raise _Fault(f"failed to match all allowed schemas [json-pointer:{at}/style]")


def _several(items: Any, most: int, at: str) -> None:
    if not isinstance(items, list) or not items:
        raise _Fault(f"must be a non-empty array [json-pointer:{at}]")
    if len(items) > most:
        raise _Fault(f"no more than {most} items allowed [json-pointer:{at}]")


def _text(item: Any, most: int, at: str, kinds: frozenset[str] = _TEXTS) -> None:
    if not isinstance(item, dict) or item.get("type") not in kinds or not isinstance(item.get("text"), str):
        raise _Fault(f"must be a text object of {' or '.join(sorted(kinds))} [json-pointer:{at}]")
    if not item["text"]:
        raise _Fault(f"must be more than 0 characters [json-pointer:{at}/text]")
    _short(item["text"], most, f"{at}/text")


def _short(value: Any, most: int, at: str) -> None:
    if value is not None and (not isinstance(value, str) or len(value) > most):
        raise _Fault(f"must be less than {most + 1} characters [json-pointer:{at}]")
