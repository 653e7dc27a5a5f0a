"""Slack's part of the guide: the app out of its manifest, its two tokens, and the way in."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack.doctor import examine_bot, examine_way_in
from adapters.slack.manifest import creation_link, manifest, request_url
from bots.cli.examination import Finding
from bots.cli.setup import credential
from bots.cli.setup.draft import Draft
from bots.cli.setup.terminal import Terminal

BOT, APP, SIGNING = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"
SOCKET, HTTP = "socket", "http"
PORT = "3000"
_APP_PAGE = "api.slack.com/apps, your app, "


def ask(terminal: Terminal, draft: Draft) -> None:
    """The draft has Slack's settings. Raises Skipped."""
    terminal.heading("Slack")
    terminal.say("Socket Mode needs no public address; HTTP needs one that begins with https://.")
    by_http = bool(draft.get(SIGNING)) and not draft.get(APP)
    way = terminal.choice("How shall events come?", (SOCKET, HTTP), default=HTTP if by_http else SOCKET)
    if terminal.yes("Make a new Slack app?", default=not draft.get(BOT)):
        _make(terminal, way)
    terminal.say(f"The bot token is at {_APP_PAGE}OAuth & Permissions: Bot User OAuth Token.")
    token = credential.asked(terminal, draft, BOT, "Bot token (xoxb-…)", lambda secret: _bot(draft, secret))
    if way == SOCKET:
        _socket(terminal, draft, token)
    else:
        _http(terminal, draft)


def _make(terminal: Terminal, way: str) -> None:
    url = _address(terminal) if way == HTTP else ""
    terminal.say("1. A link makes the app with all that Parley needs: choose the workspace, then Next and Create.")
    link = creation_link(manifest(url=url))
    if not terminal.opened(link):
        terminal.say(f"\n{link}\n\n   (`parley manifest slack` prints the same for Create New App, From a manifest.)")
    terminal.say("2. In the app: Install App, Install to Workspace, Allow.")


def _address(terminal: Terminal) -> str:
    while True:
        try:
            return request_url(terminal.text("Parley's public address (https://…)"))
        except ValueError as error:
            terminal.say(f"✗ {error}")


def _socket(terminal: Terminal, draft: Draft, token: str) -> None:
    terminal.say(
        f"The app-level token is made at {_APP_PAGE}Basic Information, App-Level Tokens, Generate Token and Scopes:\n"
        "any name, Add Scope connections:write, Generate."
    )
    credential.asked(terminal, draft, APP, "App-level token (xapp-…)", lambda secret: _connection(draft, token, secret))


def _http(terminal: Terminal, draft: Draft) -> None:
    draft.set(APP, "")
    terminal.say(f"The signing secret is at {_APP_PAGE}Basic Information, App Credentials.")
    credential.asked(terminal, draft, SIGNING, "Signing secret")
    draft.set("PORT", _port(terminal, draft.get("PORT")))


def _port(terminal: Terminal, present: str) -> str:
    """Empty for the usual one, which need not be set."""
    while True:
        given = terminal.text("Port on which Parley listens", default=present or PORT)
        if given.isdecimal() and int(given) < 65_536:
            return "" if given == PORT else given
        terminal.say("✗ A port is a number below 65536.")


async def _bot(draft: Draft, token: str) -> Sequence[Finding]:
    return await examine_bot(token=token, api_url=draft.get("SLACK_API_URL") or None)


async def _connection(draft: Draft, token: str, app_token: str) -> Sequence[Finding]:
    api_url = draft.get("SLACK_API_URL") or None
    return [await examine_way_in(token=token, app_token=app_token, api_url=api_url)]
