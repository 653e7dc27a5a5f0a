"""Who answers: a system prompt, a model with its parameters, and a way of answering.

Pure values. What each field may be is declared once here, in `PARAMETERS` and the limits, and serves forms, files and
commands alike. Checking a document and writing one is persona_document.py; filling in the prompt's variables is
prompting.py; keeping versions is the store's affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.channel import AnswerIn

DEFAULT_PROMPT = (
    "You are Parley, an assistant in a team's chat. Answer in the language of the question. "
    "Be correct first and brief second; say so when you do not know. "
    "Write Markdown. Where several people speak, each message begins with its author's name: "
    "address the person who asks, and never begin your own answer with a name."
)
LONGEST_NAME = 40
LONGEST_DESCRIPTION = 200
LONGEST_WELCOME = 500
LONGEST_LANGUAGE = 40
LONGEST_MODEL = 200
LONGEST_TOOL = 130
MOST_TOOLS = 100
LONGEST_PROMPT = 100_000
"""Characters. The model's window, in tokens, is the tighter limit for most models."""


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
class NumberParameter:
    """A parameter that a persona may set to a number within bounds."""

    name: str
    summary: str
    least: float
    most: float
    whole: bool = False


NUMBERS: tuple[NumberParameter, ...] = (
    NumberParameter(name="temperature", summary="0 is steady, 1 is lively", least=0, most=2),
    NumberParameter(name="max_tokens", summary="cap of one answer, in tokens", least=1, most=1_000_000, whole=True),
    NumberParameter(name="top_p", summary="only the likeliest words, up to this share", least=0, most=1),
    NumberParameter(name="frequency_penalty", summary="against saying the same words again", least=-2, most=2),
    NumberParameter(name="presence_penalty", summary="towards new subjects", least=-2, most=2),
    NumberParameter(name="seed", summary="for answers that can be repeated", least=0, most=2**53 - 1, whole=True),
)
REASONING_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
MOST_STOPS = 4
LONGEST_STOP = 100


class Length(StrEnum):
    """How long answers shall be."""

    BRIEF = "brief"
    NORMAL = "normal"
    DETAILED = "detailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a persona answers, apart from what its prompt says."""

    length: Length = Length.NORMAL
    language: str = ""
    """Answers are in this language; empty means the language of the question."""
    answer_in: AnswerIn | None = None
    mention_needed: bool | None = None
    """None leaves it to the channel's settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """How Parley answers in some place."""

    name: str = "Parley"
    """Names are compared without regard to case."""
    description: str = ""
    prompt: str = DEFAULT_PROMPT
    """May hold variables such as {channel} (prompting.py)."""
    model: str = ""
    """Empty means the endpoint's default model."""
    parameters: ModelParameters = ModelParameters()
    style: Style = Style()
    tools: tuple[str, ...] = ()
    """Names of the tools it may use."""
    welcome: str = ""
    """Said where the persona is put to use."""
    private: bool = False
    """Only those who may change personas see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaVersion:
    """One state of a persona, kept for ever."""

    id: int
    """The persona's, the same through all versions and names; 0 for the built-in one."""
    version: int
    """Counts from 1; 0 for the built-in one."""
    persona: Persona
    archived: bool = False
