"""The line "is thinking…" under a thread, and the state of an agent's session, by which Slack shows its own Stop.

Both are extras: where Slack refuses them for good, that is remembered and nothing more is tried. When many ask at once
each gets its line, as fast as Slack takes them.
"""

from __future__ import annotations

import asyncio

import structlog

from adapters.slack.failures import Refused, Rejected
from adapters.slack.gates import Gate
from adapters.slack.web import Web
from core.errors import SurfaceError
from core.ports import Clock
from core.scheduling import EditBudget

log = structlog.get_logger()

LINE = "assistant.threads.setStatus"
SESSION = "agents.sessions.setStatus"
THINKING = "is thinking…"
LASTS = 90.0
"""Seconds after which the line is set again; Slack takes it away after two minutes."""
_SIZES = {LINE: (10, 0.2), SESSION: (3, 1.2)}
"""The line's limit is not published; sessions are of tier 3 (slack.md, section 7)."""
_PASSING = frozenset({"invalid_thread_ts", "thread_not_found", "channel_not_found", "not_in_channel", "is_archived"})
"""Refusals that say nothing of other threads."""


class Status:
    """What shows that the bot is at work."""

    def __init__(self, web: Web, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._gates: dict[tuple[str, str], Gate] = {}
        self._refused: set[tuple[str, str]] = set()
        """Workspaces and methods."""
        self._shown: set[tuple[str, str, str, str]] = set()
        """Methods and threads where something is shown that does not go by itself soon."""
        self._ending: set[asyncio.Task[None]] = set()

    async def thinking(self, team: str, channel: str, thread: str, saying: str = "") -> None:
        """People see that an answer is on its way, where Slack lets us say so."""
        self._shown.add((LINE, team, channel, thread))
        await self._try(LINE, team, channel, thread, saying or THINKING)

    def posted(self, team: str, channel: str, thread: str) -> None:
        """A message of ours came into the thread: with it Slack takes the line away (slack.md, section 7)."""
        self._shown.discard((LINE, team, channel, thread))

    async def processing(self, team: str, channel: str, thread: str) -> None:
        """The session works: its Stop button is shown."""
        self._shown.add((SESSION, team, channel, thread))
        await self._try(SESSION, team, channel, thread, "processing")

    async def resting(self, team: str, channel: str, thread: str) -> None:
        """The session works no more."""
        self.rested(team, channel, thread)
        await self._try(SESSION, team, channel, thread, "active")

    def rested(self, team: str, channel: str, thread: str) -> None:
        """Slack was told otherwise that the session works no more: with the end of a stream."""
        self._shown.discard((SESSION, team, channel, thread))

    def over(self, team: str, channel: str, thread: str) -> None:
        """Whatever is still shown there goes, soon: a turn may end without a message, or in one that stood there."""
        for method, nothing in ((LINE, ""), (SESSION, "active")):
            if (method, team, channel, thread) in self._shown:
                self._shown.discard((method, team, channel, thread))
                task = asyncio.create_task(self._try(method, team, channel, thread, nothing), name="status over")
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """What is to go has gone."""
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _try(self, method: str, team: str, channel: str, thread: str, status: str) -> None:
        if (team, method) in self._refused:
            return
        try:
            await self._gate(team, method).through(
                lambda: self._web.write(method, channel_id=channel, thread_ts=thread, status=status)
            )
        except SurfaceError as error:
            if isinstance(error, (Refused, Rejected)) and error.code not in _PASSING:
                self._refused.add((team, method))
            log.info("status not shown", action="slack.no_status", team=team, detail=error.detail)

    def _gate(self, team: str, method: str) -> Gate:
        gate = self._gates.get((team, method))
        if gate is None:
            burst, interval = _SIZES[method]
            budget = EditBudget(name=f"slack:{team}:{method}", burst=burst, interval=interval)
            gate = self._gates[team, method] = Gate(budget, self._clock)
        return gate
