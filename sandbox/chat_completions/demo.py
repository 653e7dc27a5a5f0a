"""What is answered when nothing is scripted: a demo that says it is one.

It quotes the last message, tells how much of the conversation it was given, and shows what a reply can look like.
Some words in that message make it misbehave, so that a person can watch Parley cope. It understands nothing.
"""

from __future__ import annotations

import json
import re
from asyncio import Event
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.chat_completions import teacher, tokens
from sandbox.chat_completions.failures import FAILURES
from sandbox.chat_completions.oddities import ODDITIES
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer, Failure, Reply, Stall, ToolCall

PACE = 30.0
"""Pieces of up to six letters a second."""

_NAME = (
    "This is Parley's scripted demo model, not a language model: it shows how a reply grows and understands nothing."
)
_QUOTED = 300
_EXAMPLES = """What a reply can hold:

- a list, with **bold**, *italic* and `code`
- a link: [example](https://example.com/)

```python
def greet(name: str) -> str:
    return f"Hello, {name}."
```

| part | shown |
| --- | --- |
| table | yes |
| wisdom | no |

Say `help` for the words that this demo knows."""


def reply(question: Question, pace: float | None = PACE) -> Reply:
    """The demo's answer at that pace, with max tokens and stop sequences kept."""
    if teacher.teaches(question):
        return replace(teacher.reply(question), pace=pace)
    if question.messages[-1]["role"] == "tool":
        return _bounded(Answer(text=_tool_result(question), pace=pace), question)
    wish = re.search(r"\bplay\s+([a-z0-9_]+)", question.last_said.lower())
    if wish and wish[1] in FAILURES:
        return FAILURES[wish[1]]
    if wish and wish[1] in ODDITIES:
        ordinary = _tool(question) if question.tool_names else _plain(question)
        return replace(ODDITIES[wish[1]](ordinary), pace=pace)
    words = set(re.findall(r"[a-z]+", question.last_said.lower()))
    make = next((feature for word, (_, feature) in _FEATURES.items() if word in words), _plain)
    if _must_call(question):
        make = _tool
    made = make(question)
    if isinstance(made, Failure):
        return made
    return _bounded(replace(made, pace=made.pace or pace), question)


def _plain(question: Question) -> Answer:
    if (question.body.get("response_format") or {}).get("type") in ("json_object", "json_schema"):
        return Answer(text=json.dumps({"demo": True, "note": _NAME, "said": question.last_said}, ensure_ascii=False))
    return Answer(text=f"{_opening(question)}\n\n{_EXAMPLES}")


def _opening(question: Question) -> str:
    return f"{_NAME}\n\n{_quote(question.last_said)}\n\n{_given(question)}"


def _quote(text: str) -> str:
    short = text if len(text) <= _QUOTED else text[:_QUOTED] + " …"
    return "\n".join(f"> {line}" for line in short.splitlines()) or "> (nothing)"


def _given(question: Question) -> str:
    number = len(question.messages)
    messages = "1 message" if number == 1 else f"{number} messages"
    return f"I was given **{messages}** of this conversation, about {question.prompt_tokens} tokens."


def _help(_question: Question) -> Answer:
    words = "\n".join(f"| `{word}` | {what} |" for word, (what, _) in _FEATURES.items())
    failures = ", ".join(f"`{name}`" for name in FAILURES)
    table = (
        f"| word | what the demo then does |\n| --- | --- |\n{words}\n| `play NAME` | answers with a known failure |"
    )
    return Answer(text=f"{_NAME}\n\nWords that it knows:\n\n{table}\n\nNAME is one of {failures}.")


def _long(question: Question) -> Answer:
    sections = (
        f"## Part {number}\n\nThis is paragraph {number} of a long answer. It has no content of its own; it is here "
        f"so that the reply outgrows one message of the platform and goes on in the next.\n\n- item {number}.1\n"
        f"- item {number}.2 with **bold** text\n\n```python\nfor part in range({number}):\n    print(part)\n```"
        for number in range(1, 31)
    )
    return Answer(text="\n\n".join((_opening(question), *sections)), pace=PACE * 8)


