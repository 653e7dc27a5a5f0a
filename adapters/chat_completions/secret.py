"""A text that shows itself to nobody by accident."""

from __future__ import annotations

from typing import Final

HIDDEN: Final = "[secret]"


class Secret:
    """Wraps a key. Printing, formatting or logging it shows `[secret]`; only `reveal` gives the text.

    White space around the key (a newline at the end of a file, say) is dropped. Raises ValueError, without the key,
    for characters that no HTTP header can carry.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text.strip()
        if not all("!" <= character <= "~" for character in self._text):
            raise ValueError("the key holds spaces or characters outside ASCII")

    def reveal(self) -> str:
        """The text itself, for the header that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written down")
