"""Bytes → text, whatever they were written with."""

from __future__ import annotations

import codecs

from adapters.documents.program.refusal import Refused

SAMPLE = 256 * 1024
"""Bytes from whose look an old encoding is guessed."""
BINARY = "it is neither text nor a kind of document that I know."
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32's little-endian mark begins with that of UTF-16, so it is looked for first."""
_TORN = 0.001
"""Part of a text in UTF-8 that may be damaged for it still to be one."""
_ODD = 0.01
"""Part of a text that control characters may be."""


def decoded(content: bytes) -> str:
    """The text, with one kind of line end. Raises Refused for what is no text."""
    text = _decoded(content)
    if _binary(text[:SAMPLE]):
        raise Refused(BINARY)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    wide = _wide(content[:SAMPLE])
    if wide:
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8", "replace")
    if text.count("\N{REPLACEMENT CHARACTER}") <= len(text) * _TORN:
        return text
    return content.decode(_guessed(content[:SAMPLE]), "replace")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of what most people write is zero."""
    if len(sample) < 8 or len(sample) % 2:
        sample = sample[: len(sample) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if not half or max(even, odd) < half * 0.4 or min(even, odd) > half * 0.05:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _guessed(sample: bytes) -> str:
    if sample.count(0) > len(sample) * _ODD:
        raise Refused(BINARY)
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return "cp1252" if best is None else best.encoding


def _binary(sample: str) -> bool:
    odd = sum(1 for sign in sample if ord(sign) < 32 and sign not in "\t\n\r\f\v\b\x1b\x00")
    return odd + sample.count("\x00") > len(sample) * _ODD
