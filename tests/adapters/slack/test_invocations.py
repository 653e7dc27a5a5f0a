"""Slash commands, buttons and Slack's own Stop, through the real bolt."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.slack import interactions
from adapters.slack.app import SlackApp
from adapters.slack.responses import GOES_ON
from adapters.slack.surface import SlackSurface
from core.errors import StoreUnavailable
from core.incoming import IncomingKind
from core.interaction import Answer
from core.pacing import Pacing
from core.ports import Control, Draft, Ending
from core.reply import Reply
from core.turn import MessageRef, Turn, TurnState
from sandbox.slack.messages import Message
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import HeardReceiver
from tests.doubles import FastClock


class Posted:
    """Remembers the messages of a reply."""

    def __init__(self) -> None:
        self.refs: dict[int, MessageRef] = {}

    async def posted(self, position: int, ref: MessageRef) -> None:
        self.refs[position] = ref

    async def dropped(self, position: int) -> None:
        del self.refs[position]


async def test_ask(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface) -> None:
    """A question by command is repeated in the channel without calling anybody, and answered in its thread."""
    got = await slack.command("ann", "#help", "/ask", "is @bob there?\n<!channel>")
    assert got.acked
    assert not got.text
    (asked,) = await receiver.heard()
    assert (asked.kind, asked.command, asked.options["question"]) == (
        IncomingKind.COMMAND,
        "ask",
        "is @bob there?\n<!channel>",
    )
    assert asked.key.thread is not None
    assert asked.key.thread == f"ask-{asked.event_id}"
    ref = await surface.open(asked.target, Draft(text="Yes."), key="k")
    root, reply = slack.messages("#help")
    assert root.text.startswith("*@ann asked:*\n> is @bob there?")
    assert not root.pings
    assert (reply.thread_ts, reply.text, ref.root) == (root.ts, "Yes.", root.ts)
    await surface.finish(asked.target, ref, Draft(text="Yes, he is."))
    again = await surface.open(asked.target, Draft(text="More."), key="k2")
    assert again.root == root.ts
    assert len(slack.messages("#help")) == 3


async def test_ask_where_we_are_no_member(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface
) -> None:
    """There the asker alone reads the answer, with few of the five writes that Slack allows, the end among them."""
    await slack.command("ann", "#random", "/ask", "why?")
    (asked,) = await receiver.heard()
    growing = (Control.STOP,)
    ref = await surface.open(asked.target, Draft(text="B", controls=growing), key="k")
    for text in ("Be", "Bec", "Beca", "Becau", "Becaus"):
        await surface.edit(asked.target, ref, Draft(text=text, controls=growing))
    await surface.finish(asked.target, ref, Draft(text="Because."))
    second = await surface.open(asked.target, Draft(text="And", controls=growing), key="k2")
    await surface.finish(asked.target, second, Draft(text="And so on."))
    shown = slack.messages("#random")
    assert [message.text for message in shown] == ["Because.", "And so on."]
    assert {message.ephemeral_for for message in shown} == {slack.world.person("ann").id}


async def test_a_long_answer_where_we_are_no_member(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface
) -> None:
    """What the five writes cannot hold goes on in the direct messages, where it grows, and the asker is told; every
    word can be read, each once."""
    await slack.command("ann", "#random", "/ask", "why?")
    (asked,) = await receiver.heard()
    turn = Turn(
        id=1,
        key=asked.key,
        seq=1,
        state=TurnState.STREAMING,
        asker=asked.author,
        target=asked.target,
        queued_at=datetime(2026, 11, 23, tzinfo=UTC),
        attempt=1,
    )
    clock = FastClock()
    reply = Reply(turn, surface=surface, pacing=Pacing(clock), clock=clock, recorder=Posted())
    words = [f"word{number} " for number in range(2_500)]
    for word in words:
        reply.add(word)
        await asyncio.sleep(0)
    await reply.finish(Ending(notice="The end."))
    place, direct = slack.messages("#random", person="ann"), slack.messages("dm", person="ann")
    read = " ".join(map(_markdown, (*place, *direct))).replace(GOES_ON, "")
    assert read.split() == "".join(words).split()
    assert [message.text for message in place].count(GOES_ON) == 1
    assert direct[-1].text.endswith("The end.")
    assert all(len(_markdown(message)) <= 3_500 for message in direct)
    assert not slack.calls_of("response_url")[5:]


def _markdown(message: Message) -> str:
    return next((str(block["text"]) for block in message.blocks if block["type"] == "markdown"), message.text)


async def test_an_answer_after_half_an_hour_where_we_are_no_member(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface
) -> None:
    """When Slack takes no more there, the whole message stands in the direct messages, and changes there."""
    await slack.command("ann", "#random", "/ask", "why?")
    (asked,) = await receiver.heard()
    ref = await surface.open(asked.target, Draft(text="B", controls=(Control.STOP,)), key="k")
    for number in range(4):
        await surface.whisper(asked.target, asked.author, f"psst {number}")
    await surface.finish(asked.target, ref, Draft(text="Because."))
    await surface.finish(asked.target, ref, Draft(text="Because of that."))
    assert [message.text for message in slack.messages("dm", person="ann")] == ["Because of that."]


async def test_answered_at_once(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A command that the receiver answers is answered in its acknowledgement, to the person alone."""
    receiver.answers["help"] = Answer(text="**Ask** me")
    got = await slack.command("ann", "#help", "/help")
    assert (got.acked, got.text) == (True, "*Ask* me")
    assert slack.messages("#help")[0].ephemeral_for == slack.world.person("ann").id


