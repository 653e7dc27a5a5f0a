"""How many whole turns one and two processes make on one PostgreSQL: accepted, claimed, answered, finished.

The model answers at once and the platform costs nothing, so what is measured is Parley and its database. Rounds with
one process and with two alternate. Where the machine has fewer cores than processes and PostgreSQL would keep busy,
the ratio says more about the machine: the processor time of each turn is what can be carried over to another.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]  # psutil ships no types

START = 60
"""Seconds within which a process must be ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What that many processes do together."""

    processes: int
    turns: int
    """In all rounds."""
    rate: float
    """Turns a second, the median of the rounds."""
    low: float
    high: float
    process_cpu: float
    """Milliseconds of one processor that a turn takes of Parley's processes."""
    database_cpu: float
    """The same of PostgreSQL, all of its processes together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    turns: int
    seconds: float
    process_cpu: float
    database_cpu: float


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
        rate=statistics.median(rates),
        low=min(rates),
        high=max(rates),
        process_cpu=1_000 * sum(one.process_cpu for one in rounds) / turns,
        database_cpu=1_000 * sum(one.database_cpu for one in rounds) / turns,
    )


async def _round(url: str, postmaster: int, processes: int, seconds: float) -> _Round:
    children = await asyncio.gather(*(_start(url, seconds, first, processes) for first in range(processes)))
    try:
        async with asyncio.timeout(START + seconds):
            for child in children:
                await _line(child)
            before = _database_cpu(postmaster)
            for child in children:
                _input(child).write(b"go\n")
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
    )


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
