"""Block Kit: what Slack refuses, and what a person can press. Pure.

Limits are those of Slack's reference (docs.slack.dev/reference/block-kit); texts are counted in characters.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sandbox.slack import elements as element_kit
from sandbox.slack.elements import Fault, plain, several, short, text
from sandbox.slack.values import ApiError, Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_TOTAL = 12_000

_UNCHECKED = frozenset(
    {"divider", "image", "rich_text", "video", "file", "table", "context_actions", "task_card", "plan"}
)
_ONLY_IN_MESSAGES = frozenset({"markdown", "file", "table", "context_actions", "task_card", "plan"})


def check(blocks: Any, *, most: int = MESSAGE_BLOCKS, in_view: bool = False) -> tuple[Json, ...]:
    """The blocks, when Slack would take them; `invalid_blocks` with the reason otherwise."""
    try:
        return tuple(_checked(blocks, most, in_view))
    except Fault as fault:
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


def _checked(blocks: Any, most: int, in_view: bool) -> list[Json]:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Fault("blocks must be an array of objects")
    if len(blocks) > most:
        raise Fault(f"no more than {most} items allowed [json-pointer:/blocks]")
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        raise Fault("block_id already exists")
    for number, block in enumerate(blocks):
        if in_view and block.get("type") in _ONLY_IN_MESSAGES:
            raise Fault(f"unsupported type: {block['type']} [json-pointer:/blocks/{number}/type]")
        _check_block(block, f"/blocks/{number}")
    markdown = sum(len(block.get("text", "")) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_TOTAL:
        raise Fault(f"markdown blocks together exceed {MARKDOWN_TOTAL} characters")
    return blocks


def _check_block(block: Json, at: str) -> None:
    short(block.get("block_id"), 255, f"{at}/block_id")
    match block.get("type"):
        case "section":
            _section(block, at)
        case "header":
            plain(block.get("text"), 150, f"{at}/text")
        case "markdown":
            if not isinstance(block.get("text"), str) or not block["text"]:
                raise Fault(f"must provide a string [json-pointer:{at}/text]")
        case "context":
            _context(block, at)
        case "actions":
            _actions(block, at)
        case "input":
            _input(block, at)
        case kind:
            if kind in _UNCHECKED:
                return
            raise Fault(f"unsupported type: {kind} [json-pointer:{at}/type]")


def _section(block: Json, at: str) -> None:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        raise Fault(f"missing required field: text or fields [json-pointer:{at}]")
    if block.get("text") is not None:
        text(block["text"], 3_000, f"{at}/text")
    if fields is not None:
        several(fields, 10, f"{at}/fields")
        for number, item in enumerate(fields):
            text(item, 2_000, f"{at}/fields/{number}")
    if block.get("accessory") is not None:
        element_kit.check(block["accessory"], f"{at}/accessory")


def _context(block: Json, at: str) -> None:
    several(block.get("elements"), 10, f"{at}/elements")
    for number, item in enumerate(block["elements"]):
        if not isinstance(item, dict) or item.get("type") != "image":
            text(item, 3_000, f"{at}/elements/{number}")


def _actions(block: Json, at: str) -> None:
    several(block.get("elements"), 25, f"{at}/elements")
    ids = [item.get("action_id") for item in block["elements"] if isinstance(item, dict)]
    if len(ids) != len(set(ids)):
        raise Fault(f"action_id already exists [json-pointer:{at}/elements]")
    for number, item in enumerate(block["elements"]):
        element_kit.check(item, f"{at}/elements/{number}")


def _input(block: Json, at: str) -> None:
    plain(block.get("label"), 2_000, f"{at}/label")
    if block.get("hint") is not None:
        plain(block["hint"], 2_000, f"{at}/hint")
    element_kit.check(block.get("element"), f"{at}/element", in_input=True)
