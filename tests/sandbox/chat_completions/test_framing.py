"""Bytes may be torn anywhere and lines may end in any way: what they say stays the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.chat_completions.framing import Framer
from sandbox.chat_completions.script import Answer, Framing
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.chat_completions.tokens import count, pieces

TEXT = "Ünï\u2028côde\u2029 \u0085 🎉 end"
STYLES = [
    Framing(line_end="\r\n"),
    Framing(line_end="\r"),
    Framing(bom=True),
    Framing(space=False),
    Framing(comments=("OPENROUTER PROCESSING", "OPENROUTER PROCESSING")),
    Framing(keep_alive="keep-alive"),
    Framing(event_name="message"),
    Framing(data_lines=3),
    Framing(split_every=1),
    Framing(split_every=7, line_end="\r\n", bom=True, keep_alive="x"),
    Framing(split_at=(1, 2, 200, 201)),
    Framing(done=False, closing_blank_line=False),
    Framing(closing_blank_line=False),
]


@pytest.mark.parametrize("framing", STYLES, ids=repr)
async def test_every_framing_says_the_same(sandbox: ChatCompletionsSandbox, ask: Any, framing: Framing) -> None:
    """Read by the standard's rules, the text is the scripted one, raw U+2028 included."""
    sandbox.script(Answer(deltas=(TEXT[:5], TEXT[5:]), framing=framing))
    got = await ask()
    assert got.text == TEXT
    assert "\u2028".encode() in got.raw
    assert got.finish_reasons == ["stop"]
    assert got.raw.startswith(b"\xef\xbb\xbf") == framing.bom


async def test_a_last_event_can_lack_its_blank_line(sandbox: ChatCompletionsSandbox, ask: Any) -> None:
    """The body then ends in the middle of an event, which lenient readers flush."""
    sandbox.script(Answer(text="hi", framing=Framing(done=False, closing_blank_line=False)))
    assert not (await ask()).raw.endswith(b"\n\n")


@given(
    text=st.text(),
    every=st.none() | st.integers(min_value=1, max_value=9),
    at=st.lists(st.integers(min_value=0, max_value=200)).map(tuple),
)
def test_splits_change_no_byte(text: str, every: int | None, at: tuple[int, ...]) -> None:
    """Network chunks join to the body, none is empty, and none is longer than asked."""
    plain, split = Framer(Framing()), Framer(Framing(split_every=every, split_at=at))
    for payload in ({"a": text}, {"b": [text]}):
        chunks = split.event(payload)
        assert b"".join(chunks) == b"".join(plain.event(payload))
        assert all(0 < len(chunk) <= (every or 10**6) for chunk in chunks)


@given(
    payload=st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_several_data_lines_hold_the_same_json(payload: object) -> None:
    """However many lines an event is spread over, its data is the same JSON."""
    (event,) = Framer(Framing(data_lines=4)).event({"p": payload})
    lines = [line.removeprefix("data: ") for line in event.decode().split("\n") if line]
    assert json.loads("\n".join(lines)) == {"p": payload}


@given(st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    """The sandbox's token rule loses nothing and counts what it cuts."""
    assert "".join(pieces(text)) == text
    assert count(text) == len(pieces(text))
