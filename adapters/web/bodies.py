"""What a server sends, decompressed piece by piece within bounds. Pure: fed with bytes.

A few kilobytes of gzip can hold gigabytes; so nothing is ever decompressed further than there is room for.
"""

from __future__ import annotations

import zlib

GZIP = 16 + zlib.MAX_WBITS
ZLIB = zlib.MAX_WBITS
RAW = -zlib.MAX_WBITS
ACCEPTED = "gzip, deflate"


class Undecodable(Exception):
    """The bytes are not what the server says they are."""


class Body:
    """A growing body of at most so many bytes."""

    def __init__(self, encoding: str, most: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Undecodable(encoding)
        self._most = most
        self._deflate = encoding == "deflate"
        self._unpacked = encoding in ("", "identity")
        self._inflater = None if self._unpacked else zlib.decompressobj(ZLIB if self._deflate else GZIP)
        self._begun = False
        self._content = bytearray()
        self.full = False
        """There was more than fits."""

    @property
    def content(self) -> bytes:
        """What came so far."""
        return bytes(self._content)

    def feed(self, piece: bytes) -> None:
        """More came. Nothing is taken once it is full. Raises Undecodable."""
        if self.full or not piece:
            return
        room = self._most - len(self._content)
        if self._inflater is None:
            self._content += piece[:room]
            self.full = len(piece) > room
            return
        # One byte more than fits tells that there is more.
        self._content += self._inflated(piece, room + 1)
        self.full = len(self._content) > self._most
        del self._content[self._most :]

    def _inflated(self, piece: bytes, most: int) -> bytes:
        assert self._inflater is not None
        try:
            found = self._inflater.decompress(piece, most)
        except zlib.error:
            # Some servers send `deflate` without the header that it ought to have.
            if not self._deflate or self._begun:
                raise Undecodable("broken") from None
            self._inflater = zlib.decompressobj(RAW)
            try:
                found = self._inflater.decompress(piece, most)
            except zlib.error:
                raise Undecodable("broken") from None
        self._begun = True
        return found
