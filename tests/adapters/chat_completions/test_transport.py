"""httpx's exceptions, each of them."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator

import httpx
import pytest

from adapters.chat_completions.transport import FOREIGN, shown, translated
from core.errors import ModelError, ModelNotConfigured, ModelTimeout

REQUEST = httpx.Request("POST", "http://127.0.0.1/")


def every_exception() -> Iterator[type[Exception]]:
    """All exception classes that httpx makes public."""
    for name in dir(httpx):
        member = getattr(httpx, name)
        if inspect.isclass(member) and issubclass(member, Exception):
            yield member


def made(kind: type[Exception]) -> Exception:
    """One of that kind, as httpx would make it."""
    if issubclass(kind, httpx.HTTPStatusError):
        return kind("x", request=REQUEST, response=httpx.Response(500))
    if issubclass(kind, httpx.StreamError) and kind is not httpx.StreamError:
        return kind()  # type: ignore[call-arg]  # its subclasses write their own message
    return kind("x")


@pytest.mark.parametrize("kind", [*every_exception()], ids=lambda kind: str(kind.__name__))
def test_every_exception_of_httpx_is_translated(kind: type[Exception]) -> None:
    """Whatever httpx may raise is caught by one of its roots and becomes an error of ours, with a detail."""
    error = made(kind)
    assert isinstance(error, FOREIGN)
    failure = translated(error)
    assert isinstance(failure.error, ModelError)
    assert failure.error.detail
    assert isinstance(failure.error, ModelTimeout) == isinstance(error, httpx.TimeoutException)


def test_there_are_exceptions_to_walk() -> None:
    """The walk above finds httpx's hierarchy, and not an empty module."""
    assert len(list(every_exception())) > 20


def test_a_quoted_header_is_not_passed_on() -> None:
    """h11 quotes the header it refuses; neither the detail nor the traceback holds it."""
    error = httpx.LocalProtocolError("Illegal header value b'Bearer sk-very-secret\\n'")
    failure = translated(error)
    assert isinstance(failure.error, ModelNotConfigured)
    failure.error.__cause__ = shown(error)
    assert "very-secret" not in "".join(traceback.format_exception(failure.error))
    assert shown(httpx.ReadError("x")) is not None
