"""Stand-ins for the strangers at core's ports: a model that remembers what it was asked, a platform that shows what
people would see, and clocks that tests own. The store is never doubled: tests use a real database.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.conversation import ConversationKey
from core.errors import FileTooLarge, PostGone, SurfaceError
from core.incoming import Attachment, Author, ReplyTarget
from core.interaction import Button, File, Select
from core.ports import (
    Call,
    Draft,
    Finished,
    FinishReason,
    ModelEvent,
    ModelRequest,
    SurfaceLimits,
    TextDelta,
)
from core.prompting import PlaceNames
from core.scheduling import EditBudget
from core.turn import MessageRef, Usage

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class ManualClock:
    """Time stands still until a test moves it."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._passed + seconds, future))
        await future

    def advance(self, seconds: float) -> None:
        """That much time passes, and whoever slept until then wakes."""
        self._passed += seconds
        due = [future for until, future in self._sleepers if until <= self._passed]
        self._sleepers = [(until, future) for until, future in self._sleepers if until > self._passed]
        for future in due:
            if not future.done():
                future.set_result(None)


class FastClock:
    """Real time, many times faster: for tests that wait for an end and not for a moment."""

    def __init__(self, speed: float = 500.0) -> None:
        self._speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


@dataclass
class Script:
    """One answer of the scripted model: events and errors in order, with gates that a test opens."""

    steps: Sequence[ModelEvent | Exception | asyncio.Event]


def says(*texts: str, reason: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Script:
    """An answer in these pieces."""
    return Script(steps=[*(TextDelta(text=text) for text in texts), Finished(reason=reason, usage=usage)])


class ScriptedModel:
    """Plays scripts in order and remembers what it was asked; without a script it echoes the last message."""

    def __init__(self, *scripts: Script, window: int = 8_000) -> None:
        self.scripts = deque(scripts)
        self.requests: list[ModelRequest] = []
        self.closed = 0
        """Streams that were left before their end."""
        self.finished = 0
        """Streams that were read to it."""
        self.changed = asyncio.Condition()
        self._window = window

    def window(self, model: str) -> int:
        return self._window

    async def aclose(self) -> None:
        return None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        script = self.scripts.popleft() if self.scripts else says(f"echo: {request.messages[-1].text}")
        self.requests.append(request)
        await self._notify()
        ended = False
        try:
            for step in script.steps:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    ended = True
                    raise step
                else:
                    ended = isinstance(step, Finished)
                    yield step
        finally:
            self.closed += 0 if ended else 1
            self.finished += 1 if ended else 0

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def asked(self, times: int) -> None:
        """Returns when the model has been asked that often."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(self.requests) >= times)


@dataclass
class Shown:
    """One message of the recording surface."""

    target: ReplyTarget
    key: str
    drafts: list[Draft] = field(default_factory=list)
    finished: bool = False
    deleted: bool = False

    @property
    def draft(self) -> Draft:
        """What people see now."""
        return self.drafts[-1]


class RecordingSurface:
    """A platform in memory: keeps what each message shows, and fails as it is told."""

    def __init__(self, *, limits: SurfaceLimits | None = None, budget: EditBudget | None = None) -> None:
        self._limits = limits or SurfaceLimits(length=2_000)
        self._budget = budget or EditBudget(name="test", burst=1_000, interval=0.001)
        self.posts: dict[str, Shown] = {}
        self.whispers: list[tuple[str, str]] = []
        self.admins: set[str] = set()
        self.places: dict[str, PlaceNames] = {}
        """By channel, what places are called; others have their ids."""
        self.works = 0
        self.idled = 0
        self.sayings: list[str] = []
        self.sent: dict[str, tuple[ReplyTarget, str]] = {}
        """Messages that are no replies, by their keys."""
        self.offered: dict[str, Sequence[Button]] = {}
        """The buttons that stand under them."""
        self.uploads: dict[str, bytes] = {}
        """What people's files hold, by the attachments' ids."""
        self.failures: deque[SurfaceError | None] = deque()
        """What the next writes raise; None lets one pass."""
        self.lose_answers = 0
        """That many posts take effect although the call fails."""
        self.in_flight: set[str] = set()
        self.changed = asyncio.Condition()
        self._numbers = itertools.count(1)

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        return self._limits

    def measure(self, text: str) -> int:
        return len(text)

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        return replace(self._budget, name=f"{self._budget.name}:{call.value}")

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        if seek and (found := self._found(key)) is not None:
            await self._show(found, draft)
            return MessageRef(channel=target.key.channel, message=found)
        lost = self.lose_answers > 0
        if not lost:
            self._fail()
        name = f"m{next(self._numbers)}"
        self.posts[name] = Shown(target=target, key=key)
        await self._show(name, draft)
        if lost:
            self.lose_answers -= 1
            self._fail()
        return MessageRef(channel=target.key.channel, message=name)

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        self._fail()
        await self._show(ref.message, draft)

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        await self.edit(target, ref, draft)
        self.posts[ref.message].finished = True

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        self.posts[ref.message].deleted = True

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        self.whispers.append((person.id, text))
        await self._notify()

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        return person.id in self.admins

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        self.works += 1
        self.sayings.append(saying)

    async def idle(self, target: ReplyTarget) -> None:
        self.idled += 1

    async def send(
        self,
        target: ReplyTarget,
        text: str,
        *,
        key: str,
        files: Sequence[File] = (),
        buttons: Sequence[Button] = (),
        selects: Sequence[Select] = (),
    ) -> MessageRef:
        self._fail()
        self.sent.setdefault(key, (target, text))
        self.offered.setdefault(key, buttons)
        await self._notify()
        return MessageRef(channel=target.key.channel, message=key)

    async def resend(
        self,
        target: ReplyTarget,
        ref: MessageRef,
        text: str,
        *,
        files: Sequence[File] = (),
        buttons: Sequence[Button] = (),
        selects: Sequence[Select] = (),
    ) -> None:
        self._fail()
        self.sent[ref.message] = (target, text)
        self.offered[ref.message] = buttons
        await self._notify()

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        return ReplyTarget(key=replace(place, channel=f"D{person.id}", thread=None), kind="direct")

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        content = self.uploads[attachment.id]
        if len(content) > most:
            raise FileTooLarge(attachment.id)
        return content

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        return self.places.get(key.channel, PlaceNames.of(key))

    # ── what tests read ──

    @property
    def visible(self) -> list[Draft]:
        """What people see, in order."""
        return [shown.draft for shown in self.posts.values() if shown.drafts and not shown.deleted]

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        """Returns when the condition holds; it is looked at after each write."""
        async with asyncio.timeout(25), self.changed:
            await self.changed.wait_for(condition)

    def _found(self, key: str) -> str | None:
        return next((name for name, shown in self.posts.items() if shown.key == key and not shown.deleted), None)

    def _fail(self) -> None:
        error = self.failures.popleft() if self.failures else None
        if error is not None:
            raise error

    async def _show(self, name: str, draft: Draft) -> None:
        assert name not in self.in_flight, "two writes of one message at once"
        self.in_flight.add(name)
        try:
            await asyncio.sleep(0)
            shown = self.posts[name]
            if shown.deleted:
                raise PostGone(name)
            shown.drafts.append(draft)
        finally:
            self.in_flight.discard(name)
        await self._notify()

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class LetterCounter:
    """Four letters are a token."""

    def count(self, text: str) -> int:
        return -(-len(text) // 4)
