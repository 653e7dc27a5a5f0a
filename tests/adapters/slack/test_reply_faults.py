"""Whole replies on a local Slack that misbehaves: edited messages in channels, streams in direct messages."""

from __future__ import annotations

import asyncio
import random
import re
from datetime import UTC, datetime

import pytest

from adapters.slack.surface import SlackSurface
from adapters.slack.targets import InDirect, InThread, target
from core.conversation import ConversationKey, Platform
from core.incoming import Author
from core.markdown.fences import fence_after
from core.pacing import Pacing
from core.ports import Ending
from core.reply import Reply
from core.turn import MessageRef, Turn, TurnState
from sandbox.slack.messages import Message
from sandbox.slack.server import SlackSandbox
from tests.doubles import FastClock

METHODS = ("chat.postMessage", "chat.update", "chat.startStream", "chat.appendStream", "chat.stopStream")
FAULTS: tuple[dict[str, object], ...] = (
    {"answer": "ratelimited", "retry_after": 1},
    {"answer": "status", "status": 503},
    {"answer": "html", "status": 502},
    {"answer": "cut"},
    {"answer": "cut", "takes_effect": True},
    {"answer": "error", "error": "internal_error", "takes_effect": True},
    {"answer": "error", "error": "msg_too_long"},
)
MOST = 6
"""Faults of one reply: a reply gives up after eight failures in a row."""


class Posted:
    """Remembers the messages of a reply."""

    def __init__(self) -> None:
        self.refs: dict[int, MessageRef] = {}

    async def posted(self, position: int, ref: MessageRef) -> None:
        self.refs[position] = ref

    async def dropped(self, position: int) -> None:
        del self.refs[position]


def answer(chance: random.Random) -> str:
    """Markdown in which each word is another one."""
    number = 0

    def words(most: int) -> str:
        nonlocal number
        first, number = number, number + chance.randint(1, most)
        return " ".join(f"w{one}" for one in range(first, number))

    blocks = (
        lambda: words(120),
        lambda: f"## {words(5)}",
        lambda: f"**{words(6)}** and *{words(3)}* [{words(2)}](https://example.com/a_(b))",
        lambda: "\n".join(f"- {words(12)}" for _ in range(chance.randint(1, 9))),
        lambda: "```python\n" + "\n".join(f"{words(6)} = 1" for _ in range(chance.randint(1, 80))) + "\n```",
    )
    return "\n\n".join(chance.choice(blocks)() for _ in range(chance.randint(1, 16)))


async def asked(slack: SlackSandbox, channel: str) -> Turn:
    """A turn that answers Ann there."""
    ts, ann = await slack.say("ann", channel, "hello"), slack.world.person("ann")
    place = slack.world.channel(channel, ann).id
    key = ConversationKey(platform=Platform.SLACK, workspace=slack.team_id, channel=place, thread=ts)
    direct = InDirect(channel=place, thread=ts, message=ts, user=ann.id)
    way = direct if channel == "dm" else InThread(channel=place, thread=ts, user=ann.id)
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


@pytest.mark.parametrize("channel", ["#help", "dm"])
@pytest.mark.parametrize("seed", range(30))
async def test_whatever_slack_does_the_text_is_there_once(
    slack: SlackSandbox, surface: SlackSurface, channel: str, seed: int
) -> None:
    """Whatever pieces the text comes in, and whichever calls are refused, fail or lose their answers: each word is
    read once and in order, every message is within its limit, and each has its fences closed."""
    chance = random.Random(seed)
    text, turn, posted = answer(chance), await asked(slack, channel), Posted()
    clock = FastClock(speed=2_000)
    reply = Reply(turn, surface=surface, pacing=Pacing(clock), clock=clock, recorder=posted)
    for _ in range(chance.randint(0, MOST)):
        slack.faults.call(chance.choice(METHODS), **chance.choice(FAULTS))  # type: ignore[arg-type]  # as named there
    at = 0
    while at < len(text):
        size = chance.choice((1, 3, 20, 200))
        reply.add(text[at : at + size])
        at += size
        await asyncio.sleep(chance.choice((0, 0, 0.001)))
    await reply.finish(Ending(notice="The end."))
    shown = [read(slack.message(ref.channel, ref.message)) for _, ref in sorted(posted.refs.items())]
    assert re.findall(r"w\d+", " ".join(shown)) == re.findall(r"w\d+", text)
    ours = [message for message in slack.messages(turn.key.channel) if message.author.is_bot]
    assert {message.ts for message in ours} == {ref.message for ref in posted.refs.values()}
    assert all(message.streaming != "streaming" for message in ours)
    for message in shown:
        assert len(message) <= 12_000
        fence = None
        for line in message.split("\n"):
            fence = fence_after(line, fence)
        assert fence is None, message


def read(message: Message) -> str:
    """What people read of it: the Markdown of its blocks, or a stream's text."""
    return next((str(block["text"]) for block in message.blocks if block["type"] == "markdown"), message.text)
