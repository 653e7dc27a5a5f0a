"""What the server shall say next: plain values, queued by a test or made by the demo.

An `Answer` is what is said, how fast, and how it ends; `Shape` is which vendor's habits the payloads follow;
`Framing` is how the events become bytes. A `Failure` is a whole HTTP answer that is none. Playing them is left to
plan.py, framing.py and server.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

NATURAL = "natural"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts as the server states them."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


class UsageIn(StrEnum):
    """Where a streamed answer carries its usage."""

    OWN_CHUNK = "own_chunk"
    """OpenAI: a last chunk without choices, only when include_usage was asked."""
    FINISH_CHUNK = "finish_chunk"
    """DeepSeek: on the chunk that has the finish reason."""
    X_GROQ = "x_groq"
    """Groq: in `x_groq.usage` of the chunk that has the finish reason."""
    OWN_CHUNK_WITH_CHOICE = "own_chunk_with_choice"
    """OpenRouter: a last chunk with one empty choice, asked or not."""
    EVERY_CHUNK = "every_chunk"
    """vLLM with continuous_usage_stats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A function the answer calls, and how its fragments are cut."""

    name: str
    arguments: str = "{}"
    """JSON text; may be broken on purpose."""
    id: str = ""
    """Empty: the server makes one."""
    cuts: tuple[int, ...] = ()
    """Positions at which the arguments are cut into fragments."""
    whole: bool = False
    """Everything in one chunk, as Gemini does."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Unknown fields beside `function`, such as Gemini's thought signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """Silence until the test sets the event."""

    until: asyncio.Event
    after: int | None = 0
    """Deltas sent before it; 0 is before the first token, None is before the headers (a busy llama.cpp)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Habits of vendors in the payloads. The default is OpenAI's."""

    as_json: bool = False
    """Plain JSON although `stream: true` was asked."""
    azure: bool = False
    """A first chunk without choices, id and model, with filter results."""
    delta_key: Literal["delta", "message"] = "delta"
    indexed: bool = True
    """Tool-call fragments carry their index."""
    named: bool = True
    """Chunks carry an id."""
    null_content: bool = False
    """The first delta has `content: null` (llama.cpp)."""
    content_parts: bool = False
    """Content is a list of parts (Mistral)."""
    reasoning_field: str = "reasoning_content"
    """`reasoning` on Ollama, Groq and newer vLLM."""
    bare_error: bool = False
    """An error in mid-stream comes without the `error` wrapper (Mistral)."""
    error_in_chunk: bool = False
    """An error in mid-stream stands in a chunk whose finish reason is `error` (OpenRouter)."""
    altered: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Changes each payload before it is sent: whatever oddity has no name here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How events become bytes. The default is OpenAI's."""

    line_end: Literal["\n", "\r\n", "\r"] = "\n"
    bom: bool = False
    space: bool = True
    """`data: {` rather than `data:{`."""
    comments: tuple[str, ...] = ()
    """Comment lines before the first event."""
    keep_alive: str = ""
    """A comment line before every event."""
    event_name: str = ""
    """An `event:` line with every event."""
    data_lines: int = 1
    """An event is spread over this many `data:` lines where its JSON allows it."""
    split_at: tuple[int, ...] = ()
    """Positions in the whole body at which a new network chunk begins."""
    split_every: int | None = None
    """Each network chunk holds this many bytes; 1 tears every character."""
    done: bool = True
    """`[DONE]` is sent at the end."""
    closing_blank_line: bool = True
    """The very last event is closed by a blank line."""
    blank_lines: int = 0
    """Empty lines before a JSON body (DeepSeek under load)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of the model, and how it goes wrong."""

    text: str = ""
    deltas: tuple[str, ...] = ()
    """The text in given pieces; without them it is cut into pieces like tokens."""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = NATURAL
    """NATURAL is `stop`, or `tool_calls` where tools are called; None sends no finish reason at all."""
    usage: Usage | bool = True
    """True counts by the sandbox's own rule (tokens.py); False never tells."""
    usage_in: UsageIn = UsageIn.OWN_CHUNK
    model: str = ""
    """Empty: the one asked for. Routers answer with another."""
    pace: float | None = None
    """Deltas a second; None sends them as fast as they are read."""
    stalls: tuple[Stall, ...] = ()
    cut_after: int | None = None
    """The stream ends after this many deltas."""
    cut: Literal["eof", "reset"] = "eof"
    """A cut is a body that ends as if it were complete, or a connection that breaks."""
    error_after: int | None = None
    """An error comes as an event after this many deltas, under HTTP 200."""
    error: Mapping[str, Any] = field(
        default_factory=lambda: {
            "message": "The server had an error while processing your request. Sorry about that!",
            "type": "server_error",
            "param": None,
            "code": None,
        }
    )
    headers: Mapping[str, str] = field(default_factory=dict)
    shape: Shape = Shape()
    framing: Framing = Framing()

    @property
    def whole_text(self) -> str:
        """The text, however it was given."""
        return "".join(self.deltas) if self.deltas else self.text

    @property
    def ending(self) -> str | None:
        """The finish reason as it is sent."""
        if self.finish_reason != NATURAL:
            return self.finish_reason
        return "tool_calls" if self.tool_calls else "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A whole HTTP answer that is no completion: an error, a proxy's HTML page, or nothing at all."""

    status: int = 500
    body: object = ""
    """Bytes and text are sent as they are, everything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    until: asyncio.Event | None = None
    """Held back until this is set."""
    dropped: bool = False
    """The connection breaks without an answer."""


Reply = Answer | Failure
