"""Block Kit limits."""

from typing import Any

import pytest

from sandbox.slack import blocks
from sandbox.slack.values import ApiError


def _text(length: int, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


def _button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": _text(5, "plain_text")} | more


def _actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


GOOD: list[list[dict[str, Any]]] = [
    [{"type": "section", "text": _text(3000)}],
    [{"type": "section", "fields": [_text(2000)] * 10}],
    [{"type": "header", "text": _text(150, "plain_text")}],
    [{"type": "markdown", "text": "x" * 12_000}],
    [{"type": "context", "elements": [_text(10)] * 10}],
    [_actions(*(_button(action_id=str(n)) for n in range(25)))],
    [_actions(_button(text=_text(75, "plain_text"), value="x" * 2000, style="primary"))],
    [{"type": "divider"}] * 50,
]

BAD: list[Any] = [
    "text",
    [1],
    [{"type": "poem"}],
    [{}],
    [{"type": "divider"}] * 51,
    [{"type": "divider", "block_id": "b"}] * 2,
    [{"type": "divider", "block_id": "x" * 256}],
    [{"type": "section"}],
    [{"type": "section", "text": _text(3001)}],
    [{"type": "section", "text": _text(0)}],
    [{"type": "section", "text": "hi"}],
    [{"type": "section", "fields": [_text(1)] * 11}],
    [{"type": "section", "fields": [_text(2001)]}],
    [{"type": "header", "text": _text(151, "plain_text")}],
    [{"type": "header", "text": _text(5)}],
    [{"type": "markdown", "text": ""}],
    [{"type": "markdown", "text": "x" * 6_001}] * 2,
    [{"type": "context", "elements": [_text(10)] * 11}],
    [_actions()],
    [_actions(*(_button(action_id=str(n)) for n in range(26)))],
    [_actions(_button(), _button())],
    [_actions(_button(text=_text(76, "plain_text")))],
    [_actions(_button(value="x" * 2001))],
    [_actions(_button(style="rainbow"))],
    [_actions(_button(action_id="x" * 256))],
]


@pytest.mark.parametrize("given", GOOD)
def test_what_slack_takes(given: list[dict[str, Any]]) -> None:
    """Blocks at the very limit pass unchanged."""
    assert list(blocks.check(given)) == given


@pytest.mark.parametrize("given", BAD)
def test_what_slack_refuses(given: Any) -> None:
    """One step over a limit, or of the wrong shape, is invalid_blocks with a reason."""
    with pytest.raises(ApiError, match="invalid_blocks") as refusal:
        blocks.check(given)
    assert refusal.value.extra["errors"]


def test_ids_are_given() -> None:
    """Blocks without block_id and buttons without action_id get one, as in Slack."""
    numbers = iter("123")
    (actions,) = blocks.named([_actions(_button(action_id=None))], lambda: next(numbers))
    assert (actions["elements"][0]["action_id"], actions["block_id"]) == ("1", "2")
    assert [b["id"] for b in blocks.buttons([actions])] == ["1"]
