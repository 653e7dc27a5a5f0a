"""The body of an answer → JSON objects, whatever it turns out to be. Pure: fed chunks, gives objects.

A server that was asked for a stream may answer with plain JSON, with blank lines before it, or with a web page, under
any content type. So the first bytes that are no white space decide, not the header.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum

from adapters.chat_completions.sse import LONGEST, Event, EventDecoder, EventTooLong

_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_DONE = "[DONE]"


class NotAnAnswer(ValueError):
    """The body is a web page, or something else that no model wrote."""


class Broken(ValueError):
    """The body holds JSON that cannot be read, or more of it than any answer has."""


class _Kind(Enum):
    EVENTS = "events"
    JSON = "json"


class AnswerBody:
    """Feed it the body's bytes and flush it at the end. Raises NotAnAnswer or Broken, after the values before it."""

    def __init__(self) -> None:
        self._kind: _Kind | None = None
        self._head = b""
        self._whole = bytearray()
        self._events = EventDecoder()
        self.done = False
        """The server said that nothing follows."""

    @property
    def whole(self) -> bool:
        """It is one piece of JSON, not a stream."""
        return self._kind is _Kind.JSON

    def feed(self, chunk: bytes) -> Iterator[object]:
        """The JSON values that these bytes complete, read one by one; nothing after the server's `[DONE]`."""
        if self._kind is None:
            chunk = self._sniffed(chunk)
        if self._kind is _Kind.EVENTS:
            yield from self._from_events(chunk)
        elif self._kind is _Kind.JSON:
            self._whole += chunk
            if len(self._whole) > LONGEST:
                raise Broken("an answer without an end")

    def flush(self) -> Iterator[object]:
        """What is left when the body ends."""
        if self._kind is _Kind.JSON:
            self.done = True
            yield _parsed(self._whole.decode("utf-8", "replace"))
        yield from self._read(self._events.flush())

    def _sniffed(self, chunk: bytes) -> bytes:
        """The bytes so far, once they tell what the body is; otherwise they are kept and nothing is given on."""
        self._head += chunk
        start = self._head.removeprefix(_BOM).lstrip(_BLANK)
        if not start:
            self._head = b""
        if not start or _BOM.startswith(start):
            return b""
        if start[:1] == b"<":
            raise NotAnAnswer("a web page")
        self._kind = _Kind.JSON if start[:1] in b"{[" else _Kind.EVENTS
        return start

    def _from_events(self, chunk: bytes) -> Iterator[object]:
        try:
            events = self._events.feed(chunk)
        except EventTooLong:
            raise Broken("an event without an end") from None
        return self._read(events)

    def _read(self, events: list[Event]) -> Iterator[object]:
        for event in events:
            if self.done or event.data.startswith(_DONE):
                self.done = True
                return
            if event.data.strip():
                yield _value(event)


def _value(event: Event) -> object:
    if event.name != "error":
        return _parsed(event.data)
    try:
        value = _parsed(event.data)
    except Broken:
        value = event.data
    return value if isinstance(value, dict) and value.get("error") else {"error": value}


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Broken("unreadable JSON") from None
