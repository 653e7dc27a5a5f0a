"""Answers to commands, presses and messages, as the person sees them on the local Slack."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.slack import answers, interactions
from adapters.slack.app import SlackApp
from adapters.slack.surface import SlackSurface
from core.endings import OUR_FAULT
from core.errors import SurfaceForbidden
from core.incoming import IncomingKind
from core.interaction import Answer, Button, Choice, Field, File, Form, Select, Style
from sandbox.slack.messages import Message
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import HeardReceiver

SURE = Answer(
    text="**Sure?**",
    buttons=(
        Button(label="Yes", action="forget.confirm", value="42", style=Style.DANGER),
        Button(label="No", action="forget.cancel"),
    ),
)
PICK = Answer(
    text="Which one?",
    selects=(
        Select(
            action="persona.use",
            placeholder="Persona",
            choices=(Choice(value="tutor", label="Tutor"), Choice(value="", label="None")),
        ),
    ),
)


def _ids(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row]


def _private(slack: SlackSandbox, channel: str, person: str = "ann") -> list[Message]:
    me = slack.world.person(person).id
    return [message for message in slack.messages(channel, person=person) if message.ephemeral_for == me]


def _several(slack: SlackSandbox, count: int) -> list[Message]:
    shown = _private(slack, "#help")
    return shown if len(shown) == count else []


async def _asked(slack: SlackSandbox, receiver: HeardReceiver, answer: Answer) -> Message:
    """The private message with which /help was answered."""
    receiver.answers["help"] = answer
    assert (await slack.command("ann", "#help", "/help")).acked
    return (await slack.wait_for(lambda: _private(slack, "#help")))[-1]


async def test_a_press_under_a_private_answer(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A button says its action and value and who pressed it; what answers takes the place of the question."""
    receiver.answers["forget.confirm"] = Answer(text="Forgotten.", replaces=True)
    shown = await _asked(slack, receiver, SURE)
    assert [block["type"] for block in shown.blocks] == ["markdown", "actions"]
    yes, _ = _ids(shown)
    assert (await slack.click("ann", "#help", shown.ts, yes)).acked
    (pressed,) = await receiver.heard(1, IncomingKind.BUTTON)
    assert (pressed.text, pressed.options, pressed.author.admin) == ("forget.confirm", {"value": "42"}, True)
    assert (pressed.key.thread, pressed.message_id) == (None, shown.ts)
    (left,) = await slack.wait_for(lambda: [m for m in _private(slack, "#help") if m.text == "Forgotten."])
    assert (left.ts, _ids(left)) == (shown.ts, [])


