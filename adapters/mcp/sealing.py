"""Tokens that admins enter in a chat, sealed with a key of the operator's before they are stored."""

from __future__ import annotations

from collections.abc import Sequence


class BadKey(ValueError):
    """A key is none. The text does not hold it."""

    def __init__(self) -> None:
        super().__init__("a key is 32 random bytes in URL-safe base64")


class CannotOpen(Exception):
    """The token was sealed with a key that is not known any more."""

    def __init__(self) -> None:
        super().__init__("Its token was sealed with another key, so it has to be added again.")


class Seal:
    """Seals with the first key, opens with any: so a key can be replaced."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises BadKey."""
        from cryptography.fernet import Fernet, MultiFernet

        try:
            self._keys = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise BadKey from None

    def sealed(self, token: str) -> str:
        """What can be stored."""
        return self._keys.encrypt(token.encode()).decode()

    def opened(self, sealed: str) -> str:
        """The token. Raises CannotOpen."""
        from cryptography.fernet import InvalidToken

        try:
            return self._keys.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CannotOpen from None
