"""Starting, staying connected and stopping, by Socket Mode and by HTTP."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest
import structlog

from adapters.slack import connection
from adapters.slack.app import SlackApp
from adapters.slack.failures import AppTokenRefused, PortTaken, SigningSecretMissing, TokenRefused
from adapters.slack.surface import SlackSurface
from core.errors import StoreUnavailable, SurfaceUnavailable
from core.incoming import IncomingKind
from core.interaction import Answer
from core.ports import Control, Draft
from sandbox.slack.server import SlackSandbox
from tests.adapters.slack.conftest import HeardReceiver, Observations, QuickClock


async def test_dropped_connections(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """A lost connection comes back, and what was said meanwhile arrives."""
    assert app.healthy()
    await slack.sockets.drop()
    await slack.say("ann", "dm", "hello")
    assert (await receiver.heard())[0].text == "hello"
    await slack.wait_for(app.healthy)


async def test_no_greeting(
    slack: SlackSandbox,
    surface: SlackSurface,
    receiver: HeardReceiver,
    clock: QuickClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """slack_sdk never gives up on an address that leads nowhere; we take a new one."""
    monkeypatch.setattr(connection, "HELLO_WITHIN", 0.3)
    slack.faults.call("apps.connections.open", "status", status=503)
    made = SlackApp(surface=surface, receiver=receiver, clock=clock, app_token=slack.app_token)
    await made.start()
    assert made.healthy()
    assert len(slack.calls_of("apps.connections.open")) == 2
    await made.close()


async def test_bad_tokens(
    slack: SlackSandbox,
    surface: SlackSurface,
    observations: Observations,
    receiver: HeardReceiver,
    clock: QuickClock,
) -> None:
    """A wrong token ends the start at once, with words on what to do and without the token."""
    wrong = SlackSurface(token="xoxb-wrong", api_url=slack.api_url, observer=observations, clock=clock)
    made = SlackApp(surface=wrong, receiver=receiver, clock=clock, app_token=slack.app_token)
    with pytest.raises(TokenRefused) as bot:
        await made.start()
    await made.close()
    made = SlackApp(surface=surface, receiver=receiver, clock=clock, app_token="xapp-wrong")
    with pytest.raises(AppTokenRefused) as app:
        await made.start()
    made = SlackApp(surface=surface, receiver=receiver, clock=clock)
    with pytest.raises(SigningSecretMissing):
        await made.start()
    assert "SLACK_BOT_TOKEN" in bot.value.sentence
    assert "SLACK_APP_TOKEN" in app.value.sentence
    assert "wrong" not in f"{bot.value} {bot.value.detail} {app.value} {app.value.detail}"


async def test_unreachable(receiver: HeardReceiver, observations: Observations, clock: QuickClock) -> None:
    """Where Slack cannot be reached the start says so after its patience."""
    surface = SlackSurface(token="xoxb-1", api_url="http://127.0.0.1:9/api/", observer=observations, clock=clock)
    made = SlackApp(surface=surface, receiver=receiver, clock=clock, app_token="xapp-1")
    with pytest.raises(SurfaceUnavailable):
        await made.start(patience=0.5)
    await made.close()


async def test_stop_lets_running_events_end(slack: SlackSandbox, app: SlackApp, receiver: HeardReceiver) -> None:
    """What is being stored when we stop is stored and acknowledged; replies can still be written afterwards."""
    receiver.gate = asyncio.Event()
    await slack.say("ann", "dm", "hello")
    await receiver.tried.wait()
    stopping = asyncio.create_task(app.stop_receiving())
    await asyncio.sleep(0)
    receiver.gate.set()
    await stopping
    (said,) = receiver.received
    await slack.wait_for(lambda: [delivery.acked for delivery in slack.deliveries] == [True])
    assert not app.healthy()
    surface = app._surface
    await surface.open(said.target, Draft(text="Hi", controls=(Control.STOP,)), key="k")


async def test_environment_does_not_reach_bolt(
    slack: SlackSandbox,
    surface: SlackSurface,
    receiver: HeardReceiver,
    clock: QuickClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """bolt would turn to OAuth and drop the token where it finds a client's id and secret (slack.md, section 12)."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    made = SlackApp(surface=surface, receiver=receiver, clock=clock, app_token=slack.app_token)
    await made.start()
    await slack.say("ann", "dm", "hello")
    assert (await receiver.heard())[0].text == "hello"
    await made.close()


