"""Misbehaviour on demand: what the next calls and the next events suffer.

A fault is planned here and used up by whoever it strikes: `web_api` for calls, `delivery` for events. Dropping
connections happens at once and belongs to `socket_mode`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sandbox.slack.values import Json, SandboxError

Answer = Literal["status", "error", "ratelimited", "html", "hang", "cut"]


@dataclass(slots=True, kw_only=True)
class CallFault:
    """The next `times` calls of `method` go wrong.

    `status`: an HTTP status and a JSON body; `error`: HTTP 200 with that error; `ratelimited`: HTTP 429 with
    Retry-After; `html`: a page instead of JSON, with that status; `hang`: no answer for `seconds`; `cut`: the
    connection ends without an answer. With `takes_effect` the call is carried out and only its answer is lost.
    """

    method: str
    answer: Answer = "status"
    times: int = 1
    status: int = 500
    error: str = "internal_error"
    retry_after: int = 1
    seconds: float = 60.0
    takes_effect: bool = False
    when: Callable[[Json], bool] | None = None
    """Only calls with such arguments."""


@dataclass(slots=True, kw_only=True)
class Held:
    """A delivery kept back until somebody lets it go, or until its seconds are over."""

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
        self.swapped_mentions = 0
        self.wrong_signatures = 0
        self.old_timestamps = 0

    def call(self, method: str, answer: Answer = "status", **details: Any) -> CallFault:
        """The next call of `method` (or `*` for any) suffers this; details are the fields of CallFault."""
        if answer not in get_args(Answer):
            raise SandboxError(f"a call cannot answer {answer!r}")
        fault = CallFault(method=method, answer=answer, **details)
        self.calls.append(fault)
        return fault

    def duplicate(self, times: int = 1) -> None:
        """The next events are delivered twice, as Slack does when an acknowledgement got lost."""
        self.duplicates += times

    def hold(self, times: int = 1, *, seconds: float | None = None) -> None:
        """The next events come late: after `seconds`, or after `release`."""
        self.holds.extend(Held(seconds=seconds) for _ in range(times))

    def release(self) -> None:
        """Every event that was held back goes out now."""
        for held in self.held:
            held.released.set()
        self.held.clear()

    def swap_mention(self, times: int = 1) -> None:
        """The next mentions send their two events in the other order."""
        self.swapped_mentions += times

    def clear(self) -> None:
        self.release()
        self.calls.clear()
        self.holds.clear()
        self.duplicates = self.swapped_mentions = self.wrong_signatures = self.old_timestamps = 0

    def take_call(self, method: str, args: Json) -> CallFault | None:
        for fault in self.calls:
            if fault.method in (method, "*") and (fault.when is None or fault.when(args)):
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

    def take_swap(self) -> bool:
        self.swapped_mentions, taken = max(0, self.swapped_mentions - 1), self.swapped_mentions > 0
        return taken

    def take_wrong_signature(self) -> bool:
        self.wrong_signatures, taken = max(0, self.wrong_signatures - 1), self.wrong_signatures > 0
        return taken

    def take_old_timestamp(self) -> bool:
        self.old_timestamps, taken = max(0, self.old_timestamps - 1), self.old_timestamps > 0
        return taken
