"""Delivery to a request URL, as the real Bolt serves and verifies it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from sandbox.slack.server import SlackSandbox

Serve = Callable[[AsyncApp], Awaitable[str]]


async def test_events_commands_and_presses_come_by_http(app: AsyncApp, serve: Serve, slack: SlackSandbox) -> None:
    """Bolt verifies every signature, answers the challenge, and takes events, commands and buttons on one path."""
    seen: list[str] = []

    @app.event("message")
    async def hear(event: dict[str, Any], say: Any) -> None:
        seen.append(event["text"])

    @app.command("/ask")
    async def ask(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body["text"])
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
        await ack(text="press", blocks=[{"type": "actions", "elements": [button]}])

    @app.action("go")
    async def go(ack: Any) -> None:
        seen.append("pressed")
        await ack()

    await serve(app)
    await slack.say("ann", "dm", "an event")
    await slack.settled()
    got = await slack.command("ann", "#help", "/ask", "a command")
    assert (got.acked, got.text) == (True, "press")
    assert got.ts is not None
    assert (await slack.click("ann", "#help", got.ts, "go")).acked
    assert seen == ["an event", "a command", "pressed"]
    assert all(delivery.acked for delivery in slack.deliveries)


async def test_the_signature_is_the_sdks(slack: SlackSandbox) -> None:
    """slack_sdk's verifier accepts the signature, and not that of another body."""
    verifier = SignatureVerifier(slack.signing_secret)
    now = int(time.time())
    signature = slack.http.sign(b'{"a": "\xc3\xa9"}', now)
    assert verifier.is_valid(b'{"a": "\xc3\xa9"}', str(now), signature)
    assert not verifier.is_valid(b'{"a": "e"}', str(now), signature)


async def test_wrong_signatures_and_old_timestamps_are_refused(
    app: AsyncApp, serve: Serve, slack: SlackSandbox
) -> None:
    """On demand the next request is forged or ten minutes old; Bolt answers 401 and the event is retried."""

    @app.event("message")
    async def hear() -> None:
        return None

    await serve(app)
    slack.faults.wrong_signatures = 1
    slack.faults.old_timestamps = 2
    await slack.say("ann", "dm", "hello")
    await slack.settled()
    (delivery,) = slack.deliveries
    assert [a.outcome for a in delivery.attempts] == ["http_error", "http_error", "acked"]


async def test_retries_tell_their_number_and_reason(slack: SlackSandbox) -> None:
    """The same event_id comes at most three more times, with x-slack-retry-num and -reason."""
    seen: list[tuple[str, str | None, str | None]] = []

    async def refuse(request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.json_response({"challenge": body["challenge"]})
        retry = request.headers.get("x-slack-retry-num"), request.headers.get("x-slack-retry-reason")
        seen.append((body["event_id"], *retry))
        return web.Response(status=500)

    async with _Server(refuse) as url:
        assert await slack.use_request_url(url)
        await slack.say("ann", "dm", "hello")
        await slack.settled()
    event_id = slack.deliveries[0].event_id
    assert seen == [(event_id, None, None), *((event_id, str(n), "http_error") for n in (1, 2, 3))]
    assert slack.deliveries[0].given_up


async def test_no_retry_is_honoured(slack: SlackSandbox) -> None:
    """`x-slack-no-retry: 1` on a failure ends the matter."""

    async def refuse(request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.Response(text=body["challenge"])
        return web.Response(status=500, headers={"x-slack-no-retry": "1"})

    async with _Server(refuse) as url:
        assert await slack.use_request_url(url)
        await slack.say("ann", "dm", "hello")
        await slack.settled()
    assert len(slack.deliveries[0].attempts) == 1


async def test_a_slow_server_is_asked_again(slack: SlackSandbox) -> None:
    """No answer within the deadline is http_timeout, and the event comes again."""
    first = asyncio.Event()
    over = asyncio.Event()

    async def dawdle(request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.Response(text=body["challenge"])
        if not first.is_set():
            first.set()
            await over.wait()
        return web.Response()

    async with _Server(dawdle) as url:
        assert await slack.use_request_url(url)
        slack.http.ack_seconds = 0.3
        await slack.say("ann", "dm", "hello")
        await slack.settled()
        over.set()
    assert [a.outcome for a in slack.deliveries[0].attempts] == ["http_timeout", "acked"]


async def test_an_absent_server(app: AsyncApp, slack: SlackSandbox) -> None:
    """Nobody there is connection_failed, three retries over; a command fails for its person at once."""
    async with _Server(app.web_app(path="/slack/events")) as url:
        assert await slack.use_request_url(url)
    await slack.say("ann", "dm", "hello")
    await slack.settled()
    assert [a.outcome for a in slack.deliveries[0].attempts] == ["connection_failed"] * 4
    got = await slack.command("ann", "#help", "/ask")
    assert (got.acked, got.error) == (False, "dispatch_failed")


async def test_a_url_that_fails_the_challenge_is_not_taken(slack: SlackSandbox) -> None:
    """Slack accepts a request URL only when it answers the challenge."""

    async def deny(_: web.Request) -> web.Response:
        return web.Response(text="what?")

    async with _Server(deny) as url:
        assert not await slack.use_request_url(url)
    assert slack.http.request_url is None


class _Server:
    """A request URL that answers as it is told."""

    def __init__(self, answer: Callable[[web.Request], Awaitable[web.Response]] | web.Application) -> None:
        app = answer if isinstance(answer, web.Application) else web.Application()
        if not isinstance(answer, web.Application):
            app.router.add_post("/slack/events", answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
