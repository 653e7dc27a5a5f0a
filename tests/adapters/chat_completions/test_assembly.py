"""Chunks into events, calls out of fragments, thoughts out of text: pure, and tried with every cut."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat_completions.answers import Answer
from adapters.chat_completions.assembly import Assembly
from adapters.chat_completions.calls import CallAssembly
from adapters.chat_completions.failures import codes
from adapters.chat_completions.thinking import ThoughtSplitter
from core.conversation import ToolCall
from core.ports import Finished, FinishReason, ModelEvent, ReasoningDelta, TextDelta, ToolCallDelta
from core.turn import Usage
from tests.adapters.chat_completions.servers import delta, said

ARGUMENTS = '{"q": "Perú \\u2028 🦙", "n": [1, 2]}'


def pieces(text: str, places: list[int]) -> list[str]:
    """The text in pieces."""
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def joined(events: list[ModelEvent]) -> list[ModelEvent]:
    """Neighbouring text joined, so that only what was said counts."""
    result: list[ModelEvent] = []
    for event in events:
        last = result[-1] if result else None
        if isinstance(event, TextDelta) and isinstance(last, TextDelta):
            result[-1] = TextDelta(text=last.text + event.text)
        elif isinstance(event, ReasoningDelta) and isinstance(last, ReasoningDelta):
            result[-1] = ReasoningDelta(text=last.text + event.text)
        else:
            result.append(event)
    return result


def events_of(*chunks: dict[str, object]) -> list[ModelEvent]:
    """Everything that these chunks make."""
    assembly = Assembly("m")
    return joined([event for chunk in chunks for event in assembly.take(chunk)] + assembly.end())


STREAM = said(
    {"choices": [], "prompt_filter_results": []},
    delta(role="assistant", content=""),
    delta(content="<think>Hm, 🦙"),
    delta(content="…</think>\n\nLima\u2028"),
    delta(content=" — weiß man."),
    delta(tool_calls=[{"index": 0, "id": "a", "type": "function", "function": {"name": "find", "arguments": ""}}]),
    delta(tool_calls=[{"index": 0, "function": {"arguments": ARGUMENTS}}]),
    delta("tool_calls"),
    {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
)
EXPECTED = [
    ReasoningDelta(text="Hm, 🦙…"),
    TextDelta(text="Lima\u2028 — weiß man."),
    ToolCallDelta(call=ToolCall(id="a", name="find", arguments=ARGUMENTS)),
    Finished(
        reason=FinishReason.TOOL_CALLS,
        usage=Usage(prompt_tokens=9, completion_tokens=2, model="m"),
    ),
]


@given(places=st.lists(st.integers(min_value=0, max_value=5_000), max_size=40))
def test_any_cut_of_the_bytes_gives_the_same_answer(places: list[int]) -> None:
    """From bytes to events: text, thoughts, calls and usage do not depend on the network's chunks."""
    edges = [0, *sorted(place % (len(STREAM) + 1) for place in places), len(STREAM)]
    answer = Answer("m", codes)
    events = [event for start, end in pairwise(edges) if start < end for event in answer.take(STREAM[start:end])]
    assert joined(events + answer.end()) == EXPECTED


