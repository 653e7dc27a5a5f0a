"""What the simulated platforms allow: published limits, enforced strictly, and the budgets that our scheduler is given.

Sources: docs.slack.dev/apis/web-api/rate-limits (calls a minute for a method and a workspace, with a burst that is not
published) and docs.discord.com/developers/topics/rate-limits (headers say how much is left; five in five seconds for
one channel is what others measured).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

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


SLACK_CHANNEL = Platform(
    name="Slack channel",
    opening=EditBudget(name="chat.postMessage", burst=4, interval=1.0),
    editing=EditBudget(name="chat.update", burst=10, interval=60 / 50),
)
SLACK_DM = Platform(
    name="Slack DM (native)",
    opening=EditBudget(name="chat.startStream", burst=5, interval=60 / 20),
    editing=EditBudget(name="chat.appendStream", burst=20, interval=60 / 100),
)
DISCORD = Platform(
    name="Discord channel",
    opening=EditBudget(name="create", burst=5, interval=1.0),
    editing=EditBudget(name="edit", burst=5, interval=1.0),
    windows=True,
)
PLATFORMS = (SLACK_CHANNEL, SLACK_DM, DISCORD)
