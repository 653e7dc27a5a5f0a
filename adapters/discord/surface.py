"""Discord as a reply sees it: messages that are posted and edited in place. Implements core.ports.Surface, and
Messenger by messages.py and downloads.py.

Which way an answer goes stands in its target (targets.py); threads.py and responses.py know the two that have a life of
their own. Everything works from the target and the message's id alone, so another process can take an answer over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import structlog

from adapters.discord import payloads, rates
from adapters.discord.downloads import Downloads
from adapters.discord.failures import Doing, MissingPermission, TokenGone
from adapters.discord.markup import to_discord
from adapters.discord.messages import Messages
from adapters.discord.naming import Naming
from adapters.discord.permissions import Complaints, runs_guild
from adapters.discord.places import DIRECT
from adapters.discord.posts import Posts
from adapters.discord.responses import Responses
from adapters.discord.rest import Json, Rest
from adapters.discord.targets import AsReply, BySlash, InChannel, InThread, Way, way_of
from adapters.discord.threads import Threads
from core.conversation import ConversationKey
from core.errors import PostGone, SurfaceForbidden
from core.incoming import Attachment, Author, ReplyTarget
from core.interaction import Button, File, Select
from core.ports import BudgetObserver, Call, Clock, Draft, SurfaceLimits
from core.prompting import PlaceNames
from core.scheduling import EditBudget
from core.telemetry import SILENT, Telemetry
from core.turn import MessageRef

log = structlog.get_logger()

LIMITS = SurfaceLimits(length=payloads.LONGEST - payloads.NOTICE_ROOM, working_every=8.0)


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
        self._posts = Posts(self.rest, self._threads, self.complaints)
        self._messages = Messages(self.rest, self._posts, self.responses, self.complaints)
        self._downloads = Downloads(self.rest, clock)
        self._naming = Naming(self.rest, clock)

    async def close(self) -> None:
        """Nothing can be written any more."""
        await self.complaints.close()
        await self._downloads.close()
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
                    return await self._posts.in_thread(target.key, way, body, key, seek=seek)
                case AsReply():
                    return await self._posts.as_reply(way, body, key, seek=seek)
                case InChannel():
                    return await self._posts.in_channel(way.channel, body, key, seek=seek, doing=Doing.SEND_IN_THREAD)
        except MissingPermission as error:
            self.complaints.tell(target.key, error)
            raise

    async def _open_response(self, way: BySlash, body: Json, key: str, seek: bool) -> MessageRef:
        if self.responses.alive(way):
            with contextlib.suppress(TokenGone):
                message = await self.responses.open(way, body, key=key, seek=seek)
                return MessageRef(channel=way.channel, message=str(message["id"]))
        return await self._posts.in_channel(way.channel, body, key, seek=seek, doing=Doing.SEND)

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """See core.ports.Surface. A slash command's answer is edited by its token, and later as the channel's."""
        way, body = way_of(target), payloads.body_of(draft)
        if isinstance(way, BySlash) and self.responses.alive(way):
            with contextlib.suppress(TokenGone):
                await self.responses.edit(way, ref.message, body)
                return
        await self._posts.edit(ref, body)

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
                await self.responses.whisper(way, body)
                return
        await self._write_directly(person, text)

    async def _write_directly(self, person: Author, text: str) -> None:
        try:
            channel = await self.rest.direct_channel(person.id)
            await self.rest.send(channel, payloads.sentence(text), doing=Doing.SEND)
        except SurfaceForbidden as error:
            log.info("takes no direct messages", action="discord.no_whisper", person=person.id, detail=error.detail)

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        """See core.ports.Namer."""
        return await self._naming.names(key)

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Whoever owns or manages the server. Nobody runs a direct message."""
        return target.key.workspace != DIRECT and await runs_guild(self.rest, target.key.workspace, person.id)

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        """Discord shows for ten seconds that the bot types; a deferred response says by itself that it thinks."""
        way = way_of(target)
        if isinstance(way, BySlash) and self.responses.alive(way):
            return
        made = isinstance(way, InThread) and self._threads.is_made(way)
        await self.rest.typing(way.message if isinstance(way, InThread) and made else way.channel)

    async def idle(self, target: ReplyTarget) -> None:
        """Nothing is to be done: Discord's sign goes by itself, with the message or after ten seconds."""

    # ── messages that are no replies: core.ports.Messenger ──

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
        return await self._messages.send(target, text, key=key, files=files, buttons=buttons, selects=selects)

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
        await self._messages.resend(target, ref, text, files=files, buttons=buttons, selects=selects)

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        """See core.ports.Messenger. Discord has one such channel a person, whatever the server."""
        return await self._messages.direct(person)

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """See core.ports.Messenger."""
        return await self._downloads.fetch(attachment, most=most)
