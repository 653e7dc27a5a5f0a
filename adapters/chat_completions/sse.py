"""Server-sent events from bytes, however the network cut them. Pure: fed chunks, gives events.

Written here because httpx's lines tear events at U+2028, and httpx-sse 0.4.3 loses the last event without a blank line
after it and the first one after a byte-order mark. Lines end at LF, CRLF or CR; text is decoded line by line, never
chunk by chunk. Source: WHATWG HTML, section 9.2 (event stream interpretation), relaxed where servers are sloppy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 16 * 1024 * 1024
"""Bytes that one event may have."""
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class EventTooLong(ValueError):
    """The server sent more than LONGEST bytes without ending an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event."""

    data: str
    name: str = ""
    """The `event:` field; empty where there was none."""


class EventDecoder:
    """Feed it bytes as they come and flush it at the end."""

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._data: list[bytes] = []
        self._name = b""
        self._size = 0
        self._after_return = False
        self._first = True

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete. Raises EventTooLong."""
        if self._after_return and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_return = False
        if not chunk:
            return []
        self._after_return = chunk.endswith(b"\r")
        self._size += len(chunk)
        *ended, rest = _LINE_END.split(chunk)
        events = [event for line in ended if (event := self._end_line(line)) is not None]
        self._line.append(rest)
        if self._size > LONGEST:
            raise EventTooLong
        return events

    def flush(self) -> list[Event]:
        """What stands without its blank line when the stream ends."""
        events = [self._end_line(b""), self._dispatched()]
        return [event for event in events if event is not None]

    def _end_line(self, last: bytes) -> Event | None:
        line = b"".join([*self._line, last])
        self._line.clear()
        if self._first:
            line = line.removeprefix(_BOM)
            self._first = False
        if not line:
            return self._dispatched()
        self._take(line)
        return None

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value
        elif name == b"error":  # older llama.cpp servers
            self._data.append(value)
            self._name = name

    def _dispatched(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name, self._size = [], b"", 0
        if not data:
            return None
        return Event(data=b"\n".join(data).decode("utf-8", "replace"), name=name.decode("utf-8", "replace"))
