"""Instants in our own words are Slack's dates, and in a model's words nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.slack import blocks
from adapters.slack.markup import for_stream, to_markdown
from core.moments import moment
from core.ports import Draft

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DATE = f"<!date^{int(NOON.timestamp())}^{{date_short_pretty}} at {{time}}|2026-11-20 12:00 UTC>"


def test_a_sentence_of_ours_shows_the_time_in_the_readers_zone() -> None:
    """In a block that reads dates, and in the text beside it; the rest is escaped as ever."""
    body = blocks.sentence(f"**Reached** <!channel>. It begins anew {moment(NOON)}.")
    shown = f"*Reached* &lt;!channel&gt;. It begins anew {DATE}."
    assert body["text"] == shown
    assert body["blocks"] == [{"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}]


def test_a_sentence_without_a_time_is_markdown_as_before() -> None:
    """Only dates need the older dialect."""
    assert blocks.sentence("**Done.**")["blocks"] == [{"type": "markdown", "text": "**Done.**"}]


def test_what_is_too_long_for_a_section_names_the_time_in_utc() -> None:
    """Rather than being cut within a date."""
    body = blocks.sentence("word " * 700 + moment(NOON))
    assert body["blocks"][0]["type"] == "markdown"
    assert body["blocks"][0]["text"].endswith("2026-11-20 12:00 UTC")


def test_an_answer_of_ours_and_a_notice_show_the_time() -> None:
    """Under an answer it stands in the small print."""
    assert DATE in blocks.statements(f"Resets {moment(NOON)}.")[0]["text"]
    foot = blocks.foot(Draft(text="", notice=f"Resets {moment(NOON)}."))
    assert foot[0]["elements"][0]["text"] == f"Resets {DATE}."


def test_a_models_text_never_becomes_a_date() -> None:
    """Neither by our mark nor by Slack's own sign, in a message or in a stream."""
    forged = f"{moment(NOON)} <!date^1^{{time}}|x>"
    body = blocks.body_of(Draft(text=forged))
    shown = [body["text"], body["blocks"][0]["text"], to_markdown(forged), for_stream(forged)]
    assert not any("<!date" in text for text in shown)
