"""Modals and Home, through the real Bolt."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import ManualClock
from sandbox.slack.files import Upload
from sandbox.slack.server import SlackSandbox
from sandbox.slack.values import SandboxError

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]


def _input(block_id: str, **element: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": block_id}
    action = {"type": "plain_text_input", "action_id": block_id} | element
    return {"type": "input", "block_id": block_id, "label": label, "element": action}


def _modal(**more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "persona",
        "private_metadata": "C1",
        "title": {"type": "plain_text", "text": "Persona"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [_input("name"), _input("prompt", multiline=True) | {"optional": True}],
    } | more


def _opens(app: AsyncApp, view: dict[str, Any]) -> None:
    @app.command("/persona")
    async def persona(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)


async def test_a_form_is_filled_in(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """A command opens a modal; its values, metadata and callback arrive; an empty acknowledgement closes it."""
    views: list[dict[str, Any]] = []
    _opens(app, _modal())

    @app.view("persona")
    async def save(ack: Any, view: dict[str, Any]) -> None:
        views.append(view)
        await ack()

    await connect(app)
    await slack.command("ann", "#help", "/persona")
    (view,) = await slack.wait_for(lambda: slack.views)
    got = await slack.submit_view("ann", view.id, {"name": "Tutor"})
    assert (got.acked, slack.views) == (True, [])
    values = views[0]["state"]["values"]
    assert values["name"]["name"] == {"type": "plain_text_input", "value": "Tutor"}
    assert values["prompt"]["prompt"]["value"] is None
    assert (views[0]["private_metadata"], views[0]["callback_id"]) == ("C1", "persona")


async def test_a_form_can_complain(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """response_action errors leaves the modal open and says what is wrong; update shows another."""
    answers = [
        {"response_action": "errors", "errors": {"name": "Taken"}},
        {"response_action": "update", "view": _modal(title={"type": "plain_text", "text": "Sure?"})},
    ]
    _opens(app, _modal())

    @app.view("persona")
    async def save(ack: Any) -> None:
        await ack(**answers.pop(0))

    await connect(app)
    await slack.command("ann", "#help", "/persona")
    (view,) = await slack.wait_for(lambda: slack.views)
    got = await slack.submit_view("ann", view.id, {"name": "Tutor"})
    assert got.errors == {"name": "Taken"}
    await slack.submit_view("ann", view.id, {"name": "Other"})
    (shown,) = slack.views
    assert (shown.id, shown.body["title"]["text"]) == (view.id, "Sure?")


async def test_a_required_field_must_be_filled(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """Slack's client keeps an incomplete form back; a value without a field is the test's mistake."""
    _opens(app, _modal())
    await connect(app)
    await slack.command("ann", "#help", "/persona")
    (view,) = await slack.wait_for(lambda: slack.views)
    with pytest.raises(SandboxError, match="must be filled in"):
        await slack.submit_view("ann", view.id, {})
    with pytest.raises(SandboxError, match="no field"):
        await slack.submit_view("ann", view.id, {"name": "x", "colour": "red"})
    with pytest.raises(SandboxError, match="sees no view"):
        await slack.submit_view("bob", view.id, {"name": "x"})


async def test_closing_is_told_when_asked(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """With notify_on_close the app hears that the person closed the modal."""
    closed: list[str] = []
    _opens(app, _modal(notify_on_close=True))

    @app.view_closed("persona")
    async def gone(ack: Any, view: dict[str, Any]) -> None:
        closed.append(view["id"])
        await ack()

    await connect(app)
    await slack.command("ann", "#help", "/persona")
    (view,) = await slack.wait_for(lambda: slack.views)
    await slack.close_view("ann", view.id)
    assert (closed, slack.views) == ([view.id], [])


async def test_a_trigger_holds_three_seconds_and_once(
    timed: SlackSandbox, timed_client: AsyncWebClient, clock: ManualClock
) -> None:
    """Later it is expired, a second time exchanged, and a made-up one invalid."""
    ann = timed.world.person("ann")
    first, second = timed.triggers.issue(ann), timed.triggers.issue(ann)
    await timed_client.views_open(trigger_id=first, view=_modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await timed_client.views_open(trigger_id=first, view=_modal())
    clock.advance(4)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await timed_client.views_open(trigger_id=second, view=_modal())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await timed_client.views_open(trigger_id="made.up", view=_modal())


@pytest.mark.parametrize(
    "view",
    [
        _modal(title={"type": "plain_text", "text": "x" * 25}),
        _modal(private_metadata="x" * 3001),
        _modal(submit=None),
        _modal(type="window"),
        _modal(blocks=None),
        _modal(title={"type": "mrkdwn", "text": "x"}),
        _modal(submit={"type": "plain_text", "text": "x" * 25}),
        _modal(close={"type": "plain_text", "text": ""}),
        _modal(callback_id="x" * 256),
    ],
)
async def test_bad_modals_are_refused(view: dict[str, Any], client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Too long a title or metadata, inputs without a submit button, and no modal at all are refused."""
    trigger = slack.triggers.issue(slack.world.person("ann"))
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=view)


