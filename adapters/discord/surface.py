"""Discord as a reply sees it: messages that are posted and edited in place. Implements core.ports.Surface.

Which way an answer goes stands in its target (targets.py); threads.py and responses.py know the two that have a life of
their own. Everything works from the target and the message's id alone, so another process can take an answer over.
"""

from __future__ import annotations

import contextlib

import structlog

from adapters.discord import payloads, rates
from adapters.discord.failures import Doing, MissingPermission, ThreadArchived, TokenGone
from adapters.discord.markup import to_discord
from adapters.discord.permissions import Complaints, runs_guild
from adapters.discord.places import DIRECT
from adapters.discord.responses import Responses
from adapters.discord.rest import Json, Rest
from adapters.discord.targets import AsReply, BySlash, InChannel, InThread, Way, way_of
from adapters.discord.threads import Threads
from core.errors import PostGone, PostSealed, SurfaceForbidden
from core.incoming import Author, ReplyTarget
from core.ports import BudgetObserver, Call, Clock, Draft, SurfaceLimits
from core.scheduling import EditBudget
from core.telemetry import SILENT, Telemetry
from core.turn import MessageRef

log = structlog.get_logger()

LIMITS = SurfaceLimits(length=payloads.LONGEST - payloads.NOTICE_ROOM, working_every=8.0)
LOOK_BACK = 50
"""Messages of a channel among which one is looked for that an earlier try may have posted."""


