"""What was typed behind a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.words import understood
from core.commands.declaration import Command, Option, OptionKind

ALLOW = Command(
    name="allow",
    summary="",
    options=(
        Option(name="who", summary="", kind=OptionKind.PERSON),
        Option(name="role", summary="", kind=OptionKind.ROLE),
        Option(name="where", summary="", kind=OptionKind.CHANNEL),
        Option(name="why", summary="", rest=True),
    ),
)
PERSONA = Command(name="persona", summary="", verbs=(ALLOW, Command(name="list", summary="")))
NAMES = {"U1": "ann"}


def test_ids() -> None:
    """People, groups and channels are ids where the option takes one, and names in texts."""
    said = understood(PERSONA, "allow <@U1|ann> <!subteam^S1|@the team> <#C1|help> ask <@U1> in <#C1|help>", NAMES)
    assert said.name == "persona allow"
    assert said.options == {"who": "U1", "role": "S1", "where": "C1", "why": "ask @ann in #help"}


@pytest.mark.parametrize(
    ("typed", "who"),
    [("<#C1|help>", "#help"), ("@ann", "@ann"), ("<@U1|ann", "<@U1|ann"), ("&lt;@U1&gt;", "<@U1>")],
)
def test_no_id(typed: str, who: str) -> None:
    """What is no person stays as it was typed, so that the command can say what is wrong."""
    assert understood(ALLOW, typed, NAMES).options == {"who": who}


def test_verbs() -> None:
    """Without a verb the command itself is meant; an unknown one is left to it."""
    assert understood(PERSONA, "", NAMES).name == "persona"
    assert understood(PERSONA, " LIST ", NAMES).name == "persona list"
    unknown = understood(PERSONA, "dance now", NAMES)
    assert (unknown.name, unknown.options) == ("persona", {"verb": "dance"})


def test_marks_within_one_option() -> None:
    """Slack's marks become Markdown's within the option that has them, code stays as it was."""
    said = understood(ALLOW, "a b c *why* `*not*`\nnext", NAMES)
    assert said.options["why"] == "**why** `*not*`\nnext"


@given(
    st.text()
    | st.lists(st.sampled_from(["<@U1|a b>", "<#C1|x>", "<!subteam^S1>", "allow", " ", "<", "x"])).map("".join)
)
def test_anything_may_be_typed(typed: str) -> None:
    """Whatever is typed is understood somehow, and no mark of our own shows through."""
    said = understood(PERSONA, typed, NAMES)
    assert said.name in ("persona", "persona allow", "persona list")
    assert "\x1f" not in "".join(said.options.values())
