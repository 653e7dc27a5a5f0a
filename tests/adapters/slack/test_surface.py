"""Replies as people see them on the local Slack: edited messages in channels."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack.surface import SlackSurface
from adapters.slack.targets import InChannel, InThread, target
from core.conversation import ConversationKey, Platform
from core.errors import (
    LeaseLost,
    PostGone,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
)
from core.fencing import fenced
from core.incoming import Author, ReplyTarget
from core.ports import Call, Control, Draft
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import Observations


@pytest.fixture
async def thread(slack: SlackSandbox) -> ReplyTarget:
    """A reply in the thread under a question of Ann's in #help."""
    ts = await slack.say("ann", "#help", "hello")
    return _target(slack, "#help", ts)


def _target(slack: SlackSandbox, channel: str, ts: str) -> ReplyTarget:
    place = slack.world.channel(channel).id
    key = ConversationKey(platform=Platform.SLACK, workspace=slack.team_id, channel=place, thread=ts)
    return target(key, InThread(channel=place, thread=ts, user=slack.world.person("ann").id))


async def test_grows(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """One message is posted in the thread and edited in place; buttons come and go with the draft."""
    ref = await surface.open(thread, Draft(text="One", controls=(Control.STOP,), turn=3), key="k")
    await surface.edit(thread, ref, Draft(text="One **two**", controls=(Control.STOP,), turn=3))
    await surface.finish(thread, ref, Draft(text="One **two** three", notice="Stopped."))
    message = slack.message("#help", ref.message)
    assert message.thread_ts == thread.key.thread
    assert [shown.text for shown in message.history] == ["One", "One *two*", "One *two* three\nStopped."]
    assert [block["type"] for block in message.blocks] == ["markdown", "context"]
    assert message.blocks[0]["text"] == "One **two** three"
    assert not message.unfurl


async def test_nothing_goes_out_beyond_the_lease(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget
) -> None:
    """The fence is asked as the request leaves, on a new connection and on one that is used again; others go on."""

    def lost() -> None:
        raise LeaseLost("turn 3")

    with fenced(lost), pytest.raises(LeaseLost):
        await surface.open(thread, Draft(text="One"), key="k")
    ref = await surface.open(thread, Draft(text="One"), key="k")
    with fenced(lost), pytest.raises(LeaseLost):
        await surface.edit(thread, ref, Draft(text="Two"))
    await surface.finish(thread, ref, Draft(text="Three"))
    assert [shown.text for shown in slack.message("#help", ref.message).history] == ["One", "Three"]


async def test_foreign_text_calls_nobody(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """Whatever a model writes, no mention and no hidden link comes of it, in blocks, notice or text."""
    foul = "<!channel> <@U00000BOB> `<!here>` <https://evil.example|bank> &lt;!channel&gt; <!subteam^S1>"
    ref = await surface.open(thread, Draft(text=foul, notice=foul), key="k")
    message = slack.message("#help", ref.message)
    assert message.pings == ()
    markdown, context = message.blocks
    for text in (markdown["text"], context["elements"][0]["text"], message.text):
        assert "<!" not in text
        assert "<@" not in text
        assert "<http" not in text
        assert "&amp;lt;!channel" in text


async def test_channel(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """A reply in the channel itself stands outside of threads."""
    plain = target(thread.key, InChannel(channel=thread.key.channel, user="U1"))
    ref = await surface.open(plain, Draft(text="Hi"), key="k")
    assert slack.message("#help", ref.message).thread_ts is None


@pytest.mark.parametrize("fresh", [False, True], ids=["same process", "another process"])
async def test_lost_answer(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget, observations: Observations, fresh: bool
) -> None:
    """A post whose answer was lost is found and edited, not posted again."""
    slack.faults.call("chat.postMessage", "cut", takes_effect=True)
    with pytest.raises(SurfaceUnavailable):
        await surface.open(thread, Draft(text="One"), key="k")
    writer = surface
    if fresh:
        writer = SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=observations, clock=surface.clock)
    ref = await writer.open(thread, Draft(text="One two"), key="k", seek=True)
    other = await writer.open(thread, Draft(text="Three"), key="k2", seek=True)
    assert [message.text for message in slack.messages("#help")] == ["hello", "One two", "Three"]
    assert ref != other
    if fresh:
        await writer.close()


async def test_budget_learns(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget, observations: Observations
) -> None:
    """A refusal for speed tells the budget how long to wait."""
    ref = await surface.open(thread, Draft(text="One"), key="k")
    slack.faults.call("chat.update", "ratelimited", retry_after=7)
    with pytest.raises(SurfaceBusy) as caught:
        await surface.edit(thread, ref, Draft(text="Two"))
    assert caught.value.retry_after == 7
    ((name, observation),) = observations.all
    assert name == surface.budget(Call.EDIT, thread).name
    assert observation.retry_after == 7


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("msg_too_long", PostTooLong),
        ("message_not_found", PostGone),
        ("edit_window_closed", PostGone),
        ("is_archived", SurfaceForbidden),
        ("restricted_action_read_only_channel", SurfaceForbidden),
        ("invalid_auth", SurfaceForbidden),
        ("internal_error", SurfaceUnavailable),
        ("ratelimited", SurfaceBusy),
        ("invalid_blocks", SurfaceError),
    ],
)
async def test_refusals(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget, code: str, error: type[SurfaceError]
) -> None:
    """Slack's codes become core's errors, and the token is in none of them."""
    ref = await surface.open(thread, Draft(text="One"), key="k")
    slack.faults.call("chat.update", "error", error=code)
    with pytest.raises(error) as caught:
        await surface.edit(thread, ref, Draft(text="Two"))
    assert code in caught.value.detail
    assert slack.bot_token not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("answer", ["html", "status", "cut"])
