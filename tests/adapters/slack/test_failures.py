"""What the libraries raise, as core's errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import failures
from core.errors import (
    PostGone,
    PostSealed,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
)


def _answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="https://slack.com/api/chat.update",
        req_args={"headers": {"Authorization": "Bearer xoxb-secret"}},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("failed", response)  # type: ignore[no-untyped-call]  # slack_sdk gives it no types


def _below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


@pytest.mark.parametrize("kind", sorted(set(_below(SlackClientError)), key=repr))
def test_slack_sdk(kind: type[Exception]) -> None:
    """Each error of slack_sdk becomes one of core's."""
    error = _answer({"ok": False, "error": "x"}) if issubclass(kind, SlackApiError) else kind.__new__(kind)
    assert isinstance(failures.surface_error(error, "chat.update"), SurfaceError)


@pytest.mark.parametrize("kind", sorted(set(_below(aiohttp.ClientError)), key=repr))
def test_aiohttp(kind: type[Exception]) -> None:
    """Each error of aiohttp's client means: later."""
    error = kind.__new__(kind)
    assert isinstance(failures.surface_error(error, "chat.update"), SurfaceUnavailable)


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), RuntimeError("Session is closed")])
def test_network(error: Exception) -> None:
    """So does whatever the network or our own end of it raises."""
    assert isinstance(failures.surface_error(error, "chat.update"), SurfaceUnavailable)


def test_own_faults() -> None:
    """A fault of our own stays what it is."""
    assert failures.surface_error(KeyError("x"), "chat.update") is None
    with pytest.raises(RuntimeError), failures.translated("chat.update"):
        raise RuntimeError("a fault")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("message_not_in_streaming_state", PostSealed),
        ("streaming_state_conflict", PostSealed),
        ("block_mismatch", PostSealed),
        ("cant_update_message", PostGone),
        ("msg_blocks_too_long", PostTooLong),
        ("rate_limited", SurfaceBusy),
        ("fatal_error", SurfaceUnavailable),
        ("update_failed", SurfaceUnavailable),
        ("ekm_access_denied", SurfaceForbidden),
        ("restricted_action_thread_only_channel", SurfaceForbidden),
        ("not_allowed_token_type", SurfaceForbidden),
        ("something_new", failures.Rejected),
    ],
)
def test_codes(code: str, kind: type[SurfaceError]) -> None:
    """Slack's codes are told apart, and unknown ones are neither busy nor away."""
    found = failures.surface_error(_answer({"ok": False, "error": code}), "chat.update")
    assert type(found) is kind or isinstance(found, kind)
    assert found is not None
    assert found.detail == f"chat.update: {code}"


@pytest.mark.parametrize("data", [{}, "Too many", None])
def test_bodies_that_are_no_json(data: object) -> None:
    """A 429, a 5xx and a page are understood without their body."""
    busy = failures.surface_error(_answer(data, 429, {"Retry-After": "3"}), "m")
    assert isinstance(busy, SurfaceBusy)
    assert busy.retry_after == 3
    assert isinstance(failures.surface_error(_answer(data, 502), "m"), SurfaceUnavailable)
    assert isinstance(failures.surface_error(_answer(data, 200), "m"), SurfaceUnavailable)


def test_missing_scope_says_which() -> None:
    """The admin reads which scope is missing."""
    error = _answer({"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"})
    found = failures.surface_error(error, "chat.postMessage")
    assert isinstance(found, failures.Refused)
    assert found.detail == "chat.postMessage: missing_scope (needs chat:write)"


def test_sentences_are_for_people() -> None:
    """Each start error says in its own words what to set."""
    for kind in _below(failures.SlackNotStarted):
        assert issubclass(kind, SurfaceError)
        assert kind().sentence.endswith((".", "?"))
