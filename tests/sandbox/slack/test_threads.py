"""Status lines, prompts, titles and agent sessions, through the real client."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import ManualClock
from sandbox.slack.server import SlackSandbox

HELP = "C0000HELP"


async def test_a_status_goes_with_the_next_message(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """It shows under the thread, also in channels, until the bot posts there or sends an empty one."""
    parent = await slack.say("ann", "#help", "question")
    await client.assistant_threads_setStatus(
        channel_id=HELP, thread_ts=parent, status="is thinking…", loading_messages=["one", "two"]
    )
    line = slack.statuses[HELP, parent]
    assert (line.text, line.loading_messages) == ("is thinking…", ("one", "two"))
    await client.chat_postMessage(channel=HELP, thread_ts=parent, text="answer")
    assert slack.statuses == {}
    await client.assistant_threads_setStatus(channel_id=HELP, thread_ts=parent, status="again")
    await client.assistant_threads_setStatus(channel_id=HELP, thread_ts=parent, status="")
    assert slack.statuses == {}


async def test_a_status_fades(timed: SlackSandbox, timed_client: AsyncWebClient, clock: ManualClock) -> None:
    """After two minutes nobody sees it."""
    parent = await timed.say("ann", "#help", "question")
    await timed_client.assistant_threads_setStatus(channel_id=HELP, thread_ts=parent, status="is thinking…")
    clock.advance(121)
    assert timed.statuses == {}


async def test_sessions_have_status_and_title(
    timed: SlackSandbox, timed_client: AsyncWebClient, clock: ManualClock
) -> None:
    """A session is made by its first status, keeps its title, and falls back to active after an hour."""
    parent = await timed.say("ann", "dm", "question")
    channel = timed.world.dm(timed.world.person("ann")).id
    place = {"channel_id": channel, "thread_ts": parent}
    await timed_client.agents_sessions_setStatus(**place, status="processing", title="First")
    await timed_client.agents_sessions_setStatus(**place, status="processing", title="Ignored")
    session = timed.sessions[channel, parent]
    assert (session.status, session.title) == ("processing", "First")
    await timed_client.agents_sessions_rename(**place, title="Second")
    clock.advance(3601)
    session = timed.sessions[channel, parent]
    assert (session.status, session.title) == ("active", "Second")


async def test_sessions_are_for_agents(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """An app that is no agent has none; a status must be a known one; without its event a warning says so."""
    parent = await slack.say("ann", "#help", "question")
    place = {"channel_id": HELP, "thread_ts": parent}
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.agents_sessions_setStatus(**place, status="dreaming")
    slack.manifest.events.discard("agent_session_stopped")
    answer = await client.agents_sessions_setStatus(**place, status="processing")
    assert answer["warning"] == "missing_agent_session_stopped_event_subscription"
    slack.manifest.agent = False
    with pytest.raises(SlackApiError, match="not_allowed"):
        await client.agents_sessions_setStatus(**place, status="processing")


async def test_prompts_and_titles(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Suggested prompts are kept, without a thread as well; so is a thread's title."""
    parent = await slack.say("ann", "dm", "question")
    channel = slack.world.dm(slack.world.person("ann")).id
    prompts = [{"title": "Say hello", "message": "Hello!"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
    await client.assistant_threads_setTitle(channel_id=channel, thread_ts=parent, title="A question")
    assert slack.workspace.sessions.prompts[channel, None] == tuple(prompts)
    assert slack.workspace.sessions.titles[channel, parent] == "A question"
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=[{"title": "no message"}])
