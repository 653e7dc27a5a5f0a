"""Socket Mode as the real Bolt and slack_sdk see it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import ManualClock
from sandbox.slack.server import SlackSandbox

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]


async def test_a_mention_comes_as_two_events(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """A mention where the bot is a member arrives as message and app_mention: two event ids, one ts."""
    bodies: list[dict[str, Any]] = []

    @app.event("message")
    @app.event("app_mention")
    async def hear(body: dict[str, Any]) -> None:
        bodies.append(body)

    await connect(app)
    ts = await slack.say("ann", "#help", "@Parley hi <you> & me")
    await slack.settled()
    assert [body["event"]["type"] for body in bodies] == ["message", "app_mention"]
    assert {body["event"]["ts"] for body in bodies} == {ts}
    assert len({body["event_id"] for body in bodies}) == 2
    assert bodies[0]["event"]["text"] == f"<@{slack.bot_user_id}> hi &lt;you&gt; &amp; me"
    assert bodies[0]["event"]["channel_type"] == "channel"
    assert "channel_type" not in bodies[1]["event"]
    assert bodies[0]["authorizations"][0]["team_id"] == slack.team_id


async def test_the_order_of_a_mention_can_be_swapped(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """Either of the two events may come first; a fault swaps the next ones."""
    await connect(_deaf(app))
    slack.faults.swap_mention()
    await slack.say("ann", "#help", "@Parley one")
    await slack.say("ann", "#help", "@Parley two")
    assert [d.kind for d in slack.deliveries] == ["app_mention", "message", "message", "app_mention"]


async def test_a_direct_message_is_one_event(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """In direct messages there is no app_mention, only message.im without thread_ts."""
    events: list[dict[str, Any]] = []

    @app.event("message")
    async def hear(event: dict[str, Any]) -> None:
        events.append(event)

    await connect(app)
    await slack.say("bob", "dm", "@Parley hello")
    await slack.settled()
    assert [(e["channel_type"], e["user"], "thread_ts" in e) for e in events] == [
        ("im", slack.world.person("bob").id, False)
    ]


async def test_what_is_not_acknowledged_comes_again(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """An event whose listener failed is sent again with the same event_id and the retry fields, until it is taken."""
    tries: list[tuple[str, list[str], list[str]]] = []

    @app.event("message")
    async def hear(body: dict[str, Any], request: Any) -> None:
        headers = request.headers
        number, reason = headers["x-slack-retry-num"], headers["x-slack-retry-reason"]
        tries.append((body["event_id"], list(number), list(reason)))
        if len(tries) < 3:
            raise RuntimeError("not yet")

    slack.sockets.ack_seconds = 0.4
    await connect(app)
    await slack.say("ann", "dm", "hello")
    await slack.settled()
    assert len({event_id for event_id, _, _ in tries}) == 1
    assert [(number, reason) for _, number, reason in tries] == [
        (["0"], [""]),
        (["1"], ["timeout"]),
        (["2"], ["timeout"]),
    ]
    (delivery,) = slack.deliveries
    assert (delivery.acked, [a.outcome for a in delivery.attempts]) == (True, ["timeout", "timeout", "acked"])


async def test_an_event_nobody_takes_is_given_up(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """After three retries Slack stops; Bolt does not acknowledge what no listener matches."""
    slack.sockets.ack_seconds = 0.05
    await connect(app)
    await slack.say("ann", "dm", "hello")
    await slack.settled()
    (delivery,) = slack.deliveries
    assert (delivery.given_up, len(delivery.attempts)) == (True, 4)


async def test_events_wait_for_a_connection(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """What happened while nobody was connected comes as a retry, in order, once somebody is."""
    seen: list[tuple[str, str]] = []

    @app.event("message")
    async def hear(event: dict[str, Any], request: Any) -> None:
        seen.append((event["text"], request.headers["x-slack-retry-num"][0]))

    await slack.say("ann", "dm", "one")
    await slack.say("ann", "dm", "two")
    await connect(app)
    await slack.settled()
    assert seen == [("one", "1"), ("two", "1")]


async def test_an_event_that_waited_too_long_is_lost(
    timed: SlackSandbox, timed_client: AsyncWebClient, clock: ManualClock, session: Any
) -> None:
    """Some six minutes after it happened Slack has stopped retrying; a later connection gets the newer ones only."""
    await timed.say("ann", "dm", "old")
    clock.advance(362)
    await timed.say("ann", "dm", "new")
    opened = await timed_client.apps_connections_open(app_token=timed.app_token)
    async with session.ws_connect(opened["url"]) as socket:
        await socket.receive_json()
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await timed.settled()
    assert envelope["payload"]["event"]["text"] == "new"
    assert [(d.acked, d.given_up) for d in timed.deliveries] == [(False, True), (True, False)]


async def test_a_cut_connection_brings_the_event_again(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """When the socket breaks before the acknowledgement, slack_sdk reconnects and the event comes again."""
    seen = asyncio.Event()
    release = asyncio.Event()

    @app.event("message")
    async def hear() -> None:
        seen.set()
        await release.wait()

    slack.sockets.ack_seconds = 30
    await connect(app)
    await slack.say("ann", "dm", "hello")
    await seen.wait()
    await slack.sockets.drop()
    release.set()
    await slack.settled()
    (delivery,) = slack.deliveries
    assert delivery.attempts[0].outcome == "timeout"
    assert delivery.acked
    assert slack.sockets.opened == 2


async def test_a_refresh_makes_the_client_come_back(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """On `disconnect` slack_sdk asks for a new URL and connects there; nothing is lost."""
    await connect(_deaf(app))
    await slack.sockets.disconnect("refresh_requested")
    await slack.wait_for(lambda: slack.sockets.opened == 2 and slack.sockets.ready)
    await slack.say("ann", "dm", "still there?")
    await slack.settled()
    assert slack.deliveries[-1].acked
    assert len(slack.calls_of("apps.connections.open")) == 2


async def test_slack_goes_away_and_comes_back(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """After an outage on the same address the client finds its way back, and the workspace is as it was."""
    await connect(_deaf(app))
    await slack.say("ann", "dm", "before")
    await slack.settled()
    port = int(slack.base_url.rsplit(":", 1)[1])
    await slack.stop()
    await slack.start(port=port)
    await slack.connected()
    await slack.say("ann", "dm", "after")
    await slack.settled()
    assert [m.text for m in slack.messages("dm", person="ann")] == ["before", "after"]
    assert slack.deliveries[-1].acked


async def test_payloads_go_to_the_connections_in_turn(
    app: AsyncApp, connect: Connect, slack: SlackSandbox, client: AsyncWebClient
) -> None:
    """With two connections each event goes to one of them only."""
    counts = {"one": 0, "two": 0}
    second = AsyncApp(client=client, process_before_response=True)

    @app.event("message")
    async def hear_one() -> None:
        counts["one"] += 1

    @second.event("message")
    async def hear_two() -> None:
        counts["two"] += 1

    await connect(app)
    await connect(second)
    for number in range(4):
        await slack.say("ann", "dm", str(number))
    await slack.settled()
    assert counts == {"one": 2, "two": 2}


async def test_a_ticket_opens_one_connection(slack: SlackSandbox, client: AsyncWebClient, session: Any) -> None:
    """The URL of apps.connections.open holds once; the first frame is hello."""
    opened = await client.apps_connections_open(app_token=slack.app_token)
    async with session.ws_connect(opened["url"]) as socket:
        hello = await socket.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    async with session.get(opened["url"]) as again:
        assert again.status == 403


async def test_an_eleventh_connection_is_sent_away(slack: SlackSandbox, client: AsyncWebClient, session: Any) -> None:
    """Ten connections are the most an app may have."""
    sockets = []
    for _ in range(11):
        opened = await client.apps_connections_open(app_token=slack.app_token)
        sockets.append(await session.ws_connect(opened["url"]))
    frames = [await socket.receive_json() for socket in sockets]
    assert [frame["type"] for frame in frames] == ["hello"] * 10 + ["disconnect"]
    assert frames[-1]["reason"] == "too_many_websockets"
    for socket in sockets:
        await socket.close()


async def test_late_acknowledgements_are_noticed(slack: SlackSandbox, client: AsyncWebClient, session: Any) -> None:
    """An envelope acknowledged after its time, or unknown, acknowledges nothing."""
    slack.sockets.ack_seconds = 0.05
    opened = await client.apps_connections_open(app_token=slack.app_token)
    async with session.ws_connect(opened["url"]) as socket:
        await socket.receive_json()
        await slack.say("ann", "dm", "hello")
        first = await socket.receive_json()
        await slack.settled()
        await socket.send_json({"envelope_id": first["envelope_id"]})
        await socket.send_str("no json at all")
        await slack.wait_for(lambda: slack.sockets.late_acks)
    assert slack.sockets.late_acks == [first["envelope_id"]]
    assert slack.deliveries[0].given_up


async def test_broken_frames_and_unknown_events_do_no_harm(
    app: AsyncApp, connect: Connect, slack: SlackSandbox
) -> None:
    """After a frame that is no JSON and an event nobody knows, the connection goes on."""
    slack.sockets.ack_seconds = 0.1
    await connect(_deaf(app))
    await slack.sockets.send_raw("{broken")
    unknown = slack.emit({"type": "an_event_from_the_future"})
    await unknown.done.wait()
    slack.sockets.ack_seconds = 3
    await slack.say("ann", "dm", "hello")
    await slack.settled()
    assert [d.acked for d in slack.deliveries] == [False, True]


async def test_a_duplicate_and_a_late_event(app: AsyncApp, connect: Connect, slack: SlackSandbox) -> None:
    """The next event can be sent twice, and the next one held back until it is let go."""
    texts: list[str] = []

    @app.event("message")
    async def hear(event: dict[str, Any]) -> None:
        texts.append(event["text"])

    await connect(app)
    slack.faults.duplicate()
    await slack.say("ann", "dm", "twice")
    await slack.wait_for(lambda: len(slack.deliveries[0].attempts) == 2)
    await slack.settled()
    slack.faults.hold()
    await slack.say("ann", "dm", "late")
    await slack.say("ann", "dm", "on time")
    await slack.wait_for(lambda: slack.deliveries[-1].acked)
    assert texts == ["twice", "twice", "on time"]
    slack.faults.release()
    await slack.settled()
    assert texts[-1] == "late"


def _deaf(app: AsyncApp) -> AsyncApp:
    """Takes every event that exists and does nothing."""

    @app.event("message")
    @app.event("app_mention")
    async def hear() -> None:
        return None

    return app
