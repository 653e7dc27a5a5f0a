"""Slash commands, buttons and response_url, through the real Bolt."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.clock import ManualClock
from sandbox.slack.server import SlackSandbox
from sandbox.slack.values import SandboxError

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]
HELP = "C0000HELP"
BUTTON = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "stop",
            "text": {"type": "plain_text", "text": "Stop"},
            "value": "turn-1",
            "style": "danger",
        }
    ],
}


async def test_a_command_is_acknowledged_with_a_text(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """The text of the acknowledgement is shown to the asker alone; the payload has no ts."""
    bodies: list[dict[str, Any]] = []

    @app.command("/ask")
    async def ask(ack: Any, body: dict[str, Any]) -> None:
        bodies.append(body)
        await ack(f"you asked {body['text']}")

    await connect(app)
    got = await slack.command("ann", "#help", "/ask", "who is @bob?")
    bob = slack.world.person("bob").id
    assert (got.acked, got.text) == (True, f"you asked who is <@{bob}|bob>?")
    (message,) = slack.messages("#help")
    assert message.ephemeral_for == slack.world.person("ann").id
    assert (bodies[0]["command"], bodies[0]["channel_name"]) == ("/ask", "help")
    assert "ts" not in bodies[0]
    assert "thread_ts" not in bodies[0]


async def test_a_command_answered_in_channel(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """in_channel shows what was typed and the answer to everyone."""

    @app.command("/ask")
    async def ask(ack: Any) -> None:
        await ack(response_type="in_channel", text="answer")

    await connect(app)
    got = await slack.command("ann", "#help", "/ask", "question")
    assert [(m.author.name, m.text, m.ephemeral_for) for m in slack.messages("#help")] == [
        ("ann", "/ask question", None),
        ("parley", "answer", None),
    ]
    assert got.ts == slack.messages("#help")[-1].ts


async def test_a_command_without_acknowledgement_times_out(
    app: AsyncApp, connect: Connect, slack: SlackSandbox
) -> None:
    """The person reads operation_timeout; nothing is sent again."""
    slack.sockets.ack_seconds = 0.1
    await connect(app)
    got = await slack.command("ann", "#help", "/unknown")
    assert (got.acked, got.error) == (False, "operation_timeout")
    assert len(slack.deliveries[-1].attempts) == 1


async def test_a_command_without_an_app_fails_at_once(slack: SlackSandbox) -> None:
    """With nobody connected the person reads dispatch_failed."""
    got = await slack.command("ann", "#help", "/ask")
    assert (got.acked, got.error) == (False, "dispatch_failed")


async def test_response_url_works_where_the_bot_is_not(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """In a channel without the bot a command can still be answered, for one or for all."""
    answered = asyncio.Event()

    @app.command("/ask")
    async def ask(ack: Any, respond: Any) -> None:
        await ack()
        await respond("only you")
        await respond(response_type="in_channel", text="everyone")
        answered.set()

    await connect(app)
    got = await slack.command("ann", "#private", "/ask")
    await answered.wait()
    assert (got.acked, got.text) == (True, "")
    ann = slack.world.person("ann").id
    assert [(m.text, m.ephemeral_for) for m in slack.messages("#private")] == [("only you", ann), ("everyone", None)]


async def test_response_url_replaces_and_deletes(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """A command's own answer can be replaced and deleted afterwards."""
    urls: list[str] = []

    @app.command("/ask")
    async def ask(ack: Any, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        await ack("thinking")

    await connect(app)
    got = await slack.command("ann", "#help", "/ask")
    assert got.ts is not None
    hook = AsyncWebhookClient(urls[0])
    await hook.send(text="done", replace_original=True)
    assert slack.message("#help", got.ts).text == "done"
    await hook.send(delete_original=True)
    assert slack.messages("#help") == []


async def test_response_url_is_used_up(timed: SlackSandbox, clock: ManualClock, session: Any) -> None:
    """Five uses within half an hour; then used_url and expired_url, and nothing is shown."""
    ann, place = timed.world.person("ann"), timed.world.channel("help")
    first, second = timed.responses.issue(ann, place), timed.responses.issue(ann, place)
    for _ in range(5):
        async with session.post(first, json={"text": "hi"}) as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
    async with session.post(first, json={"text": "hi"}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (404, "used_url")
    clock.advance(1801)
    async with session.post(second, json={"text": "hi"}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (404, "expired_url")
    assert len(timed.messages("#help")) == 5


async def test_response_url_refuses_nonsense(slack: SlackSandbox, session: Any) -> None:
    """A body that is no JSON, or shows nothing, is refused and uses up nothing."""
    url = slack.responses.issue(slack.world.person("ann"), slack.world.channel("help"))
    errors = []
    for body in ("{broken", "[]", "{}"):
        async with session.post(url, data=body) as answer:
            errors.append((answer.status, (await answer.json())["error"]))
    assert errors == [(400, "invalid_payload"), (400, "invalid_payload"), (400, "no_text")]


async def test_a_button_under_a_message(
    app: AsyncApp, connect: Connect, slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """A press brings action, value, the message, a trigger and a response_url that acts on the message."""
    bodies: list[dict[str, Any]] = []

    @app.action("stop")
    async def stop(ack: Any, body: dict[str, Any], respond: Any) -> None:
        bodies.append(body)
        await ack()
        await respond(text="stopped", replace_original=True, blocks=[])

    @app.event("message")
    async def hear() -> None:
        return None

    await connect(app)
    parent = await slack.say("ann", "#help", "question")
    ts = (await client.chat_postMessage(channel=HELP, thread_ts=parent, text="growing", blocks=[BUTTON]))["ts"]
    got = await slack.click("bob", "#help", ts, "stop")
    assert got.acked
    (body,) = bodies
    (action,) = body["actions"]
    assert (action["action_id"], action["value"], action["type"]) == ("stop", "turn-1", "button")
    assert (body["user"]["id"], body["message"]["ts"]) == (slack.world.person("bob").id, ts)
    assert (body["container"]["thread_ts"], body["container"]["is_ephemeral"]) == (parent, False)
    message = slack.message("#help", ts)
    assert (message.text, message.blocks) == ("stopped", ())


async def test_a_button_under_an_ephemeral_message(
    app: AsyncApp, connect: Connect, slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """Only its reader can press it; the message is named but not sent along, and can be deleted by response_url."""
    bodies: list[dict[str, Any]] = []

    @app.action("stop")
    async def stop(ack: Any, body: dict[str, Any], respond: Any) -> None:
        bodies.append(body)
        await ack()
        await respond(delete_original=True)

    await connect(app)
    ann = slack.world.person("ann").id
    ts = (await client.chat_postEphemeral(channel=HELP, user=ann, text="?", blocks=[BUTTON]))["message_ts"]
    with pytest.raises(SandboxError, match="does not see"):
        await slack.click("bob", "#help", ts, "stop")
    assert (await slack.click("ann", "#help", ts, "stop")).acked
    assert bodies[0]["container"]["is_ephemeral"]
    assert "message" not in bodies[0]
    assert slack.messages("#help") == []


async def test_a_button_that_is_not_there(slack: SlackSandbox) -> None:
    """Nobody can press what is not shown."""
    ts = await slack.say("ann", "#help", "no buttons")
    with pytest.raises(SandboxError, match="nothing to press"):
        await slack.click("ann", "#help", ts, "stop")


async def test_a_menu_needs_an_option(
    app: AsyncApp, connect: Connect, slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """Choosing from a menu sends the chosen option; one that it lacks cannot be chosen."""
    chosen: list[str] = []

    @app.action("model")
    async def choose(ack: Any, action: dict[str, Any]) -> None:
        chosen.append(action["selected_option"]["value"])
        await ack()

    @app.event("message")
    async def hear() -> None:
        return None

    await connect(app)
    options = [{"text": {"type": "plain_text", "text": name.upper()}, "value": name} for name in ("small", "big")]
    menu = {"type": "static_select", "action_id": "model", "options": options}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Model"}, "accessory": menu}
    ts = (await client.chat_postMessage(channel=HELP, text="Model", blocks=[section]))["ts"]
    await slack.click("ann", "#help", ts, "model", option="big")
    assert chosen == ["big"]
    with pytest.raises(SandboxError, match="no option"):
        await slack.click("ann", "#help", ts, "model", option="huge")


async def test_menus_and_buttons_of_private_answers(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """A choice from a menu says what was chosen; its response_url changes the private message, then removes it."""
    option = {"text": {"type": "plain_text", "text": "Tutor"}, "value": "tutor"}
    menu = {"type": "static_select", "action_id": "pick", "options": [option]}
    button = {"type": "button", "action_id": "close", "text": {"type": "plain_text", "text": "Close"}}
    chosen: list[Any] = []

    @app.command("/help")
    async def help(ack: Any) -> None:
        await ack(text="Which?", blocks=[{"type": "actions", "elements": [menu, button]}])

    @app.action("pick")
    async def pick(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        chosen.append((body["actions"][0]["selected_option"], body["container"]["is_ephemeral"], "message" in body))
        blocks = [{"type": "actions", "elements": [button]}]
        await respond(text="Tutor it is", replace_original=True, blocks=blocks)

    @app.action("close")
    async def close(ack: Any, respond: Any) -> None:
        await ack()
        await respond(delete_original=True)

    await connect(app)
    ts = (await slack.command("ann", "#help", "/help")).ts
    assert ts is not None
    with pytest.raises(SandboxError, match="name an option"):
        await slack.click("ann", "#help", ts, "pick")
    with pytest.raises(SandboxError, match="does not see"):
        await slack.click("bob", "#help", ts, "close")
    await slack.click("ann", "#help", ts, "pick", option="tutor")
    assert chosen == [(option, True, False)]
    await slack.wait_for(lambda: slack.message("#help", ts).text == "Tutor it is")
    with pytest.raises(SandboxError, match="nothing to press"):
        await slack.click("ann", "#help", ts, "pick", option="tutor")
    await slack.click("ann", "#help", ts, "close")
    await slack.wait_for(lambda: not slack.messages("#help"))
