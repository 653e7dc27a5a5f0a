"""Messages of our own that are no replies: sent once under a key, and sent anew in place. See core.ports.Messenger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from adapters.discord import uploads
from adapters.discord.failures import Doing, MissingPermission
from adapters.discord.permissions import Complaints
from adapters.discord.places import Place
from adapters.discord.posts import Posts
from adapters.discord.responses import Responses
from adapters.discord.rest import Json, Rest
from adapters.discord.statements import Statement, statement
from adapters.discord.targets import AsReply, BySlash, InChannel, InThread, target, way_of
from core.errors import PostGone, SurfaceForbidden
from core.incoming import Author, ReplyTarget
from core.interaction import Button, File, Select
from core.turn import MessageRef


class Messages:
    """The bot's own messages."""

    def __init__(self, rest: Rest, posts: Posts, responses: Responses, complaints: Complaints) -> None:
        self._rest = rest
        self._posts = posts
        self._responses = responses
        self._complaints = complaints

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
        """See core.ports.Messenger. Files stand in the message itself, and so does a text that is too long for it."""
        one = statement(text, files=files, buttons=buttons, selects=selects)
        try:
            return await self._sent(target, one, _whole(one), f"message:{key}")
        except MissingPermission as error:
            self._complaints.tell(target.key, error)
            raise

    async def _sent(self, target: ReplyTarget, one: Statement, body: Json, mark: str) -> MessageRef:
        way, files = way_of(target), one.files
        match way:
            case InThread():
                return await self._posts.in_thread(target.key, way, body, mark, seek=True, files=files)
            case AsReply():
                return await self._posts.as_reply(way, body, mark, seek=True, files=files)
            case InChannel():
                doing = Doing.SEND_IN_THREAD
                return await self._posts.in_channel(way.channel, body, mark, seek=True, doing=doing, files=files)
            case BySlash():
                return await self._sent_by_slash(way, body, mark, files)
            case _:
                assert_never(way)

    async def _sent_by_slash(self, way: BySlash, body: Json, mark: str, files: Sequence[File]) -> MessageRef:
        """As any message of the channel, which can be found again; where we may not write there, by the token, once
        the command itself is answered."""
        try:
            return await self._posts.in_channel(way.channel, body, mark, seek=True, doing=Doing.SEND, files=files)
        except SurfaceForbidden:
            if not self._responses.answered(way):
                raise
        message = await self._rest.follow_up(way.application, way.token, body, files)
        return MessageRef(channel=way.channel, message=str(message["id"]))

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
        """See core.ports.Messenger. The files shown before are gone."""
        one, way = statement(text, files=files, buttons=buttons, selects=selects), way_of(target)
        try:
            await self._posts.edit(ref, _whole(one), one.files)
        except (SurfaceForbidden, PostGone):
            if not (isinstance(way, BySlash) and self._responses.answered(way)):
                raise
            await self._rest.edit_response(way.application, way.token, _whole(one), ref.message, one.files)

    async def direct(self, person: Author) -> ReplyTarget:
        """Where that person alone reads. Whether they take messages of ours shows when one is sent."""
        channel = await self._rest.direct_channel(person.id)
        return target(Place(guild=None, channel=channel).key(), InChannel(channel=channel))


def _whole(one: Statement) -> Json:
    """Named always, so that files shown before are gone."""
    return one.body() | {"attachments": uploads.described(one.files)}
