"""Who answers: a system prompt, a model and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_PROMPT = (
    "You are Parley, an assistant in a team's chat. Answer in the language of the question. "
    "Be correct first and brief second; say so when you do not know. "
    "Write Markdown. Where several people speak, each message begins with its author's name: "
    "address the person who asks, and never begin your own answer with a name."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """What can be asked of a model, named as in the chat completions API. None is not sent at all."""

    temperature: float | None = None
    max_tokens: int | None = None
    """Cap of one answer; sent as `max_completion_tokens` or `max_tokens`, whichever the server knows."""
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    n: int | None = None
    logit_bias: Mapping[str, int] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: Mapping[str, object] | None = None
    tool_choice: str | Mapping[str, object] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    """Anything else, sent as it is (vLLM's top_k, OpenAI's metadata, …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """How Parley answers in some place."""

    name: str = "Parley"
    prompt: str = DEFAULT_PROMPT
    model: str = ""
    """Empty means the endpoint's default model."""
    parameters: ModelParameters = ModelParameters()
    tools: tuple[str, ...] = ()
