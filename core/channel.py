"""What an admin can set for a channel. One declaration; commands on every platform are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnswerIn(StrEnum):
    """Where the reply to a mention in a channel goes."""

    THREAD = "thread"
    CHANNEL = "channel"
    """Slack: a message in the channel itself. Discord: a reply to the message, and replies to it go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How Parley behaves in one channel."""

    answer_in: AnswerIn = AnswerIn.THREAD
    mention_needed: bool = False
    """Whether each message in a thread must name the bot, even where it takes part already."""
