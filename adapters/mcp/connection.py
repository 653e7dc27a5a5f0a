"""One server's session, kept in one task of its own: opened when somebody asks for it, again after it broke off.

Who calls waits for a bounded time and no longer, whatever the server does. A connection that fails is left alone for a
while, each time longer, and nobody tries until somebody asks again.
"""

from __future__ import annotations

import asyncio
import importlib
import math
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import anyio
import structlog

from adapters.addresses import Guard
from adapters.mcp.declarations import Server
from adapters.mcp.failures import Ended, ServerFailed, Slow
from adapters.mcp.listing import Offered, listed
from core.ports import Clock
from core.tools.tool import Handed, ToolFailed

if TYPE_CHECKING:
    from adapters.mcp.session import Live

log = structlog.get_logger()

OPEN_SECONDS = 30.0
"""Some programs load what they need at their first start."""
CLOSE_SECONDS = 3.0
RETRY_FIRST, RETRY_LAST = 1.0, 300.0
STEADY_SECONDS = 60.0
"""A connection that lasted so long may be opened again at once."""
IDLE_SECONDS = 1_800.0
FRESH_SECONDS = 300.0
"""A list older than that is asked for anew, for servers that do not tell of changes."""
BETWEEN_LISTS = 1.0
MOST_TIMEOUTS = 3
"""In a row."""


class State(StrEnum):
    """How a connection stands."""

    CLOSED = "closed"
    """Nobody has asked for it yet, or not for long."""
    OPENING = "opening"
    OPEN = "open"
    FAILED = "failed"


