"""Messages that grow by Slack's streaming methods: their mode, their end, and who ended them.

A stream is locked to text or chunks by its first content and dies about five minutes after it started, however often
it is appended to (306 s measured by others; the fact is not documented). Its text is Markdown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.slack.messages import Message
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace

Mode = Literal["text", "chunks"]
STREAM_SECONDS = 306.0
MOST_TEXT = 12_000
_TASK_STATUSES = frozenset({"pending", "in_progress", "complete", "error"})


@dataclass(slots=True, kw_only=True)
class Stream:
    """One stream that has not ended."""

    channel: str
    ts: str
    thread_ts: str
    started: float
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one call brings: text to append, and the blocks and tasks of its chunks."""

    mode: Mode
    text: str
    blocks: tuple[Json, ...] = ()


class Streams:
    """The open streams of the workspace."""

    def __init__(self, workspace: Workspace, now: Callable[[], float]) -> None:
        self._workspace = workspace
        self._now = now
        self._open: dict[tuple[str, str], Stream] = {}

    def start(self, message: Message, content: Content | None) -> None:
        """The message streams from now on."""
        assert message.thread_ts is not None
        self._open[message.channel, message.ts] = Stream(
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            started=self._now(),
            mode=content.mode if content else None,
        )

    def append(self, message: Message, content: Content) -> Message:
        """The message has grown by the content. An ApiError when it streams no more, or in the other mode."""
        stream = self._live(message)
        self._lock(stream, content)
        blocks = _merged(message.blocks, content.blocks)
        return self._workspace.change(message, message.text + content.text, silent=True, blocks=blocks)

    def stop(
        self, message: Message, content: Content | None, blocks: tuple[Json, ...], metadata: Json | None
    ) -> Message:
        """The message is finished; one that a person stopped may still be finished by its app."""
        stopped = message.streaming == "stopped_by_user"
        if not stopped:
            stream = self._live(message)
            if content:
                self._lock(stream, content)
        text = message.text + (content.text if content and not stopped else "")
        added = (*_merged(message.blocks, content.blocks if content else ()), *blocks)
        self._open.pop((message.channel, message.ts), None)
        return self._workspace.change(
            message, text, blocks=added, streaming="stopped", metadata=metadata or message.metadata
        )

    def stop_in_thread(self, channel: str, thread_ts: str) -> list[str]:
        """The ts of every stream in the thread that a person has stopped by this."""
        self.expire()
        mine = [s for s in self._open.values() if (s.channel, s.thread_ts) == (channel, thread_ts)]
        for stream in mine:
            self._end(stream, "stopped_by_user")
        return [stream.ts for stream in mine]

    def expire(self) -> None:
        """Streams whose time is over have ended."""
        for stream in list(self._open.values()):
            if self._now() - stream.started >= STREAM_SECONDS:
                self._end(stream, "expired")

    def _end(self, stream: Stream, how: Literal["expired", "stopped_by_user"]) -> None:
        del self._open[stream.channel, stream.ts]
        message = self._workspace.book.get(stream.channel, stream.ts)
        if message is not None:
            self._workspace.change(message, message.text, streaming=how)

    def _live(self, message: Message) -> Stream:
        if message.streaming == "stopped_by_user":
            raise ApiError("stopped_by_user")
        stream = self._open.get((message.channel, message.ts))
        if stream is None:
            raise ApiError("message_not_in_streaming_state")
        return stream

    def _lock(self, stream: Stream, content: Content) -> None:
        if stream.mode not in (None, content.mode):
            raise ApiError("streaming_mode_mismatch")
        stream.mode = content.mode


def content(markdown_text: str | None, chunks: list[Json] | None) -> Content | None:
    """What the call brings, or None when it brings nothing. An ApiError for what Slack refuses."""
    if markdown_text and chunks:
        raise ApiError("streaming_mode_mismatch")
    if markdown_text:
        _short(markdown_text)
        return Content(mode="text", text=markdown_text)
    if not chunks:
        return None
    for chunk in chunks:
        _check_chunk(chunk)
    text = "".join(chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text")
    inner = [block for chunk in chunks if chunk["type"] == "blocks" for block in chunk["blocks"]]
    tasks = [_task_card(chunk) for chunk in chunks if chunk["type"] == "task_update"]
    return Content(mode="chunks", text=text, blocks=(*inner, *tasks))


def _check_chunk(chunk: object) -> None:
    if not isinstance(chunk, dict) or "type" not in chunk:
        raise ApiError("invalid_chunks")
    match chunk["type"]:
        case "markdown_text":
            if not isinstance(chunk.get("text"), str):
                raise ApiError("invalid_chunks")
            _short(chunk["text"])
        case "task_update":
            if not chunk.get("id") or not isinstance(chunk.get("title"), str) or len(chunk["title"]) > 256:
                raise ApiError("invalid_chunks")
            if chunk.get("status") not in _TASK_STATUSES:
                raise ApiError("invalid_chunks")
        case "plan_update":
            if not isinstance(chunk.get("title"), str):
                raise ApiError("invalid_chunks")
        case "blocks":
            if not isinstance(chunk.get("blocks"), list):
                raise ApiError("invalid_chunks")
        case _:
            raise ApiError("invalid_chunks")


def _task_card(chunk: Json) -> Json:
    return {"type": "task_card", "task_id": chunk["id"], "title": chunk["title"], "status": chunk["status"]}


def _merged(old: tuple[Json, ...], new: tuple[Json, ...]) -> tuple[Json, ...]:
    """All of them in order; a task that comes again takes the place of its older state."""
    cards = {block["task_id"]: block for block in new if block["type"] == "task_card"}
    kept = tuple(cards.pop(block["task_id"], block) if block["type"] == "task_card" else block for block in old)
    return (*kept, *(b for b in new if b["type"] != "task_card" or b["task_id"] in cards))


def _short(text: str) -> None:
    if len(text) > MOST_TEXT:
        raise ApiError("msg_too_long")
