"""Misbehaviour on demand: what the next REST calls and the next gateway events suffer.

A fault is planned here and used up by whoever it strikes: `rest.door` for calls, `dispatch` for events. What happens
to connections at once (dropping, op 7, op 9, broken frames) belongs to `gateway`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from sandbox.discord.values import Json

Outcome = Literal["status", "ratelimited", "html", "hang", "cut"]


@dataclass(slots=True, kw_only=True)
class CallFault:
    """The next `times` calls that match go wrong.

    `method` is an HTTP method or `*`; `route` is a route's name (`create_message`), its pattern or a path, with `*` for
    anything. `status`: that HTTP status with a JSON body of `code` and `message`; `ratelimited`: 429 with
    `retry_after` seconds, `scope` and, unless `via` is False, the Via header; `html`: a page, as a proxy in front of
    Discord gives; `hang`: no answer for `seconds`; `cut`: the connection ends without an answer. With `takes_effect`
    the call is carried out and only its answer is replaced.
    """

    method: str = "*"
    route: str = "*"
    outcome: Outcome = "status"
    times: int = 1
    status: int = 500
    code: int = 0
    message: str = "500: Internal Server Error"
    retry_after: float = 1.0
    scope: Literal["user", "global", "shared"] = "user"
    via: bool = True
    seconds: float = 60.0
    takes_effect: bool = False
    when: Callable[[Json], bool] | None = None
    """Only calls with such a JSON body."""

    def strikes(self, method: str, names: tuple[str, ...], body: Json) -> bool:
        if self.method not in ("*", method):
            return False
        if not any(fnmatchcase(name, self.route) for name in names):
            return False
        return self.when is None or self.when(body)


@dataclass(slots=True, kw_only=True)
class Held:
    """An event kept back until somebody lets it go, or until its seconds are over."""

    seconds: float | None
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                await self.released.wait()
        except TimeoutError:
            return


class Faults:
    """All that is planned to go wrong."""

    def __init__(self) -> None:
        self.calls: list[CallFault] = []
        self.duplicates = 0
        self.holds: list[Held] = []
        self.held: list[Held] = []

    def call(self, method: str = "*", route: str = "*", outcome: Outcome = "status", **details: Any) -> CallFault:
        """The next matching call suffers this; details are the other fields of CallFault."""
        fault = CallFault(method=method, route=route, outcome=outcome, **details)
        self.calls.append(fault)
        return fault

    def duplicate(self, times: int = 1) -> None:
        """The next events are dispatched twice, each with a number of its own."""
        self.duplicates += times

    def hold(self, times: int = 1, *, seconds: float | None = None) -> None:
        """The next events come late: after `seconds`, or after `release`."""
        self.holds.extend(Held(seconds=seconds) for _ in range(times))

    def release(self) -> None:
        """Every event that was held back goes out now."""
        for held in self.held:
            held.released.set()
        self.held.clear()

    def clear(self) -> None:
        """Nothing more is planned, and what was held back goes out."""
        self.release()
        self.calls.clear()
        self.holds.clear()
        self.duplicates = 0

    def take_call(self, method: str, names: tuple[str, ...], body: Json) -> CallFault | None:
        for fault in self.calls:
            if fault.strikes(method, names, body):
                fault.times -= 1
                if fault.times <= 0:
                    self.calls.remove(fault)
                return fault
        return None

    def take_duplicate(self) -> bool:
        self.duplicates, taken = max(0, self.duplicates - 1), self.duplicates > 0
        return taken

    def take_hold(self) -> Held | None:
        if not self.holds:
            return None
        held = self.holds.pop(0)
        self.held.append(held)
        return held
