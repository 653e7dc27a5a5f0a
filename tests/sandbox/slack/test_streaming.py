"""Slack's streaming methods, through AsyncWebClient and its chat_stream helper."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import ManualClock
from sandbox.slack.server import SlackSandbox


async def _start(client: AsyncWebClient, slack: SlackSandbox, markdown_text: str | None = None) -> tuple[str, str]:
    channel = slack.world.dm(slack.world.person("ann")).id
    parent = await slack.say("ann", "dm", "question")
    answer = await client.chat_startStream(
        channel=channel,
        thread_ts=parent,
        recipient_user_id=slack.world.person("ann").id,
        recipient_team_id=slack.team_id,
        markdown_text=markdown_text,
    )
    return channel, answer["ts"]


async def test_a_stream_grows_and_ends(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Text is appended in place; the stop ends it, and only start and stop are events."""
    channel, ts = await _start(client, slack, markdown_text="**Hel")
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text="lo** ")
    assert slack.message(channel, ts).streaming == "streaming"
    await client.chat_stopStream(channel=channel, ts=ts, markdown_text="world")
    message = slack.message(channel, ts)
    assert (message.text, message.streaming, message.format) == ("**Hello** world", "stopped", "markdown")
    assert [shown.text for shown in message.history] == ["**Hel", "**Hello** ", "**Hello** world"]
    assert [d.kind for d in slack.deliveries] == ["message", "message", "message_changed"]


async def test_the_sdks_helper_streams_chunks(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """slack_sdk's own stream object works: it buffers, starts late and stops with the rest."""
    parent = await slack.say("ann", "dm", "question")
    stream = await client.chat_stream(
        channel=slack.world.dm(slack.world.person("ann")).id,
        thread_ts=parent,
        recipient_user_id=slack.world.person("ann").id,
        recipient_team_id=slack.team_id,
        buffer_size=4,
    )
    for part in ("abcde", "f", "ghijk"):
        await stream.append(markdown_text=part)
    await stream.stop(markdown_text="l")
    assert slack.messages("dm", parent, person="ann")[-1].text == "abcdefghijkl"


async def test_an_empty_stream_can_be_stopped(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """The helper's stop without text starts and stops a stream that stays empty."""
    parent = await slack.say("ann", "dm", "question")
    stream = await client.chat_stream(
        channel=slack.world.dm(slack.world.person("ann")).id,
        thread_ts=parent,
        recipient_user_id=slack.world.person("ann").id,
        recipient_team_id=slack.team_id,
    )
    await stream.stop()
    assert slack.messages("dm", parent, person="ann")[-1].streaming == "stopped"


async def test_a_stream_keeps_its_mode(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Text and chunks do not mix in one stream."""
    channel, ts = await _start(client, slack, markdown_text="text")
    with pytest.raises(SlackApiError, match="streaming_mode_mismatch"):
        await client.chat_appendStream(channel=channel, ts=ts, chunks=[MarkdownTextChunk(text="chunk")])


async def test_tasks_take_the_place_of_their_older_state(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A task_update with a known id replaces that task."""
    channel, ts = await _start(client, slack)
    for status in ("in_progress", "complete"):
        task = {"type": "task_update", "id": "1", "title": "Look it up", "status": status}
        await client.chat_appendStream(channel=channel, ts=ts, chunks=[task])
    (card,) = slack.message(channel, ts).blocks
    assert (card["type"], card["status"]) == ("task_card", "complete")


async def test_bad_chunks_are_refused(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Chunks of unknown type or without their fields are invalid_chunks; nothing at all is no_text."""
    channel, ts = await _start(client, slack)
    bad: list[dict[str, object]] = [
        {"type": "song"},
        {"markdown_text": "no type"},
        {"type": "task_update", "id": "1", "title": "t", "status": "dreaming"},
        {"type": "blocks"},
    ]
    for chunk in bad:
        with pytest.raises(SlackApiError, match="invalid_chunks"):
            await client.chat_appendStream(channel=channel, ts=ts, chunks=[chunk])
    with pytest.raises(SlackApiError, match="no_text"):
        await client.chat_appendStream(channel=channel, ts=ts)


async def test_recipients_and_a_thread_are_demanded(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Without recipient ids or a thread no stream starts."""
    channel = slack.world.channel("help").id
    parent = await slack.say("ann", "#help", "question")
    ann = slack.world.person("ann").id
    start = client.chat_startStream
    with pytest.raises(SlackApiError, match="missing_recipient_user_id"):
        await start(channel=channel, thread_ts=parent, recipient_team_id=slack.team_id)
    with pytest.raises(SlackApiError, match="missing_recipient_team_id"):
        await start(channel=channel, thread_ts=parent, recipient_user_id=ann)
    with pytest.raises(SlackApiError, match="invalid_thread_ts"):
        await start(channel=channel, thread_ts="", recipient_user_id=ann, recipient_team_id=slack.team_id)


async def test_text_has_a_limit_a_call(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """12,000 characters a call, and no limit on the whole."""
    channel, ts = await _start(client, slack, markdown_text="x" * 12_000)
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text="x" * 12_000)
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_appendStream(channel=channel, ts=ts, markdown_text="x" * 12_001)
    assert len(slack.message(channel, ts).text) == 24_000


async def test_a_stream_dies_after_five_minutes(
    timed: SlackSandbox, timed_client: AsyncWebClient, clock: ManualClock
) -> None:
    """Until then chat.update is streaming_state_conflict; afterwards appending fails and updating works."""
    channel, ts = await _start(timed_client, timed, markdown_text="growing")
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await timed_client.chat_update(channel=channel, ts=ts, text="new")
    clock.advance(307)
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await timed_client.chat_appendStream(channel=channel, ts=ts, markdown_text="more")
    assert timed.message(channel, ts).streaming == "expired"
    await timed_client.chat_update(channel=channel, ts=ts, text="new")
    assert timed.message(channel, ts).text == "new"


async def test_a_person_stops_a_stream(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """After the native Stop appending fails with stopped_by_user, the app is told, and may still finish."""
    channel, ts = await _start(client, slack, markdown_text="growing")
    thread = slack.message(channel, ts).thread_ts
    assert thread is not None
    assert await slack.stop_session("ann", "dm", thread) == [ts]
    event = slack.deliveries[-1].payload["event"]
    assert (event["type"], event["streaming_message_ts"]) == ("agent_session_stopped", [ts])
    with pytest.raises(SlackApiError, match="stopped_by_user"):
        await client.chat_appendStream(channel=channel, ts=ts, markdown_text="more")
    assert slack.sessions[channel, thread].status == "processing"
    await client.chat_stopStream(channel=channel, ts=ts)
    assert slack.sessions[channel, thread].status == "active"


async def test_a_person_is_no_stream(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Somebody else's message, or one that never streamed, cannot be appended to."""
    ts = await slack.say("ann", "#help", "mine")
    channel = slack.world.channel("help").id
    with pytest.raises(SlackApiError, match="message_not_owned_by_app"):
        await client.chat_appendStream(channel=channel, ts=ts, markdown_text="x")
    posted = (await client.chat_postMessage(channel=channel, text="done"))["ts"]
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await client.chat_appendStream(channel=channel, ts=posted, markdown_text="x")
