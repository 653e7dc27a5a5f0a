"""Forms as a person fills them in on the local Slack."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack import answers, interactions
from adapters.slack.app import SlackApp
from adapters.slack.targets import InChannel, InThread, way_of
from core.endings import OUR_FAULT
from core.errors import StoreUnavailable
from core.incoming import IncomingKind
from core.interaction import Answer, Button, Choice, Field, FieldKind, Form
from sandbox.slack.files import Upload
from sandbox.slack.messages import Message
from sandbox.slack.server import SlackSandbox
from sandbox.slack.views import View
from tests.adapters.slack.conftest import HeardReceiver

PROMPT = "You are a tutor.\n\n" + "Ask before you tell. " * 500
FORM = Form(
    action="persona.save",
    title="A persona with a long name",
    value="7",
    fields=(
        Field(name="name", label="Name", value="Tutor", required=True),
        Field(name="prompt", label="Prompt", kind=FieldKind.TEXT, value=PROMPT, longest=12_000),
        Field(
            name="model",
            label="Model",
            kind=FieldKind.CHOICE,
            choices=(Choice(value="small", label="Small"), Choice(value="large", label="Large")),
        ),
        Field(name="file", label="File", kind=FieldKind.FILE),
    ),
)


def _private(slack: SlackSandbox, channel: str = "#help", person: str = "ann") -> list[Message]:
    me = slack.world.person(person).id
    return [message for message in slack.messages(channel, person=person) if message.ephemeral_for == me]


async def _opened(slack: SlackSandbox, receiver: HeardReceiver, channel: str = "#help") -> View:
    """The form that /settings opens for Ann."""
    receiver.answers["settings"] = Answer(form=FORM)
    got = await slack.command("ann", channel, "/settings")
    assert (got.acked, got.text) == (True, "")
    (view,) = await slack.wait_for(lambda: slack.views)
    return view


async def test_filled_in(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A form comes back with all its fields and files, exactly, and closes; the answer is for its person."""
    receiver.answers["persona.save"] = Answer(text="Saved.", buttons=(Button(label="Use", action="persona.use"),))
    view = await _opened(slack, receiver)
    file = Upload(name="notes.toml", content=b"a = 1", mimetype="application/toml")
    got = await slack.submit_view("ann", view.id, {"name": "Muse", "model": "large", "file": [file]})
    assert (got.acked, got.errors, slack.views) == (True, None, [])
    (filled,) = await receiver.heard(1, IncomingKind.FORM)
    assert filled.text == "persona.save"
    assert filled.options == {"name": "Muse", "prompt": PROMPT, "model": "large", "value": "7"}
    assert [(one.name, one.size) for one in filled.attachments] == [("notes.toml", 5)]
    assert (filled.author.name, filled.author.admin, filled.key.thread) == ("ann", True, None)
    assert filled.key.channel == slack.world.channel("#help").id
    assert isinstance(way_of(filled.target), InChannel)
    (told,) = await slack.wait_for(lambda: _private(slack))
    assert (told.text, [block["type"] for block in told.blocks]) == ("Saved.", ["markdown", "actions"])


async def test_opened_by_a_press_in_a_thread(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A form knows the thread in which its button was pressed, and is answered there."""
    receiver.answers["help"] = Answer(text="Edit?", buttons=(Button(label="Edit", action="persona.edit"),))
    receiver.answers["persona.edit"], receiver.answers["persona.save"] = Answer(form=FORM), Answer(text="Saved.")
    root = await slack.say("ann", "#help", "hi")
    await slack.say("ann", "#help", "!help", thread_ts=root)
    (shown,) = await slack.wait_for(lambda: _private(slack))
    await slack.click("ann", "#help", shown.ts, "parley.0:persona.edit")
    (view,) = await slack.wait_for(lambda: slack.views)
    await slack.submit_view("ann", view.id, {})
    (filled,) = await receiver.heard(1, IncomingKind.FORM)
    assert (filled.key.thread, isinstance(way_of(filled.target), InThread)) == (root, True)
    (told,) = await slack.wait_for(lambda: [m for m in _private(slack) if m.text == "Saved."])
    assert told.thread_ts == root


async def test_replacing_what_opened_it(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """What answers a form can take the place of the private message whose button opened it."""
    receiver.answers["help"] = Answer(text="Edit?", buttons=(Button(label="Edit", action="persona.edit"),))
    receiver.answers["persona.edit"] = Answer(form=FORM)
    receiver.answers["persona.save"] = Answer(text="Saved.", replaces=True)
    asked = await slack.command("ann", "#help", "/help")
    await slack.click("ann", "#help", asked.ts or "", "parley.0:persona.edit")
    (view,) = await slack.wait_for(lambda: slack.views)
    await slack.submit_view("ann", view.id, {})
    await slack.wait_for(lambda: [m.text for m in _private(slack)] == ["Saved."])


async def test_shown_again(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A form with a mistake is shown again with what was typed and the sentence above; then it can be sent."""
    again = Form(action=FORM.action, title="Persona", value="8", fields=(Field(name="name", label="N", value="Muse"),))
    receiver.answers["persona.save"] = Answer(text="**Unknown** variable {x}.", form=again)
    view = await _opened(slack, receiver)
    await slack.submit_view("ann", view.id, {"name": "Muse"})
    (shown,) = slack.views
    assert shown.id == view.id
    assert shown.blocks[0]["text"]["text"] == "*Unknown* variable {x}."
    del receiver.answers["persona.save"]
    await slack.submit_view("ann", view.id, {})
    first, second = await receiver.heard(2, IncomingKind.FORM)
    assert second.options == {"name": "Muse", "value": "8"}
    assert first.event_id != second.event_id
    assert not slack.views


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [(StoreUnavailable("locked"), StoreUnavailable().sentence), (RuntimeError("a fault"), OUR_FAULT)],
)
async def test_not_stored(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, failure: Exception, sentence: str
) -> None:
    """A form that could not be stored stays with all that was typed, says why, and can be sent again."""
    view = await _opened(slack, receiver)
    receiver.failures.append(failure)
    got = await slack.submit_view("ann", view.id, {"name": "Muse", "model": "small"})
    assert list((got.errors or {}).values()) == [sentence]
    assert slack.views
    got = await slack.submit_view("ann", view.id, {})
    assert (got.errors, slack.views) == (None, [])
    (filled,) = await receiver.heard(1, IncomingKind.FORM)
    assert filled.options == {"name": "Muse", "prompt": PROMPT, "model": "small", "value": "7"}