class Connection:
    """Made by whoever uses the server, and closed by the same."""

    def __init__(self, server: Server, *, guard: Guard | None, clock: Clock) -> None:
        self.server = server
        self.state = State.CLOSED
        self.problem: ServerFailed | None = None
        """Why the last try came to nothing."""
        self.offered: tuple[Offered, ...] = ()
        self._guard = guard
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._scope: anyio.CancelScope | None = None
        self._live: Live | None = None
        self._settled = asyncio.Event()
        """The try that was begun has ended, one way or the other."""
        self._wake = asyncio.Event()
        self._over = asyncio.Event()
        """The connection has ended, or shall."""
        self._changed = self._lost = self._closing = False
        self._calls: set[asyncio.Task[Handed]] = set()
        self._used_at = self._listed_at = clock.monotonic()
        self._opened_at: float | None = None
        self._not_before = 0.0
        self._failures = self._timeouts = 0

    # ── for those who use it ──

    def ask(self, *, now: bool = False) -> None:
        """It is being opened, unless it is open or failed a moment ago. `now`: whenever it failed."""
        self._used_at = self._clock.monotonic()
        if self._closing or self._task is not None:
            if self.state is State.OPEN and self._used_at - self._listed_at > FRESH_SECONDS:
                self._told_changed()
            return
        if not now and self._used_at < self._not_before:
            return
        self.state = State.OPENING
        self._settled.clear()
        self._task = asyncio.create_task(self._run(), name=f"mcp:{self.server.name}")

    async def settled(self, seconds: float) -> State:
        """How it stands when it is open or has failed, at the latest after that time."""
        if self.state is State.OPENING:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._settled.wait()
        return self.state

    async def call(self, tool: str, arguments: Mapping[str, object]) -> Handed:
        """What the tool gave. Raises ToolFailed."""
        name, seconds = self.server.name, self.server.seconds
        try:
            async with asyncio.timeout(seconds):
                self.ask()
                await self.settled(seconds)
                return await self._called(tool, arguments)
        except TimeoutError:
            self._timed_out()
            raise ToolFailed(f"The server {name} did not answer within {seconds:g} seconds. Do without it.") from None

    async def close(self) -> None:
        """Nothing of it is left; it is not opened again."""
        self._closing = True
        task = self._task
        if task is None:
            return
        self._wake.set()
        self._over.set()
        if self._live is None and self._scope is not None:
            self._scope.cancel()
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
        while not task.done():
            if self._scope is not None:
                self._scope.cancel()
            await asyncio.wait({task}, timeout=CLOSE_SECONDS)

    # ── a call ──

    async def _called(self, tool: str, arguments: Mapping[str, object]) -> Handed:
        live = self._live
        if live is None:
            why = str(self.problem or "It is not connected.")
            raise ToolFailed(f"The server {self.server.name} cannot be used now. {why}")
        call = asyncio.create_task(live.call(tool, arguments), name=f"mcp:{self.server.name}:call")
        self._calls.add(call)
        call.add_done_callback(self._forget)
        try:
            # Who waits may be cut off; the call itself then ends in its own time.
            await asyncio.wait({call})
        finally:
            call.cancel()
        return self._outcome(call)

    def _outcome(self, call: asyncio.Task[Handed]) -> Handed:
        error = None if call.cancelled() else call.exception()
        if error is None and not call.cancelled():
            self._timeouts = 0
            return call.result()
        if isinstance(error, ToolFailed | TimeoutError):
            raise error
        self._told_lost()
        raise ToolFailed(f"The server {self.server.name} broke off while it worked. It may or may not have done it.")

    def _timed_out(self) -> None:
        """A server that answers nobody any more is begun anew."""
        self._timeouts += 1
        if self._timeouts >= MOST_TIMEOUTS:
            self._told_lost()

    def _forget(self, call: asyncio.Task[Handed]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # asked for, or Python complains of what nobody waits for any more

    # ── the task ──

    async def _run(self) -> None:
        """The one task in which the session is entered and left: anyio's scopes demand it."""
        failure: ServerFailed | None = None
        try:
            await self._session()
        except ServerFailed as error:
            failure = error
        finally:
            self._end(failure)

    async def _session(self) -> None:
        """Raises ServerFailed."""
        # It takes a second to load, in which others want to go on.
        session = await asyncio.to_thread(importlib.import_module, "adapters.mcp.session")
        self._changed = self._lost = lost = False
        self._opened_at = None
        self._over.clear()
        scope = self._scope = anyio.CancelScope(deadline=anyio.current_time() + OPEN_SECONDS)
        try:
            with scope:
                if self._closing:
                    return
                told = {"changed": self._told_changed, "lost": self._told_lost}
                async with session.opened(self.server, self._guard, **told) as live:
                    await self._list(live)
                    scope.deadline = math.inf
                    self._begin(live)
                    await self._serve(live)
                    self._live, lost = None, self._lost
                    await self._leave_calls()
        except Exception as error:  # whatever a server or the library does costs this connection and nothing else
            raise session.explained(error) from None
        if scope.cancelled_caught and not self._closing:
            raise Slow(OPEN_SECONDS)
        if lost and not self._closing:
            raise Ended

    def _begin(self, live: Live) -> None:
        self._live, self.state, self.problem = live, State.OPEN, None
        self._opened_at, self._timeouts = self._clock.monotonic(), 0
        self._settled.set()
        log.info("connected", action="mcp.connected", server=self.server.name, tools=len(self.offered))

    async def _serve(self, live: Live) -> None:
        """Returns when the connection has ended, shall end, or nobody has needed it for long."""
        while not (self._closing or self._lost):
            self._wake.clear()
            if self._changed:
                self._changed = False
                await self._listed_again(live)
                continue
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                if not self._calls and self._clock.monotonic() - self._used_at >= IDLE_SECONDS:
                    return

    async def _listed_again(self, live: Live) -> None:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._list(live)
        except Ended:
            self._told_lost()
        except (ServerFailed, TimeoutError):
            log.warning("tools were not listed", action="mcp.list_failed", server=self.server.name)
        # A server that tells of changes without end is asked once a second.
        with suppress(TimeoutError):
            async with asyncio.timeout(BETWEEN_LISTS):
                await self._over.wait()

    async def _list(self, live: Live) -> None:
        announced = await live.announced()
        # Hundreds of long schemas are checked for seconds.
        found = await asyncio.to_thread(listed, self.server.name, announced, trusted=self.server.trusted)
        self.offered, self._listed_at = found.offered, self._clock.monotonic()
        for reason, count in found.left_out.items():
            log.warning(
                "tools are left out", action="mcp.left_out", server=self.server.name, reason=reason, tools=count
            )

    async def _leave_calls(self) -> None:
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        if calls:
            await asyncio.wait(calls, timeout=CLOSE_SECONDS)

    def _end(self, failure: ServerFailed | None) -> None:
        for call in self._calls:
            call.cancel()
        self._live = self._scope = self._task = None
        self.problem, self.state = failure, State.FAILED if failure else State.CLOSED
        if failure is not None:
            self._hold_off(failure)
        self._settled.set()

    def _hold_off(self, failure: ServerFailed) -> None:
        now = self._clock.monotonic()
        if self._opened_at is not None and now - self._opened_at >= STEADY_SECONDS:
            self._failures = 0
        wait = min(RETRY_LAST, RETRY_FIRST * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        self._not_before = now + wait
        log.warning(
            "disconnected",
            action="mcp.disconnected",
            server=self.server.name,
            reason=type(failure).__name__,
            seconds=wait,
        )

    def _told_changed(self) -> None:
        self._changed = True
        self._wake.set()

    def _told_lost(self) -> None:
        self._lost = True
        self._wake.set()
        self._over.set()
