"""Ids in our own words are shown by the names that Slack's readers know, and in a model's words they are nothing."""

from __future__ import annotations

from adapters.slack import blocks
from adapters.slack.markup import for_stream, to_markdown
from core.mentions import Mentioned, mention
from core.ports import Draft

ANN = mention(Mentioned.PERSON, "U1")


def test_people_groups_and_channels() -> None:
    """In a block that reads mentions; whatever else is in the text is escaped as ever."""
    shown = [ANN, mention(Mentioned.ROLE, "S7"), mention(Mentioned.CHANNEL, "C1"), mention(Mentioned.CHANNEL, "D1")]
    (block,) = blocks.statements("<!channel> " + ", ".join(shown))[0]["blocks"]
    assert block["text"]["type"] == "mrkdwn"
    assert block["text"]["text"] == "&lt;!channel&gt; <@U1>, <!subteam^S7>, <#C1>, direct messages"


def test_what_is_too_long_for_a_section_has_ids() -> None:
    """Rather than a mention that is cut."""
    body = blocks.sentence("word " * 700 + ANN)
    assert body["blocks"][0] == {"type": "markdown", "text": "word " * 700 + "U1"}


def test_what_is_no_id_mentions_nobody() -> None:
    """Whatever somebody had us keep as one."""
    assert mention(Mentioned.PERSON, "U1> <!channel") == "U1> <!channel"
    assert "<!channel" not in blocks.sentence(f"{ANN} {mention(Mentioned.ROLE, 'S1|<!channel>')}")["text"]


def test_a_models_text_never_becomes_a_mention() -> None:
    """Our mark there is two signs without a meaning."""
    body = blocks.body_of(Draft(text=ANN))
    assert not any(
        "<@" in text for text in (body["text"], body["blocks"][0]["text"], to_markdown(ANN), for_stream(ANN))
    )
