"""What core asks of strangers (platforms and models) and of time.

Adapters implement these. Calls raise only errors of core/errors.py; whatever a library raises is translated at
the edge where it appears.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.channel import ChannelSettings
from core.conversation import ConversationKey, Message, ToolCall
from core.incoming import Attachment, Author, Incoming, ReplyTarget
from core.interaction import Answer, Button, Choice, File, Select
from core.persona import ModelParameters
from core.prompting import PlaceNames
from core.scheduling import BudgetObservation, EditBudget
from core.turn import MessageRef, Usage


class Clock(Protocol):
    """Time, given from outside so that tests can own it."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns when that much of this clock's time has passed."""
        ...


# ── the model ──


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A function the model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One question to a model."""

    messages: tuple[Message, ...]
    model: str = ""
    """Empty means the endpoint's own default."""
    parameters: ModelParameters = ModelParameters()
    tools: tuple[ToolSpec, ...] = ()
    user: str = ""
    """Whom to hold responsible, already hashed: at most 64 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """More of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningDelta:
    """The model thinks aloud. Never shown, but a sign of life."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta:
    """A function call, assembled from its fragments; given once, whole."""

    call: ToolCall


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    FILTER = "filter"
    REFUSAL = "refusal"
    """The text that came is the model's refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event of every complete stream."""

    reason: FinishReason
    usage: Usage | None = None
    """What the provider counted, where it did."""


ModelEvent = TextDelta | ReasoningDelta | ToolCallDelta | Finished


class ChatModel(Protocol):
    """A model that answers in a stream."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        """The answer's events; the last one is Finished. Raises ModelError, also in the middle (ModelCut when
        the stream broke off). Closing the generator closes the connection, so that the provider stops billing."""
        ...

    def window(self, model: str) -> int:
        """How many tokens the model reads and writes together."""
        ...

    async def aclose(self) -> None:
        """Connections are closed."""
        ...


class ModelNames(Protocol):
    """Who knows which models there are to choose from."""

    async def models(self) -> Sequence[str]:
        """Names that can be asked for, the usual ones first. Within a second, and never raises."""
        ...


class TokenCounter(Protocol):
    """Counts tokens offline."""

    def count(self, text: str) -> int:
        """Tokens of a text, without any framing."""
        ...


# ── a platform ──


class Control(StrEnum):
    """A button under a reply."""

    STOP = "stop"
    TRY_AGAIN = "try_again"
    ANSWER_AGAIN = "answer_again"
    """The question was edited after it was answered."""
    CONTINUE = "continue"
    """The answer reached its length limit."""


CONTROL_LABELS: Mapping[Control, str] = {
    Control.STOP: "Stop",
    Control.TRY_AGAIN: "Try again",
    Control.ANSWER_AGAIN: "Answer the edited question",
    Control.CONTINUE: "Go on",
}


class TaskState(StrEnum):
    """How far something is that a reply waits for."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that is done for an answer while people wait, such as reading a web page."""

    id: str
    title: str
    """At most 200 characters."""
    state: TaskState = TaskState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one message of a reply shall show."""

    text: str
    """Well-formed Markdown of the model. Foreign: it must ping nobody."""
    notice: str = ""
    """A sentence of our own under it, set apart (`stopped`, `cut`, an error)."""
    controls: tuple[Control, ...] = ()
    turn: int = 0
    """Carried by the controls, so that a click finds its turn after a restart."""
    tasks: tuple[Task, ...] = ()
    """What is being done for it, on surfaces whose messages grow; others say it in the notice."""
    buttons: tuple[Button, ...] = ()
    """Of a feature, below the controls: at most 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What stands under a finished answer."""

    notice: str = ""
    controls: tuple[Control, ...] = ()
    buttons: tuple[Button, ...] = ()


class Call(StrEnum):
    """Which of a platform's budgets a write draws on."""

    OPEN = "open"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceLimits:
    """What a message of one reply may be."""

    length: int
    """Longest message, in the units of `measure`."""
    grows: bool = False
    """Text can only be added (Slack's own streaming), and the platform itself shows unfinished Markdown well."""
    lifetime: float | None = None
    """Seconds after which a growing message takes no more text and the next one must begin."""
    working_every: float = 8.0
    """Seconds after which the platform forgets that we are at work."""


class Surface(Protocol):
    """One platform, as a reply sees it."""

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        """What messages of a reply there may be."""
        ...

    def measure(self, text: str) -> int:
        """The length of this Markdown as the platform counts it, rendered."""
        ...

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        """What the write will draw on."""
        ...

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        """A new message shows the draft. The same key never posts twice: with `seek`, an earlier try may have posted
        it (its answer was lost, or the process died), so the surface looks for it first and edits what it finds."""
        ...

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """The message shows the draft. Raises PostGone, PostSealed, PostTooLong or another SurfaceError."""
        ...

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """The message shows the draft and will not grow any more."""
        ...

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        """The message is gone, if it was there."""
        ...

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        """That person alone reads the text, or nobody where the platform has no way."""
        ...

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Whether the platform says now that this person runs the place. No answer means no."""
        ...

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        """People see that an answer is on its way, for `working_every` seconds or until a message comes; with these
        words where the platform's sign can say any."""
        ...

    async def idle(self, target: ReplyTarget) -> None:
        """No sign that an answer is on its way stays there, however the turn ended; told at the end of each. Returns
        at once, and fails in silence."""
        ...


class Namer(Protocol):
    """One platform, as somebody sees it who speaks of its places."""

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        """What the place is called, remembered for some minutes; the time zone is that person's where the platform
        tells it. Never fails: what cannot be found out is the id, or UTC."""
        ...


class Messenger(Namer, Protocol):
    """One platform, as everything sees it that is not a reply. Surfaces implement it too."""

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
        """A message of our own stands there, for all who read that place. The same key never posts twice: an earlier
        try that did is found. Raises SurfaceError."""
        ...

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
        """That message of our own shows this and nothing of what it showed before. Raises PostGone or another
        SurfaceError."""
        ...

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        """Where that person alone reads what we write, and can answer. Raises SurfaceForbidden where they take no
        messages of ours."""
        ...

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """The file's content. Only from the platform's own hosts, with the bot's credentials. Raises FileTooLarge
        beyond that many bytes, or another SurfaceError."""
        ...


class Outlet(Surface, Messenger, Protocol):
    """One platform, as everything sees it that writes there: what an adapter's surface is."""


class BudgetObserver(Protocol):
    """Told by surfaces what the platform's answers say of its budgets."""

    def learned(self, budget: str, observation: BudgetObservation) -> None:
        """The budget of that name is corrected."""
        ...


# ── what platforms call ──


class Receiver(Protocol):
    """Where adapters hand in what people did."""

    async def receive(self, incoming: Incoming) -> Answer | None:
        """It is stored, and a turn is on its way where one is due; only now may it be acknowledged. An Answer is to be
        shown at once. Raises StoreUnavailable: then do not acknowledge, so that the platform delivers it again."""
        ...

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """What that option of the command may be, given what is typed so far: at most 25, the likeliest first. Quick,
        and empty where nothing is known."""
        ...

    async def settings(self, channel: ConversationKey) -> ChannelSettings:
        """How Parley behaves in that channel (cached for a few seconds)."""
        ...
