"""What this process may take of the machine. Set before a byte of a file is looked at, and never given back.

Where the system has no such bounds (Windows), the clock of whoever started the process is the only one.
"""

from __future__ import annotations

import contextlib
import os
import time

SOFT_SECONDS = 15.0
"""After that a reader that can stop between two pages does, with what it has."""

_began = time.monotonic()


def set_bounds(*, memory: int, cpu_seconds: int) -> None:
    """This process gets no more address space and time than that, writes no file, and yields to its neighbours."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # macOS knows no bound of address space
            resource.setrlimit(what, (least, least))


def hurried() -> bool:
    """Whether it is time to stop with what there is."""
    return time.monotonic() - _began > SOFT_SECONDS
