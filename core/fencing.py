"""The fence around what is written for a turn: once its lease may have ended, nothing more goes out.

The worker sets it for all that is done for the turn. The reply asks before each write, and an adapter's connection asks
again as the request is about to leave: a process may sleep between the two (stopped, swapped out, its machine moved)
and wake up long after another one has written the answer to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_fence: ContextVar[Callable[[], None] | None] = ContextVar("fence", default=None)


@contextmanager
def fenced(check: Callable[[], None]) -> Iterator[None]:
    """What is written inside, and in tasks begun inside, asks `check` first, which raises LeaseLost."""
    token = _fence.set(check)
    try:
        yield
    finally:
        _fence.reset(token)


def check() -> None:
    """Returns where a write may go out. Raises LeaseLost where another process may be writing by now."""
    fence = _fence.get()
    if fence is not None:
        fence()
