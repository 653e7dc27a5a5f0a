"""How a process learns at once that there is something to do.

Within a process a bell is rung after the commit. On PostgreSQL a NOTIFY inside the transaction also rings the bells
of other processes, which listen on a connection of their own. Nothing here is a promise: a connection can break, and
then news is lost until it is made anew, so a worker also looks by itself from time to time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreUnavailable
from core.store.faults import translated

CHANNEL = "parley"
WORK = "work"
OWNERS = "owners"
NEWS = "news"
"""Where a session keeps what to tell after its commit."""
CONNECT_TIMEOUT = 10
"""Seconds."""


async def announce_work(session: AsyncSession) -> None:
    """After the commit, workers look for a turn to claim."""
    await _announce(session, WORK)


async def announce_signal(session: AsyncSession, turn_id: int) -> None:
    """After the commit, whoever works on that turn looks at its signal."""
    await _announce(session, str(turn_id))


async def announce_owners(session: AsyncSession) -> None:
    """After the commit, every process looks again who else answers where it does."""
    await _announce(session, OWNERS)


async def _announce(session: AsyncSession, news: str) -> None:
    session.info.setdefault(NEWS, set()).add(news)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_notify(CHANNEL, news)))


class WakeUp:
    """The bells of one process. `dsn` are asyncpg's arguments for a connection to listen on; none for SQLite."""

    def __init__(self, dsn: Mapping[str, Any] | None) -> None:
        self._dsn = dsn
        self._connection: Any = None
        self._connecting = asyncio.Lock()
        self._work = asyncio.Event()
        self._owners = asyncio.Event()
        self._signal = asyncio.Event()
        self._signalled: set[int] = set()

    def ring(self, news: str) -> None:
        """Whoever waits for this news wakes; with nobody waiting, the next one to wait returns at once."""
        if news == WORK:
            self._work.set()
        elif news == OWNERS:
            self._owners.set()
        elif news.isdecimal():
            self._signalled.add(int(news))
            self._signal.set()

    async def wait_for_work(self, timeout_seconds: float | None) -> bool:
        """True when a turn may be there to claim, False when that time has passed. For one worker of a process."""
        return await self._rung(self._work, timeout_seconds)

    async def wait_for_owners(self, timeout_seconds: float | None) -> bool:
        """True when another process may have begun to answer where this one does. For one task of a process."""
        return await self._rung(self._owners, timeout_seconds)

    async def wait_for_signals(self, timeout_seconds: float | None) -> frozenset[int]:
        """The turns that were signalled since the last call; none when that time has passed. For one task.
        What this process signals itself may be told twice: by the commit, and by PostgreSQL's echo."""
        await self._rung(self._signal, timeout_seconds)
        signalled = frozenset(self._signalled)
        self._signalled.clear()
        return signalled

    async def _rung(self, bell: asyncio.Event, timeout_seconds: float | None) -> bool:
        # While the database is away the waiter waits its time and tries again: that is its polling anyway.
        with suppress(StoreUnavailable):
            await self._listen()
        try:
            async with asyncio.timeout(timeout_seconds):
                await bell.wait()
        except TimeoutError:
            return False
        bell.clear()
        return True

    async def _listen(self) -> None:
        if self._dsn is None:
            return
        async with self._connecting:
            if self._connection is None:
                self._connection = await self._connected(self._dsn)
                self._look()  # at whatever was announced before we listened

    async def _connected(self, dsn: Mapping[str, Any]) -> Any:
        import asyncpg  # type: ignore[import-untyped]  # ships no types; and a process on SQLite never loads it

        with translated():
            connection = await asyncpg.connect(**dsn, timeout=CONNECT_TIMEOUT)
            try:
                connection.add_termination_listener(self._lost)
                await connection.add_listener(CHANNEL, self._told)
            except BaseException:
                connection.terminate()
                raise
            return connection

    def _told(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.ring(str(payload))

    def _lost(self, connection: object) -> None:
        if connection is self._connection:
            self._connection = None
            self._look()

    def _look(self) -> None:
        """Waiters return, so that the worker looks by itself and then listens anew."""
        self._work.set()
        self._owners.set()
        self._signal.set()

    async def close(self) -> None:
        """Nothing listens any more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(StoreUnavailable), translated():
                await connection.close(timeout=CONNECT_TIMEOUT)
