"""Whole replies of core, growing on the local Slack."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.slack.surface import SlackSurface
from adapters.slack.targets import InDirect, InThread, target
from core.conversation import ConversationKey, Platform
from core.incoming import Author, ReplyTarget
from core.pacing import Pacing
from core.ports import Control, Ending
from core.reply import Reply
from core.turn import MessageRef, Turn, TurnState
from sandbox.slack.server import SlackSandbox
from tests.doubles import FastClock

WORDS = [f"word{number} " for number in range(1_500)]


class Posted:
    """Remembers the messages of a reply."""

    def __init__(self) -> None:
        self.refs: dict[int, MessageRef] = {}

    async def posted(self, position: int, ref: MessageRef) -> None:
        self.refs[position] = ref

    async def dropped(self, position: int) -> None:
        del self.refs[position]


async def _turn(slack: SlackSandbox, channel: str) -> Turn:
    ts = await slack.say("ann", channel, "hello")
    ann = slack.world.person("ann")
    place = slack.world.channel(channel, ann).id
    key = ConversationKey(platform=Platform.SLACK, workspace=slack.team_id, channel=place, thread=ts)
    way = (
        InDirect(channel=place, thread=ts, message=ts, user=ann.id)
        if channel == "dm"
        else InThread(channel=place, thread=ts, user=ann.id)
    )
    return Turn(
        id=1,
        key=key,
        seq=1,
        state=TurnState.STREAMING,
        asker=Author(id=ann.id, name="ann"),
        target=target(key, way),
        queued_at=datetime(2026, 11, 23, tzinfo=UTC),
        attempt=1,
    )


def _reply(turn: Turn, surface: SlackSurface) -> Reply:
    clock = FastClock()
    return Reply(turn, surface=surface, pacing=Pacing(clock), clock=clock, recorder=Posted())


def _said(slack: SlackSandbox, place: ReplyTarget) -> list[str]:
    """What people read of the reply: the Markdown of blocks, or a stream's text."""
    ours = [m for m in slack.messages(place.key.channel) if m.author.is_bot]
    return [next((b["text"] for b in m.blocks if b["type"] == "markdown"), m.text) for m in ours]


@pytest.mark.parametrize("channel", ["#help", "dm"])
async def test_long_answer(slack: SlackSandbox, surface: SlackSurface, channel: str) -> None:
    """A long answer goes on in further messages; no word is lost or doubled, and only the last one has the ending."""
    turn = await _turn(slack, channel)
    reply = _reply(turn, surface)
    for number, word in enumerate(WORDS):
        reply.add(word)
        if number in (3, 400, 900):
            count = len(slack.calls)
            await slack.wait_for(lambda count=count: len(slack.calls) > count)  # type: ignore[misc]  # bound here
    await reply.finish(Ending(notice="Cut.", controls=(Control.CONTINUE,)))
    assert re.findall(r"word\d+", " ".join(_said(slack, turn.target))) == [word.strip() for word in WORDS]
    ours = [m for m in slack.messages(turn.key.channel) if m.author.is_bot]
    assert len(ours) == (2 if channel == "dm" else 4)
    assert [any(b["type"] == "actions" for b in m.blocks) for m in ours] == [False] * (len(ours) - 1) + [True]
    assert {m.thread_ts for m in ours} == {turn.key.thread}
    assert all(m.streaming != "streaming" for m in ours)


async def test_stream_dies(slack: SlackSandbox, surface: SlackSurface) -> None:
    """When Slack ends a stream in the middle, the answer goes on in another message without losing a word."""
    turn = await _turn(slack, "dm")
    reply = _reply(turn, surface)
    reply.add("one two thr")
    await slack.wait_for(lambda: slack.calls_of("chat.startStream"))
    slack.faults.call("chat.appendStream", "error", error="message_not_in_streaming_state")
    assert turn.key.thread is not None
    slack._streams.stop_in_thread(turn.key.channel, turn.key.thread)
    reply.add("ee four five")
    await slack.wait_for(lambda: len(slack.calls_of("chat.startStream")) == 2)
    reply.add(" six")
    await reply.finish(Ending())
    letters = "".join("".join(_said(slack, turn.target)).split())
    assert letters == "onetwothreefourfivesix"


async def test_taken_over(slack: SlackSandbox, surface: SlackSurface) -> None:
    """Another process that begins the answer anew shows it in the messages of the first one."""
    turn = await _turn(slack, "dm")
    first = _reply(turn, surface)
    first.add("one two three ")
    await slack.wait_for(lambda: slack.calls_of("chat.startStream"))
    await first.abandon()
    posts = tuple(
        MessageRef(channel=turn.key.channel, message=m.ts) for m in slack.messages(turn.key.channel) if m.author.is_bot
    )
    other = SlackSurface(token=slack.bot_token, api_url=slack.api_url, observer=Pacing(FastClock()), clock=FastClock())
    second = _reply(replace(turn, posts=posts, attempt=2), other)
    second.add("uno dos ")
    second.add("tres")
    await second.finish(Ending())
    assert _said(slack, turn.target) == ["uno dos tres"]
    await other.close()
