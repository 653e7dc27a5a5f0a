"""Block Kit's elements: buttons, menus and inputs, and what Slack refuses of them. Pure.

Limits are those of Slack's reference (docs.slack.dev/reference/block-kit/block-elements and composition-objects).
"""

from typing import Any

from sandbox.slack.values import Json

MOST_IN_INPUT = 3_000
"""Characters of one plain_text_input."""
MOST_OPTIONS = 100
MOST_FILES = 10

_PLAIN = frozenset({"plain_text"})
_TEXTS = frozenset({"plain_text", "mrkdwn"})
_ONLY_IN_INPUTS = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input", "rich_text_input"}
)
_NOT_IN_INPUTS = frozenset({"button", "overflow", "image"})
_WITH_OPTIONS = frozenset({"static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"})


class Fault(Exception):
    """What is wrong with a block, in Slack's own sort of words."""


def check(item: Any, at: str, *, in_input: bool = False) -> None:
    """The element may stand there, or a Fault says why not."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise Fault(f"must be an element with a type [json-pointer:{at}]")
    kind = item["type"]
    if kind in (_NOT_IN_INPUTS if in_input else _ONLY_IN_INPUTS):
        raise Fault(f"unsupported element: {kind} [json-pointer:{at}/type]")
    short(item.get("action_id"), 255, f"{at}/action_id")
    if item.get("placeholder") is not None:
        text(item["placeholder"], 150, f"{at}/placeholder", _PLAIN)
    if kind == "button":
        _button(item, at)
    elif kind in _WITH_OPTIONS:
        _options(item, at)
    elif kind == "plain_text_input":
        _input(item, at)
    elif kind == "file_input" and not 1 <= item.get("max_files", MOST_FILES) <= MOST_FILES:
        raise Fault(f"must be between 1 and {MOST_FILES} [json-pointer:{at}/max_files]")


def several(items: Any, most: int, at: str) -> None:
    if not isinstance(items, list) or not items:
        raise Fault(f"must be a non-empty array [json-pointer:{at}]")
    if len(items) > most:
        raise Fault(f"no more than {most} items allowed [json-pointer:{at}]")


def text(item: Any, most: int, at: str, kinds: frozenset[str] = _TEXTS) -> None:
    if not isinstance(item, dict) or item.get("type") not in kinds or not isinstance(item.get("text"), str):
        raise Fault(f"must be a text object of {' or '.join(sorted(kinds))} [json-pointer:{at}]")
    if not item["text"]:
        raise Fault(f"must be more than 0 characters [json-pointer:{at}/text]")
    short(item["text"], most, f"{at}/text")


def plain(item: Any, most: int, at: str) -> None:
    text(item, most, at, _PLAIN)


def short(value: Any, most: int, at: str) -> None:
    if value is not None and (not isinstance(value, str) or len(value) > most):
        raise Fault(f"must be less than {most + 1} characters [json-pointer:{at}]")


def _button(item: Json, at: str) -> None:
    plain(item.get("text"), 75, f"{at}/text")
    short(item.get("value"), 2_000, f"{at}/value")
    if item.get("style") not in (None, "primary", "danger"):
        raise Fault(f"failed to match all allowed schemas [json-pointer:{at}/style]")


def _input(item: Json, at: str) -> None:
    most = item.get("max_length", MOST_IN_INPUT)
    if not isinstance(most, int) or not 1 <= most <= MOST_IN_INPUT:
        raise Fault(f"must be between 1 and {MOST_IN_INPUT} [json-pointer:{at}/max_length]")
    if not 0 <= item.get("min_length", 0) <= most:
        raise Fault(f"must not exceed max_length [json-pointer:{at}/min_length]")
    short(item.get("initial_value"), most, f"{at}/initial_value")


def _options(item: Json, at: str) -> None:
    groups = item.get("option_groups")
    if groups is None:
        options = item.get("options")
        several(options, MOST_OPTIONS, f"{at}/options")
    else:
        several(groups, MOST_OPTIONS, f"{at}/option_groups")
        options = [option for group in groups for option in group.get("options") or ()]
    assert options is not None
    for number, option in enumerate(options):
        _option(option, f"{at}/options/{number}")
    initial = item.get("initial_option")
    if initial is not None and options.count(initial) != 1:
        raise Fault(f"must be exactly one of the options [json-pointer:{at}/initial_option]")


def _option(option: Any, at: str) -> None:
    if not isinstance(option, dict):
        raise Fault(f"must be an option [json-pointer:{at}]")
    text(option.get("text"), 75, f"{at}/text")
    if not option.get("value"):
        raise Fault(f"must be more than 0 characters [json-pointer:{at}/value]")
    short(option["value"], 150, f"{at}/value")