async def test_settings_know_admins(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Who is an admin of the workspace is known with each command."""
    await slack.command("ann", "#help", "/settings", "set answer_in channel")
    await slack.command("bob", "#help", "/settings", "set answer_in channel")
    ann, bob = await receiver.heard(2)
    assert (ann.author.admin, bob.author.admin) == (True, False)
    assert ann.options == {"setting": "answer_in", "value": "channel"}
    assert ann.key.thread is None


async def test_command_not_stored(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Slack never repeats a command, so the person is told to."""
    receiver.failures.append(StoreUnavailable("locked"))
    got = await slack.command("ann", "#help", "/ask", "why?")
    assert got.acked
    assert got.text == StoreUnavailable().sentence


async def test_slow_command(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that takes long is acknowledged in time and answered later."""
    monkeypatch.setattr(interactions, "STORE_WITHIN", 0.05)
    receiver.gate, receiver.answers["help"] = asyncio.Event(), Answer(text="late")
    got = await slack.command("ann", "#help", "/help")
    assert got.acked
    assert not got.text
    receiver.gate.set()
    await slack.wait_for(lambda: [m for m in slack.messages("#help") if m.text == "late"])


async def test_button(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface) -> None:
    """A button names its turn and where it was pressed; why it did nothing is told to that person alone."""
    receiver.answers["try_again"] = Answer(text="Not yours.")
    root = await slack.say("ann", "#help", "@Parley hi")
    (mention, _) = await receiver.heard(2)
    draft = Draft(text="Hm", notice="Cut.", controls=(Control.TRY_AGAIN,), turn=17)
    ref = await surface.open(mention.target, draft, key="k")
    assert (await slack.click("bob", "#help", ref.message, "parley:try_again")).acked
    (pressed,) = await receiver.heard(1, IncomingKind.BUTTON)
    assert (pressed.text, pressed.options, pressed.message_id) == ("try_again", {"turn": "17"}, ref.message)
    assert (pressed.key.thread, pressed.author.name) == (root, "bob")
    (told,) = await slack.wait_for(lambda: [m for m in slack.messages("#help") if m.ephemeral_for])
    assert (told.text, told.ephemeral_for) == ("Not yours.", slack.world.person("bob").id)


async def test_native_stop(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Slack's own Stop is the stop of whatever runs in that thread."""
    ts = await slack.say("ann", "dm", "hello")
    await receiver.heard()
    await slack.stop_session("ann", "dm", ts)
    (stopped,) = await receiver.heard(1, IncomingKind.BUTTON)
    assert (stopped.text, stopped.options, stopped.key.thread) == ("stop", {}, ts)
    assert stopped.author.id == slack.world.person("ann").id
