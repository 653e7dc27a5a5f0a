"""The whole of an answer that is too long for the chat, as a file below its beginning.

The file stands in a message of its own, which is kept among the reply's: another process finds it there, and an answer
that is given anew replaces it. When it is sent is decided in page.py; what becomes of a refusal, in reply.py.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Protocol

from core import fencing
from core.errors import PostGone, SurfaceError
from core.incoming import ReplyTarget
from core.interaction import File
from core.ports import Messenger
from core.turn import MessageRef, Turn

MESSAGES_MOST = 5
"""Messages that an answer fills at most, where nobody has set another number."""
NAME = "answer.md"
CAPTION = "The whole answer, as a file:"
GONE = "…"
"""Shown by a message whose file was taken back, until it is deleted or says something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Where files go."""

    messenger: Messenger
    most: int = MESSAGES_MOST
    """Messages of an answer; what does not fit into them comes as a file."""

    async def show(
        self, target: ReplyTarget, text: str, *, key: str, below: MessageRef, earlier: MessageRef | None, begun: bool
    ) -> MessageRef:
        """The file with that text is there, once, and none that was made of another text. `earlier` is the message
        that showed it before, if one is known; `begun`: an attempt that nobody recorded may have sent one under the
        key. Raises SurfaceError."""
        target = _beside(target, below)
        files = (File(name=NAME, media_type="text/markdown", content=text.encode()),)
        if earlier is not None:
            try:
                await self.messenger.resend(target, earlier, CAPTION, files=files)
            except PostGone:
                key, begun = f"{key}-{earlier.message}", False  # under its own key the lost one would be found again
            else:
                return earlier
        ref = await self.messenger.send(target, CAPTION, key=key, files=files)
        if begun:
            await self.messenger.resend(target, ref, CAPTION, files=files)
        return ref

    async def clear(self, target: ReplyTarget, ref: MessageRef) -> None:
        """That message shows no file any more, if the platform lets go of it."""
        with contextlib.suppress(SurfaceError):
            await self.messenger.resend(target, ref, GONE)


class Recorder(Protocol):
    """Remembers where a reply stands, so that another process can go on in the same messages."""

    async def posted(self, position: int, ref: MessageRef) -> None:
        """That message is part of the reply. Raises LeaseLost."""
        ...

    async def dropped(self, position: int) -> None:
        """That message is no longer part of it. Raises LeaseLost."""
        ...


class FilePost:
    """The message with the file of one reply, among its others: `posts` are all of them, by position."""

    def __init__(
        self, enclosure: Enclosure | None, turn: Turn, posts: dict[int, MessageRef], recorder: Recorder
    ) -> None:
        self._enclosure = enclosure
        self._turn = turn
        self._posts = posts
        self._recorder = recorder
        self.most = None if enclosure is None else enclosure.most
        """Messages of the reply before the file; without a limit there is never a file."""

    async def show(self, text: str, *, key: str, below: int, begun: bool) -> None:
        """The whole answer stands as a file below that message, and is recorded. See Enclosure.show."""
        assert self._enclosure is not None
        ref = await self._enclosure.show(
            self._turn.target,
            text,
            key=key,
            below=self._posts[below],
            earlier=self._posts.get(below + 1),
            begun=begun,
        )
        self._posts[below + 1] = ref
        await self._recorder.posted(below + 1, ref)

    async def clear(self, position: int) -> None:
        """If an earlier attempt's file stands at that place, it goes; the message stays."""
        ref = self._posts.get(position)
        if ref is not None and self._enclosure is not None and position == self.most:
            fencing.check()
            await self._enclosure.clear(self._turn.target, ref)


def _beside(target: ReplyTarget, message: MessageRef) -> ReplyTarget:
    """Where that message stands, also if we made the thread around it."""
    return replace(target, key=replace(target.key, thread=message.root)) if message.root else target
