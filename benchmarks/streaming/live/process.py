"""The bot as a process of its own, and what it costs, as Linux counts it (`/proc`)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
START_WITHIN = 60.0
STOP_WITHIN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the process has used so far."""

    cpu: float
    """Seconds, its own and the kernel's for it."""
    resident: float
    """MB of memory now."""
    highest: float
    """MB of memory at most."""


class Bot:
    """One running bot."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def cost(self) -> Cost:
        """As of now."""
        folder = Path("/proc") / str(self._process.pid)
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
        return Cost(
            cpu=ticks / os.sysconf("SC_CLK_TCK"),
            resident=_megabytes(status["VmRSS"]),
            highest=_megabytes(status["VmHWM"]),
        )


@asynccontextmanager
async def running(module: str, folder: Path, env: Mapping[str, str]) -> AsyncIterator[Bot]:
    """The bot is ready, until the end of the block. Its log is `bot.log` in the folder."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    with (folder / "bot.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=surroundings | dict(env),
        )
    try:
        await _ready(process, folder / "bot.log")
        yield Bot(process)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _ready(process: Process, log: Path) -> None:
    try:
        async with asyncio.timeout(START_WITHIN):
            while "process.ready" not in log.read_text():
                if process.returncode is not None:
                    raise RuntimeError(f"the bot has ended:\n{log.read_text()}")
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise RuntimeError(f"the bot is not ready:\n{log.read_text()}") from None


def _megabytes(field: str) -> float:
    return int(field.split()[0]) / 1024
