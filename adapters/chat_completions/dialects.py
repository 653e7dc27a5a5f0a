"""What a server wants said differently, and how its refusals teach it.

A request is first said the common way. A server that refuses a field names it; from then on, for that model, the
field is renamed or left out. Sources: the chat completions fact sheet, sections 1, 2 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from adapters.chat_completions.faults import Fault

SystemRole = Literal["system", "developer", "user"]
Payload = dict[str, object]

ESSENTIAL = frozenset({"model", "messages"})
_OTHER_CAP = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_FALL_WITH = {
    "tools": ("tool_choice", "parallel_tool_calls"),
    "functions": ("function_call",),
    "stream": ("stream_options",),
    "logprobs": ("top_logprobs",),
}
"""Fields that make no sense without another one."""
_STRUCTURED = frozenset({"tools", "response_format", "tool_choice", "functions", "stream", "stream_options"})
"""Left out only when the server does not know them: a mistake inside one is for a person to mend."""
_UNKNOWN = re.compile(
    r"unsupported|not (?:be )?(?:supported|permitted|allowed|recognized|expected)|unrecognized|unknown|unexpected"
    r"|cannot find field|extra (?:fields|inputs)|does(?: not|n't) support|no longer|deprecated"
    r"|must be verified|forbidden|no endpoints found that support"
)
_EFFORT_NONE = re.compile(r"reasoning_effort\W+(?:to|=|:)?\W*none")
_CALL_ID = re.compile(r"tool.?call.?id.{0,80}(?:length of 9|a-z)", re.DOTALL)
_FOREIGN_FIELD = re.compile(r"messages?\W*\d+.{0,120}?(?:reasoning|thinking|extra_content|thought)", re.DOTALL)
_NO_TOOLS = re.compile(r"(?:support|with|for|use) (?:tools?\b|tool[ -_]use|function)")
"""The model has none; a server that only knows them by their older name speaks of the field."""
_PICTURE = re.compile(r"image|picture|\bvision|multi-?modal|content\W+must be a string|content.{0,60}valid string")
_NEVER_PICTURES = re.compile(
    r"unsupported|not? (?:be |a |an )?(?:support|enabled|allowed|accept|multi-?modal|vision)"
    r"|does(?: not|n't) (?:support|accept)|unknown variant|must be a string|valid string|only supported by"
    r"|no endpoints found|missing data|at most 0|unexpected"
)
_ROLE = re.compile(r"\brole\b|\broles\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How requests to one model of one server differ from the common way."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    """Common field → the server's."""
    dropped: frozenset[str] = frozenset()
    """Fields, as the server calls them, that it refuses."""
    system_role: SystemRole = "system"
    """`user`: there is no such role, and the prompt goes in front of the first message."""
    effort_with_tools: str = ""
    """The only `reasoning_effort` with which the model takes tools."""
    short_call_ids: bool = False
    """Tool-call ids are exactly nine letters or digits (Mistral)."""
    functions: bool = False
    """Tools are known by their older name alone: `functions`, one call a message."""
    blind: bool = False
    """Pictures are refused, and words stand in their place."""
    bare_messages: bool = False
    """Fields that another server put into an assistant's message are refused."""

    @property
    def takes_tools(self) -> bool:
        """Whether calls and their results mean anything to the server."""
        return "tools" not in self.dropped

    def applied(self, payload: Payload) -> Payload:
        """The payload as this server wants it. Messages are not touched (wire.py writes them)."""
        said = {self.renamed.get(name, name): value for name, value in payload.items()}
        if self.effort_with_tools and "tools" in said:
            said["reasoning_effort"] = self.effort_with_tools
        if self.functions:
            said = _as_functions(said)
        for name in self.dropped:
            for gone in (name, *_FALL_WITH.get(name, ())):
                said.pop(gone, None)
        return said


def _as_functions(said: Payload) -> Payload:
    """Tools in the older form (fact sheet, section 1): without a wrapper, and the choice as a name."""
    tools, choice = said.pop("tools", None), said.pop("tool_choice", None)
    said.pop("parallel_tool_calls", None)
    if isinstance(tools, list) and tools:
        said["functions"] = [tool["function"] for tool in tools]
        if isinstance(choice, Mapping):
            said["function_call"] = choice.get("function", "auto")
        elif choice in ("none", "auto"):
            said["function_call"] = choice
    return said


def native_dialect(host: str) -> Dialect:
    """What is known of a server by its address."""
    if host == "api.openai.com" or host.endswith((".openai.azure.com", ".services.ai.azure.com")):
        return Dialect(renamed={"max_tokens": "max_completion_tokens"})
    if host == "mistral.ai" or host.endswith(".mistral.ai"):
        return Dialect(renamed={"seed": "random_seed"}, short_call_ids=True)
    return Dialect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a refusal taught."""

    dialect: Dialect
    lasting: bool
    """It holds for every request to that model; otherwise only this request's value was wrong."""


