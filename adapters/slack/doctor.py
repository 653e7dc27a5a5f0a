"""Looks at how the Slack app is set up, and says what to do where something is missing."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.slack import failures
from adapters.slack.declarations import NEEDED
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    problem: str = ""
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
    web = Web(token=token, api_url=api_url, observer=_Nobody())
    try:
        bot = [_kind("Slack bot token", token, "xoxb-", _BOT_FIX)]
        if bot[0].ok:
            bot = [await _identity(web)]
        if bot[0].ok:
            bot += [await _scopes(web)]
        return (*bot, await _way_in(web, app_token, signing_secret))
    finally:
        await web.close()


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
        await web.identity()
    except SurfaceUnavailable as error:
        return Finding(name=name, ok=False, problem=f"Slack cannot be reached ({error.detail}).", fix=_AWAY_FIX)
    except SurfaceError as error:
        return Finding(name=name, ok=False, problem=f"Slack does not accept it ({error.detail}).", fix=_BOT_FIX)
    return Finding(name=name, ok=True)


async def _scopes(web: Web) -> Finding:
    name = "Slack scopes"
    try:
        granted = await web.scopes()
    except SurfaceError as error:
        return Finding(name=name, ok=False, problem=f"Slack did not name them ({error.detail}).", fix=_AWAY_FIX)
    missing = sorted(NEEDED.keys() - granted)
    if not missing:
        return Finding(name=name, ok=True)
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
        return Finding(name=name, ok=False, problem=f"Slack cannot be reached ({error.detail}).", fix=_AWAY_FIX)
    except SurfaceError as error:
        return Finding(name=name, ok=False, problem=f"Slack does not accept it ({error.detail}).", fix=_APP_FIX)
    return Finding(name=name, ok=True)