@pytest.mark.parametrize("status", [200, 503])
async def test_outages(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget, answer: str, status: int
) -> None:
    """Pages instead of answers, 5xx and lost connections mean: later."""
    slack.faults.call("chat.postMessage", answer, status=status)  # type: ignore[arg-type]  # parametrized
    with pytest.raises(SurfaceUnavailable):
        await surface.open(thread, Draft(text="One"), key="k")


async def test_delete(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """A deleted message is gone, and deleting it again is no error."""
    ref = await surface.open(thread, Draft(text="One"), key="k")
    await surface.delete(thread, ref)
    await surface.delete(thread, ref)
    assert [message.text for message in slack.messages("#help")] == ["hello"]


async def test_whisper(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """One person reads it; nobody where that person is not there any more."""
    await surface.whisper(thread, Author(id=slack.world.person("bob").id, name="bob"), "psst")
    await surface.whisper(thread, Author(id="U0NOBODY", name="x"), "psst")
    assert [m.ephemeral_for for m in slack.messages("#help")] == [None, slack.world.person("bob").id]


async def test_whisper_in_a_thread(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """In a thread that has begun one person reads it there; Slack shows it in no other (it goes to the channel)."""
    bob = Author(id=slack.world.person("bob").id, name="bob")
    root = thread.key.thread or ""
    await surface.whisper(thread, bob, "psst")
    await slack.say("ann", "#help", "more", thread_ts=root)
    begun = target(thread.key, InThread(channel=thread.key.channel, thread=root, user="U1", begun="begun"))
    await surface.whisper(begun, bob, "psst again")
    shown = [(m.text, m.thread_ts) for m in slack.messages("#help") if m.ephemeral_for]
    assert shown == [("psst", None), ("psst again", root)]


async def test_working(slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget) -> None:
    """The thread says that we think; where Slack does not allow it, nothing more is tried, and nothing fails."""
    await surface.working(thread)
    assert [line.text for line in slack.statuses.values()] == ["is thinking…"]
    slack.faults.call("assistant.threads.setStatus", "error", error="missing_scope")
    await surface.working(thread)
    before = len(slack.calls_of("assistant.threads.setStatus"))
    await surface.working(thread)
    assert len(slack.calls_of("assistant.threads.setStatus")) == before


async def test_no_sign_stays_where_no_message_came(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget
) -> None:
    """A refused turn posts nothing in the thread: its line is taken away. Where a message came, that did it already."""
    await surface.working(thread)
    await surface.idle(thread)
    await slack.changes.wait_for(lambda: not slack.statuses, timeout=5, describe=lambda: str(slack.statuses))
    await surface.working(thread)
    await surface.open(thread, Draft(text="an answer"), key="k1")
    before = len(slack.calls_of("assistant.threads.setStatus"))
    await surface.idle(thread)
    await surface.close()
    assert len(slack.calls_of("assistant.threads.setStatus")) == before


async def test_no_sign_stays_beside_a_message_that_stood_there(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget
) -> None:
    """An answer that is taken up again after a crash is edited, with which Slack takes no line away."""
    ref = await surface.open(thread, Draft(text="half an ans"), key="k1")
    await surface.working(thread)
    assert await surface.open(thread, Draft(text="half an answer"), key="k1", seek=True) == ref
    await surface.idle(thread)
    await slack.changes.wait_for(lambda: not slack.statuses, timeout=5, describe=lambda: str(slack.statuses))


async def test_proxies_are_not_used_on_this_machine(
    slack: SlackSandbox, observations: Observations, surface: SlackSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    """slack_sdk would send even loopback calls through a proxy named in the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    made = SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=observations, clock=surface.clock)
    assert (await made.web.identity())["team_id"] == slack.team_id
    await made.close()


async def test_all_of_a_crowd_show_that_they_are_at_work(slack: SlackSandbox, surface: SlackSurface) -> None:
    """When many ask at once, each thread says so, and Slack need not refuse a call."""
    questions = [_target(slack, "#help", await slack.say("ann", "#help", f"hello {number}")) for number in range(25)]
    await asyncio.gather(*(surface.working(question) for question in questions))
    assert {thread for _, thread in slack.statuses} == {question.key.thread for question in questions}
    assert all(call.status == 200 for call in slack.calls_of("assistant.threads.setStatus"))


async def test_a_sign_that_slack_refuses_for_its_speed_comes_later(
    slack: SlackSandbox, surface: SlackSurface, thread: ReplyTarget
) -> None:
    """After as long as Slack says."""
    slack.faults.call("assistant.threads.setStatus", "ratelimited", retry_after=0)
    await surface.working(thread)
    assert [line.text for line in slack.statuses.values()] == ["is thinking…"]
    assert [call.status for call in slack.calls_of("assistant.threads.setStatus")] == [429, 200]
