"""What people type, as apps receive it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack import markup
from sandbox.slack.world import preset

WORLD = preset(team_id="T1", bot_name="Parley")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("@Parley hi", "<@U00PARLEY> hi"),
        ("hi @bob, see #help.", "hi <@U00000BOB>, see <#C0000HELP|help>."),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("@here @nobody", "<!here> @nobody"),
        ("see https://x.org/a?b=1&c=2.", "see <https://x.org/a?b=1&amp;c=2>."),
        ("mail ann@bob.org", "mail ann@bob.org"),
        ("`@bob <b>` @bob", "`@bob &lt;b&gt;` <@U00000BOB>"),
        ("```\n@bob & co\n```", "```\n@bob &amp; co\n```"),
        ("🎉 done", ":tada: done"),
    ],
)
def test_typed_text_is_encoded(typed: str, text: str) -> None:
    """Names, channels, links and emoji become Slack's tokens outside code; `& < >` are escaped everywhere."""
    assert markup.encode(typed, WORLD) == text


def test_commands_carry_the_names_of_users() -> None:
    """With should_escape a user is `<@U…|name>`."""
    assert markup.encode_command("ask @bob", WORLD) == "ask <@U00000BOB|bob>"


def test_rich_text_has_the_same_content() -> None:
    """The block that comes along separates text, users, code and fences."""
    block = markup.rich_text("@Parley run `ls` ```a\nb``` now", WORLD, "b1")
    section, code, rest = block["elements"]
    assert [element["type"] for element in section["elements"]] == ["user", "text", "text", "text"]
    assert section["elements"][2]["style"] == {"code": True}
    assert (code["type"], code["elements"][0]["text"]) == ("rich_text_preformatted", "a\nb")
    assert rest["elements"][0]["text"] == " now"


@given(st.text())
def test_nothing_typed_is_lost(typed: str) -> None:
    """The pieces of a text join to the text."""
    assert "".join(piece.typed for piece in markup.pieces(typed, WORLD)) == typed


@given(st.text(alphabet="<>&@!#`ab \n", max_size=40))
def test_nobody_types_a_token(typed: str) -> None:
    """Angle brackets in encoded text come from names and links only, never from what was typed."""
    encoded = markup.encode(typed, WORLD)
    assert "<" not in encoded
    assert ">" not in encoded