async def test_modals_are_updated_and_stacked(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """An update keeps the id and demands the right hash; at most three modals are stacked."""
    ann = slack.world.person("ann")
    opened = (await client.views_open(trigger_id=slack.triggers.issue(ann), view=_modal()))["view"]
    updated = await client.views_update(view_id=opened["id"], view=_modal(callback_id="new"), hash=opened["hash"])
    assert (updated["view"]["id"], updated["view"]["callback_id"]) == (opened["id"], "new")
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=opened["id"], view=_modal(), hash=opened["hash"])
    for _ in range(2):
        await client.views_push(trigger_id=slack.triggers.issue(ann), view=_modal())
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=slack.triggers.issue(ann), view=_modal())
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0", view=_modal())


async def test_home_is_published_and_pressed(
    app: AsyncApp, connect: Connect, slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """Opening Home is told; publishing shows it; a button in it can be pressed."""
    pressed: list[dict[str, Any]] = []
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=home)

    @app.action("go")
    async def go(ack: Any, body: dict[str, Any]) -> None:
        pressed.append(body)
        await ack()

    await connect(app)
    await slack.open_dm("ann")
    await slack.open_home("ann")
    (view,) = await slack.wait_for(lambda: slack.views)
    assert (await slack.click_in_view("ann", view.id, "go")).acked
    assert (pressed[0]["container"]["type"], pressed[0]["view"]["type"]) == ("view", "home")
    await client.views_publish(user_id=slack.world.person("ann").id, view=home)
    assert [shown.id for shown in slack.views] == [view.id]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_publish(user_id=slack.world.person("ann").id, view=home, hash="old")


async def test_what_was_typed_stays(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """While a modal is open its fields keep what was typed, in blocks whose id stays; in others they begin anew."""
    states: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = [
        {"response_action": "errors", "errors": {"name": "Taken"}},
        {"response_action": "update", "view": _modal(blocks=[_input("name"), _input("new", initial_value="fresh")])},
        {"response_action": "errors", "errors": {"elsewhere": "There is no such field"}},
    ]
    _opens(app, _modal())

    @app.view("persona")
    async def save(ack: Any, view: dict[str, Any]) -> None:
        states.append({name: one["value"] for block in view["state"]["values"].values() for name, one in block.items()})
        await (ack(**answers.pop(0)) if answers else ack())

    await connect(app)
    await slack.command("ann", "#help", "/persona")
    (view,) = await slack.wait_for(lambda: slack.views)
    await slack.submit_view("ann", view.id, {"name": "Tutor", "prompt": "Be kind"})
    await slack.submit_view("ann", view.id, {"prompt": ""})
    got = await slack.submit_view("ann", view.id, {})
    assert (got.error, len(slack.views)) == ("invalid_errors", 1)
    await slack.submit_view("ann", view.id, {})
    assert states == [
        {"name": "Tutor", "prompt": "Be kind"},
        {"name": "Tutor", "prompt": None},
        {"name": "Tutor", "new": "fresh"},
        {"name": "Tutor", "new": "fresh"},
    ]


async def test_files_in_a_form(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """A file input takes as many files as it says, and sends what a message would carry of them."""
    files: list[dict[str, Any]] = []
    label = {"type": "plain_text", "text": "Files"}
    element = {"type": "file_input", "action_id": "files", "max_files": 1}
    block = {"type": "input", "block_id": "f", "label": label, "element": element, "optional": True}
    _opens(app, _modal(blocks=[block, _input("name", max_length=3)]))

    @app.view("persona")
    async def save(ack: Any, view: dict[str, Any]) -> None:
        files.extend(view["state"]["values"]["f"]["files"]["files"])
        await ack()

    await connect(app)
    await slack.command("ann", "#help", "/persona")
    (view,) = await slack.wait_for(lambda: slack.views)
    upload = Upload(name="a.txt", content=b"abc")
    with pytest.raises(SandboxError, match="no more than 1 files"):
        await slack.submit_view("ann", view.id, {"files": [upload, upload], "name": "x"})
    with pytest.raises(SandboxError, match="no more than 3 characters"):
        await slack.submit_view("ann", view.id, {"name": "long"})
    await slack.submit_view("ann", view.id, {"files": [upload], "name": "x"})
    assert [(one["name"], one["size"]) for one in files] == [("a.txt", 3)]
