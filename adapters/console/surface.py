"""Replies and messages in the terminal: core.ports.Outlet over a Screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adapters.console.files import content, save
from adapters.console.places import WORKSPACE, direct_key, is_direct, target
from adapters.console.screen import Screen
from adapters.console.shown import Book, Shown
from core.conversation import ConversationKey
from core.errors import PostGone
from core.incoming import Attachment, Author, ReplyTarget
from core.interaction import Button, File, Select
from core.ports import Call, Draft, SurfaceLimits
from core.prompting import PlaceNames
from core.scheduling import EditBudget
from core.turn import MessageRef

LIMITS = SurfaceLimits(length=200_000, working_every=3_600.0)
"""A terminal takes any length; it is told once that we are at work."""
BUDGETS = {
    Call.OPEN: EditBudget(name="console:open", burst=50, interval=0.02),
    Call.EDIT: EditBudget(name="console:edit", burst=4, interval=0.05),
}
"""Nobody limits us: as often as an eye can follow."""


class ConsoleSurface:
    """Writes on one screen. `folder` is where files that Parley gives are put."""

    def __init__(self, screen: Screen, *, folder: Path) -> None:
        self.screen = screen
        self.book = Book()
        self._folder = folder
        self._sent: dict[str, MessageRef] = {}

    # ── replies ──

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        """See core.ports.Surface."""
        return LIMITS

    def measure(self, text: str) -> int:
        """Characters."""
        return len(text)

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        """See core.ports.Surface."""
        return BUDGETS[call]

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        """See core.ports.Surface. What another process wrote stands in another terminal, so it is written here anew."""
        ref = self._sent.setdefault(key, MessageRef(channel=target.key.channel, message=os.urandom(6).hex()))
        self._draw(self.book.draft(ref.message, target, draft))
        return ref

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """See core.ports.Surface. A message of an earlier session is gone with its screen."""
        if ref.message not in self.book.messages:
            raise PostGone("the message stood in another terminal")
        self._draw(self.book.draft(ref.message, target, draft))

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """See core.ports.Surface. What can no more be stopped grows no more."""
        await self.edit(target, ref, draft)

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        """It grows no more, and can be pressed no more; what stands on a screen stays there."""
        if self.book.messages.pop(ref.message, None) is not None:
            self.screen.forget(ref.message)

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        """Nobody else reads here."""
        self._say(target, text)

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Who can start Parley runs the place."""
        return True

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        """Below the prompt."""
        self.screen.status(target.key, saying or "thinking …")

    async def idle(self, target: ReplyTarget) -> None:
        """See core.ports.Surface."""
        self.screen.status(target.key, "")

    # ── messages that are no replies ──

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
        """See core.ports.Messenger."""
        if key in self._sent:
            return self._sent[key]
        ref = self._sent[key] = MessageRef(channel=target.key.channel, message=os.urandom(6).hex())
        await self._message(target, ref, text, files, buttons, selects)
        return ref

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
        """See core.ports.Messenger."""
        if ref.message not in self.book.messages:
            raise PostGone("the message stood in another terminal")
        await self._message(target, ref, text, files, buttons, selects)

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        """See core.ports.Messenger."""
        return target(direct_key(person.id))

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """See core.ports.Messenger: a file of this machine that the person named."""
        return await asyncio.to_thread(content, attachment, most)

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        """See core.ports.Namer."""
        channel = "direct messages" if is_direct(key) else key.channel
        return replace(PlaceNames.of(key), workspace=WORKSPACE, channel=channel)

    # ── for the app ──

    async def answer(
        self,
        target: ReplyTarget,
        text: str,
        files: Sequence[File] = (),
        buttons: Sequence[Button] = (),
        selects: Sequence[Select] = (),
    ) -> None:
        """Said at once."""
        ref = MessageRef(channel=target.key.channel, message=os.urandom(6).hex())
        await self._message(target, ref, text, files, buttons, selects)

    def _say(self, target: ReplyTarget, text: str) -> None:
        self._draw(self.book.message(os.urandom(6).hex(), target, text, (), ()))

    async def _message(
        self,
        target: ReplyTarget,
        ref: MessageRef,
        text: str,
        files: Sequence[File],
        buttons: Sequence[Button],
        selects: Sequence[Select],
    ) -> None:
        saved = [await asyncio.to_thread(save, file, self._folder) for file in files]
        shown = self.book.message(ref.message, target, text, tuple(buttons), tuple(selects))
        shown.notes = tuple(f"file: {path}" for path in saved)
        self._draw(shown)

    def _draw(self, shown: Shown) -> None:
        self.screen.draw(shown)
