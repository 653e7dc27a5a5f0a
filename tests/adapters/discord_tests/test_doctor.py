"""What is found wrong with a set-up, and what is said to do about it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.discord.declarations import NEEDED, invitation
from adapters.discord.doctor import Finding, examine
from adapters.discord.permissions import is_admin, manages_channel
from sandbox.discord.permissions import Permission
from sandbox.discord.server import DiscordSandbox


async def found(discord: DiscordSandbox, *, token: str | None = None) -> dict[str, Finding]:
    findings = await examine(token=token or discord.token, api_url=discord.api_url, gateway_url=discord.gateway_url)
    return {finding.name: finding for finding in findings}


async def test_all_well(discord: DiscordSandbox) -> None:
    """A bot that is set up right has no fault, and looking uses up no session."""
    findings = await found(discord)
    assert all(finding.ok for finding in findings.values()), findings
    assert set(findings) == {"token", "message content", "interactions", "gateway", "servers"}
    assert discord.gateway.identified == 0


async def test_wrong_token(discord: DiscordSandbox) -> None:
    """Nothing else is looked at, and the fix says where a new token comes from."""
    findings = await found(discord, token="a-wrong-token")
    assert not findings["token"].ok
    assert "Reset Token" in findings["token"].fix
    assert "a-wrong-token" not in str(findings)
    assert len(findings) == 1


async def test_message_content_off(discord: DiscordSandbox) -> None:
    """The switch in the portal is named."""
    discord.portal.message_content = False
    finding = (await found(discord))["message content"]
    assert not finding.ok
    assert "Message Content Intent" in finding.fix


async def test_gateway_out_of_reach(discord: DiscordSandbox) -> None:
    """REST works and the gateway does not: a firewall, mostly."""
    findings = await examine(token=discord.token, api_url=discord.api_url, gateway_url="ws://127.0.0.1:9/")
    [finding] = [one for one in findings if one.name == "gateway"]
    assert not finding.ok
    assert "firewall" in finding.fix


async def test_api_out_of_reach() -> None:
    """Where nobody answers that is said, instead of a fault of the token."""
    gone = DiscordSandbox()
    await gone.start()
    await gone.stop()
    [finding] = await examine(token=gone.token, api_url=gone.api_url)
    assert (finding.name, finding.ok) == ("api", False)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.json_response({}),
        lambda: web.json_response([]),
        lambda: web.json_response({"message": "404: Not Found", "code": 0}, status=404),
        lambda: web.Response(text="<html>", content_type="text/html"),
        lambda: web.Response(text="<html>", content_type="text/html", status=404),
    ],
)
async def test_something_else_answers(answer: Callable[[], web.Response]) -> None:
    """Whatever is there instead of Discord, the address is at fault, and neither the token nor the network."""

    async def answered(_: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answered)
    async with TestServer(app) as server:
        [finding] = await examine(token="a-token", api_url=str(server.make_url("/api/v10")))
    assert "answers, but not as Discord's API" in finding.problem
    assert "Correct DISCORD_API_URL" in finding.fix


async def test_a_permission_that_is_withheld(discord: DiscordSandbox) -> None:
    """It is named with the server; an administrator lacks nothing."""
    for role in discord.guild.roles.values():
        role.permissions &= ~Permission.CREATE_PUBLIC_THREADS
    finding = (await found(discord))["servers"]
    assert finding.problem.endswith("on Sandbox: Create Public Threads.")
    assert invitation(discord.application_id) in finding.fix
    discord.guild.roles[discord.guild.id].permissions |= Permission.ADMINISTRATOR
    assert (await found(discord))["servers"].problem == "Sandbox"


async def test_on_no_server(discord: DiscordSandbox) -> None:
    """A bot that nobody has invited is given its invitation."""
    discord.remove_bot()
    finding = (await found(discord))["servers"]
    assert not finding.ok
    assert invitation(discord.application_id) in finding.fix


def test_invitation_asks_for_what_is_needed() -> None:
    """The link carries the scopes of bot and commands, and exactly the permissions that are used."""
    query = parse_qs(urlsplit(invitation("77")).query)
    assert query == {"client_id": ["77"], "scope": ["bot applications.commands"], "permissions": [str(int(NEEDED))]}
    assert int(NEEDED) == 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38


def test_admins() -> None:
    """Administrators and whoever manages the server or the channel; nobody by a set that cannot be read."""
    assert [is_admin(str(1 << bit)) for bit in (3, 4, 5, 11)] == [True, False, True, False]
    assert [manages_channel(str(1 << bit)) for bit in (3, 4, 5, 11)] == [True, True, True, False]
    assert not any(is_admin(odd) for odd in (None, "", "many", "-8"))