def learned(dialect: Dialect, fault: Fault, sent: Mapping[str, object]) -> Lesson | None:
    """How to say `sent` after this refusal of it; None where the refusal teaches nothing new."""
    without = _of_pictures(dialect, fault, sent)
    if without is not None:
        return without
    if fault.status not in (400, 404, 422) or fault.param == "model":
        return None
    taught = _of_messages(dialect, fault) or _of_effort(dialect, fault, sent)
    if taught is not None:
        return Lesson(dialect=taught, lasting=True)
    taught = dialect
    for name in _refused(fault, sent):
        older = name == "tools" and not dialect.functions and not _NO_TOOLS.search(fault.text)
        taught = replace(taught, functions=True) if older else _without(taught, name)
    return None if taught == dialect else Lesson(dialect=taught, lasting=_unknown(fault))


def _of_pictures(dialect: Dialect, fault: Fault, sent: Mapping[str, object]) -> Lesson | None:
    """The same without its pictures, where the complaint is about them: for good where the model takes none, and this
    once where it was one of them that was not good. llama.cpp says it as a 500."""
    if dialect.blind or fault.status not in (400, 404, 415, 422, 500, 501) or not _has_pictures(sent):
        return None
    said = f"{fault.text} {fault.param} {' '.join(fault.marks)}"
    if not _PICTURE.search(said):
        return None
    return Lesson(dialect=replace(dialect, blind=True), lasting=_NEVER_PICTURES.search(said) is not None)


def _has_pictures(sent: Mapping[str, object]) -> bool:
    messages = sent.get("messages")
    contents = [one.get("content") for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    return any(
        isinstance(part, dict) and part.get("type") == "image_url"
        for content in contents
        if isinstance(content, list)
        for part in content
    )


def _of_messages(dialect: Dialect, fault: Fault) -> Dialect | None:
    """Lessons about roles, tool-call ids and foreign fields."""
    if not dialect.bare_messages and _FOREIGN_FIELD.search(f"{fault.param} {fault.text}") and _unknown(fault):
        return replace(dialect, bare_messages=True)
    if _CALL_ID.search(fault.text) and not dialect.short_call_ids:
        return replace(dialect, short_call_ids=True)
    about_role = _ROLE.search(fault.text) or fault.param.endswith("role")
    if not about_role or not _UNKNOWN.search(fault.text):
        return None
    if "developer" in fault.text and dialect.system_role == "developer":
        return replace(dialect, system_role="user")
    if "system" in fault.text and dialect.system_role == "system":
        role: SystemRole = "developer" if fault.param else "user"
        return replace(dialect, system_role=role)
    return None


def _of_effort(dialect: Dialect, fault: Fault, sent: Mapping[str, object]) -> Dialect | None:
    """gpt-5.5 and later take tools here only without reasoning; gpt-6-astra cannot do without, so it gets none."""
    if "tools" not in sent:
        return None
    forced = dialect.effort_with_tools
    if not forced and sent.get("reasoning_effort") != "none" and _EFFORT_NONE.search(fault.text):
        return replace(dialect, effort_with_tools="none")
    if forced and (fault.param == "reasoning_effort" or "reasoning_effort" in fault.text):
        return replace(dialect, effort_with_tools="", dropped=dialect.dropped | {"tools"})
    return None


def _without(dialect: Dialect, name: str) -> Dialect:
    """The field goes; a cap on the answer first gets its other name."""
    if name == "functions":
        return replace(dialect, dropped=dialect.dropped | {"functions", "tools"}, functions=False)
    other = _OTHER_CAP.get(name)
    if other is not None and other not in dialect.dropped:
        renamed = {key: value for key, value in dialect.renamed.items() if value != name and key != name}
        return replace(dialect, renamed={**renamed, name: other}, dropped=dialect.dropped | {name})
    return replace(dialect, dropped=dialect.dropped | {name})


def _refused(fault: Fault, sent: Mapping[str, object]) -> Iterator[str]:
    """Fields of the request that the server does not want, as far as it names them."""
    unknown = _unknown(fault)
    for name in sent:
        if name in ESSENTIAL or (name in _STRUCTURED and not unknown):
            continue
        if _points_at(fault, name) or (unknown and _names(fault.text, name)):
            yield name


def _unknown(fault: Fault) -> bool:
    """The server does not know the field, or not with this model; otherwise it dislikes the value."""
    return _UNKNOWN.search(f"{fault.text} {' '.join(fault.marks)}") is not None


def _points_at(fault: Fault, name: str) -> bool:
    return fault.param.partition(".")[0].partition("[")[0] == name or name in fault.named


def _names(text: str, name: str) -> bool:
    """Whether the text names the field. Short names are also words: those have to be quoted or announced."""
    if "_" in name:
        return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) is not None
    word = re.escape(name)
    quoted, alone = rf"['\"`]{word}['\"`]", rf"^{word}$"
    announced = rf"(?:supplied|parameters?|arguments?|fields?|property):? (?:\w+, )*{word}\b"
    spoken = rf"support {word.removesuffix('s')}s?\b"
    return re.search(rf"{quoted}|{alone}|{announced}|{spoken}", text, re.MULTILINE) is not None
