"""The model, as core asks it: a request, and the events of its answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.conversation import Message, ToolCall
from core.persona import ModelParameters
from core.turn import Usage


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
