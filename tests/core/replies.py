"""What tests of a reply share: a turn to answer, a record, a strict platform, and a scene with all of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from core.conversation import ConversationKey, Platform
from core.errors import (
    LeaseLost,
)
from core.incoming import Author, ReplyTarget
from core.pacing import Pacing
from core.ports import Clock, Control, Draft, Ending, SurfaceLimits
from core.reply import Reply
from core.scheduling import EditBudget
from core.turn import MessageRef, Turn, TurnState
from tests.doubles import START, ManualClock, RecordingSurface

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
    """As platforms do, takes no empty message and none beyond its limit."""

    async def _show(self, name: str, draft: Draft) -> None:
        assert draft.text.strip() or draft.notice, "an empty message"
        assert self.measure(draft.text) <= self._limits.length, "a message beyond the limit"
        await super()._show(name, draft)


@dataclass
class Scene:
    """One reply between a clock, a platform and its record."""

    surface: RecordingSurface
    clock: Clock
    record: Record = field(default_factory=Record)

    def reply(self, of: Turn | None = None) -> Reply:
        """The reply begins."""
        return Reply(
            of or turn(),
            surface=self.surface,
            pacing=Pacing(self.clock),
            clock=self.clock,
            recorder=self.record,
        )

    @property
    def texts(self) -> list[str]:
        """What people read, in order."""
        return [draft.text for draft in self.surface.visible]

    def words(self) -> list[str]:
        """What people read, without the blanks at which it may have been cut."""
        return " ".join(self.texts).split()


def scene(*, length: int = 2_000) -> Scene:
    """A platform whose messages can be edited, and a clock that a test owns."""
    limits = SurfaceLimits(length=length)
    return Scene(surface=StrictSurface(limits=limits, budget=FREE), clock=ManualClock())


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
