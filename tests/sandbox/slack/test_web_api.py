"""The Web API's front door: tokens, scopes, the ways arguments travel."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox


async def test_auth_test_names_the_bot_twice(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """auth.test gives the bot's user id and bot id, and the granted scopes in a header."""
    answer = await client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (slack.bot_user_id, slack.team_id)
    assert answer["bot_id"].startswith("B")
    scopes = {name.lower(): value for name, value in answer.headers.items()}["x-oauth-scopes"]
    assert "chat:write" in scopes.split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-somebody-else", "invalid_auth"), ("app", "not_allowed_token_type")],
)
async def test_wrong_tokens_are_refused(
    token: str, error: str, slack: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    """No token, a foreign one and the app-level one each get Slack's own error."""
    client = AsyncWebClient(token=slack.app_token if token == "app" else token, base_url=slack.api_url, session=session)
    with pytest.raises(SlackApiError) as failure:
        await client.chat_postMessage(channel="C1", text="hi")
    assert failure.value.response["error"] == error
    assert failure.value.response.status_code == 200


async def test_a_revoked_token_is_worth_nothing(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """After revocation every call fails with token_revoked, and tokens_revoked is sent."""
    slack.revoke()
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()
    assert [d.kind for d in slack.deliveries] == ["tokens_revoked"]


async def test_the_bot_token_opens_no_socket(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """apps.connections.open takes the app-level token only."""
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)


async def test_a_missing_scope_is_named(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A scope taken away makes its methods fail with what is needed and what was provided."""
    slack.manifest.scopes.discard("chat:write")
    with pytest.raises(SlackApiError) as failure:
        await client.chat_postMessage(channel="C0000HELP", text="hi")
    answer = failure.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert "users:read" in answer["provided"]


async def test_unknown_methods_are_named(client: AsyncWebClient) -> None:
    """A method that Slack lacks is unknown_method, with HTTP 200."""
    with pytest.raises(SlackApiError, match="unknown_method"):
        await client.api_call("chat.shout")


@pytest.mark.parametrize("way", ["query", "form", "json"])
async def test_arguments_travel_any_way(way: str, slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """Query, form and JSON are the same to Slack; lists may be JSON text."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}]
    args: dict[str, Any] = {"channel": slack.world.channel("help").id, "text": "hi", "unfurl_links": "0"}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url = f"{slack.api_url}chat.postMessage"
    flat = args | {"blocks": json.dumps(blocks)}
    match way:
        case "query":
            request = session.get(url, params=flat, headers=headers)
        case "form":
            request = session.post(url, data=flat | {"token": slack.bot_token})
        case _:
            request = session.post(url, json=args | {"blocks": blocks}, headers=headers)
    async with request as answer:
        assert answer.content_type == "application/json"
        assert (await answer.json())["ok"] is True
    (message,) = slack.messages("#help")
    assert (message.text, message.blocks[0]["text"]["text"]) == ("hi", "hi")


async def test_broken_json_is_refused(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """A body that is no JSON, or no object, is an error and not a crash."""
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    errors = []
    for body in ("{broken", "[1]"):
        async with session.post(f"{slack.api_url}chat.postMessage", data=body, headers=headers) as answer:
            errors.append((await answer.json())["error"])
    assert errors == ["invalid_json", "json_not_object"]


async def test_the_log_keeps_no_tokens(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """Calls are kept with their arguments and answers, wherever the token was, without it."""
    async with session.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token}) as answer:
        assert (await answer.json())["ok"]
    (call,) = slack.calls
    assert (call.method, call.ok, call.status) == ("auth.test", True, 200)
    assert slack.bot_token not in str(call)


async def test_users_info_tells_admins(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """An admin is is_admin or is_owner; a guest is restricted; a stranger is user_not_found."""
    ann = (await client.users_info(user=slack.world.person("ann").id))["user"]
    dan = (await client.users_info(user=slack.world.person("dan").id))["user"]
    assert (ann["is_admin"], ann["is_owner"], ann["profile"]["display_name"]) == (True, True, "ann")
    assert (dan["is_admin"], dan["is_restricted"], dan["tz"]) == (False, True, "Europe/Berlin")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.users_info(user="U0NOBODY")
