"""What people do, and which events that causes."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox
from sandbox.slack.values import SandboxError


async def test_edits_and_deletions_are_told(slack: SlackSandbox) -> None:
    """An edit is message_changed with both texts; a deletion message_deleted with the old one."""
    ts = await slack.say("ann", "#help", "first")
    await slack.edit("ann", "#help", ts, "second & last")
    await slack.delete("ann", "#help", ts)
    _, edited, deleted = [d.payload["event"] for d in slack.deliveries]
    assert (edited["subtype"], edited["hidden"], edited["message"]["text"]) == (
        "message_changed",
        True,
        "second &amp; last",
    )
    assert (edited["message"]["ts"], edited["previous_message"]["text"]) == (ts, "first")
    assert edited["ts"] != ts
    assert (deleted["subtype"], deleted["deleted_ts"], deleted["previous_message"]["user"]) == (
        "message_deleted",
        ts,
        slack.world.person("ann").id,
    )


async def test_a_preview_changes_no_text(slack: SlackSandbox) -> None:
    """A link preview is message_changed with the same text and no mark of an edit."""
    ts = await slack.say("ann", "#help", "see https://example.org/page")
    await slack.unfurl("#help", ts)
    event = slack.deliveries[-1].payload["event"]
    assert event["subtype"] == "message_changed"
    assert event["message"]["text"] == event["previous_message"]["text"]
    assert "edited" not in event["message"]


async def test_people_have_their_rights(slack: SlackSandbox) -> None:
    """One edits one's own only; an admin may delete anybody's; who is not in a channel cannot act there."""
    ts = await slack.say("bob", "#help", "bob's")
    with pytest.raises(SandboxError, match="did not write"):
        await slack.edit("cleo", "#help", ts, "cleo's")
    with pytest.raises(SandboxError, match="may not delete"):
        await slack.delete("cleo", "#help", ts)
    await slack.delete("ann", "#help", ts)
    with pytest.raises(SandboxError, match="is not in"):
        await slack.say("dan", "#general", "let me in")
    with pytest.raises(SandboxError, match="nobody here"):
        await slack.say("zoe", "#help", "hello")


async def test_where_the_bot_is_not_nothing_is_told(slack: SlackSandbox) -> None:
    """A mention in a channel without the bot causes no event."""
    await slack.say("ann", "#random", "@Parley are you there?")
    await slack.say("ann", "#private", "@Parley are you there?")
    assert slack.deliveries == ()


async def test_only_subscribed_events_are_sent(slack: SlackSandbox) -> None:
    """Without message.channels a mention is one event; without the scope it is none."""
    slack.manifest.events.discard("message.channels")
    await slack.say("ann", "#help", "@Parley one")
    slack.manifest.scopes.discard("app_mentions:read")
    await slack.say("ann", "#help", "@Parley two")
    assert [d.kind for d in slack.deliveries] == ["app_mention"]


async def test_reactions_are_told_once(slack: SlackSandbox) -> None:
    """A reaction is an event with the message it belongs to; repeating it changes nothing."""
    ts = await slack.say("ann", "#help", "nice")
    await slack.react("bob", "#help", ts, "thumbsup")
    await slack.react("bob", "#help", ts, "thumbsup")
    reactions = [d.payload["event"] for d in slack.deliveries if d.kind == "reaction_added"]
    assert [(r["reaction"], r["item"]["ts"]) for r in reactions] == [("thumbsup", ts)]


async def test_replies_belong_to_the_parent(slack: SlackSandbox) -> None:
    """A reply to a reply stands under the same parent, and the event names parent and its author."""
    parent = await slack.say("ann", "#help", "question")
    reply = await slack.say("bob", "#help", "one", thread_ts=parent)
    await slack.say("cleo", "#help", "two", thread_ts=reply)
    event = slack.deliveries[-1].payload["event"]
    assert (event["thread_ts"], event["parent_user_id"]) == (parent, slack.world.person("ann").id)


async def test_another_bot_has_a_bot_id(slack: SlackSandbox) -> None:
    """What another app posts carries its own bot_id, also when it mentions the bot."""
    await slack.say("robo", "#help", "@Parley hi")
    events = [d.payload["event"] for d in slack.deliveries]
    assert {event["bot_id"] for event in events} == {slack.world.person("robo").bot_id}
    assert len(events) == 2


async def test_the_bots_own_reactions(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """reactions.add and remove need their scope, refuse a second time, and are seen."""
    ts = await slack.say("ann", "#help", "nice")
    place = {"channel": slack.world.channel("help").id, "timestamp": ts, "name": "eyes"}
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.reactions_add(**place)
    slack.manifest.scopes.add("reactions:write")
    await client.reactions_add(**place)
    assert slack.message("#help", ts).reactions == {"eyes": (slack.bot_user_id,)}
    with pytest.raises(SlackApiError, match="already_reacted"):
        await client.reactions_add(**place)
    await client.reactions_remove(**place)
    with pytest.raises(SlackApiError, match="no_reaction"):
        await client.reactions_remove(**place)
    assert slack.message("#help", ts).reactions == {}


async def test_people_and_channels_can_be_added(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A new person in a new channel talks to the bot like the others."""
    eve = slack.world.add_person("eve", real_name="Eve Adams")
    slack.world.add_channel("lab", ["eve", "parley"], private=True)
    await slack.say("eve", "#lab", "hello")
    assert slack.deliveries[0].payload["event"]["channel_type"] == "group"
    assert (await client.users_info(user=eve.id))["user"]["real_name"] == "Eve Adams"


async def test_waiting_in_vain_shows_the_state(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """TimeoutError names the messages, calls and deliveries there were."""
    await slack.say("ann", "#help", "anybody?")
    await client.auth_test()
    with pytest.raises(TimeoutError) as failure:
        await slack.wait_for(lambda: False, timeout=0.01)
    for part in ("anybody?", "auth.test", "message"):
        assert part in str(failure.value)