class DiscordSurface:
    """Writes replies on Discord. Ready at once: it logs in when it is first used."""

    def __init__(
        self,
        *,
        token: str,
        api_url: str | None = None,
        observer: BudgetObserver,
        clock: Clock,
        telemetry: Telemetry = SILENT,
    ) -> None:
        self.rest = Rest(token=token, api_url=api_url, observer=observer, telemetry=telemetry)
        self.responses = Responses(self.rest, clock)
        self.complaints = Complaints(self.rest)
        self._threads = Threads(self.rest, self.complaints)

    async def close(self) -> None:
        """Nothing can be written any more."""
        await self.complaints.close()
        await self.rest.close()

    # ── what there is ──

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        """The same everywhere: Discord has one kind of message."""
        return LIMITS

    def measure(self, text: str) -> int:
        """Characters as Discord shows them (discord.md, section 3)."""
        return len(to_discord(text))

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        """Edits, and new messages, of one channel or thread; a slash command has its own."""
        way = way_of(target)
        return rates.budget(call, target.key, way, self._place(way))

    def _place(self, way: Way) -> str:
        """The channel in which the answer stands, or will."""
        if isinstance(way, InThread) and not self._threads.is_refused(way):
            return way.message
        return way.channel

    # ── writing ──

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        """See core.ports.Surface. Discord itself posts a key only once within some minutes; after that, `seek` finds
        what was posted among the channel's last messages."""
        way, body = way_of(target), payloads.body_of(draft)
        try:
            match way:
                case BySlash():
                    return await self._open_response(way, body, key, seek)
                case InThread():
                    return await self._open_in_thread(target, way, body, key, seek)
                case AsReply():
                    return await self._open_reply(way, body, key, seek)
                case InChannel():
                    return await self._posted(way.channel, body, key, seek, Doing.SEND_IN_THREAD)
        except MissingPermission as error:
            self.complaints.tell(target.key, error)
            raise

    async def _open_in_thread(self, target: ReplyTarget, way: InThread, body: Json, key: str, seek: bool) -> MessageRef:
        if await self._threads.opened(target.key, way):
            try:
                return await self._posted(way.message, body, key, seek, Doing.SEND_IN_THREAD)
            except MissingPermission as error:
                self.complaints.tell(target.key, error)
                self._threads.refuse(way)
        return await self._open_reply(AsReply(channel=way.channel, message=way.message), body, key, seek)

    async def _open_reply(self, way: AsReply, body: Json, key: str, seek: bool) -> MessageRef:
        there = {"message_id": way.message, "channel_id": way.channel, "fail_if_not_exists": False}
        return await self._posted(way.channel, {**body, "message_reference": there}, key, seek, Doing.REPLY)

    async def _open_response(self, way: BySlash, body: Json, key: str, seek: bool) -> MessageRef:
        if self.responses.alive(way):
            with contextlib.suppress(TokenGone):
                message = await self.responses.open(way, body, key=key, seek=seek)
                return MessageRef(channel=way.channel, message=str(message["id"]))
        return await self._posted(way.channel, body, key, seek, Doing.SEND)

    async def _posted(self, channel: str, body: Json, key: str, seek: bool, doing: Doing) -> MessageRef:
        mark = payloads.nonce(key)
        found = await self._found(channel, mark) if seek else None
        if found is None:
            try:
                found = await self.rest.send(channel, {**body, "nonce": mark, "enforce_nonce": True}, doing=doing)
            except PostGone as error:  # no such channel: another message would not help
                raise SurfaceForbidden(f"{error.detail}: the channel is gone") from error
        ref = MessageRef(channel=channel, message=str(found["id"]))
        if found.get("content") != body["content"]:  # an earlier try has posted it
            await self._edit_message(ref, body)
        return ref

    async def _found(self, channel: str, mark: str) -> Json | None:
        """The message that carries the mark, if there is one that we may see."""
        try:
            messages = await self.rest.recent(channel, LOOK_BACK)
        except (PostGone, SurfaceForbidden):
            return None
        return next((message for message in messages if message.get("nonce") == mark), None)

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """See core.ports.Surface. A slash command's answer is edited by its token, and later as the channel's."""
        way, body = way_of(target), payloads.body_of(draft)
        if isinstance(way, BySlash) and self.responses.alive(way):
            with contextlib.suppress(TokenGone):
                await self.responses.edit(way, ref.message, body)
                return
        await self._edit_message(ref, body)

    async def _edit_message(self, ref: MessageRef, body: Json) -> None:
        try:
            await self.rest.edit(ref.channel, ref.message, body)
        except ThreadArchived:
            await self._edit_unarchived(ref, body)

    async def _edit_unarchived(self, ref: MessageRef, body: Json) -> None:
        """A thread that was archived meanwhile is opened again; where we may not, a new message does that."""
        try:
            await self.rest.unarchive(ref.channel)
            await self.rest.edit(ref.channel, ref.message, body)
        except (ThreadArchived, SurfaceForbidden) as error:
            raise PostSealed(error.detail) from error

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """The message shows the draft."""
        await self.edit(target, ref, draft)

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        """The message is gone, if it was there."""
        way = way_of(target)
        with contextlib.suppress(PostGone):
            if isinstance(way, BySlash) and self.responses.alive(way):
                with contextlib.suppress(TokenGone):
                    await self.rest.delete_response(way.application, way.token, ref.message)
                    return
            await self.rest.delete(ref.channel, ref.message)

    # ── beside the answer ──

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        """Ephemeral where the person used a command not long ago, else a direct message; nobody reads it where they
        take none. Discord has no private words in a channel, and a reply that deletes itself is read by everybody
        first, so bots that mean it privately write directly."""
        way, body = way_of(target), payloads.sentence(text, private=True)
        if isinstance(way, BySlash) and self.responses.alive(way):
            with contextlib.suppress(TokenGone):
                await self.rest.follow_up(way.application, way.token, body)
                return
        await self._write_directly(person, text)

    async def _write_directly(self, person: Author, text: str) -> None:
        try:
            channel = await self.rest.direct_channel(person.id)
            await self.rest.send(channel, payloads.sentence(text), doing=Doing.SEND)
        except SurfaceForbidden as error:
            log.info("takes no direct messages", action="discord.no_whisper", person=person.id, detail=error.detail)

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Whoever owns or manages the server. Nobody runs a direct message."""
        return target.key.workspace != DIRECT and await runs_guild(self.rest, target.key.workspace, person.id)

    async def working(self, target: ReplyTarget) -> None:
        """Discord shows for ten seconds that the bot types; a deferred response says by itself that it thinks."""
        way = way_of(target)
        if isinstance(way, BySlash) and self.responses.alive(way):
            return
        made = isinstance(way, InThread) and self._threads.is_made(way)
        await self.rest.typing(way.message if isinstance(way, InThread) and made else way.channel)
