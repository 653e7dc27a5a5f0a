"""What the workspace shows now, and waiting until it shows something.

Only for tests and pages: everything here is a picture of this moment, and nothing changes by looking.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from sandbox.slack import description
from sandbox.slack.delivery import Delivery
from sandbox.slack.messages import Message
from sandbox.slack.sessions import Session, StatusLine, Thread
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.streams import Streams
from sandbox.slack.views import View, Views
from sandbox.slack.web_api import ApiCall
from sandbox.slack.workspace import Workspace

Found = TypeVar("Found")


class Reading:
    """The eyes of whoever watches the workspace."""

    def __init__(
        self, workspace: Workspace, sockets: SocketMode, streams: Streams, views: Views, calls: deque[ApiCall]
    ) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._streams = streams
        self._views = views
        self._calls = calls

    @property
    def calls(self) -> Sequence[ApiCall]:
        """Every Web API call, oldest first."""
        return tuple(self._calls)

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Everything sent to the app, oldest first."""
        return tuple(self._workspace.deliveries.log)

    @property
    def statuses(self) -> dict[Thread, StatusLine]:
        """The lines that show now, by channel id and thread ts."""
        return self._workspace.sessions.lines()

    @property
    def sessions(self) -> dict[Thread, Session]:
        return self._workspace.sessions.all()

    @property
    def views(self) -> Sequence[View]:
        """Every open modal and Home tab."""
        return self._views.all()

    def calls_of(self, method: str) -> list[ApiCall]:
        return [call for call in self._calls if call.method == method]

    def messages(self, channel: str, thread_ts: str | None = None, *, person: str | None = None) -> list[Message]:
        """What the channel (or one thread of it) shows now; with `person`, `dm` is theirs and only what they see."""
        self._streams.expire()
        who = self._workspace.world.person(person) if person else None
        place = self._workspace.world.channel(channel, who)
        book = self._workspace.book
        found = book.thread(place.id, thread_ts) if thread_ts else book.in_channel(place.id)
        return [m for m in found if who is None or m.ephemeral_for in (None, who.id)]

    def message(self, channel: str, ts: str) -> Message:
        """One message by its ts. SandboxError when it is not there."""
        self._streams.expire()
        return self._workspace.find(self._workspace.world.channel(channel), ts)

    async def wait_for(self, predicate: Callable[[], Found | None], timeout: float = 10) -> Found:
        """The first truthy value of `predicate`, asked again after every change; else TimeoutError with the state."""
        return await self._workspace.changes.wait_for(
            predicate, timeout=timeout, describe=lambda: description.of(self._workspace, self.calls)
        )

    async def settled(self, timeout: float = 10) -> None:
        """Everything sent to the app has been acknowledged or given up."""
        await self.wait_for(lambda: all(d.done.is_set() for d in self._workspace.deliveries.log), timeout)

    async def connected(self, count: int = 1, timeout: float = 10) -> None:
        """At least so many sockets are open."""
        await self.wait_for(lambda: len(self._sockets.connections) >= count, timeout)
