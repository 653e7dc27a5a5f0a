"""What the doctor finds on the local Slack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.declarations import NEEDED
from adapters.slack.doctor import Finding, examine
from sandbox.slack.manifest import Manifest
from sandbox.slack.server import SlackSandbox


def _problems(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.problem} {finding.fix}" for finding in findings if not finding.ok]


async def test_healthy(slack: SlackSandbox) -> None:
    """An app that is set up well has nothing to mend, by Socket Mode and by HTTP."""
    socket = await examine(token=slack.bot_token, app_token=slack.app_token, api_url=slack.api_url)
    http = await examine(token=slack.bot_token, signing_secret="s", api_url=slack.api_url)
    assert [finding.name for finding in socket] == ["Slack bot token", "Slack scopes", "Slack app token"]
    assert _problems(socket) == _problems(http) == []


async def test_mixed_up(slack: SlackSandbox) -> None:
    """Tokens in each other's place are recognised without asking Slack."""
    found = await examine(token=slack.app_token, app_token=slack.bot_token, api_url=slack.api_url)
    bot, app = _problems(found)
    assert bot.startswith("This is an app-level token.")
    assert app.startswith("This is a bot token.")
    assert not slack.calls


async def test_refused_and_missing(slack: SlackSandbox) -> None:
    """Refused tokens and a missing way in are each told with what to do."""
    bot, way_in = _problems(await examine(token="xoxb-wrong", api_url=slack.api_url))
    assert "invalid_auth" in bot
    assert "SLACK_SIGNING_SECRET" in way_in
    (app,) = _problems(await examine(token=slack.bot_token, app_token="xapp-wrong", api_url=slack.api_url))
    assert "connections:write" in app


async def test_scopes() -> None:
    """Scopes that are not granted are named, with what they are for."""
    slack = SlackSandbox(manifest=Manifest(scopes=set(NEEDED) - {"im:history"}))
    await slack.start()
    (problem,) = _problems(await examine(token=slack.bot_token, app_token=slack.app_token, api_url=slack.api_url))
    assert "im:history (to hear direct messages)" in problem
    await slack.stop()


async def test_unreachable() -> None:
    """A Slack that cannot be reached is not called a wrong token."""
    found = await examine(token="xoxb-1", app_token="xapp-1", api_url="http://127.0.0.1:9/api/")
    assert all("cannot be reached" in problem for problem in _problems(found))
    assert len(_problems(found)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.json_response({}),
        lambda: web.json_response({"ok": True}),
        lambda: web.json_response([]),
        lambda: web.json_response({"message": "404: Not Found"}, status=404),
        lambda: web.Response(text="<html>", content_type="text/html"),
        lambda: web.Response(text="<html>", content_type="text/html", status=404),
        lambda: web.Response(text="hello"),
    ],
)
async def test_something_else_answers(answer: Callable[[], web.Response]) -> None:
    """Whatever is there instead of Slack, the address is at fault, and neither the token nor the network."""

    async def answered(_: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answered)
    async with TestServer(app) as server:
        found = await examine(token="xoxb-1", app_token="xapp-1", api_url=str(server.make_url("/api/")))
    assert "answers, but not as Slack's Web API. Correct SLACK_API_URL" in _problems(found)[0]


async def test_who_it_is(slack: SlackSandbox) -> None:
    """The bot and its workspace are named: the token of another workspace is noticed here."""
    found = await examine(token=slack.bot_token, app_token=slack.app_token, api_url=slack.api_url)
    assert found[0].problem == "parley in Sandbox"


async def test_two_apps(slack: SlackSandbox) -> None:
    """An app token names its app; one of another app connects well and hears nothing."""
    own = slack.world.bot.app_id
    for app, well in ((own, True), ("A0OTHER", False)):
        slack.tokens.app = f"xapp-1-{app}-1-x"
        *_, way_in = await examine(token=slack.bot_token, app_token=slack.app_token, api_url=slack.api_url)
        assert way_in.ok == well
    assert f"another app (A0OTHER) than the bot token ({own})" in way_in.problem
