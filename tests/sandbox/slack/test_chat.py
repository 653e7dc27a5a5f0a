"""Posting, updating and deleting as the bot, through the real client."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox

HELP = "C0000HELP"


async def test_a_post_stands_in_its_thread(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A reply stands under its parent, with metadata that only `include_all_metadata` shows."""
    parent = await slack.say("ann", "#help", "hello")
    metadata = {"event_type": "reply", "event_payload": {"key": "1"}}
    answer = await client.chat_postMessage(channel=HELP, thread_ts=parent, text="hi", metadata=metadata)
    assert (answer["channel"], answer["message"]["thread_ts"]) == (HELP, parent)
    assert answer["message"]["user"] == slack.bot_user_id
    assert [m.text for m in slack.messages("#help", parent)] == ["hello", "hi"]
    assert slack.messages("#help", parent)[1].metadata == metadata


async def test_the_bots_posts_echo_back(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """What the bot posts, changes and deletes comes back as events with its bot_id and no subtype of its own."""
    posted = await client.chat_postMessage(channel=HELP, text="one")
    await client.chat_update(channel=HELP, ts=posted["ts"], text="two")
    await client.chat_delete(channel=HELP, ts=posted["ts"])
    first, second, third = [d.payload["event"] for d in slack.deliveries]
    assert (first["type"], first["bot_id"], "subtype" in first) == ("message", slack.world.bot.bot_id, False)
    assert (second["subtype"], second["message"]["text"]) == ("message_changed", "two")
    assert (second["previous_message"]["text"], second["message"]["edited"]["user"]) == ("one", slack.bot_user_id)
    assert (third["subtype"], third["deleted_ts"]) == ("message_deleted", posted["ts"])
    assert slack.messages("#help") == []


async def test_history_keeps_every_text_shown(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """An edited message knows each text it showed and how often it was edited."""
    ts = (await client.chat_postMessage(channel=HELP, text="a"))["ts"]
    for text in ("ab", "abc"):
        await client.chat_update(channel=HELP, ts=ts, text=text)
    message = slack.message("#help", ts)
    assert ([shown.text for shown in message.history], message.edited) == (["a", "ab", "abc"], 2)


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NOWHERE", "channel_not_found"), ("C0PRIVATE", "channel_not_found"), ("C00RANDOM", "not_in_channel")],
)
async def test_the_bot_posts_only_where_it_is(channel: str, error: str, client: AsyncWebClient) -> None:
    """A private channel without the bot is hidden; a public one says not_in_channel."""
    with pytest.raises(SlackApiError, match=error):
        await client.chat_postMessage(channel=channel, text="hi")


async def test_a_person_is_posted_to_in_direct_messages(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A user id as channel means the direct messages with that person."""
    answer = await client.chat_postMessage(channel=slack.world.person("bob").id, text="psst")
    assert [m.text for m in slack.messages("dm", person="bob")] == ["psst"]
    assert answer["channel"].startswith("D")


async def test_long_texts(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A post is cut at 40,000 characters; an update refuses more than 4,000; Markdown is refused above 12,000."""
    ts = (await client.chat_postMessage(channel=HELP, text="x" * 50_000))["ts"]
    assert len(slack.message("#help", ts).text) == 40_000
    await client.chat_update(channel=HELP, ts=ts, text="y" * 4_000)
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel=HELP, ts=ts, text="y" * 4_001)
    await client.chat_postMessage(channel=HELP, markdown_text="z" * 12_000)
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_postMessage(channel=HELP, markdown_text="z" * 12_001)


async def test_what_cannot_be_posted(client: AsyncWebClient) -> None:
    """Nothing to show, Markdown beside text, and a thread that is none are refused."""
    with pytest.raises(SlackApiError, match="no_text"):
        await client.api_call("chat.postMessage", json={"channel": HELP})
    with pytest.raises(SlackApiError, match="markdown_text_conflict"):
        await client.chat_postMessage(channel=HELP, text="a", markdown_text="b")
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await client.chat_postMessage(channel=HELP, text="a", thread_ts="1.000001")


async def test_a_replys_ts_is_no_thread(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """thread_ts must be the parent's."""
    parent = await slack.say("ann", "#help", "hello")
    reply = await slack.say("bob", "#help", "hello too", thread_ts=parent)
    with pytest.raises(SlackApiError, match="cannot_reply_to_message"):
        await client.chat_postMessage(channel=HELP, text="a", thread_ts=reply)


async def test_only_its_own_messages_can_be_changed(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A person's message is cant_update_message and cant_delete_message, a missing one message_not_found."""
    ts = await slack.say("ann", "#help", "mine")
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client.chat_update(channel=HELP, ts=ts, text="yours")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await client.chat_delete(channel=HELP, ts=ts)
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel=HELP, ts="1.000001", text="yours")


async def test_text_alone_leaves_the_blocks(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """An update with text only keeps the blocks; an empty list takes them away."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}
    ts = (await client.chat_postMessage(channel=HELP, text="hi", blocks=[section]))["ts"]
    await client.chat_update(channel=HELP, ts=ts, text="new")
    assert [block["type"] for block in slack.message("#help", ts).blocks] == ["section"]
    await client.chat_update(channel=HELP, ts=ts, text="new", blocks=[])
    assert slack.message("#help", ts).blocks == ()


async def test_metadata_and_attachments_stay_unless_mentioned(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """An update that does not name them keeps them; empty ones take them away."""
    metadata = {"event_type": "reply", "event_payload": {"key": "1"}}
    attachments = [{"text": "more", "fallback": "more"}]
    posted = await client.chat_postMessage(channel=HELP, text="hi", metadata=metadata, attachments=attachments)
    await client.chat_update(channel=HELP, ts=posted["ts"], text="new")
    message = slack.message("#help", posted["ts"])
    assert (message.metadata, len(message.attachments)) == (metadata, 1)
    await client.chat_update(channel=HELP, ts=posted["ts"], text="new", metadata={}, attachments=[])
    message = slack.message("#help", posted["ts"])
    assert (message.metadata, message.attachments) == (None, ())


async def test_deleting_a_parent_leaves_a_tombstone(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A parent with replies becomes a tombstone, told as message_changed."""
    parent = (await client.chat_postMessage(channel=HELP, text="question"))["ts"]
    await slack.say("ann", "#help", "answer", thread_ts=parent)
    await client.chat_delete(channel=HELP, ts=parent)
    event = slack.deliveries[-1].payload["event"]
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    assert slack.message("#help", parent).is_tombstone


async def test_ephemeral_messages(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """One person sees it; it cannot be updated, is no event, and needs the person in the channel."""
    ann, bob = slack.world.person("ann").id, slack.world.person("bob").id
    ts = (await client.chat_postEphemeral(channel=HELP, user=ann, text="only you"))["message_ts"]
    assert [m.text for m in slack.messages("#help", person="ann")] == ["only you"]
    assert slack.messages("#help", person="bob") == []
    assert slack.deliveries == ()
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel=HELP, ts=ts, text="nobody")
    dan = slack.world.person("dan").id
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await client.chat_postEphemeral(channel="C0GENERAL", user=dan, text="hi")
    assert bob != ann


async def test_ephemeral_messages_in_threads(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """They show only in threads that have begun; elsewhere Slack takes them and shows nothing."""
    ann = slack.world.person("ann").id
    root = await slack.say("bob", "#help", "hi")
    await client.chat_postEphemeral(channel=HELP, user=ann, text="unseen", thread_ts=root)
    await slack.say("bob", "#help", "more", thread_ts=root)
    await client.chat_postEphemeral(channel=HELP, user=ann, text="seen", thread_ts=root)
    assert [m.text for m in slack.messages("#help", person="ann")] == ["hi", "more", "seen"]


async def test_pings_are_seen(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A message knows whom its text notifies; escaped text notifies nobody, link_names turns @here into a ping."""
    escaped = (await client.chat_postMessage(channel=HELP, text="&lt;!channel&gt; @here"))["ts"]
    raw = (await client.chat_postMessage(channel=HELP, text="<!channel> <@U00000ANN>"))["ts"]
    linked = (await client.chat_postMessage(channel=HELP, text="@here", link_names=True))["ts"]
    assert [slack.message("#help", ts).pings for ts in (escaped, raw, linked)] == [
        (),
        ("!channel", "@U00000ANN"),
        ("!here",),
    ]


async def test_permalinks(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """chat.getPermalink names workspace, channel and message."""
    ts = await slack.say("ann", "#help", "hello")
    answer = await client.chat_getPermalink(channel=HELP, message_ts=ts)
    assert answer["permalink"].endswith(f"/archives/{HELP}/p{ts.replace('.', '')}")