FRAGMENTS: dict[str, list[dict[str, object]]] = {
    "openai": [
        {"index": 0, "id": "a", "type": "function", "function": {"name": "find", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"q"'}},
        {"index": 1, "id": "b", "type": "function", "function": {"name": "count", "arguments": ""}},
        {"index": 0, "function": {"arguments": ":1}"}},
        {"index": 1, "function": {"arguments": "{}"}},
    ],
    "whole, no index": [
        {"id": "a", "function": {"name": "find", "arguments": '{"q":1}'}},
        {"id": "b", "function": {"name": "count", "arguments": "{}"}},
    ],
    "pieces, no index": [
        {"id": "a", "function": {"name": "find", "arguments": '{"q'}},
        {"function": {"arguments": '":1}'}},
        {"id": "b", "function": {"name": "count", "arguments": "{"}},
        {"function": {"arguments": "}"}},
    ],
    "same index for all": [
        {"index": 0, "id": "a", "function": {"name": "find", "arguments": '{"q":1}'}},
        {"index": 0, "id": "b", "function": {"name": "count", "arguments": "{}"}},
    ],
    "id and name every time": [
        {"index": 0, "id": "a", "function": {"name": "find", "arguments": '{"q'}},
        {"index": 0, "id": "a", "function": {"name": "find", "arguments": '":1}'}},
        {"index": 1, "id": "b", "function": {"name": "count", "arguments": "{}"}},
    ],
    "empty strings where nothing is new": [
        {"index": 0, "id": "a", "function": {"name": "find", "arguments": '{"q'}},
        {"index": 0, "id": "", "function": {"name": "", "arguments": '":1}'}},
        {"index": 1, "id": "b", "function": {"name": "count", "arguments": None}},
    ],
    "arguments as objects": [
        {"id": "a", "function": {"name": "find", "arguments": {"q": 1}}},
        {"id": "b", "function": {"name": "count", "arguments": {}}},
    ],
    "name in two pieces": [
        {"index": 0, "id": "a", "function": {"name": "fi"}},
        {"index": 0, "function": {"name": "nd"}},
        {"index": 0, "function": {"arguments": '{"q":1}'}},
        {"index": 1, "id": "b", "function": {"name": "count"}},
    ],
}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_calls_from_fragments_of_every_kind(name: str) -> None:
    """The same two calls come out, whoever cut them and how."""
    assembly = CallAssembly()
    for fragment in FRAGMENTS[name]:
        assembly.take(fragment)
    found = [(call.id, call.name, json.loads(call.arguments)) for call in assembly.calls()]
    assert found == [("a", "find", {"q": 1}), ("b", "count", {})]


def test_calls_without_ids_get_ids() -> None:
    """Two calls in two numbers, no id: each gets its own, of letters and digits, nine long."""
    assembly = CallAssembly()
    for index in range(2):
        assembly.take({"index": index, "function": {"name": "find", "arguments": "{}"}})
    ids = [call.id for call in assembly.calls()]
    assert len(set(ids)) == 2
    assert all(len(call_id) == 9 and call_id.isalnum() for call_id in ids)


@given(places=st.lists(st.integers(min_value=0, max_value=200), max_size=12), indexed=st.booleans())
def test_arguments_cut_anywhere(places: list[int], indexed: bool) -> None:
    """Broken or not, the arguments are the pieces in order."""
    assembly = CallAssembly()
    number = {"index": 0} if indexed else {}
    assembly.take({**number, "id": "a", "function": {"name": "find"}})
    for piece in pieces(ARGUMENTS, places):
        assembly.take({**number, "function": {"arguments": piece}})
    assert assembly.calls() == [ToolCall(id="a", name="find", arguments=ARGUMENTS)]


@pytest.mark.parametrize(
    ("content", "thought", "text"),
    [
        ("plain", "", "plain"),
        ("", "", ""),
        ("  indented", "", "  indented"),
        ("<think>a</think>b", "a", "b"),
        ("\n<think>\na\n</think>\n\nb", "\na\n", "b"),
        ("<think></think>\n\nb", "", "b"),
        ("<think>a</think> <think>c</think>b", "ac", "b"),
        ("<think>never ends", "never ends", ""),
        ("<think>a</think>", "a", ""),
        ("<think>a</thin</think>b", "a</thin", "b"),
        ("use <think>x</think>", "", "use <think>x</think>"),
        ("<thinking>no</thinking>", "", "<thinking>no</thinking>"),
        ("<thi", "", "<thi"),
        ("<", "", "<"),
        ("   ", "", "   "),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_thoughts_are_told_apart(content: str, thought: str, text: str, size: int) -> None:
    """Only blocks at the beginning count, whatever the cut; nothing else is lost."""
    splitter = ThoughtSplitter()
    found = [piece for start in range(0, len(content), size) for piece in splitter.feed(content[start : start + size])]
    found += splitter.flush()
    assert "".join(piece.text for piece in found if piece.thought) == thought
    assert "".join(piece.text for piece in found if not piece.thought) == text


@given(st.text(), st.lists(st.integers(min_value=0, max_value=100), max_size=8))
def test_text_without_a_block_is_kept_as_it_is(text: str, places: list[int]) -> None:
    """Whatever a model writes that does not begin with a block comes out whole."""
    splitter = ThoughtSplitter()
    found = [piece for part in pieces(f".{text}", places) for piece in splitter.feed(part)] + splitter.flush()
    assert "".join(piece.text for piece in found) == f".{text}"


def test_text_flows_at_once() -> None:
    """Nothing is held back once it is clear that the model speaks."""
    splitter = ThoughtSplitter()
    assert [piece.text for piece in splitter.feed("H")] == ["H"]
    assert [piece.text for piece in splitter.feed("<")] == ["<"]


CHUNKS: dict[str, tuple[list[dict[str, object]], list[ModelEvent]]] = {
    "mistral parts": (
        [
            delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]),
            delta("stop", content=[{"type": "text", "text": "Lima"}]),
        ],
        [ReasoningDelta(text="hm"), TextDelta(text="Lima"), Finished(reason=FinishReason.STOP)],
    ),
    "the same thought twice": (
        [delta("stop", reasoning="hm", reasoning_content="hm", reasoning_details=[{"text": "hm"}], content="x")],
        [ReasoningDelta(text="hm"), TextDelta(text="x"), Finished(reason=FinishReason.STOP)],
    ),
    "reasoning details alone": (
        [delta("stop", reasoning_details=[{"type": "reasoning.text", "text": "hm"}], content="x")],
        [ReasoningDelta(text="hm"), TextDelta(text="x"), Finished(reason=FinishReason.STOP)],
    ),
    "other choices are not read": (
        [
            {"choices": [{"index": 1, "delta": {"content": "no"}}, {"index": 0, "delta": {"content": "yes"}}]},
            {"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]},
            delta("stop"),
        ],
        [TextDelta(text="yes"), Finished(reason=FinishReason.STOP)],
    ),
    "legacy function": (
        [
            delta(function_call={"name": "find", "arguments": ""}),
            delta("function_call", function_call={"arguments": "{}"}),
        ],
        [],
    ),
    "odd types": (
        [
            {"choices": None, "created": "1.5", "model": None},
            {"choices": [None, {"index": 0, "delta": None}]},
            {"choices": [{"delta": {"content": 7, "refusal": False, "tool_calls": [None, 3], "reasoning": None}}]},
            {"choices": [{"delta": {"content": "x"}, "finish_reason": ""}], "usage": {"prompt_tokens": None}},
            delta("stop"),
        ],
        [
            TextDelta(text="x"),
            Finished(reason=FinishReason.STOP, usage=Usage(model="m")),
        ],
    ),
    "half a call at the length limit": (
        [delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"'}}]), delta("length")],
        [Finished(reason=FinishReason.LENGTH)],
    ),
    "the last usage counts": (
        [
            {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
            delta("stop", content="x"),
            {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 5, "prompt_cache_hit_tokens": 1}},
            {"choices": [], "usage": None},
        ],
        [
            TextDelta(text="x"),
            Finished(
                reason=FinishReason.STOP,
                usage=Usage(prompt_tokens=1, completion_tokens=5, cached_tokens=1, model="m"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", CHUNKS)
def test_chunks_of_other_servers(name: str) -> None:
    """Habits that the local server does not play."""
    chunks, expected = CHUNKS[name]
    events = events_of(*chunks)
    if name == "legacy function":
        call = next(event.call for event in events if isinstance(event, ToolCallDelta))
        assert (call.name, call.arguments) == ("find", "{}")
    else:
        assert events == expected


def test_what_stood_beside_a_call_is_kept_with_it() -> None:
    """DeepSeek and OpenRouter want their reasoning back in the next turn; it is kept, joined, with the first call."""
    call = {"index": 0, "id": "a", "function": {"name": "find", "arguments": "{}"}}
    events = events_of(
        delta(role="assistant", content="", reasoning_content="Let me "),
        delta(content=None, reasoning_content="see.", reasoning_details=[{"text": "Let"}]),
        delta(tool_calls=[call], reasoning_content=None, reasoning_details=[{"text": "me"}]),
        delta("tool_calls"),
    )
    (extra,) = [event.call.extra for event in events if isinstance(event, ToolCallDelta)]
    assert extra == {
        "message": {"reasoning_content": "Let me see.", "reasoning_details": [{"text": "Let"}, {"text": "me"}]}
    }
