"""Every exception of httpx, translated. The test beside it walks httpx's hierarchy and proves that none is missing."""

from __future__ import annotations

import httpx

from adapters.chat_completions.failures import Failure
from core.errors import ModelNotConfigured, ModelTimeout, ModelUnavailable

CONNECT = "connect"
"""Detail of a ModelTimeout: no connection in time."""
FIRST_TOKEN = "first_token"
"""Detail of a ModelTimeout: connected, but no piece of an answer in time."""
SILENCE = "silence"
"""Detail of a ModelTimeout: the answer began and then stood still."""
WHOLE = "whole"
"""Detail of a ModelTimeout: the answer as a whole took too long."""

FOREIGN = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict)
"""The roots of httpx's hierarchy."""


def translated(error: Exception) -> Failure:
    """The failure that an exception of httpx is. Texts of the library are kept only where they quote no header."""
    name = type(error).__name__
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Failure(error=ModelTimeout(CONNECT))  # TCP itself has tried several times by then
        case httpx.WriteTimeout():
            return Failure(error=ModelTimeout(FIRST_TOKEN))
        case httpx.TimeoutException():
            return Failure(error=ModelTimeout(SILENCE))
        case httpx.LocalProtocolError():
            # h11 quotes the header it does not like, the key among them.
            return Failure(error=ModelNotConfigured(f"{name}: a header of the endpoint's settings is not legal"))
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return Failure(error=ModelNotConfigured(f"{name}: is the base URL right?"))
        case httpx.ConnectError() | httpx.ProxyError():
            return Failure(error=ModelUnavailable(f"{name}: {error}".strip(": ")), again=True)
        case _:
            return Failure(error=ModelUnavailable(name), again=True)


def shown(error: Exception) -> Exception | None:
    """The exception as the cause of ours, unless its text quotes what was sent or received."""
    return None if isinstance(error, httpx.ProtocolError) else error
