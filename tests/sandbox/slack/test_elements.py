"""What Slack refuses of buttons, menus and inputs."""

from typing import Any

import pytest

from sandbox.slack import blocks
from sandbox.slack.values import ApiError


def _plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def _option(value: str = "a", label: int = 5) -> dict[str, Any]:
    return {"text": _plain(label), "value": value}


def _menu(**more: Any) -> dict[str, Any]:
    menu = {"type": "static_select", "action_id": "m", "options": [_option()]} | more
    return {"type": "actions", "elements": [menu]}


def _input(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": _plain(5), "element": {"action_id": "i"} | element} | more


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input"} | more


GOOD: list[dict[str, Any]] = [
    _menu(options=[_option(str(number).rjust(150, "x"), 75) for number in range(100)], placeholder=_plain(150)),
    _menu(initial_option=_option()),
    _menu(options=None, option_groups=[{"label": _plain(3), "options": [_option()]}]),
    _input(_text(initial_value="x" * 3_000, max_length=3_000, min_length=0, multiline=True)),
    _input(_text(placeholder=_plain(150)), label=_plain(2_000), hint=_plain(2_000)),
    _input({"type": "file_input", "max_files": 10}),
    _input({"type": "static_select", "options": [_option()]}),
]

BAD: list[dict[str, Any]] = [
    _menu(options=[_option(str(number)) for number in range(101)]),
    _menu(options=[]),
    _menu(options=[_option("")]),
    _menu(options=[_option("x" * 151)]),
    _menu(options=[_option(label=76)]),
    _menu(options=["a"]),
    _menu(placeholder=_plain(151)),
    _menu(initial_option=_option("b")),
    {"type": "actions", "elements": [_text(action_id="t")]},
    {"type": "actions", "elements": [{"type": "file_input", "action_id": "f"}]},
    _input({"type": "button", "text": _plain(3)}),
    _input(_text(initial_value="x" * 3_001)),
    _input(_text(initial_value="xx", max_length=1)),
    _input(_text(max_length=3_001)),
    _input(_text(min_length=5, max_length=3)),
    _input(_text(placeholder=_plain(151))),
    _input(_text(), label=None),
    _input(_text(), label=_plain(2_001)),
    _input(_text(), hint=_plain(2_001)),
    _input({"type": "file_input", "max_files": 11}),
    _input({"type": "static_select"}),
]


@pytest.mark.parametrize("block", GOOD)
def test_what_slack_takes(block: dict[str, Any]) -> None:
    """Elements at the very limit pass."""
    assert blocks.check([block])


@pytest.mark.parametrize("block", BAD)
def test_what_slack_refuses(block: dict[str, Any]) -> None:
    """One step over a limit, in the wrong place, or of the wrong shape, is invalid_blocks with a reason."""
    with pytest.raises(ApiError, match="invalid_blocks") as refusal:
        blocks.check([block])
    assert refusal.value.extra["errors"]


def test_no_markdown_in_modals() -> None:
    """A modal knows mrkdwn only."""
    with pytest.raises(ApiError, match="invalid_blocks"):
        blocks.check([{"type": "markdown", "text": "hi"}], in_view=True)
