"""Words of our own in mrkdwn, with instants as Slack's dates, which each reader sees in their own zone, and with people
and channels as its mentions, by the names that each reader knows. Pure.

Slack documents both for mrkdwn alone (Formatting text for app surfaces: Date formatting, Mentioning users), so texts
that hold one do not go into a `markdown` block. Texts of models go through markup.py alone, so that none of their signs
becomes a date or a mention.
"""

from __future__ import annotations

from adapters.slack.markup import to_mrkdwn
from adapters.slack.naming import DIRECT
from core import mentions, moments
from core.mentions import Mentioned
from core.moments import in_utc


def own_words(markdown: str) -> str:
    """The text in mrkdwn, as of to_mrkdwn."""
    return mentions.rendered(moments.rendered(to_mrkdwn(markdown), _date), _mention)


def has_marks(markdown: str) -> bool:
    """Whether it holds something that only mrkdwn shows."""
    return moments.has_moments(markdown) or mentions.has_mentions(markdown)


def without_marks(markdown: str) -> str:
    """The text with instants in UTC, and with ids."""
    return mentions.plain(moments.plain(markdown))


def _date(seconds: int) -> str:
    """The day, or that it is today or tomorrow, and the hour; behind the bar what an old client shows."""
    return f"<!date^{seconds}^{{date_short_pretty}} at {{time}}|{in_utc(seconds)}>"


def _mention(kind: Mentioned, id: str) -> str:
    match kind:
        case Mentioned.PERSON:
            return f"<@{id}>"
        case Mentioned.ROLE:
            return f"<!subteam^{id}>"
        case Mentioned.CHANNEL:
            return DIRECT if id.startswith("D") else f"<#{id}>"
