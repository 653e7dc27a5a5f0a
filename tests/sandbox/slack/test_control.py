"""The control API that a web page uses."""

import json
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox

HELP = "C0000HELP"
BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "1"}


async def _post(session: aiohttp.ClientSession, slack: SlackSandbox, path: str, **body: Any) -> dict[str, Any]:
    async with session.post(f"{slack.base_url}/_sandbox/{path}", json=body) as answer:
        parsed: dict[str, Any] = await answer.json()
        return parsed


async def _next(stream: aiohttp.ClientResponse, kind: str) -> dict[str, Any]:
    async for line in stream.content:
        if line.startswith(b"data: "):
            notice: dict[str, Any] = json.loads(line[6:])
            if notice["type"] == kind:
                return notice
    raise AssertionError(f"the stream ended before {kind}")


async def test_the_picture(slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    """`state` shows workspace, people, channels and messages with their buttons."""
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    ts = (await client.chat_postMessage(channel=HELP, text="press", blocks=blocks))["ts"]
    async with session.get(f"{slack.base_url}/_sandbox/state") as answer:
        state = await answer.json()
    assert state["workspace"]["id"] == slack.team_id
    assert {"id": "U00000ANN", "name": "ann", "admin": True, "bot": False} in state["people"]
    kinds = {channel["name"]: channel["kind"] for channel in state["channels"]}
    assert (kinds["help"], kinds["bob"]) == ("channel", "dm")
    (message,) = state["messages"]
    assert (message["id"], message["author"]["bot"], message["format"]) == (ts, True, "mrkdwn")
    assert message["buttons"] == [{"id": "go", "label": "Go", "value": "1", "style": None}]


async def test_the_page_acts_and_watches(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """What `do` does is seen in the stream of events: messages, deletions, statuses and calls."""
    async with session.get(f"{slack.base_url}/_sandbox/events") as stream:
        said = await _post(session, slack, "do", action="say", person="ann", channel="help", text="hello")
        assert (await _next(stream, "message"))["message"]["id"] == said["id"]
        await _post(session, slack, "do", action="edit", person="ann", channel="help", id=said["id"], text="new")
        assert (await _next(stream, "message"))["message"]["edited"]
        await client.assistant_threads_setStatus(channel_id=HELP, thread_ts=said["id"], status="thinking")
        status = await _next(stream, "status")
        assert (status["thread"], status["text"]) == (said["id"], "thinking")
        call = await _next(stream, "call")
        assert (call["method"], call["ok"], call["status"]) == ("assistant.threads.setStatus", True, 200)
        await _post(session, slack, "do", action="delete", person="ann", channel="help", id=said["id"])
        assert (await _next(stream, "deleted"))["id"] == said["id"]


async def test_every_action_of_the_page(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """Commands and presses say how they were taken; what cannot be done says why."""
    said = await _post(session, slack, "do", action="say", person="ann", channel="dm", text="hello")
    thread = said["id"]
    reply = await _post(session, slack, "do", action="say", person="ann", channel="dm", text="x", thread=thread)
    assert reply["ok"]
    for body, ok in [
        ({"action": "react", "channel": "dm", "id": thread, "text": "tada"}, True),
        ({"action": "stop", "channel": "dm", "thread": thread}, True),
        ({"action": "home"}, True),
        ({"action": "command", "channel": "dm", "command": "/ask", "text": "?"}, False),
        ({"action": "click", "channel": "dm", "id": thread, "button": "go"}, False),
        ({"action": "submit", "id": "V0"}, False),
        ({"action": "sing"}, False),
        ({"action": "edit", "channel": "dm"}, False),
    ]:
        answer = await _post(session, slack, "do", person="ann", **body)
        assert answer["ok"] is ok, answer
        assert ok or answer["error"]


async def test_the_page_plans_faults(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """Faults of calls and events can be planned, limits scaled; an unknown fault is refused."""
    for body in (
        {"kind": "call", "method": "chat.postMessage", "answer": "ratelimited", "retry_after": 7},
        {"kind": "duplicate"},
        {"kind": "hold", "seconds": 1},
        {"kind": "swap_mention"},
        {"kind": "wrong_signature"},
        {"kind": "old_timestamp"},
        {"kind": "rate_limits", "scale": 0.5},
        {"kind": "drop"},
        {"kind": "disconnect"},
        {"kind": "raw"},
    ):
        assert (await _post(session, slack, "faults", **body))["ok"], body
    assert (slack.faults.calls[0].retry_after, slack.faults.duplicates, slack.rate_limits.scale) == (7, 1, 0.5)
    assert (await _post(session, slack, "faults", kind="clear"))["ok"]
    assert slack.faults.calls == []
    assert not (await _post(session, slack, "faults", kind="earthquake"))["ok"]
    assert not (await _post(session, slack, "faults", kind="call", colour="red"))["ok"]
    assert not (await _post(session, slack, "faults", kind="call", method="auth.test", answer="song"))["ok"]


async def test_mounted_under_a_prefix(session: aiohttp.ClientSession) -> None:
    """In a bigger server everything lives under the prefix, and addresses handed out say so."""
    sandbox = SlackSandbox(rate_limits=None)
    app = web.Application()
    app.add_subapp("/slack", sandbox.create_app())
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    sandbox.mounted_at(base)
    client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url, session=session)
    url = (await client.apps_connections_open(app_token=sandbox.app_token))["url"]
    assert url.startswith(f"{base.replace('http', 'ws')}/link/?ticket=")
    async with session.ws_connect(url) as socket:
        assert (await socket.receive_json())["type"] == "hello"
    async with session.get(f"{base}/_sandbox/events") as stream:
        await runner.cleanup()
        assert await stream.content.read() is not None


async def test_files_and_forms_from_the_page(
    slack: SlackSandbox, session: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    """Files are given as base64, with a message or in a form; a form without an app to take it stays."""
    file = {"name": "a.txt", "content": "aGVsbG8=", "mimetype": "text/plain"}
    said = await _post(session, slack, "do", action="say", person="ann", channel="help", text="", files=[file])
    assert [(one["name"], one["size"]) for one in slack.message("#help", said["id"]).files] == [("a.txt", 5)]
    element = {"type": "file_input", "action_id": "files"}
    block = {"type": "input", "label": {"type": "plain_text", "text": "Files"}, "element": element}
    words = {"type": "plain_text", "text": "Import"}
    view = {"type": "modal", "title": words, "submit": words, "blocks": [block]}
    await client.views_open(trigger_id=slack.triggers.issue(slack.world.person("ann")), view=view)
    (shown,) = slack.views
    taken = await _post(session, slack, "do", action="submit", person="ann", id=shown.id, values={"files": [file]})
    assert (taken["ok"], taken["error"]) == (False, "dispatch_failed")
    ((state,),) = [inner.values() for inner in slack.views[0].typed.values()]
    assert [one["name"] for one in state["files"]] == ["a.txt"]
    wrong = {"name": "a.txt", "content": "no base64!"}
    answer = await _post(session, slack, "do", action="say", person="ann", channel="help", text="", files=[wrong])
    assert not answer["ok"]
