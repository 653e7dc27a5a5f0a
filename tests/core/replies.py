"""What tests of a reply share: a turn to answer, a record, a strict platform, and a scene with all of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.conversation import ConversationKey, Platform
from core.enclosure import NAME, Enclosure
from core.errors import LeaseLost, SurfaceError, SurfaceUnavailable
from core.incoming import Author, ReplyTarget
from core.interaction import Button, File, Select
from core.pacing import Pacing
from core.ports import Clock, Control, Draft, Ending, SurfaceLimits
from core.reply import Reply
from core.scheduling import EditBudget
from core.turn import MessageRef, Turn, TurnState
from tests.doubles import START, ManualClock, RecordingSurface, Shown

KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="1.5")
FREE = EditBudget(name="test", burst=1_000_000, interval=0.0)
"""Writes as fast as they return."""
ENDING = Ending(notice="The end.", controls=(Control.TRY_AGAIN,))


def turn(*posts: str, attempt: int = 1) -> Turn:
    """A claimed turn whose answer so far stands in these messages."""
    return Turn(
        id=7,
        key=KEY,
        seq=1,
        state=TurnState.RUNNING,
        asker=Author(id="U1", name="Ann"),
        target=ReplyTarget(key=KEY, kind="thread"),
        queued_at=START,
        attempt=attempt,
        posts=tuple(MessageRef(channel="C1", message=post) for post in posts),
    )


@dataclass
class Record:
    """Remembers where the reply stands, until the lease is lost."""

    posts: dict[int, MessageRef] = field(default_factory=dict)
    lost: bool = False

    async def posted(self, position: int, ref: MessageRef) -> None:
        self._check()
        self.posts[position] = ref

    async def dropped(self, position: int) -> None:
        self._check()
        self.posts.pop(position, None)

    def _check(self) -> None:
        if self.lost:
            raise LeaseLost("turn 7")


class StrictSurface(RecordingSurface):
    """As platforms do, takes no empty message and none beyond its limit. A file stands in a message of its own, under
    its key."""

    def __init__(self, *, limits: SurfaceLimits | None = None, budget: EditBudget | None = None) -> None:
        super().__init__(limits=limits, budget=budget)
        self.files: dict[str, str] = {}
        """What the file of each message holds."""
        self.file_failures: deque[SurfaceError | None] = deque()
        """What the next calls with files raise."""
        self.lose_files = 0
        """That many of them take effect although they fail."""

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
        self._fail_file()
        if key not in self.posts:
            self.posts[key] = Shown(target=target, key=key)
            await self._show(key, Draft(text=text))
            self._enclose(key, files)
        if self.lose_files:
            self.lose_files -= 1
            raise SurfaceUnavailable("the answer was lost")
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
        if files:
            self._fail_file()
        await self._show(ref.message, Draft(text=text))
        self._enclose(ref.message, files)

    def _fail_file(self) -> None:
        error = self.file_failures.popleft() if self.file_failures else None
        if error is not None:
            raise error

    def _enclose(self, name: str, files: Sequence[File]) -> None:
        self.files.pop(name, None)
        for file in files:
            assert (file.name, file.media_type) == (NAME, "text/markdown")
            self.files[name] = file.content.decode()

    async def _show(self, name: str, draft: Draft) -> None:
        assert draft.text.strip() or draft.notice, "an empty message"
        assert self.measure(draft.text) <= self._limits.length, "a message beyond the limit"
        await super()._show(name, draft)


@dataclass
class Scene:
    """One reply between a clock, a platform and its record."""

    surface: StrictSurface
    clock: Clock
    record: Record = field(default_factory=Record)
    most: int | None = None
    """Messages of an answer before a file takes the rest."""

    def reply(self, of: Turn | None = None) -> Reply:
        """The reply begins."""
        return Reply(
            of or turn(),
            surface=self.surface,
            pacing=Pacing(self.clock),
            clock=self.clock,
            recorder=self.record,
            enclosure=None if self.most is None else Enclosure(messenger=self.surface, most=self.most),
        )

    @property
    def texts(self) -> list[str]:
        """What people read, in order."""
        return [draft.text for draft in self.surface.visible]

    def words(self) -> list[str]:
        """What people read, without the blanks at which it may have been cut."""
        return " ".join(self.texts).split()


def scene(*, length: int = 2_000, most: int | None = None) -> Scene:
    """A platform whose messages can be edited, and a clock that a test owns."""
    limits = SurfaceLimits(length=length)
    return Scene(surface=StrictSurface(limits=limits, budget=FREE), clock=ManualClock(), most=most)


async def settled() -> None:
    """Every task has come as far as it can at this time."""
    for _ in range(30):
        await asyncio.sleep(0)


async def pass_time(clock: Clock, seconds: float) -> None:
    """That much of a manual clock's time passes, and what is due happens."""
    assert isinstance(clock, ManualClock)
    await settled()
    clock.advance(seconds)
    await settled()
