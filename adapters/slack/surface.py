"""Slack as a reply sees it: messages that are edited in place, and streams in direct messages. Implements
core.ports.Surface and core.ports.Messenger.

Which way an answer goes stands in its target (targets.py); posts.py, streams.py and responses.py write it, messages.py
what is no reply.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack import blocks, rates
from adapters.slack.answers import Answers
from adapters.slack.downloads import Downloads
from adapters.slack.markup import length
from adapters.slack.messages import Messages
from adapters.slack.naming import Naming
from adapters.slack.openings import Openings
from adapters.slack.people import People
from adapters.slack.posts import Posts
from adapters.slack.responses import PRIVATE, Responses
from adapters.slack.status import LASTS, Status
from adapters.slack.streams import Streams
from adapters.slack.targets import BySlash, InChannel, InDirect, InThread, Way, way_of
from adapters.slack.uploads import Uploads
from adapters.slack.web import Web
from core.conversation import ConversationKey
from core.errors import SurfaceForbidden
from core.incoming import Attachment, Author, ReplyTarget
from core.interaction import Button, File, Select
from core.ports import BudgetObserver, Call, Clock, Draft, SurfaceLimits
from core.prompting import PlaceNames
from core.scheduling import EditBudget
from core.telemetry import SILENT, Telemetry
from core.turn import MessageRef

LIMITS = SurfaceLimits(length=3_500, working_every=LASTS)
STREAM_LIMITS = SurfaceLimits(length=11_000, grows=True, lifetime=270.0, working_every=LASTS)
"""Slack ends a stream after about five minutes (slack.md, section 7)."""


class SlackSurface:
    """Writes replies on Slack. Ready at once: it connects when it is first used."""

    def __init__(
        self,
        *,
        token: str,
        api_url: str | None = None,
        observer: BudgetObserver,
        clock: Clock,
        telemetry: Telemetry = SILENT,
    ) -> None:
        self.web = Web(token=token, api_url=api_url, observer=observer, telemetry=telemetry)
        self.clock = clock
        self._posts = Posts(self.web)
        self._streams = Streams(self.web, self._posts)
        self._openings = Openings(clock)
        self.responses = Responses(self.web, self._posts)
        self._status = Status(self.web, clock)
        self.people = People(self.web, clock)
        self._naming = Naming(self.web, self.people, clock)
        uploads = Uploads(self.web)
        self._messages = Messages(self.web, self._posts, uploads)
        self._downloads = Downloads(self.web)
        self.answers = Answers(self.web, self._messages, uploads, clock)

    async def close(self) -> None:
        """Nothing can be written any more."""
        await self._status.close()
        await self.web.close()

    # ── what there is ──

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        """Streams take long texts and only grow; edited messages are short."""
        return STREAM_LIMITS if self._is_stream(target) else LIMITS

    def measure(self, text: str) -> int:
        """Characters as Slack counts them, escaped (slack.md, section 8)."""
        return length(text)

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        """Each method has one for the workspace, and posting one for each channel."""
        way = way_of(target)
        if isinstance(way, BySlash) and self.responses.is_private(way):
            return rates.private_budget(way.trigger)
        return rates.budget(call, target.key, way, streams=self._is_stream(target))

    def _is_stream(self, target: ReplyTarget) -> bool:
        way, team = way_of(target), target.key.workspace
        return isinstance(way, InDirect) and self._streams.takes(team) and self._openings.is_stream(team, way)

    # ── writing ──

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        """See core.ports.Surface. A message is found again by its key, which its metadata carries."""
        way, team = way_of(target), target.key.workspace
        match way:
            case InDirect():
                streams = self._is_stream(target)
                opened = await self._streams.open(team, way, draft, key=key, seek=seek, streams=streams)
                self._shown(team, way, seek=seek)
                return opened
            case BySlash():
                return await self.responses.open(team, way, draft, key=key, seek=seek)
            case InThread():
                body = blocks.body_of(draft)
                opened = await self._posts.open(team, way.channel, way.thread, body, key=key, seek=seek)
                self._shown(team, way, seek=seek)
                return opened
            case InChannel():
                return await self._posts.open(team, way.channel, None, blocks.body_of(draft), key=key, seek=seek)

    def _shown(self, team: str, way: InDirect | InThread, *, seek: bool) -> None:
        # A message that was found again may be an old one, with which the line has not gone.
        if not seek:
            self._status.posted(team, way.channel, way.thread)

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """See core.ports.Surface."""
        way, team = way_of(target), target.key.workspace
        if isinstance(way, InDirect):
            await self._streams.edit(team, ref, draft)
        elif isinstance(way, BySlash) and ref.message.startswith(PRIVATE):
            await self.responses.edit(team, way, ref, draft)
        else:
            await self._posts.update(team, ref, blocks.body_of(draft))

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """See core.ports.Surface."""
        way, team = way_of(target), target.key.workspace
        if isinstance(way, InDirect):
            if await self._streams.finish(team, ref, draft):
                self._status.rested(team, way.channel, way.thread)
            else:
                await self._status.resting(team, way.channel, way.thread)
        elif isinstance(way, BySlash) and ref.message.startswith(PRIVATE):
            await self.responses.finish(team, way, ref, draft)
        else:
            await self._posts.update(team, ref, blocks.body_of(draft))

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        """The message is gone, if it was there."""
        way = way_of(target)
        if isinstance(way, BySlash) and ref.message.startswith(PRIVATE):
            await self.responses.delete(way, ref)
        else:
            await self._posts.delete(ref)

    # ── beside the answer ──

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        """Ephemeral in channels, a message in direct messages, where only that person reads anyway."""
        way = way_of(target)
        if isinstance(way, BySlash):
            await self.responses.whisper(way, text)
        elif isinstance(way, InDirect):
            await self._say(way, text)
        else:
            await self._whisper(way, person, text)

    async def _say(self, way: InDirect, text: str) -> None:
        body = {**blocks.sentence(text), **blocks.QUIET}
        await self.web.write(rates.POST, channel=way.channel, thread_ts=way.thread, **body)

    async def _whisper(self, way: Way, person: Author, text: str) -> None:
        thread = way.private_thread if isinstance(way, InThread) else None
        try:
            await self.web.write(
                "chat.postEphemeral",
                channel=way.channel,
                user=person.id,
                thread_ts=thread,
                **blocks.sentence(text),
            )
        except SurfaceForbidden:  # the person has left the channel, or we have: nobody reads it
            return

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
        """See core.ports.Messenger. Raises PostTooLong for a text that needs several messages."""
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
        """See core.ports.Messenger. Raises PostTooLong for a text that needs several messages."""
        await self._messages.resend(target, ref, text, files=files, buttons=buttons, selects=selects)

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        """See core.ports.Messenger."""
        return await self._messages.direct(place, person)

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """See core.ports.Messenger."""
        return await self._downloads.fetch(attachment, most=most)

    # ── people and places ──

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        """See core.ports.Namer."""
        return await self._naming.names(key, person=person)

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Workspace admins and owners."""
        return (await self.people.actor(person.id)).admin

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        """A line under the thread says so; in the channel itself Slack has no place for it."""
        way, team = way_of(target), target.key.workspace
        if isinstance(way, (InDirect, InThread)):
            await self._status.thinking(team, way.channel, way.thread, saying)
        if isinstance(way, InDirect):
            await self._status.processing(team, way.channel, way.thread)

    async def idle(self, target: ReplyTarget) -> None:
        """See core.ports.Surface."""
        way, team = way_of(target), target.key.workspace
        if isinstance(way, (InDirect, InThread)):
            self._status.over(team, way.channel, way.thread)

    async def session_over(self, team: str, channel: str, thread: str) -> None:
        """Slack shows the session at rest; after a person has pressed its Stop it waits for us to say so."""
        await self._status.resting(team, channel, thread)
