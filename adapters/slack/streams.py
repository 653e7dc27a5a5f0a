"""Answers in direct messages, which grow by Slack's own streaming methods.

A stream takes text only at its end, so what was sent is remembered; where that is not known (another process took
over, an answer was lost) or not the beginning any more (the answer was begun anew), the stream is ended and the message
edited instead.
Where Slack refuses to stream at all, ordinary messages take the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from adapters.recency import Recent
from adapters.slack import blocks, rates
from adapters.slack.failures import BAD_TOKEN, NOT_HERE, Refused, Rejected, StillStreaming, StreamStopped
from adapters.slack.markup import for_stream
from adapters.slack.posts import Posts
from adapters.slack.targets import InDirect
from adapters.slack.web import Json, Web
from core.errors import PostGone, PostSealed, SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.markdown import well_formed
from core.ports import Control, Draft, Task, TaskState
from core.turn import MessageRef

log = structlog.get_logger()

LONGEST_WORD = 40
"""Characters without a space after which an append does not wait for the word's end."""
LONGEST_TITLE = 256
"""Characters of a task's title (slack.md, section 7)."""
_FOR_THIS_MESSAGE = frozenset({"invalid_thread_ts", "missing_recipient_user_id", "thread_not_found", "invalid_chunks"})
"""Refusals that say nothing of the workspace."""


@dataclass(slots=True, kw_only=True)
class _Stream:
    """A stream of this process that has not ended."""

    key: str
    sent: str
    """As Slack got it."""
    offered: Draft
    """What was last said to be shown; its last word may still be held back."""
    stopped: bool = False
    """A person pressed Slack's own Stop."""
    doubtful: bool = False
    """Nobody knows whether the last append was taken: its answer was lost."""

    def continues(self, rendered: str) -> bool:
        """Whether that can be shown by adding to what Slack got."""
        return not self.doubtful and rendered.startswith(self.sent)


