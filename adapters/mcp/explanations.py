"""Errors of the library and of transports as ServerFailed: sentences that hold nothing of what a server wrote."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import httpx2
from mcp import MCPError
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

from adapters.addresses import AddressRefused
from adapters.mcp.failures import Answered, Ended, Puzzling, Refused, ServerFailed, Slow, Unauthorised, Unreached

ANSWER_SECONDS = 15.0
"""For anything but a call of a tool."""


def explained(error: BaseException) -> ServerFailed:
    """What it means, also of a group of errors."""
    for kind, made in _KINDS:
        found = first(error, kind)
        if found is not None:
            return made(found)
    return Puzzling()


def first(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The error itself, or the first of that kind in its group."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := first(one, kind)) is not None), None)
    return error if isinstance(error, kind) else None


def of_status(status: int) -> ServerFailed:
    """An HTTP status where an answer was due."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Unauthorised(status)
    return Answered(status)


def _of_protocol(error: BaseException) -> ServerFailed:
    assert isinstance(error, MCPError)
    if error.code == CONNECTION_CLOSED:
        return Ended()
    return Slow(ANSWER_SECONDS) if error.code == REQUEST_TIMEOUT else Puzzling()


def _itself(error: BaseException) -> ServerFailed:
    assert isinstance(error, ServerFailed)
    return error


_KINDS: tuple[tuple[type[BaseException], Callable[[BaseException], ServerFailed]], ...] = (
    (ServerFailed, _itself),
    (AddressRefused, lambda error: Refused(str(error))),
    (httpx2.TimeoutException, lambda _: Slow(ANSWER_SECONDS)),
    (httpx2.HTTPError, lambda _: Unreached()),
    (httpx2.InvalidURL, lambda _: Unreached()),
    (TimeoutError, lambda _: Slow(ANSWER_SECONDS)),
    (MCPError, _of_protocol),
    (OSError, lambda _: Unreached()),
)
