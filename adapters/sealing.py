"""Secrets of workspaces, unreadable in the database: encrypted with the key of the settings (PARLEY_SECRET_KEY)."""

from __future__ import annotations

import base64
import hashlib

from core.toolservers import ServerMistake

NO_KEY = (
    "I cannot keep a token here, because my operator has set no PARLEY_SECRET_KEY. "
    "Without a token a server can be added all the same."
)
OTHER_KEY = "The token was encrypted with another key than I have now. Add the server again."


class FernetSeal:
    """Seals with one key. Any text serves as a key; it is hashed to the length that Fernet wants."""

    def __init__(self, key: str | None) -> None:
        self._fernet = None
        if key:
            from cryptography.fernet import Fernet  # 5 MB that nobody needs who has no key

            self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))

    def seal(self, secret: str) -> str:
        """The secret, to be stored. Raises ServerMistake without a key."""
        if self._fernet is None:
            raise ServerMistake(NO_KEY)
        return self._fernet.encrypt(secret.encode()).decode("ascii")

    def opened(self, sealed: str) -> str:
        """The secret again. Raises ServerMistake where the key is another."""
        if self._fernet is None:
            raise ServerMistake(NO_KEY)
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode("ascii", "replace")).decode()
        except InvalidToken:
            raise ServerMistake(OTHER_KEY) from None