def _error(question: Question) -> Answer:
    return Answer(text=f"{_opening(question)}\n\nAn error follows in the middle of", error_after=40)


def _slow(question: Question) -> Answer:
    return Answer(text=_opening(question), pace=4.0)


def _cut(question: Question) -> Answer:
    return Answer(text=_plain(question).text, cut_after=40, cut="reset")


def _silent(question: Question) -> Answer:
    return Answer(text=_plain(question).text, stalls=(Stall(until=Event(), after=20),))


def _filtered(question: Question) -> Answer:
    return Answer(text=_opening(question), finish_reason="content_filter")


def _refuse(_question: Question) -> Answer:
    return Answer(refusal="I'm sorry, the demo was asked to refuse, so it does.")


def _empty(_question: Question) -> Answer:
    return Answer(text="")


def _think(question: Question) -> Answer:
    thought = "The demo pretends to think for a while before the first word appears. " * 3
    return Answer(text=_plain(question).text, reasoning=thought)


def _tool(question: Question) -> Answer:
    functions = [tool["function"] for tool in question.body.get("tools") or () if "function" in tool]
    if not functions or question.body.get("tool_choice") == "none":
        return Answer(text=f"{_NAME}\n\nNo tools came with this request, so the demo cannot call one.")
    chosen = next((one for one in functions if one["name"] == _named_tool(question)), functions[0])
    arguments = json.dumps(_example(chosen.get("parameters") or {}), ensure_ascii=False)
    return Answer(tool_calls=(ToolCall(name=chosen["name"], arguments=arguments, cuts=(1, len(arguments) // 2)),))


def _must_call(question: Question) -> bool:
    return question.body.get("tool_choice") == "required" or bool(_named_tool(question))


def _named_tool(question: Question) -> str:
    choice = question.body.get("tool_choice")
    return str((choice.get("function") or {}).get("name") or "") if isinstance(choice, dict) else ""


def _example(schema: Mapping[str, Any]) -> object:
    """A value that fits a simple JSON schema: its first enum value, its default, or a plain one of its type."""
    if schema.get("enum"):
        return schema["enum"][0]
    if "default" in schema:
        return schema["default"]
    if schema.get("type") == "object" or "properties" in schema:
        wanted = schema.get("required") or ()
        return {name: _example(part) for name, part in (schema.get("properties") or {}).items() if name in wanted}
    plain: dict[str, object] = {"integer": 1, "number": 1.0, "boolean": True, "array": [], "null": None}
    return plain.get(str(schema.get("type")), "example")


def _tool_result(question: Question) -> str:
    return f"{_NAME}\n\nThe tool gave:\n\n{_quote(tokens.text_of(question.messages[-1]))}\n\n{_given(question)}"


def _bounded(answer: Answer, question: Question) -> Answer:
    stop = question.body.get("stop") or ()
    text = answer.text
    for mark in [stop] if isinstance(stop, str) else stop:
        text = text.split(mark)[0] if mark else text
    pieces = tokens.pieces(text)
    if question.room is None or len(pieces) <= question.room:
        return replace(answer, text=text)
    return replace(answer, text="".join(pieces[: question.room]), finish_reason="length")


_FEATURES: Mapping[str, tuple[str, Callable[[Question], Answer | Failure]]] = {
    "help": ("shows this table", _help),
    "long": ("answers with about ten thousand characters", _long),
    "slow": ("answers at four pieces a second", _slow),
    "error": ("sends an error in mid-stream", _error),
    "cut": ("breaks the connection in mid-stream", _cut),
    "silent": ("falls silent in mid-stream, for good", _silent),
    "think": ("streams reasoning before the first word", _think),
    "tool": ("calls the first tool that it was offered", _tool),
    "refuse": ("refuses", _refuse),
    "filtered": ("ends by a content filter", _filtered),
    "empty": ("answers nothing at all", _empty),
}
