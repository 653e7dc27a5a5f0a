"""Words of our own in Discord's dialect, with instants as its time stamps, which each reader sees in their own zone.
Pure. Texts of models go through markup.py alone, so that none of their signs becomes a time stamp."""

from __future__ import annotations

from adapters.discord.markup import to_discord
from core.moments import rendered


def own_words(markdown: str) -> str:
    """The text as Discord shows it best, as of to_discord."""
    return rendered(to_discord(markdown), _stamp)


def _stamp(seconds: int) -> str:
    """The day and the hour, and how far off that is (Discord's reference, Message Formatting: Timestamp Styles)."""
    return f"<t:{seconds}:f> (<t:{seconds}:R>)"
