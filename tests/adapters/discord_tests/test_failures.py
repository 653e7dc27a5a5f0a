"""Whatever discord.py and aiohttp raise is an error of core, with no one's words in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, cast

import aiohttp
import discord
import pytest

from adapters.discord.failures import (
    AlreadyAnswered,
    Doing,
    MissingPermission,
    ThreadArchived,
    ThreadExists,
    TokenGone,
    surface_error,
    translated,
)
from core.errors import (
    FileTooLarge,
    PostGone,
    PostSealed,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
)


class Response:
    """As much of an answer as discord.py's errors look at."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.reason = "because"
        self.headers = headers or {}


def refusal(status: int, code: int = 0, *, headers: dict[str, str] | None = None, **body: Any) -> discord.HTTPException:
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = kinds.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    said = {"code": code, "message": "somebody's words"} | body
    return kind(cast(Any, Response(status, headers)), said)


TOO_LONG = {"content": {"_errors": [{"code": "X", "message": "Must be 2000 or fewer in length."}]}}

MEANINGS = [
    (refusal(404, 10008), PostGone),
    (refusal(400, 40060), AlreadyAnswered),
    (refusal(413, 40005), FileTooLarge),
    (refusal(404, 10003), PostGone),
    (refusal(404), PostGone),
    (refusal(400, 30046), PostSealed),
    (refusal(400, 50035, errors=TOO_LONG), PostTooLong),
    (refusal(403, 50013), MissingPermission),
    (refusal(403, 50001), MissingPermission),
    (refusal(403, 50007), SurfaceForbidden),
    (refusal(403), MissingPermission),
    (refusal(401), SurfaceForbidden),
    (refusal(429), SurfaceBusy),
    (refusal(400, 20016, headers={"Retry-After": "5"}), SurfaceBusy),
    (refusal(400, 20016, headers={"Retry-After": "3600"}), MissingPermission),
    (refusal(400, 20028), SurfaceBusy),
    (refusal(503), SurfaceUnavailable),
    (refusal(500, 130000), SurfaceUnavailable),
    (refusal(400, 50083), ThreadArchived),
    (refusal(400, 160004), ThreadExists),
    (refusal(401, 50027), TokenGone),
    (refusal(404, 10015), TokenGone),
    (refusal(404, 10062), TokenGone),
    (discord.RateLimited(7.5), SurfaceBusy),
    (TimeoutError(), SurfaceUnavailable),
    (ConnectionResetError(), SurfaceUnavailable),
    (json.JSONDecodeError("x", "somebody's words", 0), SurfaceUnavailable),
    (RuntimeError("Session is closed"), SurfaceUnavailable),
]


@pytest.mark.parametrize(("raised", "meant"), MEANINGS, ids=lambda value: getattr(value, "__name__", str(value)[:30]))
def test_meaning(raised: Exception, meant: type[SurfaceError]) -> None:
    """Each answer of Discord is the error that a reply knows how to deal with."""
    known = surface_error(raised, Doing.SEND)
    assert type(known) is meant
    assert "words" not in str(known)


def test_waiting_times_are_kept() -> None:
    """Where Discord says how long to wait, so does the error."""
    for raised in (refusal(429, headers={"Retry-After": "7.5"}), discord.RateLimited(7.5)):
        known = surface_error(raised, Doing.SEND)
        assert known is not None
        assert known.retry_after == 7.5


def test_the_missing_permission_is_named() -> None:
    """Discord does not say which permission is missing; what was tried does."""
    known = surface_error(refusal(403, 50013), Doing.MAKE_THREAD)
    assert known is not None
    assert "Create Public Threads" in known.detail


def subclasses(base: type[Exception]) -> Iterator[type[Exception]]:
    yield base
    for one in base.__subclasses__():
        yield from subclasses(one)


@pytest.mark.parametrize("base", [discord.DiscordException, aiohttp.ClientError], ids=lambda base: base.__name__)
def test_every_error_of_the_libraries_is_known(base: type[Exception]) -> None:
    """No exception of discord.py or aiohttp gets past the edge, whatever their authors add."""
    kinds = set(subclasses(base))
    assert len(kinds) > 10
    for kind in kinds:
        raised = kind.__new__(kind)
        vars(raised).update(status=418, code=0, text="tea", response=Response(418), retry_after=1.0)
        assert isinstance(surface_error(raised, Doing.SEND), SurfaceError), kind


def test_faults_of_our_own_stay_what_they_are() -> None:
    """A bug must not look like an outage."""
    for fault in (TypeError("x"), KeyError("x"), RuntimeError("x"), ValueError("x")):
        with pytest.raises(type(fault)), translated(Doing.SEND):
            raise fault


def test_cancelling_is_no_error() -> None:
    """A task that is cancelled stays cancelled."""
    with pytest.raises(asyncio.CancelledError), translated(Doing.SEND):
        raise asyncio.CancelledError
