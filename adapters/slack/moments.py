"""Words of our own in mrkdwn, with instants as Slack's dates, which each reader sees in their own zone. Pure.

Slack documents dates for mrkdwn alone (Formatting text for app surfaces: Date formatting), so texts that hold one do
not go into a `markdown` block. Texts of models go through markup.py alone, so that none of their signs becomes a date.
"""

from __future__ import annotations

from adapters.slack.markup import to_mrkdwn
from core.moments import in_utc, rendered


def own_words(markdown: str) -> str:
    """The text in mrkdwn, as of to_mrkdwn."""
    return rendered(to_mrkdwn(markdown), _date)


def _date(seconds: int) -> str:
    """The day, or that it is today or tomorrow, and the hour; behind the bar what an old client shows."""
    return f"<!date^{seconds}^{{date_short_pretty}} at {{time}}|{in_utc(seconds)}>"
