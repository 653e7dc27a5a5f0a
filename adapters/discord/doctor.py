"""Looks whether Discord can be reached as it is set up, and says for each thing what to do. Changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import yarl

from adapters.discord.declarations import NEEDED, PERMISSIONS, Permission, invitation
from adapters.discord.failures import Doing, TokenRefused
from adapters.discord.rest import API, Rest
from core.errors import SurfaceError, SurfaceUnavailable
from core.scheduling import BudgetObservation

PATIENCE = 10.0
"""Seconds for the gateway's greeting."""
ANSWER_WITHIN = 20.0
"""Seconds for the first answer; discord.py tries a server that has trouble again for about as long."""
HELLO = 10
MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""Flags of an application that may read messages: after review, or as one that few people can see."""
SHOWN = 3
"""Names of servers in a finding."""
PORTAL = "discord.com/developers/applications, your application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    problem: str = ""
    """Where it is well, what there is to know."""
    fix: str = ""
    """What to do, exactly."""


async def examine(*, token: str, api_url: str | None = None, gateway_url: str | None = None) -> list[Finding]:
    """What is well and what is not, the most basic first; what depends on a failure is left out."""
    rest = Rest(token=token, api_url=api_url, observer=_Nobody())
    try:
        return await _examined(rest, gateway_url)
    finally:
        await rest.close()


async def application(*, token: str, api_url: str | None = None) -> Mapping[str, Any]:
    """What Discord says of the application that the token belongs to. Raises SurfaceError."""
    rest = Rest(token=token, api_url=api_url, observer=_Nobody())
    try:
        return await rest.application()
    finally:
        await rest.close()


class _Nobody:
    def learned(self, budget: str, observation: BudgetObservation) -> None:
        """Nothing is scheduled here."""


async def _examined(rest: Rest, gateway_url: str | None) -> list[Finding]:
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            application = await rest.application()
    except TokenRefused as error:
        return [Finding(name="token", ok=False, problem="Discord does not accept DISCORD_TOKEN.", fix=error.sentence)]
    except SurfaceError as error:
        return [_away(rest, error)]
    except TimeoutError:
        return [_away(rest, SurfaceUnavailable(f"no answer within {ANSWER_WITHIN:g} s"))]
    return [
        Finding(name="token", ok=True, problem=str(application.get("name") or "")),
        _content(application),
        _endpoint(application),
        await _gateway(rest, gateway_url),
        await _servers(rest, str(application["id"])),
    ]


def _away(rest: Rest, error: SurfaceError) -> Finding:
    status = getattr(error.__cause__, "status", 500)
    if error.detail.startswith("an answer without") or (status < 500 and status != 429):
        problem = f"{rest.base} answers, but not as Discord's API ({error.detail})."
        fix = f"Correct DISCORD_API_URL; Discord's own is {API}, and there it need not be set."
        return Finding(name="api", ok=False, problem=problem, fix=fix)
    problem = f"Discord's API cannot be reached ({error.detail})."
    return Finding(name="api", ok=False, problem=problem, fix="Check the network, and DISCORD_API_URL if it is set.")


def _content(application: Mapping[str, Any]) -> Finding:
    if int(application.get("flags") or 0) & MESSAGE_CONTENT:
        return Finding(name="message content", ok=True)
    return Finding(
        name="message content",
        ok=False,
        problem="The message content intent is off: people cannot go on in a thread without mentioning the bot.",
        fix=f"{PORTAL}, Bot, Privileged Gateway Intents: switch Message Content Intent on, then restart.",
    )


def _endpoint(application: Mapping[str, Any]) -> Finding:
    if not application.get("interactions_endpoint_url"):
        return Finding(name="interactions", ok=True)
    return Finding(
        name="interactions",
        ok=False,
        problem="An Interactions Endpoint URL is set, so commands and buttons do not come by the gateway.",
        fix=f"{PORTAL}, General Information: clear Interactions Endpoint URL.",
    )


async def _gateway(rest: Rest, gateway_url: str | None) -> Finding:
    try:
        told = await rest.gateway()
        await _greeted(gateway_url or str(told["url"]))
    except (SurfaceError, aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
        problem = f"The gateway cannot be reached ({type(error).__name__})."
        fix = "Let wss://gateway.discord.gg through your firewall, and check DISCORD_GATEWAY_URL if it is set."
        return Finding(name="gateway", ok=False, problem=problem, fix=fix)
    limit = told.get("session_start_limit") or {}
    if limit.get("remaining") == 0:
        hours = float(limit.get("reset_after") or 0) / 3_600_000
        problem = f"The bot has begun all sessions that Discord allows in a day; more in {hours:.1f} hours."
        return Finding(name="gateway", ok=False, problem=problem, fix="Find out what restarts it so often; wait.")
    return Finding(name="gateway", ok=True)


async def _greeted(url: str) -> None:
    """The gateway says hello. Nothing is identified, so no session is used up."""
    address = yarl.URL(url).update_query(v="10", encoding="json")
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.ws_connect(address) as socket:
        hello = json.loads(await socket.receive_str(timeout=PATIENCE))
    if hello["op"] != HELLO:
        raise ValueError("no hello")


async def _servers(rest: Rest, application: str) -> Finding:
    invite = f"Open this as somebody who manages the server: {invitation(application)}"
    try:
        servers = await rest.call(Doing.READ, "GET", "/users/@me/guilds")
    except SurfaceError as error:
        problem = f"The bot's servers cannot be listed ({error.detail})."
        return Finding(name="servers", ok=False, problem=problem, fix="Try again in a moment.")
    if not servers:
        return Finding(name="servers", ok=False, problem="The bot is on no server.", fix=invite)
    names = [str(server.get("name", "")) for server in servers]
    missing = [f"on {name}: {lacks}" for name, server in zip(names, servers, strict=True) if (lacks := _lacks(server))]
    if missing:
        problem = f"The bot's role may not do all that is needed, {_listed(missing)}."
        return Finding(
            name="servers", ok=False, problem=problem, fix=f"Allow it under Server Settings, Roles. {invite}"
        )
    return Finding(name="servers", ok=True, problem=_listed(names))


def _lacks(server: Mapping[str, Any]) -> str:
    """The permissions that no role of the bot's gives it there; channels may take more away, or give some back."""
    granted = Permission(int(server.get("permissions") or int(NEEDED)))
    if granted & Permission.ADMINISTRATOR:
        return ""
    return ", ".join(asked.title for asked in PERMISSIONS if asked.permission not in granted)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
