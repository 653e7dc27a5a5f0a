"""Events as bytes, laid out as scripted: line ends, comments, a byte-order mark, network chunks torn anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

from sandbox.chat_completions.script import Framing
from sandbox.chat_completions.wire import Json

_BOM = b"\xef\xbb\xbf"


class Framer:
    """Lays out one body. It remembers how many bytes have gone, so that splits fall where they were scripted."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._gone = 0
        self._end = framing.line_end.encode()

    def opening(self) -> list[bytes]:
        """What stands before the first event."""
        comments = b"".join(b": " + comment.encode() + self._end * 2 for comment in self._framing.comments)
        return self._chunks((_BOM if self._framing.bom else b"") + comments)

    def event(self, payload: Json, *, last: bool = False) -> list[bytes]:
        """One event, in the network chunks it is to travel in. JSON keeps characters such as U+2028 raw."""
        return self._chunks(self._event(json.dumps(payload, ensure_ascii=False, separators=(",", ":")), last=last))

    def done(self) -> list[bytes]:
        """The end mark."""
        return self._chunks(self._event("[DONE]", last=True))

    def body(self, payload: object) -> list[bytes]:
        """A JSON body in one piece, after as many empty lines as scripted."""
        text = json.dumps(payload, ensure_ascii=False)
        return self._chunks(self._end * self._framing.blank_lines + text.encode())

    def _event(self, data: str, *, last: bool) -> bytes:
        framing = self._framing
        comment = f": {framing.keep_alive}\n\n" if framing.keep_alive else ""
        name = f"event: {framing.event_name}\n" if framing.event_name else ""
        label = "data: " if framing.space else "data:"
        lines = "".join(f"{label}{line}\n" for line in _spread(data, framing.data_lines))
        closing = "\n" if framing.closing_blank_line or not last else ""
        return _with_line_ends(comment + name + lines + closing, framing.line_end)

    def _chunks(self, data: bytes) -> list[bytes]:
        edges = sorted({0, len(data), *self._edges(len(data))})
        self._gone += len(data)
        return [data[start:end] for start, end in pairwise(edges)]

    def _edges(self, length: int) -> Iterator[int]:
        every = self._framing.split_every
        if every:
            yield from range(every - self._gone % every, length, every)
        yield from (at - self._gone for at in self._framing.split_at if 0 < at - self._gone < length)


def _spread(data: str, lines: int) -> list[str]:
    """The JSON over several lines; JSON allows a line break after a comma, and the reader joins with one."""
    if lines <= 1 or data == "[DONE]":
        return [data]
    parts = json.dumps(json.loads(data), ensure_ascii=False, indent=0).split("\n")
    size = max(1, -(-len(parts) // lines))
    return ["".join(parts[start : start + size]) for start in range(0, len(parts), size)]


def _with_line_ends(text: str, line_end: str) -> bytes:
    return text.replace("\n", line_end).encode()
