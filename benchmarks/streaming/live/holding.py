"""The memory of the Discord process while 200 answers grow at once: its own adapters, the sandbox, one channel, so that
most answers wait for their first text as well. Ten tokens a second keep all of them open for over a minute."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.streaming.live import places, table
from benchmarks.streaming.live.answers import Speaker
from benchmarks.streaming.live.process import running

STREAMS, RATE = 200, 10.0
LOOKS, LOOK_EVERY = 8, 6.0


async def lines() -> AsyncIterator[str]:
    """One line for each look at the process."""
    place = places.discord_channel()
    speaker = Speaker(tokens=places.ANSWER, rate=RATE)
    model = speaker.sandbox()
    await place.start()
    await model.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            async with running(place.module, Path(name), table.environment(place, model, Path(name))) as bot:
                yield f"idle: {bot.cost().resident:.0f} MB"
                await table.warmed(place)
                yield f"after one question: {bot.cost().resident:.0f} MB"
                for number in range(STREAMS):
                    await place.ask(f"question {number}")
                for _ in range(LOOKS):
                    await asyncio.sleep(LOOK_EVERY)
                    cost = bot.cost()
                    yield f"{len(speaker.spoken) - 1} answers: {cost.resident:.0f} MB, at most {cost.highest:.0f}"
    finally:
        await place.stop()
        await model.stop()
