"""Messages out of the bytes of a pipe, one a line. Pure; a line that never ends takes no more room than a long one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 4 * 1024 * 1024
"""Bytes of one message, over pipes and over HTTP."""
TOO_LONG = "the answer is too long"
"""Said to whoever waits for such a message."""
_HEAD = 200
_NUMBERED = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,15})\s*,')
"""Servers write the number first, so the answer that was too long still finds who waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLong:
    """A line that was thrown away."""

    answers: int | None
    """The number of the request that it answers, where it begins with it."""


class Lines:
    """Takes bytes as they come."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._line = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[bytes | TooLong]:
        """The lines that are whole now, without empty ones."""
        *ends, rest = data.split(b"\n")
        for part in ends:
            self._grow(part)
            line = self._taken()
            if line:
                yield line
        self._grow(rest)

    def _grow(self, part: bytes) -> None:
        if self._too_long:
            return
        if len(self._line) + len(part) > self._most:
            self._too_long = True
            self._line = (self._line[:_HEAD] + part[:_HEAD])[:_HEAD]
            return
        self._line += part

    def _taken(self) -> bytes | TooLong:
        line, too_long = bytes(self._line), self._too_long
        self._line, self._too_long = bytearray(), False
        if not too_long:
            return line.strip()
        found = _NUMBERED.match(line)
        return TooLong(answers=int(found[1]) if found else None)
