"""What an interaction's token allows and for how long, by plain calls and a clock that the test moves."""

from typing import Any

import pytest

from sandbox.clock import ManualClock
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Flag
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Api


@pytest.fixture
async def asked(timed: DiscordSandbox, timed_api: Api) -> Interaction:
    """/ask as it stands before the bot has answered, without a bot in between."""
    commands = [{"name": "ask", "description": "Ask"}]
    assert (await timed_api("PUT", f"/applications/{timed.application_id}/commands", commands))[0] == 200
    return await timed.command("ann", "general", "ask", wait=False)


def _callback(asked: Interaction) -> str:
    return f"/interactions/{asked.id}/{asked.token}/callback"


def _webhook(timed: DiscordSandbox, asked: Interaction) -> str:
    return f"/webhooks/{timed.application_id}/{asked.token}"


async def test_three_seconds_to_respond(asked: Interaction, timed_api: Api, clock: ManualClock) -> None:
    """After them the callback is 10062, for ever."""
    clock.advance(3.1)
    assert await timed_api.refused("POST", _callback(asked), {"type": 5}) == 10062
    assert not asked.acknowledged


async def test_only_one_response(asked: Interaction, timed_api: Api) -> None:
    """The second callback is 40060; a token that is not the interaction's is 10062."""
    assert (await timed_api("POST", _callback(asked), {"type": 5}))[0] == 204
    assert await timed_api.refused("POST", _callback(asked), {"type": 4, "data": {"content": "x"}}) == 40060
    assert await timed_api.refused("POST", f"/interactions/{asked.id}/other/callback", {"type": 5}) == 10062


async def test_fifteen_minutes_to_go_on(
    timed: DiscordSandbox, asked: Interaction, timed_api: Api, clock: ManualClock
) -> None:
    """The token edits and follows up for 15 minutes, then every call is 50027."""
    assert await timed_api.refused("PATCH", _webhook(timed, asked) + "/messages/@original", {"content": "x"}) == 10015
    await timed_api("POST", _callback(asked), {"type": 5})
    clock.advance(899)
    original = _webhook(timed, asked) + "/messages/@original"
    assert (await timed_api("PATCH", original, {"content": "in time"}))[0] == 200
    clock.advance(2)
    assert await timed_api.refused("PATCH", original, {"content": "late"}) == 50027
    assert await timed_api.refused("POST", _webhook(timed, asked), {"content": "late"}) == 50027
    assert timed.messages("general")[-1].content == "in time"


async def test_first_follow_up_takes_the_place_of_thinking(
    timed: DiscordSandbox, asked: Interaction, timed_api: Api
) -> None:
    """As Discord still does it; the next one is a message of its own, and each can be edited and deleted."""
    await timed_api("POST", _callback(asked), {"type": 5, "data": {"flags": 64}})
    first = (await timed_api("POST", _webhook(timed, asked), {"content": "one"}))[1]
    assert first["id"] == asked.message_id
    assert first["flags"] & Flag.EPHEMERAL
    second = (await timed_api("POST", _webhook(timed, asked), {"content": "two"}))[1]["id"]
    path = f"{_webhook(timed, asked)}/messages/{second}"
    assert (await timed_api("PATCH", path, {"content": "two!"}))[1]["content"] == "two!"
    assert (await timed_api("DELETE", path))[0] == 204
    assert await timed_api.refused("GET", path) == 10008
    assert [one.content for one in timed.messages("general")] == ["one"]


@pytest.mark.parametrize("wrong", [{"type": 7}, {"type": 6}, {"type": 8}, {"type": 1}, {}])
async def test_response_of_the_wrong_kind(asked: Interaction, timed_api: Api, wrong: dict[str, Any]) -> None:
    """A command cannot be answered by an update or by choices."""
    assert await timed_api.refused("POST", _callback(asked), wrong) == 50035


async def test_what_a_callback_gives_back(timed: DiscordSandbox, asked: Interaction, timed_api: Api) -> None:
    """With `with_response` the message comes back; without the bot's token, because the interaction's is enough."""
    body = {"type": 4, "data": {"content": f"<@{timed.world.person('bob').id}> @everyone"}}
    status, said, _ = await timed_api("POST", _callback(asked) + "?with_response=true", body, token="none")
    assert (status, said["interaction"]["response_message_id"]) == (200, asked.message_id)
    assert said["resource"]["message"]["mention_everyone"] is False
    assert timed.messages("general")[-1].pings == {timed.world.person("bob").id}


async def test_interactions_work_where_the_bot_cannot_write(
    timed: DiscordSandbox, timed_api: Api, asked: Interaction
) -> None:
    """In #locked, and even in #hidden, the answer to a command is shown; ordinary messages are not."""
    for channel in ("locked", "hidden"):
        there = await timed.command("ann", channel, "ask", wait=False)
        assert (await timed_api("POST", _callback(there), {"type": 4, "data": {"content": "here"}}))[0] == 204
        assert timed.messages(channel)[-1].content == "here"


async def test_tokens_are_not_logged(timed: DiscordSandbox, asked: Interaction, timed_api: Api) -> None:
    """The log names the route and its parts, never the interaction's token."""
    await timed_api("POST", _callback(asked), {"type": 5})
    await timed_api("PATCH", _webhook(timed, asked) + "/messages/@original", {"content": "x"})
    assert [call.name for call in timed.calls][-2:] == ["respond", "edit_original"]
    assert asked.token not in repr(timed.calls)
    assert asked.token not in repr(timed.interactions)
