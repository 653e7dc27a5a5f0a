"""Reading channels and threads as the bot, through the real client."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox

HELP = "C0000HELP"


async def test_replies_come_in_pages(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """The parent first, with its counts; the SDK's own iteration walks the cursor to the end."""
    parent = await slack.say("ann", "#help", "question")
    for number in range(5):
        await slack.say("bob", "#help", f"answer {number}", thread_ts=parent)
    pages = await client.conversations_replies(channel=HELP, ts=parent, limit=2)
    texts = [[message["text"] for message in page["messages"]] async for page in pages]
    assert texts == [["question", "answer 0"], ["answer 1", "answer 2"], ["answer 3", "answer 4"]]
    first = (await client.conversations_replies(channel=HELP, ts=parent))["messages"][0]
    assert (first["thread_ts"], first["reply_count"], first["reply_users_count"]) == (parent, 5, 1)


async def test_metadata_only_when_asked(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A key put into metadata is found again with include_all_metadata, and not without."""
    parent = await slack.say("ann", "#help", "question")
    metadata = {"event_type": "reply", "event_payload": {"key": "k1"}}
    await client.chat_postMessage(channel=HELP, thread_ts=parent, text="answer", metadata=metadata)
    plain = await client.conversations_replies(channel=HELP, ts=parent)
    full = await client.conversations_replies(channel=HELP, ts=parent, include_all_metadata=True)
    assert "metadata" not in plain["messages"][1]
    assert full["messages"][1]["metadata"]["event_payload"] == {"key": "k1"}


async def test_replies_within_bounds(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """`oldest` and `latest` leave out what lies outside, and the bounds unless inclusive."""
    parent = await slack.say("ann", "#help", "question")
    stamps = [await slack.say("bob", "#help", str(n), thread_ts=parent) for n in range(4)]
    answer = await client.conversations_replies(channel=HELP, ts=parent, oldest=stamps[0], latest=stamps[3])
    assert [m["text"] for m in answer["messages"]] == ["question", "1", "2"]
    answer = await client.conversations_replies(
        channel=HELP, ts=parent, oldest=stamps[0], latest=stamps[3], inclusive=True
    )
    assert [m["text"] for m in answer["messages"]] == ["question", "0", "1", "2", "3"]


async def test_history_is_newest_first_without_replies(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """The channel's top level, newest first; replies and ephemeral messages are not in it."""
    parent = await slack.say("ann", "#help", "one")
    await slack.say("ann", "#help", "reply", thread_ts=parent)
    await slack.say("ann", "#help", "two")
    await client.chat_postEphemeral(channel=HELP, user=slack.world.person("ann").id, text="only you")
    answer = await client.conversations_history(channel=HELP)
    assert [m["text"] for m in answer["messages"]] == ["two", "one"]


async def test_what_the_bot_may_not_read(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A foreign channel, a missing thread, a wrong cursor and a missing scope each have their error."""
    ts = await slack.say("ann", "#help", "question")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.conversations_replies(channel="C00RANDOM", ts=ts)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await client.conversations_replies(channel=HELP, ts="1.000001")
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await client.conversations_replies(channel=HELP, ts=ts, cursor="elsewhere")
    slack.manifest.scopes.discard("channels:history")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.conversations_replies(channel=HELP, ts=ts)


async def test_direct_messages_are_opened(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """conversations.open gives the person's direct messages; info describes them."""
    ann = slack.world.person("ann").id
    channel = (await client.conversations_open(users=ann))["channel"]["id"]
    info = (await client.conversations_info(channel=channel))["channel"]
    assert (info["is_im"], info["user"]) == (True, ann)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.conversations_open(users="U0NOBODY")
    with pytest.raises(SlackApiError, match="cannot_dm_bot"):
        await client.conversations_open(users=slack.world.person("robo").id)


async def test_channels_are_described(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """With the scope, info, members and list tell name, membership and who is in."""
    slack.manifest.scopes.remove("channels:read")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.conversations_info(channel=HELP)
    slack.manifest.scopes.add("channels:read")
    info = (await client.conversations_info(channel=HELP))["channel"]
    assert (info["name"], info["is_member"], info["is_private"]) == ("help", True, False)
    assert slack.bot_user_id in (await client.conversations_members(channel=HELP))["members"]
    listed = (await client.conversations_list(types="public_channel"))["channels"]
    assert {place["name"] for place in listed} == {"general", "help", "random"}