async def test_replaced_with_new_buttons(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A question can be followed by the next one in the same message; without that it stays and is answered below."""
    receiver.answers["forget.confirm"] = Answer(
        text="Really?", buttons=(Button(label="Yes", action="forget.sure"),), replaces=True
    )
    receiver.answers["forget.sure"] = Answer(text="Gone.")
    shown = await _asked(slack, receiver, SURE)
    await slack.click("ann", "#help", shown.ts, _ids(shown)[0])
    (now,) = await slack.wait_for(lambda: [m for m in _private(slack, "#help") if m.text == "Really?"])
    assert now.ts == shown.ts
    await slack.click("ann", "#help", now.ts, _ids(now)[0])
    await slack.wait_for(lambda: [m for m in _private(slack, "#help") if m.text == "Gone."])
    assert [m.text for m in _private(slack, "#help")] == ["Really?", "Gone."]


@pytest.mark.parametrize("value", ["tutor", ""])
async def test_a_choice(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, value: str) -> None:
    """A choice from a list is a press whose value is the choice's."""
    shown = await _asked(slack, receiver, PICK)
    assert (await slack.click("ann", "#help", shown.ts, _ids(shown)[0], option=value or "\\")).acked
    (pressed,) = await receiver.heard(1, IncomingKind.BUTTON)
    assert (pressed.text, pressed.options) == ("persona.use", {"value": value})


async def test_public(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A public answer stands where all read it; a press on it is answered to the presser alone, in its thread."""
    receiver.answers["help"] = Answer(text="Vote", private=False, buttons=(Button(label="A", action="vote.a"),))
    receiver.answers["vote.a"] = Answer(text="Thanks.", replaces=True)
    await slack.command("ann", "#help", "/help")
    typed, vote = slack.messages("#help")
    assert (typed.text, vote.text, vote.ephemeral_for) == ("/help", "Vote", None)
    await slack.click("bob", "#help", vote.ts, _ids(vote)[0])
    (told,) = await slack.wait_for(lambda: _private(slack, "#help", "bob"))
    assert told.text == "Thanks."
    assert slack.message("#help", vote.ts).text == "Vote"
    receiver.answers["vote.a"] = Answer(text="Closed.", replaces=True, private=False)
    await slack.click("bob", "#help", vote.ts, _ids(vote)[0])
    await slack.wait_for(lambda: slack.message("#help", vote.ts).text == "Closed.")


async def test_a_command_in_a_thread(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A command in a message is answered in its thread, to that person, with buttons that know the thread."""
    receiver.answers["help"], receiver.answers["forget.cancel"] = SURE, Answer(text="Kept.")
    root = await slack.say("ann", "#help", "hi")
    await slack.say("ann", "#help", "!help", thread_ts=root)
    (shown,) = await slack.wait_for(lambda: _private(slack, "#help"))
    assert shown.thread_ts == root
    await slack.click("ann", "#help", shown.ts, _ids(shown)[1])
    (pressed,) = await receiver.heard(1, IncomingKind.BUTTON)
    assert (pressed.text, pressed.options, pressed.key.thread) == ("forget.cancel", {"value": ""}, root)
    _, told = await slack.wait_for(lambda: _several(slack, 2))
    assert (told.text, told.thread_ts) == ("Kept.", root)


async def test_in_direct_messages(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """There an answer to a message is a message too, and one that replaces takes its place."""
    receiver.answers["help"], receiver.answers["forget.confirm"] = SURE, Answer(text="Done.", replaces=True)
    root = await slack.say("ann", "dm", "!help")
    (shown,) = await slack.wait_for(lambda: [m for m in slack.messages("dm", root, person="ann") if m.author.is_bot])
    assert shown.ephemeral_for is None
    await slack.click("ann", "dm", shown.ts, _ids(shown)[0])
    await slack.wait_for(lambda: slack.message(shown.channel, shown.ts).text == "Done.")
    assert len(slack.messages("dm", root, person="ann")) == 2


async def test_a_long_answer(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A text too long for one message becomes several, whole and in order, with the buttons under the last."""
    text = "\n\n".join(f"paragraph {number} " + "word " * 200 for number in range(30))
    await _asked(slack, receiver, Answer(text=text, buttons=SURE.buttons))
    shown = await slack.wait_for(lambda: _several(slack, 3))
    assert [len(_ids(message)) for message in shown] == [0, 0, 2]
    whole = "\n\n".join(message.blocks[0]["text"] for message in shown)
    assert whole.split() == text.split()


async def test_where_we_are_no_member(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Where we may not write, Slack's response_url does it, for presses as well."""
    receiver.answers["help"], receiver.answers["forget.cancel"] = SURE, Answer(text="Kept.")
    await slack.command("ann", "#random", "/help")
    (shown,) = _private(slack, "#random")
    await slack.click("ann", "#random", shown.ts, _ids(shown)[1])
    await slack.wait_for(lambda: [m for m in _private(slack, "#random") if m.text == "Kept."])


async def test_private_files(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Files for one person come by direct message, and the answer says so."""
    file = File(name="export é.toml", media_type="application/toml", content=b"name = 'x'", alt_text="the persona")
    shown = await _asked(slack, receiver, Answer(text="Here.", files=(file,)))
    assert shown.text == f"Here.\n\n{answers.FILES_GO_DIRECT}"
    (given,) = await slack.wait_for(lambda: slack.messages("dm", person="ann"))
    assert [(one["name"], one["size"], one["alt_txt"]) for one in given.files] == [(file.name, 10, "the persona")]


async def test_public_files(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Files for all stand in the place, in the thread of the command."""
    file = File(name="a.csv", media_type="text/csv", content=b"1,2")
    receiver.answers["help"] = Answer(text="Here.", files=(file, file), private=False)
    root = await slack.say("ann", "#help", "hi")
    await slack.say("ann", "#help", "!help", thread_ts=root)
    (given,) = await slack.wait_for(lambda: [m for m in slack.messages("#help", root) if m.files])
    assert (len(given.files), given.thread_ts, given.ephemeral_for) == (2, root, None)
    assert [m.text for m in slack.messages("#help", root) if m.author.is_bot and not m.files] == ["Here."]


async def test_files_that_cannot_be_given(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Without the permission the person is told, and the text is there all the same."""
    slack.manifest.scopes.discard("files:write")
    await _asked(slack, receiver, Answer(text="Here.", files=(File(name="a", media_type="text/plain", content=b"a"),)))
    shown = await slack.wait_for(lambda: _several(slack, 2))
    assert shown[1].text == answers.FILES_FAILED.format(SurfaceForbidden().sentence)


async def test_refused_blocks(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Where Slack does not take the buttons, the words are shown without them."""
    receiver.answers["help"] = SURE
    slack.faults.call("chat.postEphemeral", "error", error="invalid_blocks")
    await slack.say("ann", "#help", "@Parley !help")
    (shown,) = await slack.wait_for(lambda: _private(slack, "#help"))
    assert (shown.text, _ids(shown)) == ("*Sure?*", [])


async def test_no_member_any_more(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Who cannot be told in the channel is told directly."""
    receiver.answers["help"] = SURE
    slack.faults.call("chat.postEphemeral", "error", error="user_not_in_channel")
    await slack.say("ann", "#help", "@Parley !help")
    (shown,) = await slack.wait_for(lambda: slack.messages("dm", person="ann"))
    assert (shown.text, len(_ids(shown))) == ("*Sure?*", 2)


async def test_a_button_that_cannot_be_carried(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A fault of ours loses the button, not the answer."""
    shown = await _asked(slack, receiver, Answer(text="Hm", buttons=(Button(label="x", action="a" * 91),)))
    assert (shown.text, _ids(shown)) == ("Hm", [])


async def test_foreign_presses(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Values longer than ours, or with what no text has, are not taken for presses of ours."""
    shown = await _asked(slack, receiver, SURE)
    for value in ("x" * 91, "a\x00b"):
        blocks: list[dict[str, Any]] = [
            {
                "type": "actions",
                "block_id": "b",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "parley.0:forget.confirm",
                        "value": value,
                        "text": {"type": "plain_text", "text": "x"},
                    }
                ],
            }
        ]
        slack.workspace.change(shown, "forged", blocks=blocks)
        assert (await slack.click("ann", "#help", shown.ts, "parley.0:forget.confirm")).acked
    assert not [one for one in receiver.received if one.kind is IncomingKind.BUTTON]


async def test_slow_with_buttons(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes long is answered later with all it has; a fault of ours too."""
    monkeypatch.setattr(interactions, "STORE_WITHIN", 0.05)
    receiver.gate, receiver.answers["help"] = asyncio.Event(), SURE
    got = await slack.command("ann", "#help", "/help")
    assert (got.acked, got.text, _private(slack, "#help")) == (True, "", [])
    receiver.gate.set()
    (shown,) = await slack.wait_for(lambda: _private(slack, "#help"))
    assert len(_ids(shown)) == 2
    receiver.failures.append(RuntimeError("a fault"))
    await slack.click("ann", "#help", shown.ts, _ids(shown)[0])
    await slack.wait_for(lambda: [m for m in _private(slack, "#help") if m.text == OUR_FAULT])


async def test_a_form_where_none_can_be_opened(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, surface: SlackSurface
) -> None:
    """A command in a message opens no form: its text is shown, or how to get the form."""
    form = Form(action="persona.save", title="Persona", fields=(Field(name="name", label="Name"),))
    receiver.answers["help"] = Answer(form=form)
    await slack.say("ann", "#help", "@Parley !help")
    (shown,) = await slack.wait_for(lambda: _private(slack, "#help"))
    assert shown.blocks[0]["text"] == answers.FORM_NEEDS_COMMAND
    receiver.answers["help"] = Answer(text="Write it like this: …", form=form)
    await slack.say("ann", "#help", "@Parley !help")
    await slack.wait_for(lambda: [m for m in _private(slack, "#help") if m.text == "Write it like this: …"])


async def test_under_a_message_without_replies(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Slack shows nothing private in a thread that has not begun, so the answer stands in the channel; so does what
    answers a press under a message without replies."""
    receiver.answers["help"] = Answer(text="I can do much.")
    await slack.say("ann", "#help", "@Parley !help")
    (shown,) = await slack.wait_for(lambda: _private(slack, "#help"))
    assert (shown.text, shown.thread_ts) == ("I can do much.", None)
    receiver.answers["help"], receiver.answers["vote.a"] = (
        Answer(text="Vote", private=False, buttons=(Button(label="A", action="vote.a"),)),
        Answer(text="Thanks."),
    )
    await slack.command("bob", "#help", "/help")
    vote = slack.messages("#help")[-1]
    await slack.click("bob", "#help", vote.ts, _ids(vote)[0])
    (told,) = await slack.wait_for(lambda: _private(slack, "#help", "bob"))
    assert (told.text, told.thread_ts) == ("Thanks.", None)


async def test_busy(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """Where Slack is busy the answer comes later, and once."""
    receiver.answers["help"] = Answer(text="I can do much.")
    slack.faults.call("chat.postEphemeral", "ratelimited", retry_after=1, times=2)
    await slack.say("ann", "#help", "@Parley !help")
    (shown,) = await slack.wait_for(lambda: _private(slack, "#help"))
    assert shown.text == "I can do much."
    assert len(slack.calls_of("chat.postEphemeral")) == 3
