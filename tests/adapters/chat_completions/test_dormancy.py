"""The vocabulary is in memory while people ask, and at no other time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from adapters.chat_completions.dormancy import DormantCounter

TEXT = "The quick brown fox jumps over the lazy dog."


class Words:
    """Stands for a vocabulary: counts words."""

    def __init__(self, model: str) -> None:
        self.model = model

    def count(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
async def counters() -> AsyncIterator[Callable[[float], DormantCounter]]:
    """Makes counters that sleep after so many seconds; they are closed in the end."""
    made = list[DormantCounter]()

    def make(sleeps_after: float) -> DormantCounter:
        made.append(DormantCounter("gpt-4o", load=Words, sleeps_after=sleeps_after))
        return made[-1]

    yield make
    for counter in made:
        counter.close()


async def until(condition: Callable[[], bool]) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  a timer of the loop's own sets it
            await asyncio.sleep(0.001)


async def test_every_count_is_exact(counters: Callable[[float], DormantCounter]) -> None:
    """The first one wakes it: limits and prices stand on what is counted."""
    counter = counters(60.0)
    assert not counter.awake
    assert counter.count(TEXT) == 9
    assert counter.awake


async def test_it_counts_in_other_threads(counters: Callable[[float], DormantCounter]) -> None:
    """Where long files are counted; it is loaded once, however many ask at once."""
    counter = counters(60.0)
    counts = await asyncio.gather(*(asyncio.to_thread(counter.count, TEXT) for _ in range(20)))
    assert set(counts) == {9}


async def test_it_sleeps_when_nothing_is_counted_for_long(counters: Callable[[float], DormantCounter]) -> None:
    """And wakes again for the next text."""
    counter = counters(0.02)
    for _ in range(2):
        counter.count(TEXT)
        await until(lambda: not counter.awake)


async def test_it_does_not_sleep_while_texts_are_counted(counters: Callable[[float], DormantCounter]) -> None:
    """However long ago the first one was."""
    counter, loop = counters(1.0), asyncio.get_running_loop()
    counter.count(TEXT)
    end = loop.time() + 1.5
    while loop.time() < end:
        assert counter.awake
        counter.count(TEXT)
        await asyncio.sleep(0.01)


async def test_closed_it_leaves_no_timer() -> None:
    """A process that ends may still count."""
    counter = DormantCounter("gpt-4o", load=Words)
    counter.close()
    assert counter.count(TEXT) == 9
    assert not counter.awake