class Streams:
    """The bot's streams."""

    def __init__(self, web: Web, posts: Posts) -> None:
        self._web = web
        self._posts = posts
        self._live: Recent[tuple[str, str], _Stream] = Recent()
        self._plain: Recent[tuple[str, str], Draft | None] = Recent()
        """Messages that are edited, and what they show."""
        self._refs: Recent[str, MessageRef] = Recent()
        """By key."""
        self._keys: Recent[tuple[str, str], str] = Recent()
        """The other way round."""
        self._refused: set[str] = set()
        """Workspaces."""

    def takes(self, team: str) -> bool:
        """Whether the workspace is not known to refuse streams."""
        return team not in self._refused

    async def open(
        self, team: str, way: InDirect, draft: Draft, *, key: str, seek: bool, streams: bool = True
    ) -> MessageRef:
        """A new message shows the draft: a stream while the answer grows, where it may be one. Raises SurfaceError."""
        known = await self._sought(way, key) if seek else None
        if known is not None:
            self._remember(key, known)
            await self.edit(team, known, draft)
            return known
        grows = streams and Control.STOP in draft.controls
        ref = await self._start(team, way, draft, key) if grows and self.takes(team) else None
        if ref is None:
            body = blocks.body_of(draft)
            ref = await self._posts.open(team, way.channel, way.thread, body, key=key, seek=seek)
            self._plain.put(_place(ref), draft)
        self._remember(key, ref)
        return ref

    def _remember(self, key: str, ref: MessageRef) -> None:
        self._refs.put(key, ref)
        self._keys.put(_place(ref), key)

    async def _start(self, team: str, way: InDirect, draft: Draft, key: str) -> MessageRef | None:
        sent = _whole_words("", for_stream(draft.text))
        try:
            answer = await self._web.write(
                rates.START,
                budget=rates.name(team, rates.START, way.channel),
                channel=way.channel,
                thread_ts=way.thread,
                recipient_user_id=way.user,
                recipient_team_id=team,
                chunks=_chunks(sent, _moved((), [task for task in draft.tasks if task.state is TaskState.RUNNING])),
            )
        except (Refused, Rejected) as error:
            if error.code in BAD_TOKEN | NOT_HERE:
                raise
            if error.code not in _FOR_THIS_MESSAGE:
                self._refused.add(team)
            log.warning("no streams here", action="slack.stream_refused", team=team, detail=error.detail)
            return None
        ref = MessageRef(channel=way.channel, message=str(answer["ts"]))
        self._live.put(_place(ref), _Stream(key=key, sent=sent, offered=draft))
        return ref

    async def _sought(self, way: InDirect, key: str) -> MessageRef | None:
        """What an earlier try may have begun.

        A stream carries no metadata before it ends, so one whose answer was lost has no mark at all. But a turn is
        alone in its thread: our newest message there that is later than the question, bears nobody's key and is none
        that this process knows can only be that stream. If another process still wrote to it, its lease would not
        have been given to us.
        """
        known = self._refs.get(key)
        if known is not None:
            return known
        own = str((await self._web.identity()).get("user_id"))
        for message in reversed(await self._posts.read(way.channel, way.thread)):
            ref = MessageRef(channel=way.channel, message=str(message["ts"]))
            if message.get("user") != own or _order(ref.message) <= _order(way.message):
                continue
            marked = blocks.key_of(message)
            if marked == key or (marked is None and not self._knows(ref)):
                return ref
        return None

    def _knows(self, ref: MessageRef) -> bool:
        return _place(ref) in self._live or _place(ref) in self._plain

    # ── growing ──

    async def edit(self, team: str, ref: MessageRef, draft: Draft) -> None:
        """The message shows the draft, up to its last whole word. Raises SurfaceError."""
        stream, rendered = self._live.get(_place(ref)), for_stream(draft.text)
        if stream is None or not stream.continues(rendered):
            await self._overwrite(team, ref, draft)
            return
        chunks = _chunks(added := _whole_words(stream.sent, rendered), _moved(stream.offered.tasks, draft.tasks))
        if chunks and not stream.stopped:
            await self._append(team, ref, stream, added, chunks)
        stream.offered = draft

    async def _append(self, team: str, ref: MessageRef, stream: _Stream, added: str, chunks: list[Json]) -> None:
        try:
            await self._call(rates.APPEND, team, ref, chunks=chunks)
        except StreamStopped:  # the event that says so ends the turn; another message now would be against the wish
            stream.stopped = True
            return
        except PostSealed:
            await self._complete(team, ref, stream)
            raise
        except SurfaceUnavailable:
            stream.doubtful = True
            raise
        stream.sent += added

    async def _complete(self, team: str, ref: MessageRef, stream: _Stream) -> None:
        """The stream has died. The word that was held back is added, since the next message begins after it, and what
        was open there is closed. Raises what waiting mends; then the stream is found dead again."""
        shown = Draft(text=well_formed(stream.offered.text))
        if stream.sent.rstrip() != for_stream(shown.text).rstrip():
            try:
                await self._posts.update(team, ref, blocks.body_of(shown, rendered=False))
            except (SurfaceBusy, SurfaceUnavailable):
                raise
            except SurfaceError as error:
                log.warning("a word is missing", action="slack.stream_not_completed", detail=error.detail)
        self._live.drop(_place(ref))
        self._plain.put(_place(ref), None)

    # ── ending ──

    async def finish(self, team: str, ref: MessageRef, draft: Draft) -> bool:
        """The message shows the draft and is no stream any more; whether ending it has put the session to rest as
        well, as chat.stopStream does by itself (slack.md, section 7). Raises SurfaceError."""
        stream, rendered = self._live.get(_place(ref)), for_stream(draft.text)
        if stream is None or stream.stopped or not stream.continues(rendered):
            await self._overwrite(team, ref, draft)
            return False
        try:
            await self._call(
                rates.STOP,
                team,
                ref,
                chunks=_chunks(rendered[len(stream.sent) :], _moved(stream.offered.tasks, ())),
                blocks=blocks.foot(draft) or None,
                metadata=blocks.metadata(stream.key),
            )
        except (PostSealed, StreamStopped):  # it has ended by itself, and takes edits now
            self._live.drop(_place(ref))
            await self._update(team, ref, draft)
            return False
        self._live.drop(_place(ref))
        self._plain.put(_place(ref), draft)
        return True

    async def _overwrite(self, team: str, ref: MessageRef, draft: Draft) -> None:
        """The message is edited; if it still streams, that is ended first."""
        place = _place(ref)
        if place not in self._plain:
            try:
                await self._call(rates.STOP, team, ref)
            except (SurfaceBusy, SurfaceUnavailable, PostGone):
                raise
            except SurfaceError as error:  # it was no stream, or is none any more
                log.debug("stream not ended", action="slack.stream_not_ended", detail=error.detail)
            self._live.drop(place)
            self._plain.put(place, None)
        if self._plain.get(place) != draft:
            try:
                await self._update(team, ref, draft)
            except StillStreaming as error:  # Slack did not end it, for a reason that may pass
                self._plain.drop(place)
                raise SurfaceUnavailable(error.detail) from error

    async def _update(self, team: str, ref: MessageRef, draft: Draft) -> None:
        key = self._keys.get(_place(ref))
        mark = {"metadata": blocks.metadata(key)} if key is not None else {}  # a stream has none before it ends
        await self._posts.update(team, ref, blocks.body_of(draft) | mark)
        self._plain.put(_place(ref), draft)

    async def _call(self, method: str, team: str, ref: MessageRef, **arguments: object) -> None:
        budget = rates.name(team, rates.APPEND, ref.channel)  # what the reply was granted
        await self._web.write(method, budget=budget, channel=ref.channel, ts=ref.message, **arguments)


def _place(ref: MessageRef) -> tuple[str, str]:
    return ref.channel, ref.message


def _chunks(text: str, tasks: Sequence[Json] = ()) -> list[Json] | None:
    return [*([{"type": "markdown_text", "text": text}] if text else []), *tasks] or None


_STATUS = {TaskState.RUNNING: "in_progress", TaskState.DONE: "complete", TaskState.FAILED: "error"}


def _moved(before: Sequence[Task], after: Sequence[Task]) -> list[Json]:
    """The cards of tasks that stand elsewhere than before. One that nobody speaks of any more, though it never ended,
    came to nothing."""
    known, now = {task.id: task for task in before}, {task.id: task for task in after}
    gone = [
        replace(task, state=TaskState.FAILED)
        for task in before
        if task.id not in now and task.state is TaskState.RUNNING
    ]
    return [
        {"type": "task_update", "id": task.id, "title": task.title[:LONGEST_TITLE], "status": _STATUS[task.state]}
        for task in [*(task for task in after if known.get(task.id) != task), *gone]
    ]


def _whole_words(sent: str, rendered: str) -> str:
    """What is new, without its last word: white space at the beginning of an append may vanish (slack.md, section 7),
    so each one ends with it."""
    added = rendered[len(sent) :]
    word = len(added) - len(added.rstrip())
    if word or not added:
        return added
    end = max(added.rfind(" "), added.rfind("\n")) + 1
    return added if len(added) - end > LONGEST_WORD else added[:end]


def _order(ts: str) -> tuple[int, str]:
    """Messages in the order of their ids, without rounding."""
    seconds, _, rest = ts.partition(".")
    return (int(seconds) if seconds.isdecimal() else 0, rest)
