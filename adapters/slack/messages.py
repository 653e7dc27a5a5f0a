"""Messages of our own that are no replies: sent once under a key, and sent anew in place. See core.ports.Messenger.

The message carries its key and the ids of its files in its metadata, so that an earlier try, or another process, is
found with all that it did.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.recency import Recent
from adapters.slack import blocks
from adapters.slack.places import Place
from adapters.slack.posts import Posts
from adapters.slack.targets import BySlash, InChannel, InDirect, InThread, target, way_of
from adapters.slack.uploads import Uploads
from adapters.slack.web import Json, Web
from core.conversation import ConversationKey
from core.errors import PostTooLong, SurfaceForbidden
from core.incoming import Author, ReplyTarget
from core.interaction import Button, File, Select
from core.turn import MessageRef


class Messages:
    """The bot's own messages."""

    def __init__(self, web: Web, posts: Posts, uploads: Uploads) -> None:
        self._web = web
        self._posts = posts
        self._uploads = uploads
        self._marks: Recent[MessageRef, Json] = Recent()
        """What the metadata of messages says."""
        self._direct: Recent[str, str] = Recent()
        """Direct messages, by person."""

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
        """See core.ports.Messenger. Files follow in messages of their own."""
        body, team, (channel, thread) = _whole(text, buttons, selects), target.key.workspace, place_of(target)
        earlier = await self._posts.find(channel, thread, key)
        if earlier is not None and (not files or await self._uploads.shared(await self._files(earlier, thread))):
            await self._posts.update(team, earlier, body)
            return earlier
        ids = await self._uploads.upload(files)
        mark = blocks.metadata(key, ids)
        if earlier is None:
            ref = await self._posts.post(team, channel, thread, body | {"metadata": mark}, key)
        else:
            ref = earlier
            await self._posts.update(team, ref, body | {"metadata": mark})
        self._marks.put(ref, mark)
        if ids:
            await self._uploads.share(ids, files, channel=channel, thread=thread)
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
        """See core.ports.Messenger. The files shown before are gone."""
        body, (_, thread) = _whole(text, buttons, selects), place_of(target)
        mark = await self._mark(ref, thread)
        before, ids = blocks.files_of(mark), await self._uploads.upload(files)
        if before or ids:
            mark = blocks.metadata(blocks.key_of({"metadata": mark}) or "", ids)
            body["metadata"] = mark
        await self._posts.update(target.key.workspace, ref, body)
        self._marks.put(ref, mark)
        await self._uploads.remove(before, ref.channel)
        if ids:
            await self._uploads.share(ids, files, channel=ref.channel, thread=thread)

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        """See core.ports.Messenger. It is the Messages tab of the app, outside of threads."""
        channel = await self.direct_channel(person)
        key = Place(team=place.workspace, channel=channel).key()
        return target(key, InChannel(channel=channel, user=person.id))

    async def direct_channel(self, person: Author) -> str:
        """The direct messages with that person, which stay the same: Slack is asked once. Raises SurfaceError."""
        known = self._direct.get(person.id)
        if known is None:
            answer = await self._web.write("conversations.open", users=person.id)
            known = str(answer["channel"]["id"])
            self._direct.put(person.id, known)
        return known

    async def _files(self, ref: MessageRef, thread: str | None) -> tuple[str, ...]:
        return blocks.files_of(await self._mark(ref, thread))

    async def _mark(self, ref: MessageRef, thread: str | None) -> Json:
        known = self._marks.get(ref)
        if known is None:
            found = await self._posts.read_one(ref, thread)
            known = (found or {}).get("metadata") or {}
            self._marks.put(ref, known)
        return known


def _whole(text: str, buttons: Sequence[Button], selects: Sequence[Select]) -> Json:
    bodies = blocks.statements(text, buttons, selects)
    if len(bodies) != 1:
        raise PostTooLong(f"{len(bodies)} messages")
    return bodies[0]


def place_of(target: ReplyTarget) -> tuple[str, str | None]:
    """The channel and the thread in which messages of our own stand there. What was asked by a command has the thread
    that we made for the answer, named by the key then. Raises SurfaceForbidden where the asker alone reads it."""
    way = way_of(target)
    if isinstance(way, BySlash):
        if target.key.thread is not None and not target.key.thread.replace(".", "").isdecimal():
            raise SurfaceForbidden("the answer is for the asker alone: nothing stands beside it")
        return way.channel, target.key.thread
    return way.channel, way.thread if isinstance(way, (InThread, InDirect)) else None
