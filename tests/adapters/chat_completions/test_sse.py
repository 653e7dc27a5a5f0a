"""Event streams, however they are cut and whoever wrote them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat_completions import sse
from adapters.chat_completions.sse import EventDecoder, EventTooLong

LINE_ENDS = ["\n", "\r\n", "\r"]


def decoded(*chunks: bytes) -> list[str]:
    """The data of every event in these chunks."""
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [event.data for event in [*events, *decoder.flush()]]


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """The body in pieces."""
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


@given(
    texts=st.lists(
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1), max_size=5
    ),
    end=st.sampled_from(LINE_ENDS),
    places=st.lists(st.integers(min_value=0, max_value=500), max_size=20),
    bom=st.booleans(),
    closed=st.booleans(),
)
def test_any_cut_of_the_bytes_gives_the_same_events(
    texts: list[str], end: str, places: list[int], bom: bool, closed: bool
) -> None:
    """Line ends of every kind, characters cut in the middle, a byte-order mark, no last blank line: no matter."""
    body = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    body = (b"\xef\xbb\xbf" if bom else b"") + (body if closed else body.removesuffix(end.encode()))
    assert decoded(*cut(body, places)) == texts
    assert decoded(*[body[i : i + 1] for i in range(len(body))]) == texts


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\n", ["a"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b": OPENROUTER PROCESSING\n\ndata: a\n\n", ["a"]),
        (b"event: message\nid: 7\nretry: 10\ndata: a\n\n", ["a"]),
        (b"data: {\ndata: }\n\n", ["{\n}"]),
        (b"data: a\n\n\n\ndata: b\n\n", ["a", "b"]),
        ("data: a\u2028b\u2029c\u0085d\x0b\x0ce\n\n".encode(), ["a\u2028b\u2029c\u0085d\x0b\x0ce"]),
        (b"data: a\n\ndata: b", ["a", "b"]),
        (b"data\n\n", [""]),
        (b"", []),
        (b"\n\n\n", []),
    ],
)
def test_habits_of_servers(body: bytes, expected: list[str]) -> None:
    """Comments, unknown fields, several data lines, no space, no last blank line, and line separators inside text."""
    assert decoded(body) == expected


def test_an_error_field_is_an_error_event() -> None:
    """Older llama.cpp servers write `error:` in place of `data:`."""
    (event,) = EventDecoder().feed(b'error: {"message":"x"}\n\n')
    assert (event.name, event.data) == ("error", '{"message":"x"}')


def test_an_endless_event_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server cannot fill the memory: beyond LONGEST the decoder refuses."""
    monkeypatch.setattr(sse, "LONGEST", 100)
    decoder = EventDecoder()
    decoder.feed(b"data: " + b"x" * 90)
    with pytest.raises(EventTooLong):
        decoder.feed(b"x" * 90)


def test_many_small_events_are_not_taken_for_an_endless_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is on one event, not on the stream."""
    monkeypatch.setattr(sse, "LONGEST", 100)
    decoder = EventDecoder()
    assert sum(len(decoder.feed(b"data: 0123456789\n\n")) for _ in range(50)) == 50
