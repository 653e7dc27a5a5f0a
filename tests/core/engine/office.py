"""A process of its own that answers all that waits on a database, and says what became of it: run as a program.

`python -m tests.core.engine.office URL NAME` says `ready`, begins when it is told anything, and prints a line of JSON
when no turn is left open: how often its model was asked, and what was whispered to people.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

import structlog

from bots.clock import SystemClock
from core.conversation import Platform
from core.store import Store
from tests.core.engine.processes import Process, platform

SLOTS = 50
"""Turns at once: more than the limit allows to run."""


async def work(url: str, name: str) -> None:
    """Until nothing is open."""
    store = await Store.open(url)
    clock: Any = SystemClock()  # a house expects one that can be hurried, and any will do
    process = Process(store, owner=name, surface=platform(), clock=clock, slots=SLOTS)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    process.start()
    # The other process ends turns as well, and tells nobody.
    while process.worker.running or await _open(store):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await process.stop()
    await store.close()
    whispers = [said for _, said in process.surface.whispers]
    sys.stdout.write(json.dumps({"asked": len(process.model.requests), "whispers": whispers}))


async def _open(store: Store) -> int:
    turns = await store.open_turns([Platform.SLACK])
    return turns.queued + turns.live


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(work(*sys.argv[1:]))
