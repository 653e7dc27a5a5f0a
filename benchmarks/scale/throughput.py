"""How many whole turns one and two processes make on one PostgreSQL: accepted, claimed, answered, finished.

The model answers at once and the platform costs nothing, so what is measured is Parley and its database. Rounds with
one process and with two alternate. In each round the processes also compute for a moment without any database: what two
get done then, against one, is the most that this machine (its cores, and what else runs there) has to offer.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import psutil  # type: ignore[import-untyped]  # psutil ships no types

LOOK = 0.05
"""Seconds between looks at what transactions wait for."""
WAITS = """
SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""
START = 60
"""Seconds within which a process must be ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What that many processes do together."""

    processes: int
    turns: int
    """In all rounds."""
    rate: float
    """Turns a second in the best round: what else the machine does can only take away."""
    median: float
    low: float
    process_cpu: float
    """Milliseconds of one processor that a turn takes of Parley's processes."""
    database_cpu: float
    """The same of PostgreSQL, all of its processes together."""
    locked: float
    """Part of the open transactions, looked at again and again, that waited for a lock of another one."""
    computing: float
    """What the processes compute without a database, in hashes a second, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    turns: int
    seconds: float
    process_cpu: float
    database_cpu: float
    work: int
    looks: int
    """At open transactions."""
    locked: int
    """Of these, waiting for another one."""


async def throughput(url: str, postmaster: int, *, rounds: int, seconds: float) -> tuple[Throughput, ...]:
    """One process against two on that database, whose server is the process of that id."""
    crowds: dict[int, list[_Round]] = {1: [], 2: []}
    for _ in range(rounds):
        for processes, done in crowds.items():
            done.append(await _round(url, postmaster, processes, seconds))
    return tuple(_summed(processes, done) for processes, done in crowds.items())


def _summed(processes: int, rounds: list[_Round]) -> Throughput:
    turns = sum(one.turns for one in rounds)
    rates = [one.turns / one.seconds for one in rounds]
    return Throughput(
        processes=processes,
        turns=turns,
        rate=max(rates),
        median=statistics.median(rates),
        low=min(rates),
        process_cpu=1_000 * sum(one.process_cpu for one in rounds) / turns,
        database_cpu=1_000 * sum(one.database_cpu for one in rounds) / turns,
        locked=sum(one.locked for one in rounds) / max(1, sum(one.looks for one in rounds)),
        computing=max(one.work / one.seconds for one in rounds),
    )


async def _round(url: str, postmaster: int, processes: int, seconds: float) -> _Round:
    children = await asyncio.gather(*(_start(url, seconds, first, processes) for first in range(processes)))
    try:
        async with asyncio.timeout(START + 2 * seconds):
            for child in children:
                await _line(child)
            before = _database_cpu(postmaster)
            for child in children:
                _input(child).write(b"go\n")
            async with _watched(url) as seen:
                figures: list[Any] = [json.loads(await _line(child)) for child in children]
            database = _database_cpu(postmaster) - before
            for child in children:
                _input(child).close()
            await asyncio.gather(*(child.wait() for child in children))
    finally:
        for child in children:
            if child.returncode is None:
                child.kill()
                await child.wait()
    return _Round(
        turns=sum(one["turns"] for one in figures),
        seconds=statistics.fmean(one["seconds"] for one in figures),
        process_cpu=sum(one["cpu"] for one in figures),
        database_cpu=database,
        work=sum(one["work"] for one in figures),
        looks=seen.looks,
        locked=seen.locked,
    )


@dataclass(slots=True)
class _Seen:
    looks: int = 0
    locked: int = 0


@asynccontextmanager
async def _watched(url: str) -> AsyncIterator[_Seen]:
    """Meanwhile, what the transactions on that database wait for is counted."""
    seen = _Seen()
    connection = await asyncpg.connect(url)
    watching = asyncio.create_task(_watch(connection, seen))
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await connection.close()


async def _watch(connection: Any, seen: _Seen) -> None:
    while True:
        looks, locked = await connection.fetchrow(WAITS)
        seen.looks, seen.locked = seen.looks + looks, seen.locked + locked
        await asyncio.sleep(LOOK)


async def _start(url: str, seconds: float, first: int, step: int) -> asyncio.subprocess.Process:
    program = [sys.executable, "-m", "benchmarks.scale.process", url, str(seconds), str(first), str(step)]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe)


async def _line(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    line = await child.stdout.readline()
    if not line:
        raise RuntimeError("a process of the benchmark ended early; its errors stand above")
    return line


def _input(child: asyncio.subprocess.Process) -> asyncio.StreamWriter:
    assert child.stdin is not None
    return child.stdin


def _database_cpu(postmaster: int) -> float:
    """Seconds that the server's processes have computed."""
    total = 0.0
    for process in psutil.Process(postmaster).children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # a connection that was just closed
        total += times.user + times.system
    return total
