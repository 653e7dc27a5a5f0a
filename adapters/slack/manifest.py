"""The manifest of Parley's Slack app, out of the declarations: whoever makes the app from it enters nothing by hand.

Pure. Slack's limits: name 35 characters, description 140, a command's description 2,000 and its hint 1,000.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.slack.declarations import AGENT_SCOPE, EVENTS, SCOPES
from core.commands.catalogue import CATALOGUE
from core.commands.declaration import Command

NAME = "Parley"
LONGEST_NAME = 35
DESCRIPTION = "Answers in channels, threads and direct messages, through a model of your choice."
PROMPT = {"title": "What can you do?", "message": "What can you do, and how do I ask you?"}
PATH = "/slack/events"
"""Where bolt takes everything that comes by HTTP (slack.md, section 4)."""

Manifest = Mapping[str, Any]


def manifest(*, name: str = NAME, url: str = "", agent: bool = False) -> Manifest:
    """For Socket Mode, or for HTTP where the public address of Parley is given. `agent` declares the app as one of
    Slack's agents, which needs a paid plan, shuts guests out, and cannot be taken back (slack.md, sections 1 and 11).

    Raises ValueError, with what is wrong, for a name or an address that Slack would not take.
    """
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(f"The app's name may have 1 to {LONGEST_NAME} characters.")
    return {
        "display_information": {"name": name, "description": DESCRIPTION},
        "features": _features(name, request_url(url) if url else "", agent=agent),
        "oauth_config": {"scopes": {"bot": _scopes(agent=agent)}},
        "settings": _settings(request_url(url) if url else "", agent=agent),
    }


def request_url(address: str) -> str:
    """Where Slack sends events, commands and presses, for an address that leads to Parley. Raises ValueError."""
    address = address.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("Slack takes a public address that begins with https://, without ? and #.")
    return address if parts.path.endswith(PATH) else address + PATH


def creation_link(made: Manifest) -> str:
    """Opens Slack's page with the manifest filled in; one chooses the workspace and confirms."""
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(text, safe=':,/')}"


def _features(name: str, url: str, *, agent: bool) -> dict[str, Any]:
    features: dict[str, Any] = {
        "app_home": {
            "home_tab_enabled": False,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "slash_commands": [_command(command, url) for command in CATALOGUE],
    }
    if agent:
        features["agent_view"] = {"agent_description": DESCRIPTION, "suggested_prompts": [PROMPT]}
    return features


def _command(command: Command, url: str) -> dict[str, Any]:
    hint = command.usage.removeprefix(f"/{command.name}").strip()
    return {
        "command": f"/{command.name}",
        "description": command.summary,
        **({"usage_hint": hint} if hint else {}),
        # People, groups and channels come with their ids, instead of names that somebody else may have.
        "should_escape": True,
        **({"url": url} if url else {}),
    }


def _scopes(*, agent: bool) -> list[str]:
    return sorted([*(scope.name for scope in SCOPES), *([AGENT_SCOPE] if agent else [])])


def _settings(url: str, *, agent: bool) -> dict[str, Any]:
    events = sorted(event.name for event in EVENTS if agent or not event.agents_only)
    where = {"request_url": url} if url else {}
    return {
        "event_subscriptions": {**where, "bot_events": events},
        "interactivity": {"is_enabled": True, **where},
        "socket_mode_enabled": not url,
        "org_deploy_enabled": False,
        "token_rotation_enabled": False,
    }
