"""Buttons and lists as Slack carries them, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.components import Press, press_of, rows
from core.interaction import Button, Choice, Select
from sandbox.slack import blocks as block_kit

CARRIED = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=90)


def _parted(text: str, at: int) -> tuple[str, str]:
    cut = at % (len(text) + 1)
    return text[:cut] or "a", text[cut:][: 90 - max(1, cut)]


@given(CARRIED, st.integers(0, 90), st.text(max_size=200))
def test_a_button_comes_back(text: str, at: int, label: str) -> None:
    """Whatever action and value fit together, Slack takes the button, and a press on it says both."""
    action, value = _parted(text, at)
    (block,) = block_kit.check(rows([Button(label=label, action=action, value=value)]))
    assert press_of(block["elements"][0]) == Press(action=action, value=value)


@given(st.lists(CARRIED, min_size=1, max_size=25, unique=True), st.data())
def test_a_choice_comes_back(values: list[str], data: st.DataObject) -> None:
    """Any of the choices can be chosen, an empty one too, and the one chosen at first is shown."""
    values = [value[:85] for value in dict.fromkeys(value[:85] for value in values)]
    chosen = data.draw(st.sampled_from(values))
    choices = tuple(Choice(value=value, label=value) for value in values)
    select = Select(action="x.do", placeholder="Choose", choices=choices, chosen=chosen)
    (block,) = block_kit.check(rows([], [select]))
    menu = block["elements"][0]
    pressed = {"action_id": menu["action_id"], "selected_option": menu["initial_option"]}
    assert press_of(pressed) == Press(action="x.do", value=chosen)


@given(st.dictionaries(st.sampled_from(["action_id", "value", "selected_option"]), st.text() | st.none()))
def test_anything_may_come(action: dict[str, str | None]) -> None:
    """Nothing that is sent to us is trusted: what is not ours is none, and what is has our own bounds."""
    press = press_of(action)
    assert press is None or len(press.action) + len(press.value) <= 90


@pytest.mark.parametrize(("action", "value"), [("a", "x" * 90), ("", "x"), ("a\x00", ""), ("a", "\ud800")])
def test_what_could_not_be_carried(action: str, value: str) -> None:
    """A button that would not come back is an error where it is made, and is not ours when it comes."""
    with pytest.raises(ValueError, match="cannot be carried"):
        rows([Button(label="x", action=action, value=value)])
    assert press_of({"action_id": f"parley.0:{action}", "value": value}) is None


def test_rows() -> None:
    """Buttons stand five in a row, under the lists, and each has a name of its own."""
    select = Select(action="s", placeholder="p", choices=(Choice(value="a", label="A"),))
    shown = block_kit.check(rows([Button(label=str(n), action="same") for n in range(25)], [select] * 4))
    assert [len(block["elements"]) for block in shown] == [4, 5, 5, 5, 5, 5]
    ids = [element["action_id"] for block in shown for element in block["elements"]]
    assert len(set(ids)) == len(ids)