@pytest.mark.parametrize("fails", [False, True])
async def test_slowly_stored(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """What takes longer than Slack waits is told in the form itself; nothing typed is lost if it fails."""
    monkeypatch.setattr(interactions, "SUBMIT_WITHIN", 0.05)
    receiver.answers["persona.save"] = Answer(text="Saved.")
    view = await _opened(slack, receiver)
    receiver.gate = asyncio.Event()
    if fails:
        receiver.failures.append(StoreUnavailable("locked"))
    await slack.submit_view("ann", view.id, {"name": "Muse"})
    assert slack.views[0].blocks[0]["text"]["text"] == interactions.STILL_SAVING
    receiver.gate.set()
    if not fails:
        await slack.wait_for(lambda: slack.views[0].blocks[0]["text"]["text"] == "Saved.")
        await app.stop_receiving()
        assert not _private(slack)
        return
    await slack.wait_for(lambda: slack.views[0].blocks[0]["text"]["text"] == StoreUnavailable().sentence)
    await slack.submit_view("ann", view.id, {})
    (filled,) = await receiver.heard(1, IncomingKind.FORM)
    assert (filled.options["name"], filled.options["prompt"]) == ("Muse", PROMPT)


@pytest.mark.parametrize("fails", [False, True])
async def test_closed_while_it_was_stored(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """Who closes the form meanwhile gets what they typed as a message, if it could not be stored or was not right."""
    monkeypatch.setattr(interactions, "SUBMIT_WITHIN", 0.05)
    sentence = StoreUnavailable().sentence if fails else "Not so."
    view = await _opened(slack, receiver)
    receiver.gate = asyncio.Event()
    receiver.answers["persona.save"] = Answer(text="Not so.", form=FORM)
    if fails:
        receiver.failures.append(StoreUnavailable("locked"))
    await slack.submit_view("ann", view.id, {"name": "Muse"})
    await slack.close_view("ann", view.id)
    receiver.gate.set()
    (told, *_) = await slack.wait_for(lambda: _private(slack))
    assert told.text.startswith(sentence)
    assert "Muse" in told.text


@pytest.mark.parametrize(
    ("error", "sentence"),
    [("expired_trigger_id", answers.FORM_LATE), ("invalid_blocks", answers.FORM_REFUSED)],
)
@pytest.mark.parametrize("text", ["", "Use it like this."])
async def test_not_opened(
    slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver, error: str, sentence: str, text: str
) -> None:
    """A form that Slack does not open is replaced by the answer's text, or by what to do."""
    receiver.answers["settings"] = Answer(text=text, form=FORM)
    slack.faults.call("views.open", "error", error=error)
    await slack.command("ann", "#help", "/settings")
    (told,) = await slack.wait_for(lambda: _private(slack))
    assert told.blocks[0]["text"] == (text or sentence)


async def test_answered_where_we_are_no_member(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """There the command's own address takes the answer, and when that is used up a direct message does."""
    receiver.answers["persona.save"] = Answer(text="Saved.")
    view = await _opened(slack, receiver, "#random")
    await slack.submit_view("ann", view.id, {})
    await slack.wait_for(lambda: [m for m in _private(slack, "#random") if m.text == "Saved."])
    view = await _opened(slack, receiver, "#random")
    for url in slack.responses._issued.values():
        url.uses = 5
    await slack.submit_view("ann", view.id, {})
    await slack.wait_for(lambda: [m for m in slack.messages("dm", person="ann") if m.text == "Saved."])


async def test_in_direct_messages(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A form opened there is answered there."""
    receiver.answers["persona.save"] = Answer(text="Saved.")
    view = await _opened(slack, receiver, "dm")
    await slack.submit_view("ann", view.id, {})
    (filled,) = await receiver.heard(1, IncomingKind.FORM)
    assert not filled.shared
    await slack.wait_for(lambda: [m for m in slack.messages("dm", person="ann") if m.text == "Saved."])


async def test_by_http(slack: SlackSandbox, site: SlackApp, receiver: HeardReceiver) -> None:
    """Forms work the same where Slack calls us."""
    receiver.answers["persona.save"] = Answer(text="No.", form=FORM)
    view = await _opened(slack, receiver)
    got = await slack.submit_view("ann", view.id, {})
    assert (got.acked, slack.views[0].blocks[0]["text"]["text"]) == (True, "No.")
