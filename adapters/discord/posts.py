"""Messages of ours in channels and threads: posted once under a key, found again, changed in place.

What they show is made elsewhere (payloads.py, statements.py), and so is what becomes of a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discord import payloads
from adapters.discord.failures import Doing, MissingPermission, ThreadArchived
from adapters.discord.permissions import Complaints
from adapters.discord.rest import Json, Rest
from adapters.discord.targets import AsReply, InThread
from adapters.discord.threads import Threads
from core.conversation import ConversationKey
from core.errors import PostGone, PostSealed, SurfaceForbidden
from core.interaction import File
from core.turn import MessageRef

LOOK_BACK = 50
"""Messages of a channel among which one is looked for that an earlier try may have posted."""


class Posts:
    """The bot's messages, apart from answers to interactions."""

    def __init__(self, rest: Rest, threads: Threads, complaints: Complaints) -> None:
        self._rest = rest
        self._threads = threads
        self._complaints = complaints

    async def in_thread(
        self, key: ConversationKey, way: InThread, body: Json, mark: str, *, seek: bool, files: Sequence[File] = ()
    ) -> MessageRef:
        """In the question's thread, else as a reply to it."""
        if await self._threads.opened(key, way):
            doing = Doing.SEND_IN_THREAD
            try:
                return await self.in_channel(way.message, body, mark, seek=seek, doing=doing, files=files)
            except MissingPermission as error:
                if files:  # it may be the right to send them that is missing
                    raise
                self._complaints.tell(key, error)
                self._threads.refuse(way)
        reply = AsReply(channel=way.channel, message=way.message)
        return await self.as_reply(reply, body, mark, seek=seek, files=files)

    async def as_reply(
        self, way: AsReply, body: Json, mark: str, *, seek: bool, files: Sequence[File] = ()
    ) -> MessageRef:
        """In the channel, below the message that it answers."""
        there = {"message_id": way.message, "channel_id": way.channel, "fail_if_not_exists": False}
        whole = {**body, "message_reference": there}
        return await self.in_channel(way.channel, whole, mark, seek=seek, doing=Doing.REPLY, files=files)

    async def in_channel(
        self, channel: str, body: Json, mark: str, *, seek: bool, doing: Doing, files: Sequence[File] = ()
    ) -> MessageRef:
        """In the channel or thread. The same key never posts twice: Discord itself sees to that for some minutes, and
        `seek` looks for an earlier message among the last ones."""
        nonce, doing = payloads.nonce(mark), Doing.ATTACH if files else doing
        found = await self._found(channel, nonce) if seek else None
        if found is None:
            whole = {**body, "nonce": nonce, "enforce_nonce": True}
            try:
                found = await self._rest.send(channel, whole, doing=doing, files=files)
            except PostGone as error:  # no such channel: another message would not help
                raise SurfaceForbidden(f"{error.detail}: the channel is gone") from error
        ref = MessageRef(channel=channel, message=str(found["id"]))
        if found.get("content") != body["content"]:  # an earlier try has posted it
            await self.edit(ref, body, files)
        return ref

    async def _found(self, channel: str, nonce: str) -> Json | None:
        """The message that carries the mark, if there is one that we may see."""
        try:
            messages = await self._rest.recent(channel, LOOK_BACK)
        except (PostGone, SurfaceForbidden):
            return None
        return next((message for message in messages if message.get("nonce") == nonce), None)

    async def edit(self, ref: MessageRef, body: Json, files: Sequence[File] = ()) -> None:
        """The message shows the body. Raises PostSealed in a thread that cannot be opened again."""
        try:
            await self._rest.edit(ref.channel, ref.message, body, files)
        except ThreadArchived:
            await self._edit_unarchived(ref, body, files)

    async def _edit_unarchived(self, ref: MessageRef, body: Json, files: Sequence[File]) -> None:
        """A thread that was archived meanwhile is opened again; where we may not, a new message does that."""
        try:
            await self._rest.unarchive(ref.channel)
            await self._rest.edit(ref.channel, ref.message, body, files)
        except (ThreadArchived, SurfaceForbidden) as error:
            raise PostSealed(error.detail) from error
