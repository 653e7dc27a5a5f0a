"""What a thread shows above its messages: the line "is thinking…", an agent session's status, prompts and title.

A status line goes with the next message, with an empty one, or after two minutes; a session that is processing
falls back to active after an hour (docs.slack.dev/ai/agent-sessions).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from sandbox.slack.values import Json

STATUS_SECONDS = 120.0
PROCESSING_SECONDS = 3600.0
SessionStatus = Literal["active", "processing", "suspended", "closed"]
SESSION_STATUSES = frozenset(get_args(SessionStatus))
Thread = tuple[str, str]
"""A channel's id and the ts of the thread's parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    """The line under a thread while the app is at work."""

    text: str
    loading_messages: tuple[str, ...] = ()
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An agent session of one thread."""

    status: str
    title: str = ""
    at: float


class Sessions:
    """The status lines and sessions of all threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lines: dict[Thread, StatusLine] = {}
        self._sessions: dict[Thread, Session] = {}
        self.prompts: dict[tuple[str, str | None], tuple[Json, ...]] = {}
        self.titles: dict[Thread, str] = {}

    def set_line(self, thread: Thread, text: str, loading_messages: tuple[str, ...] = ()) -> None:
        if text:
            self._lines[thread] = StatusLine(text=text, loading_messages=loading_messages, at=self._now())
        else:
            self._lines.pop(thread, None)

    def clear_line(self, thread: Thread) -> bool:
        """The line is gone; whether there was one."""
        return self._lines.pop(thread, None) is not None

    def lines(self) -> dict[Thread, StatusLine]:
        """The lines that still show."""
        now = self._now()
        return {thread: line for thread, line in self._lines.items() if now - line.at < STATUS_SECONDS}

    def set_status(self, thread: Thread, status: str, title: str = "") -> Session:
        """The session exists with this status; a title counts only when it is created."""
        known = self._sessions.get(thread)
        name = known.title if known else title
        self._sessions[thread] = Session(status=status, title=name, at=self._now())
        return self._sessions[thread]

    def rename(self, thread: Thread, title: str) -> bool:
        """Whether there was a session to rename."""
        if thread not in self._sessions:
            return False
        self._sessions[thread] = replace(self._sessions[thread], title=title)
        return True

    def all(self) -> dict[Thread, Session]:
        return {thread: self._aged(session) for thread, session in self._sessions.items()}

    def _aged(self, session: Session) -> Session:
        over = session.status == "processing" and self._now() - session.at >= PROCESSING_SECONDS
        return replace(session, status="active") if over else session
