"""Looks at how the Slack app is set up, and says what to do where something is missing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from adapters.slack import failures
from adapters.slack.declarations import APP_SCOPE, NEEDED, SCOPES
from adapters.slack.web import Web
from core.errors import SurfaceError, SurfaceUnavailable
from core.scheduling import BudgetObservation

_PAGE = "api.slack.com/apps, your app, "
_BOT_FIX = f"Copy the Bot User OAuth Token, which begins with xoxb-, from {_PAGE}OAuth & Permissions."
_APP_FIX = (
    f"Make an app-level token with the scope connections:write, which begins with xapp-, under {_PAGE}"
    "Basic Information, App-Level Tokens, and switch Socket Mode on under Settings, Socket Mode."
)
_SECRET_FIX = (
    "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP: it stands under "
    f"{_PAGE}Basic Information, App Credentials."
)
_AWAY_FIX = "Check the network, SLACK_API_URL and status.slack.com, then try again."
_ELSEWHERE_FIX = "Correct SLACK_API_URL; Slack's own is https://slack.com/api/, and there it need not be set."
NOT_SLACK = (aiohttp.ClientPayloadError, *failures.UNREADABLE)
"""What an answer ends in that Slack would not give."""
_APP_ID = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
"""An app-level token names its app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    problem: str = ""
    """Where it is well, what there is to know."""
    fix: str = ""


class _Nobody:
    """The doctor writes no replies, so nobody needs to know of budgets."""

    def learned(self, budget: str, observation: BudgetObservation) -> None:
        """Nothing follows from it."""


async def examine(
    *,
    token: str,
    app_token: str | None = None,
    signing_secret: str | None = None,
    api_url: str | None = None,
) -> tuple[Finding, ...]:
    """Everything that can be seen from outside, in the order in which it should be mended."""
    async with _opened(token, api_url) as web:
        return (*await _bot(web, token), await _way_in(web, app_token, signing_secret))


async def examine_bot(*, token: str, api_url: str | None = None) -> tuple[Finding, ...]:
    """Whether the token is a bot's that Slack accepts, whose it is, and which scopes it lacks."""
    async with _opened(token, api_url) as web:
        return await _bot(web, token)


async def examine_way_in(
    *, token: str, app_token: str | None = None, signing_secret: str | None = None, api_url: str | None = None
) -> Finding:
    """Whether events can reach the bot of that token: by Socket Mode, or by HTTP where there is no app token."""
    async with _opened(token, api_url) as web:
        return await _way_in(web, app_token, signing_secret)


@asynccontextmanager
async def _opened(token: str, api_url: str | None) -> AsyncIterator[Web]:
    web = Web(token=token, api_url=api_url, observer=_Nobody())
    try:
        yield web
    finally:
        await web.close()


async def _bot(web: Web, token: str) -> tuple[Finding, ...]:
    kind = _kind("Slack bot token", token, "xoxb-", _BOT_FIX)
    found = await _identity(web) if kind.ok else kind
    return (found, await _scopes(web)) if found.ok else (found,)


def _kind(name: str, token: str, prefix: str, fix: str) -> Finding:
    if token.startswith(prefix):
        return Finding(name=name, ok=True)
    kinds = {
        "xoxb-": "a bot token",
        "xapp-": "an app-level token",
        "xoxp-": "a user token",
        "xoxe": "a refresh or rotated token",
    }
    found = next((kind for start, kind in kinds.items() if token.startswith(start)), "no token of Slack's")
    return Finding(name=name, ok=False, problem=f"This is {found if token else 'not set'}.", fix=fix)


async def _identity(web: Web) -> Finding:
    name = "Slack bot token"
    try:
        told = await web.identity()
    except SurfaceUnavailable as error:
        return _away(name, web, error)
    except SurfaceError as error:
        return Finding(name=name, ok=False, problem=f"Slack does not accept it ({error.detail}).", fix=_BOT_FIX)
    if not told.get("user_id"):
        return _elsewhere(name, web)
    return Finding(name=name, ok=True, problem=f"{told.get('user')} in {told.get('team')}")


def _away(name: str, web: Web, error: SurfaceUnavailable) -> Finding:
    answer = getattr(error.__cause__, "response", None)
    if isinstance(error.__cause__, NOT_SLACK) or getattr(answer, "status_code", 500) < 500:
        return _elsewhere(name, web)
    return Finding(name=name, ok=False, problem=f"Slack cannot be reached ({error.detail}).", fix=_AWAY_FIX)


def _elsewhere(name: str, web: Web) -> Finding:
    problem = f"{web.api_url} answers, but not as Slack's Web API."
    return Finding(name=name, ok=False, problem=problem, fix=_ELSEWHERE_FIX)


async def _scopes(web: Web) -> Finding:
    name = "Slack scopes"
    try:
        granted = await web.scopes()
    except SurfaceError as error:
        return Finding(name=name, ok=False, problem=f"Slack did not name them ({error.detail}).", fix=_AWAY_FIX)
    missing = sorted(NEEDED.keys() - granted)
    if not missing:
        without = [scope for scope in SCOPES if scope.name not in granted]
        told = "; ".join(f"{scope.name} is not granted, to {scope.reason}" for scope in without)
        return Finding(name=name, ok=True, problem=told)
    reasons = "; ".join(f"{scope} (to {NEEDED[scope]})" for scope in missing)
    return Finding(
        name=name,
        ok=False,
        problem=f"The bot's token lacks {reasons}.",
        fix=f"Add {', '.join(missing)} under {_PAGE}OAuth & Permissions, Bot Token Scopes, then press Reinstall.",
    )


async def _way_in(web: Web, app_token: str | None, signing_secret: str | None) -> Finding:
    if app_token:
        kind = _kind("Slack app token", app_token, "xapp-", _APP_FIX)
        return await _connection(web, app_token) if kind.ok else kind
    if signing_secret:
        return Finding(name="Slack signing secret", ok=True)
    problem = "There is neither an app token nor a signing secret, so nothing can reach me."
    return Finding(name="Slack signing secret", ok=False, problem=problem, fix=_SECRET_FIX)


async def _connection(web: Web, app_token: str) -> Finding:
    name = "Slack app token"
    try:
        with failures.translated("apps.connections.open"):
            await web.client.apps_connections_open(app_token=app_token)
    except SurfaceUnavailable as error:
        return _away(name, web, error)
    except SurfaceError as error:
        problem = f"Slack does not accept it ({error.detail})."
        if "missing_scope" in error.detail:
            problem = f"It lacks the scope {APP_SCOPE}."
        return Finding(name=name, ok=False, problem=problem, fix=_APP_FIX)
    except (AttributeError, ValueError):  # slack_sdk on plain text or bytes (slack.md, section 15)
        return _elsewhere(name, web)
    return await _same_app(web, app_token)


async def _same_app(web: Web, app_token: str) -> Finding:
    """Two apps of which one has the bot and the other the connection start well, and hear nothing."""
    name, named = "Slack app token", _APP_ID.match(app_token)
    try:
        own = str((await web.identity()).get("app_id") or "") if named else ""
    except SurfaceError:  # told of the bot's token already
        own = ""
    if named is None or not own or own == named[1]:
        return Finding(name=name, ok=True)
    problem = f"It is of another app ({named[1]}) than the bot token ({own}), so no event would come."
    return Finding(name=name, ok=False, problem=problem, fix=_APP_FIX)
