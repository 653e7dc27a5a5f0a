"""Replies in direct messages, by Slack's own streaming methods."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.slack.blocks import key_of
from adapters.slack.surface import LIMITS, STREAM_LIMITS, SlackSurface
from adapters.slack.targets import InDirect, target
from core.conversation import ConversationKey, Platform
from core.errors import PostSealed, SurfaceUnavailable
from core.incoming import Author, ReplyTarget
from core.ports import Call, Control, Draft, Task, TaskState
from core.turn import MessageRef
from sandbox.slack.messages import Message
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import Observations

GROWING = (Control.STOP,)


@pytest.fixture
async def dm(slack: SlackSandbox) -> ReplyTarget:
    """A reply to a question of Ann's in her direct messages."""
    ts = await slack.say("ann", "dm", "hello")
    ann = slack.world.person("ann")
    place = slack.world.dm(ann).id
    key = ConversationKey(platform=Platform.SLACK, workspace=slack.team_id, channel=place, thread=ts)
    return target(key, InDirect(channel=place, thread=ts, message=ts, user=ann.id))


def _shown(slack: SlackSandbox, ref: MessageRef) -> Message:
    return slack.message(ref.channel, ref.message)


async def test_stream(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """The answer grows by appends of whole words, and its end carries notice, buttons and key."""
    assert surface.limits(dm) == STREAM_LIMITS
    ref = await surface.open(dm, Draft(text="One tw", controls=GROWING), key="k")
    await surface.edit(dm, ref, Draft(text="One two thr", controls=GROWING))
    assert _shown(slack, ref).text == "One two "
    await surface.finish(
        dm, ref, Draft(text="One two three <@U1>", notice="Cut.", controls=(Control.CONTINUE,), turn=5)
    )
    message = _shown(slack, ref)
    assert (message.text, message.streaming, message.pings) == ("One two three &lt;@U1>", "stopped", ())
    assert [block["type"] for block in message.blocks] == ["context", "actions"]
    assert not slack.calls_of("chat.update")
    assert all(not chunk["text"][0].isspace() for chunk in _chunks(slack))


async def test_a_session_rests_after_a_refusal(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """Nobody sees a Stop button, or that we think, where no answer will come."""
    await surface.working(dm)
    assert [session.status for session in slack.sessions.values()] == ["processing"]
    await surface.whisper(dm, Author(id=slack.world.person("ann").id, name="ann"), "A limit is reached.")
    await surface.idle(dm)
    await surface.close()
    assert [session.status for session in slack.sessions.values()] == ["active"]
    assert not slack.statuses


def _chunks(slack: SlackSandbox) -> list[dict[str, str]]:
    calls = [call for name in ("start", "append", "stop") for call in slack.calls_of(f"chat.{name}Stream")]
    return [chunk for call in calls for chunk in call.args.get("chunks") or ()]


async def test_tasks_are_cards(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """What is done for an answer stands there as Slack's own cards, before there is any text; what never ended has
    failed."""
    reading, counting = Task(id="a", title="Reading a page"), Task(id="b", title="Counting")
    ref = await surface.open(dm, Draft(text="", controls=GROWING, tasks=(reading, counting)), key="k")
    assert _cards(slack, ref) == {"Reading a page": "in_progress", "Counting": "in_progress"}
    done = replace(reading, state=TaskState.DONE)
    await surface.edit(dm, ref, Draft(text="It says ", controls=GROWING, tasks=(done, counting)))
    assert _cards(slack, ref) == {"Reading a page": "complete", "Counting": "in_progress"}
    await surface.finish(dm, ref, Draft(text="It says hello."))
    assert _cards(slack, ref) == {"Reading a page": "complete", "Counting": "error"}
    assert _shown(slack, ref).text == "It says hello."


def _cards(slack: SlackSandbox, ref: MessageRef) -> dict[str, str]:
    blocks = _shown(slack, ref).blocks
    return {block["title"]: block["status"] for block in blocks if block["type"] == "task_card"}


async def test_finished_at_once(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """What is finished when it opens is an ordinary message, and finishing it writes nothing more."""
    draft = Draft(text="", notice="The model is busy.", controls=(Control.TRY_AGAIN,), turn=1)
    ref = await surface.open(dm, draft, key="k")
    await surface.finish(dm, ref, draft)
    assert _shown(slack, ref).text == "The model is busy."
    assert not slack.calls_of("chat.startStream")
    assert not slack.calls_of("chat.update")


async def test_begun_anew(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """An answer that begins anew ends the stream and goes on by edits in the same message."""
    ref = await surface.open(dm, Draft(text="One two ", controls=GROWING), key="k")
    await surface.edit(dm, ref, Draft(text="Other ", controls=GROWING))
    await surface.edit(dm, ref, Draft(text="Other words ", controls=GROWING))
    await surface.finish(dm, ref, Draft(text="Other words."))
    message = _shown(slack, ref)
    assert (message.text, key_of({"metadata": message.metadata})) == ("Other words.", "k")
    assert len(slack.calls_of("chat.stopStream")) == 1


async def test_after_a_restart(
    slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget, observations: Observations
) -> None:
    """Another process, which knows not what was sent, ends the stream and edits its message."""
    ref = await surface.open(dm, Draft(text="One two ", controls=GROWING), key="k")
    other = SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=observations, clock=surface.clock)
    await other.edit(dm, ref, Draft(text="One ", controls=GROWING))
    await other.finish(dm, ref, Draft(text="One more time."))
    assert _shown(slack, ref).text == "One more time."
    await other.close()


@pytest.mark.parametrize("fresh", [False, True], ids=["same process", "another process"])
async def test_lost_start(
    slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget, observations: Observations, fresh: bool
) -> None:
    """A stream whose start was not answered is found, though it carries no mark, and no second one begins."""
    slack.faults.call("chat.startStream", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.open(dm, Draft(text="One two ", controls=GROWING), key="k")
    writer = surface
    if fresh:
        writer = SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=observations, clock=surface.clock)
    ref = await writer.open(dm, Draft(text="One two three ", controls=GROWING), key="k", seek=True)
    await writer.finish(dm, ref, Draft(text="One two three."))
    second = await writer.open(dm, Draft(text="Four ", controls=GROWING), key="k2", seek=True)
    assert second != ref
    texts = [message.text for message in slack.messages(dm.key.channel)]
    assert texts == ["hello", "One two three.", "Four "]
    if fresh:
        await writer.close()


async def test_lost_append(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """When nobody knows whether an append was taken, the stream ends and the message is edited: nothing is doubled."""
    ref = await surface.open(dm, Draft(text="One ", controls=(Control.STOP,)), key="k")
    slack.faults.call("chat.appendStream", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.edit(dm, ref, Draft(text="One two ", controls=(Control.STOP,)))
    await surface.edit(dm, ref, Draft(text="One two three ", controls=(Control.STOP,)))
    await surface.finish(dm, ref, Draft(text="One two three four"))
    assert _shown(slack, ref).blocks[0]["text"] == "One two three four"
    assert not slack.calls_of("chat.appendStream")[1:]


async def test_died(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """A stream that Slack has ended takes no more, loses no word that counted as shown, and can still be finished."""
    ref = await surface.open(dm, Draft(text="One two", controls=GROWING), key="k")
    slack.faults.call("chat.appendStream", "error", error="message_not_in_streaming_state")
    await slack_ends(slack, ref)
    with pytest.raises(PostSealed):
        await surface.edit(dm, ref, Draft(text="One two three ", controls=GROWING))
    assert _shown(slack, ref).text == "One two"


async def slack_ends(slack: SlackSandbox, ref: MessageRef) -> None:
    """The stream ends without the bot, as it does when its time is over."""
    thread = _shown(slack, ref).thread_ts
    assert thread is not None
    slack._streams.stop_in_thread(ref.channel, thread)


async def test_died_before_its_end(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """The end is shown by an edit where the stream is over."""
    ref = await surface.open(dm, Draft(text="One ", controls=GROWING), key="k")
    slack.faults.call("chat.stopStream", "error", error="message_not_in_streaming_state")
    await slack_ends(slack, ref)
    await surface.finish(dm, ref, Draft(text="One two.", notice="Done."))
    assert _shown(slack, ref).text == "One two.\nDone."


async def test_stopped_by_the_person(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """After Slack's own Stop nothing more grows, and the end says that it was stopped."""
    ref = await surface.open(dm, Draft(text="One ", controls=GROWING), key="k")
    assert dm.key.thread is not None
    await slack.stop_session("ann", "dm", dm.key.thread)
    await surface.edit(dm, ref, Draft(text="One two ", controls=GROWING))
    await surface.edit(dm, ref, Draft(text="One two three ", controls=GROWING))
    assert _shown(slack, ref).text == "One "
    assert len(slack.calls_of("chat.appendStream")) == 1
    await surface.finish(dm, ref, Draft(text="One two three", notice="Stopped."))
    assert _shown(slack, ref).text == "One two three\nStopped."


@pytest.mark.parametrize("code", ["channel_type_not_supported", "missing_scope", "unknown_method", "not_allowed"])
async def test_refused(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget, code: str) -> None:
    """Where Slack refuses streams, ordinary messages are edited, and the next reply knows that from the start."""
    slack.faults.call("chat.startStream", "error", error=code)
    ref = await surface.open(dm, Draft(text="One", controls=GROWING), key="k")
    await surface.edit(dm, ref, Draft(text="One two", controls=GROWING))
    await surface.finish(dm, ref, Draft(text="One two three"))
    assert _shown(slack, ref).text == "One two three"
    assert surface.limits(dm) == LIMITS
    assert "chat.postMessage" in surface.budget(Call.OPEN, dm).name
    await surface.open(dm, Draft(text="Next", controls=GROWING), key="k2")
    assert len(slack.calls_of("chat.startStream")) == 1


async def test_session(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """Slack shows its Stop while we work in direct messages, and no longer after the end."""
    assert dm.key.thread is not None
    place = (dm.key.channel, dm.key.thread)
    await surface.working(dm)
    statuses = [session.status for thread, session in slack.sessions.items() if thread == place]
    ref = await surface.open(dm, Draft(text="One ", controls=GROWING), key="k")
    await surface.finish(dm, ref, Draft(text="One."))
    after = [session.status for thread, session in slack.sessions.items() if thread == place]
    assert (statuses, after) == ((["processing"], ["active"]) if slack.manifest.agent else ([], []))


async def test_whisper(slack: SlackSandbox, surface: SlackSurface, dm: ReplyTarget) -> None:
    """In direct messages only that person reads anyway."""
    await surface.whisper(dm, Author(id=dm.details["user"], name="ann"), "psst")
    (_, told) = slack.messages(dm.key.channel)
    assert (told.text, told.thread_ts, told.ephemeral_for) == ("psst", dm.key.thread, None)