# ── HTTP ──


async def test_http(slack: SlackSandbox, site: SlackApp, receiver: HeardReceiver, surface: SlackSurface) -> None:
    """Signed requests bring events, commands and presses."""
    receiver.answers["help"] = Answer(text="Ask")
    assert site.healthy()
    await slack.say("ann", "#help", "@Parley hello")
    mention = (await receiver.heard(2, IncomingKind.MENTION))[0]
    assert (await slack.command("ann", "#help", "/help")).text == "Ask"
    ref = await surface.open(mention.target, Draft(text="Hm", controls=(Control.TRY_AGAIN,), turn=1), key="k")
    assert (await slack.click("ann", "#help", ref.message, "parley:try_again")).acked
    assert [one.text for one in await receiver.heard(1, IncomingKind.BUTTON)] == ["try_again"]
    await slack.settled()
    assert all(delivery.acked for delivery in slack.deliveries)
    await site.stop_receiving()
    assert not site.healthy()


async def test_http_unstored(slack: SlackSandbox, site: SlackApp, receiver: HeardReceiver) -> None:
    """What cannot be stored is answered 503, so that Slack delivers it again."""
    receiver.failures.append(StoreUnavailable("locked"))
    await slack.say("ann", "dm", "hello")
    assert (await receiver.heard())[0].text == "hello"
    assert receiver.tries == 2


async def test_http_refuses_strangers(slack: SlackSandbox, site: SlackApp, receiver: HeardReceiver) -> None:
    """Wrong signatures, old or absurd timestamps and broken bodies have no effect and break nothing."""
    url, now = f"http://127.0.0.1:{site.port}/slack/events", int(time.time())
    body = json.dumps({"type": "event_callback", "event": {"type": "message", "channel": "D1"}}).encode()
    sign = slack.http.sign
    requests = [
        (body, str(now), "v0=00", 401),
        (body, str(now - 3_600), sign(body, now - 3_600), 401),
        (body, "soon", sign(body, now), 401),
        (body, "", "", 401),
        (b"\xff\xfe{", str(now), sign(b"\xff\xfe{", now), 400),
    ]
    async with aiohttp.ClientSession() as session:
        for data, stamp, signature, status in requests:
            headers = {
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": signature,
                "Content-Type": "application/json",
            }
            async with session.post(url, data=data, headers=headers) as answer:
                assert answer.status == status
        broken = b'{"type": "event'
        headers = {
            "X-Slack-Request-Timestamp": str(now),
            "X-Slack-Signature": sign(broken, now),
            "Content-Type": "application/json",
        }
        async with session.post(url, data=broken, headers=headers) as answer:
            assert 400 <= answer.status < 500
    await slack.say("ann", "dm", "hello")
    assert [one.text for one in await receiver.heard()] == ["hello"]


async def test_port_taken(
    slack: SlackSandbox, site: SlackApp, surface: SlackSurface, receiver: HeardReceiver, clock: QuickClock
) -> None:
    """Somebody else's port is said to be so."""
    made = SlackApp(
        surface=surface,
        receiver=receiver,
        clock=clock,
        signing_secret=slack.signing_secret,
        host="127.0.0.1",
        port=site.port,
    )
    with pytest.raises(PortTaken):
        await made.start()


async def test_logs_keep_words_and_tokens(
    slack: SlackSandbox, site: SlackApp, receiver: HeardReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what people say nor a token is logged, also where something fails."""
    receiver.failures.append(RuntimeError("a fault"))
    with structlog.testing.capture_logs() as logged:
        await slack.say("ann", "dm", "my secret words")
        await receiver.heard()
        await slack.settled()
    text = repr([{**entry, "exc_info": str(entry.get("exc_info"))} for entry in logged]) + caplog.text
    assert "a fault" in text
    for secret in ("my secret words", slack.bot_token, slack.app_token):
        assert secret not in text
