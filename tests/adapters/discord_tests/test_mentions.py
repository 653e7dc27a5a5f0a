"""Ids in our own words are shown by the names that Discord's readers know, and nobody is called by it."""

from __future__ import annotations

from adapters.discord import payloads
from adapters.discord.statements import WHOLE_TEXT, statements
from core.interaction import Answer
from core.mentions import Mentioned, mention
from core.ports import Draft

ANN = mention(Mentioned.PERSON, "11")


def test_people_roles_and_channels() -> None:
    """As Discord's mentions, in a message that calls nobody."""
    text = f"@everyone {ANN}, {mention(Mentioned.ROLE, '22')}, {mention(Mentioned.CHANNEL, '33')}"
    (one,) = statements(Answer(text=text))
    assert one.content.endswith("<@11>, <@&22>, <#33>")
    assert "@everyone" not in one.content
    assert one.body()["allowed_mentions"] == payloads.NO_MENTIONS


def test_in_a_file_there_are_ids() -> None:
    """No platform shows mentions there."""
    files = [file for one in statements(Answer(text=f"{ANN} word\n" * 2_000)) for file in one.files]
    assert [file.name for file in files] == [WHOLE_TEXT]
    assert files[0].content.startswith(b"11 word\n")


def test_our_mark_in_a_models_text_mentions_nobody() -> None:
    """It stays the two signs that it is."""
    assert "<@" not in payloads.body_of(Draft(text=f"Ask {ANN}."))["content"]
