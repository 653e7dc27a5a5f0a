"""Words of our own in Discord's dialect, with instants as its time stamps, which each reader sees in their own zone,
and with people and channels as its mentions, by the names that each reader knows. Pure. Texts of models go through
markup.py alone, so that none of their signs becomes either."""

from __future__ import annotations

from adapters.discord.markup import to_discord
from core import mentions, moments
from core.mentions import Mentioned

_SIGNS = {Mentioned.PERSON: "@", Mentioned.ROLE: "@&", Mentioned.CHANNEL: "#"}


def own_words(markdown: str) -> str:
    """The text as Discord shows it best, as of to_discord."""
    return mentions.rendered(moments.rendered(to_discord(markdown), _stamp), _mention)


def without_marks(markdown: str) -> str:
    """The text with instants in UTC, and with ids."""
    return mentions.plain(moments.plain(markdown))


def _stamp(seconds: int) -> str:
    """The day and the hour, and how far off that is (Discord's reference, Message Formatting: Timestamp Styles)."""
    return f"<t:{seconds}:f> (<t:{seconds}:R>)"


def _mention(kind: Mentioned, id: str) -> str:
    return f"<{_SIGNS[kind]}{id}>"
