"""What the simulated platforms allow: published limits, enforced strictly, and the budgets that our scheduler is given.

Sources: docs.slack.dev/apis/web-api/rate-limits (calls a minute for a method and a workspace, with a burst that is not
published) and docs.discord.com/developers/topics/rate-limits (headers say how much is left; five in five seconds for
one channel is what others measured). The limits enforced here are those that the adapters tell the scheduler.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Protocol

from adapters.discord import rates as discord_rates
from adapters.discord.targets import InChannel as DiscordChannel
from adapters.slack import rates as slack_rates
from adapters.slack.targets import InThread as SlackThread
from core.conversation import ConversationKey
from core.conversation import Platform as Platforms
from core.ports import Call
from core.scheduling import BudgetObservation, EditBudget

LATENCY = 0.12
"""Seconds that a call takes; people see its text when it returns."""

ROUNDING = 1e-9


class Limit(Protocol):
    """One method's limit, as the platform keeps it."""

    def take(self, now: float) -> float:
        """0 when the call goes through, else the seconds to wait."""
        ...

    def seen(self, now: float) -> BudgetObservation | None:
        """What the answer's headers say."""
        ...


@dataclass
class Sliding:
    """Slack: so many in any window of time; whole seconds to wait."""

    calls: int
    seconds: float
    taken: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> float:
        while self.taken and self.taken[0] <= now - self.seconds + ROUNDING:
            self.taken.popleft()
        if len(self.taken) >= self.calls:
            return math.ceil(self.taken[0] + self.seconds - now)
        self.taken.append(now)
        return 0.0

    def seen(self, now: float) -> BudgetObservation | None:
        return None


@dataclass
class Window:
    """Discord: so many in a window that begins with its first call."""

    calls: int
    seconds: float
    until: float = -1.0
    used: int = 0

    def take(self, now: float) -> float:
        if now >= self.until:
            self.until, self.used = now + self.seconds, 0
        if self.used >= self.calls:
            return self.until - now
        self.used += 1
        return 0.0

    def seen(self, now: float) -> BudgetObservation | None:
        return BudgetObservation(remaining=self.calls - self.used, reset_after=self.until - now, burst=self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Where streams are shown: a limit for the first text of a message, and one for what follows."""

    name: str
    opening: EditBudget
    editing: EditBudget
    windows: bool = False
    """Whether windows begin with their first call; else any window counts."""

    def limits(self) -> tuple[Limit, Limit]:
        """Fresh limits for opening and editing."""
        return self._limit(self.opening), self._limit(self.editing)

    def _limit(self, budget: EditBudget) -> Limit:
        kind = Window if self.windows else Sliding
        return kind(budget.burst, budget.burst * budget.interval)


_SLACK = ConversationKey(platform=Platforms.SLACK, workspace="T", channel="C", thread="1")
_DISCORD = ConversationKey(platform=Platforms.DISCORD, workspace="1", channel="1")


def _slack(name: str, channel: str, *, streams: bool) -> Platform:
    way = SlackThread(channel=channel, thread="1", user="U")
    opening, editing = (slack_rates.budget(call, _SLACK, way, streams=streams) for call in (Call.OPEN, Call.EDIT))
    return Platform(name=name, opening=opening, editing=editing)


def discord(name: str) -> Platform:
    """One channel, or one thread."""
    way = DiscordChannel(channel="1")
    opening, editing = (discord_rates.budget(call, _DISCORD, way, "1") for call in (Call.OPEN, Call.EDIT))
    return Platform(name=name, opening=opening, editing=editing, windows=True)


SLACK_CHANNEL = _slack("Slack channel", "C", streams=False)
SLACK_DM = _slack("Slack DM (native)", "D", streams=True)
DISCORD = discord("Discord channel")
PLATFORMS = (SLACK_CHANNEL, SLACK_DM, DISCORD)
"""With the budgets that our adapters begin with."""

LARGER_BURSTS = (
    replace(
        SLACK_CHANNEL,
        name="Slack channel, 10 at once",
        editing=EditBudget(name="chat.update", burst=10, interval=60 / 50),
    ),
    replace(
        SLACK_DM,
        name="Slack DM, 20 at once",
        editing=EditBudget(name="chat.appendStream", burst=20, interval=60 / 100),
    ),
)
"""Slack does not publish its bursts. The larger one is, the more it is worth to know how long the answer will be."""
