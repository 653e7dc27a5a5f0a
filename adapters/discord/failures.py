"""What discord.py and aiohttp raise, as errors of core. Details carry numbers and names of permissions, no one's words.

HTTPException  by Discord's code: 10008 message gone, 30046 sealed, 50035 too long, 50013 forbidden, …
               else by status: 401, 403 forbidden; 429 busy; 5xx unavailable
RateLimited    busy: the wait is longer than discord.py may hold a call
aiohttp's ClientError, OSError, TimeoutError, a closed session, an answer that cannot be read: unavailable
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

import aiohttp
import discord

from core.errors import (
    FileTooLarge,
    Mender,
    PostGone,
    PostSealed,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
)


class Doing(StrEnum):
    """What was tried, named by the permissions it takes (discord.md, section 7)."""

    SEND = "View Channel, Send Messages"
    SEND_IN_THREAD = "View Channel, Send Messages in Threads"
    ATTACH = "View Channel, Send Messages, Attach Files"
    REPLY = "View Channel, Send Messages, Read Message History"
    MAKE_THREAD = "Create Public Threads"
    EDIT = "View Channel"
    READ = "View Channel, Read Message History"


class MissingPermission(SurfaceForbidden):
    """I am not allowed to write here: an admin has to give me the permission."""

    def __init__(self, detail: str, needs: str) -> None:
        super().__init__(f"{detail}: needs {needs}")
        self.needs = needs
        """The permissions, one of which is missing, as Discord's settings name them."""


class ThreadArchived(SurfaceError):
    """The thread has been archived."""


class ThreadExists(SurfaceError):
    """The message has a thread already."""


class AlreadyAnswered(SurfaceError):
    """The interaction has its first response already."""


class TokenGone(SurfaceError):
    """The time in which a slash command may be answered is over."""


class DiscordNotStarted(SurfaceError):
    """Discord did not let me in."""

    mender = Mender.OPERATOR


class TokenRefused(DiscordNotStarted):
    """Discord does not accept DISCORD_TOKEN. Make a new one in the developer portal (your application, Bot, Reset
    Token) and set it."""


class IntentsRefused(DiscordNotStarted):
    """Discord refuses the events I ask for, even without the message content. Look at the developer portal: your
    application, Bot, Privileged Gateway Intents."""


class ShardsRefused(DiscordNotStarted):
    """Discord refuses the shards I was given. Take DISCORD_SHARD_IDS and DISCORD_SHARD_COUNT out, or raise the
    count."""


UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10003, 10008, 10015, 10062
TOO_MANY_EDITS, WRITE_LIMIT, SLOW_MODE = 30046, 20028, 20016
INVALID_FORM, INVALID_TOKEN, ARCHIVED, THREAD_EXISTS = 50035, 50027, 50083, 160004
_NAMED: Mapping[int, type[SurfaceError]] = {
    40060: AlreadyAnswered,
    ARCHIVED: ThreadArchived,
    THREAD_EXISTS: ThreadExists,
    UNKNOWN_WEBHOOK: TokenGone,
    INVALID_TOKEN: TokenGone,
    UNKNOWN_INTERACTION: TokenGone,
}
OVERLOADED = 130000
_UNPERMITTED = frozenset({50001, 50013, 160002})
_FORBIDDEN = {
    50005: "not my message",
    50007: "takes no direct messages",
    50278: "takes no direct messages",
    30033: "the thread is full",
    160005: "the thread is locked",
    160006: "too many active threads",
    200000: "blocked by AutoMod",
    200001: "blocked by AutoMod",
    240000: "blocked by AutoMod",
}
"""Refusals that no permission of the bot would change."""
_GONE = frozenset({UNKNOWN_CHANNEL, UNKNOWN_MESSAGE})
_BUSY = frozenset({WRITE_LIMIT, 40062})
UNREADABLE = (json.JSONDecodeError, UnicodeDecodeError)
LONGEST_SLOW_MODE = 60.0
"""Seconds that an answer waits for a channel's slow mode; beyond that somebody has to let the bot pass."""


@contextmanager
def translated(doing: Doing) -> Iterator[None]:
    """Whatever the libraries raise inside comes out as a SurfaceError; faults of our own come out as they are."""
    try:
        yield
    except (discord.DiscordException, aiohttp.ClientError, OSError, *UNREADABLE, RuntimeError) as error:
        known = surface_error(error, doing)
        if known is None:
            raise
        raise known from error


def surface_error(error: Exception, doing: Doing) -> SurfaceError | None:
    """What the library's error means for a reply; none where it is no error of the platform's side."""
    if isinstance(error, discord.HTTPException):
        return _by_answer(error, doing)
    if isinstance(error, discord.RateLimited):
        return SurfaceBusy("rate limited", retry_after=error.retry_after)
    if isinstance(error, discord.DiscordException):
        return SurfaceError(type(error).__name__)
    if isinstance(error, (aiohttp.ClientError, OSError, *UNREADABLE)):  # TimeoutError is an OSError
        return SurfaceUnavailable(type(error).__name__)
    if isinstance(error, RuntimeError) and "closed" in str(error):  # aiohttp: Session is closed, Event loop is closed
        return SurfaceUnavailable("session closed")
    return None


def _by_answer(error: discord.HTTPException, doing: Doing) -> SurfaceError:
    detail = f"{error.status} {error.code}"
    return _by_code(error, doing, detail) or _by_status(error, doing, detail)


def _by_code(error: discord.HTTPException, doing: Doing, detail: str) -> SurfaceError | None:
    code = error.code
    if code == INVALID_FORM and "or fewer in length" in error.text:
        return PostTooLong(detail)
    if code in _GONE:
        return PostGone(detail)
    if code == TOO_MANY_EDITS:
        return PostSealed(detail)
    if code in _UNPERMITTED:
        return MissingPermission(detail, doing.value)
    if code in _FORBIDDEN:
        return SurfaceForbidden(f"{detail}: {_FORBIDDEN[code]}")
    if code == SLOW_MODE and (retry_after(error) or LONGEST_SLOW_MODE) >= LONGEST_SLOW_MODE:
        return MissingPermission(detail, "Bypass Slowmode")
    if code in _BUSY or code == SLOW_MODE:
        return SurfaceBusy(detail, retry_after=retry_after(error))
    if code in _NAMED:
        return _NAMED[code](detail)
    if code == OVERLOADED:
        return SurfaceUnavailable(detail)
    return None


def _by_status(error: discord.HTTPException, doing: Doing, detail: str) -> SurfaceError:
    if error.status == 413:
        return FileTooLarge(detail)
    if error.status == 429:
        return SurfaceBusy(detail, retry_after=retry_after(error))
    if error.status >= 500:
        return SurfaceUnavailable(detail)
    if error.status == 401:
        return SurfaceForbidden(f"{detail}: the bot's token is not accepted any more")
    if error.status == 403:
        return MissingPermission(detail, doing.value)
    if error.status == 404:
        return PostGone(detail)
    return SurfaceError(detail)


def retry_after(error: discord.HTTPException) -> float | None:
    """Seconds that the answer's header names."""
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
