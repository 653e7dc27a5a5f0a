"""What slack_sdk and aiohttp raise, as errors of core. Details carry methods and codes, no one's words.

SlackApiError  by Slack's code (slack.md, section 9); else by status: 429 busy, 5xx unavailable
aiohttp's ClientError, OSError, TimeoutError, a closed session, an answer that cannot be read: unavailable
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from core.errors import (
    Mender,
    PostGone,
    PostSealed,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
)


class Refused(SurfaceForbidden):
    """I am not allowed to write here: an admin has to give me the permission."""

    def __init__(self, detail: str, code: str) -> None:
        super().__init__(detail)
        self.code = code


class Rejected(SurfaceError):
    """Slack did not take the message."""

    def __init__(self, detail: str, code: str) -> None:
        super().__init__(detail)
        self.code = code


class StreamStopped(SurfaceError):
    """The answer was stopped."""


class StillStreaming(PostSealed):
    """The message takes no edits while it streams."""


class SlackNotStarted(SurfaceError):
    """Slack did not let me in."""

    mender = Mender.OPERATOR


class TokenRefused(SlackNotStarted):
    """Slack does not accept SLACK_BOT_TOKEN. It must be the token that begins with xoxb- (api.slack.com/apps, your
    app, OAuth & Permissions); after a revocation, press Reinstall to Workspace there and set the new one."""


class AppTokenRefused(SlackNotStarted):
    """Slack does not accept SLACK_APP_TOKEN. It must be an app-level token that begins with xapp- and has the scope
    connections:write (api.slack.com/apps, your app, Basic Information, App-Level Tokens), and Socket Mode must be
    switched on (Settings, Socket Mode)."""


class SigningSecretMissing(SlackNotStarted):
    """Without SLACK_APP_TOKEN I take Slack's requests by HTTP, and for that I need SLACK_SIGNING_SECRET
    (api.slack.com/apps, your app, Basic Information, App Credentials). Set one of the two."""


class PortTaken(SlackNotStarted):
    """I cannot listen on the address for Slack's requests: it is in use or not allowed. Set another PORT."""


NOT_HERE = frozenset({"not_in_channel", "channel_not_found"})
BAD_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "account_inactive", "token_expired", "not_allowed_token_type"}
)
_FORBIDDEN = (
    NOT_HERE
    | BAD_TOKEN
    | frozenset(
        {
            "missing_scope",
            "team_access_not_granted",
            "ekm_access_denied",
            "access_denied",
            "is_archived",
            "messages_tab_disabled",
            "user_not_in_channel",
            "cannot_reply_to_message",
            "thread_not_found",
            "no_permission",
            "not_allowed",
            "method_not_supported_for_channel_type",
            "channel_type_not_supported",
            "unknown_method",
            "as_user_not_supported",
            "org_login_required",
            "cannot_dm_bot",
            "user_disabled",
            "user_not_found",
            "user_not_visible",
            "file_uploads_disabled",
            "file_uploads_except_images_disabled",
            "file_type_not_allowed",
            "posting_to_channel_denied",
        }
    )
)
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "file_not_found", "file_deleted"})
_SEALED = frozenset({"message_not_in_streaming_state", "block_mismatch"})
_TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long"})
_BUSY = frozenset({"ratelimited", "rate_limited"})
_AWAY = frozenset(
    {"internal_error", "fatal_error", "request_timeout", "service_unavailable", "update_failed", "team_added_to_org"}
)
UNREADABLE = (json.JSONDecodeError, UnicodeDecodeError)


@contextmanager
def translated(method: str) -> Iterator[None]:
    """Whatever the libraries raise inside comes out as a SurfaceError; faults of our own come out as they are."""
    try:
        yield
    except (SlackClientError, aiohttp.ClientError, OSError, *UNREADABLE, RuntimeError) as error:
        known = surface_error(error, method)
        if known is None:
            raise
        raise known from error


def surface_error(error: Exception, method: str) -> SurfaceError | None:
    """What the library's error means for a reply; none where it is no error of the platform's side."""
    if isinstance(error, SlackApiError):
        return _by_answer(error, method)
    if isinstance(error, SlackClientError):
        return SurfaceError(f"{method}: {type(error).__name__}")
    if isinstance(error, (aiohttp.ClientError, OSError, *UNREADABLE)):  # TimeoutError is an OSError
        return SurfaceUnavailable(f"{method}: {type(error).__name__}")
    if isinstance(error, RuntimeError) and "closed" in str(error):  # aiohttp: Session is closed, Event loop is closed
        return SurfaceUnavailable(f"{method}: session closed")
    return None


def _by_answer(error: SlackApiError, method: str) -> SurfaceError:
    """The response is slack_sdk's own, or aiohttp's where the body was no JSON."""
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    headers = getattr(response, "headers", None) or {}
    data = getattr(response, "data", response)
    body = data if isinstance(data, dict) else {}
    return by_code(method, str(body.get("error") or ""), int(status), headers, str(body.get("needed") or ""))


def by_code(method: str, code: str, status: int, headers: Mapping[str, str], needed: str = "") -> SurfaceError:
    """What an answer with that code and status means."""
    detail = f"{method}: {code or status}"
    if code in _BUSY or status == 429:
        return SurfaceBusy(detail, retry_after=retry_after(headers))
    if code in _AWAY or status >= 500 or not code:  # no code at all: a page instead of an answer
        return SurfaceUnavailable(detail)
    if code == "stopped_by_user":
        return StreamStopped(detail)
    if code in _TOO_LONG:
        return PostTooLong(detail)
    if code in _GONE:
        return PostGone(detail)
    if code == "streaming_state_conflict":
        return StillStreaming(detail)
    if code in _SEALED:
        return PostSealed(detail)
    if code in _FORBIDDEN or code.startswith(("restricted_action", "not_allowed")):
        return Refused(f"{detail} (needs {needed})" if needed else detail, code)
    return Rejected(detail, code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer's header names."""
    try:
        return float(headers["Retry-After"])
    except (KeyError, ValueError):
        return None
