"""The moments at which a process is killed, as the local servers see them.

A point is armed before the question is asked. It is reached when the server has the call in hand: before it takes
effect, or after that and before its answer, which never comes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.contract.places import DiscordPlace, Place, SlackPlace
from tests.faults.fleet import Fleet

HANG = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A moment in the life of an answer."""

    name: str
    arm: Callable[[Fleet], asyncio.Event]
    """Something is planned to happen; the event is set when it does."""
    direct: bool = False
    """The question is asked in direct messages."""
    slow: bool = False
    """Its answer takes so long that there are several edits, however few the platform allows."""


def _call(what: str, *, takes_effect: bool, skip: int = 0, ends: bool = False) -> Callable[[Fleet], asyncio.Event]:
    """The next post or edit (after `skip` of them; only one that shows the answer's end) hangs."""

    def arm(fleet: Fleet) -> asyncio.Event:
        reached, left = asyncio.Event(), [skip]

        def when(arguments: Any) -> bool:
            if reached.is_set() or (ends and "End " not in json.dumps(arguments, default=str)):
                return False
            left[0] -= 1
            if left[0] >= 0:
                return False
            reached.set()
            return True

        _plan(fleet.place, what, takes_effect, when)
        return reached

    return arm


def _plan(place: Place, what: str, takes_effect: bool, when: Callable[[Any], bool]) -> None:
    assert isinstance(place, SlackPlace | DiscordPlace)
    match place:
        case SlackPlace():
            for method in _SLACK[what]:
                place.sandbox.faults.call(
                    method, "hang", seconds=HANG, takes_effect=takes_effect, when=when, times=10**6
                )
        case DiscordPlace():
            for route in _DISCORD[what]:
                place.sandbox.faults.call(
                    route=route, outcome="hang", seconds=HANG, takes_effect=takes_effect, when=when, times=10**6
                )


_SLACK = {
    "post": ("chat.postMessage", "chat.startStream"),
    "edit": ("chat.update", "chat.appendStream"),
    "write": ("chat.update", "chat.postMessage", "chat.stopStream", "chat.appendStream"),
}
_DISCORD = {
    "post": ("create_message",),
    "edit": ("edit_message",),
    "write": ("edit_message", "create_message"),
}


def _at_once(_fleet: Fleet) -> asyncio.Event:
    reached = asyncio.Event()
    reached.set()
    return reached


def _asked_of_model(fleet: Fleet) -> asyncio.Event:
    reached, before = asyncio.Event(), len(fleet.model.requests)

    async def watch() -> None:
        await fleet.model.wait_for(lambda requests: len(requests) > before, 60.0)
        reached.set()

    _background(watch())
    return reached


def _shown(condition: Callable[[Fleet], bool]) -> Callable[[Fleet], asyncio.Event]:
    def arm(fleet: Fleet) -> asyncio.Event:
        reached = asyncio.Event()

        async def watch() -> None:
            await fleet.place.wait_for(lambda: condition(fleet))
            reached.set()

        _background(watch())
        return reached

    return arm


_tasks: set[asyncio.Task[None]] = set()


def _background(work: Any) -> None:
    task = asyncio.ensure_future(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _some_text(fleet: Fleet) -> bool:
    return any("Step 3" in text for text in fleet.replies(fleet.asked[-1]))


def _all_text(fleet: Fleet) -> bool:
    return any("End " in text for text in fleet.replies(fleet.asked[-1]))


POINTS: tuple[Point, ...] = (
    Point(name="as the event is delivered", arm=_at_once),
    Point(name="while the model is asked", arm=_asked_of_model),
    Point(name="before the first post is taken", arm=_call("post", takes_effect=False)),
    Point(name="after the first post, before it is recorded", arm=_call("post", takes_effect=True)),
    Point(name="before an edit is taken", arm=_call("edit", takes_effect=False)),
    Point(name="after an edit, before its answer", arm=_call("edit", takes_effect=True)),
    Point(name="after the second edit", arm=_call("edit", takes_effect=True, skip=1), slow=True),
    Point(name="in mid-stream", arm=_shown(_some_text)),
    Point(name="before the final edit is taken", arm=_call("write", takes_effect=False, ends=True)),
    Point(name="after the final edit, before its answer", arm=_call("write", takes_effect=True, ends=True)),
    Point(name="when all is shown, before it is recorded", arm=_shown(_all_text)),
    Point(name="before a direct post is taken", arm=_call("post", takes_effect=False), direct=True),
    Point(name="after a direct post", arm=_call("post", takes_effect=True), direct=True),
    Point(name="after direct text was added", arm=_call("edit", takes_effect=True), direct=True),
    Point(name="after the direct end", arm=_call("write", takes_effect=True, ends=True), direct=True),
)
