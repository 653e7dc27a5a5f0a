"""Instants in our own words are Discord's time stamps, and our mark in a model's words is nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.discord import payloads
from adapters.discord.statements import WHOLE_TEXT, statement, statements
from core.interaction import Answer
from core.moments import moment
from core.ports import Draft

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECONDS = int(NOON.timestamp())
STAMP = f"<t:{SECONDS}:f> (<t:{SECONDS}:R>)"


def test_a_sentence_of_ours_shows_the_time_in_the_readers_zone() -> None:
    """As a whisper, an answer, and small print; nobody is mentioned."""
    text = f"@everyone It begins anew {moment(NOON)}."
    shown = [
        payloads.sentence(text, private=True)["content"],
        statements(Answer(text=text))[0].content,
        statement(text).content,
        payloads.body_of(Draft(text="Hello.", notice=text))["content"],
    ]
    assert all(one.endswith(f"It begins anew {STAMP}.") and "@everyone" not in one for one in shown)


def test_time_stamps_are_measured_as_they_are_shown() -> None:
    """A message full of them is parted, and none is cut."""
    contents = [one.content for one in statements(Answer(text=f"{moment(NOON)}\n" * 120))]
    assert sum(content.count(STAMP) for content in contents) == 120
    assert max(len(content) for content in contents) <= payloads.LONGEST


def test_in_a_file_times_are_in_utc() -> None:
    """No platform shows them there."""
    files = [file for one in statements(Answer(text=f"{moment(NOON)} word\n" * 2_000)) for file in one.files]
    assert [file.name for file in files] == [WHOLE_TEXT]
    assert files[0].content.startswith(b"2026-11-20 12:00 UTC word\n")


def test_our_mark_in_a_models_text_is_no_time_stamp() -> None:
    """It stays the two signs that it is."""
    assert "<t:" not in payloads.body_of(Draft(text=f"It is {moment(NOON)}."))["content"]
