"""Everyone who waits for something to happen in the sandbox hears of it here.

A test waits for a condition, a page listens to the feed. Nobody polls: each change wakes all waiters once.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Json = dict[str, Any]

Found = TypeVar("Found")


class Changes:
    """One signal for waiters and one queue for each listener."""

    def __init__(self) -> None:
        self._signal = asyncio.Event()
        self._feeds: set[asyncio.Queue[Json | None]] = set()

    def tell(self, notice: Json | None = None) -> None:
        """Every waiter looks again; with a notice, every feed receives it."""
        waiting, self._signal = self._signal, asyncio.Event()
        waiting.set()
        if notice is not None:
            for feed in self._feeds:
                feed.put_nowait(notice)

    async def next(self) -> None:
        await self._signal.wait()

    async def wait_for(
        self, predicate: Callable[[], Found | None], *, timeout: float, describe: Callable[[], str]
    ) -> Found:
        """The first truthy value of `predicate`, asked again after every change.

        TimeoutError after `timeout` seconds; its text is what `describe` says of the state at that moment.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (found := predicate()):
                    await self.next()
                return found
        except TimeoutError:
            raise TimeoutError(f"not true within {timeout} s; the state is now:\n{describe()}") from None

    @contextmanager
    def feed(self) -> Iterator[asyncio.Queue[Json | None]]:
        """A queue of notices from now on; None in it means that the sandbox is closing."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._feeds.add(queue)
        try:
            yield queue
        finally:
            self._feeds.discard(queue)

    def close(self) -> None:
        for feed in self._feeds:
            feed.put_nowait(None)
