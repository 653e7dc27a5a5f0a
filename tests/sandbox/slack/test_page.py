"""What the control API tells and lets a page do beyond talking: files, reactions, every sort of menu, commands."""

from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox
from sandbox.slack.views import submission
from tests.sandbox.slack.conftest import Connect

OPTIONS = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two")]
EVIL = {"name": "a.html", "content": "PHNjcmlwdD4=", "mimetype": "text/html"}
PICTURE = {"name": "a b.png", "content": "aGVsbG8=", "mimetype": "image/png"}


async def _do(session: aiohttp.ClientSession, slack: SlackSandbox, **act: Any) -> dict[str, Any]:
    async with session.post(f"{slack.base_url}/_sandbox/do", json=act) as answer:
        parsed: dict[str, Any] = await answer.json()
        return parsed


async def _state(session: aiohttp.ClientSession, slack: SlackSandbox) -> dict[str, Any]:
    async with session.get(f"{slack.base_url}/_sandbox/state") as answer:
        parsed: dict[str, Any] = await answer.json()
        return parsed


async def test_files_are_shown_and_saved(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """A picture comes as itself; anything else is only to be saved, and never read as a page of the sandbox."""
    await _do(session, slack, action="say", person="ann", channel="help", text="", files=[PICTURE, EVIL])
    (message,) = (await _state(session, slack))["messages"]
    picture, page = message["files"]
    assert (picture["name"], picture["mimetype"], picture["size"]) == ("a b.png", "image/png", 5)
    for file, kind, way in ((picture, "image/png", "inline"), (page, "application/octet-stream", "attachment")):
        async with session.get(f"{slack.base_url}/_sandbox/files/{file['id']}/{file['name']}") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            assert answer.headers["Content-Disposition"].startswith(f"{way}; filename*=UTF-8''a")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    async with session.get(f"{slack.base_url}/_sandbox/files/F1/none") as answer:
        assert answer.status == 404


async def test_a_reaction_is_taken_back(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """Reacting and taking it back leave the message as it was; a second time changes nothing."""
    said = await _do(session, slack, action="say", person="ann", channel="help", text="hi")
    about = {"person": "bob", "channel": "help", "id": said["id"], "text": "+1"}
    assert (await _do(session, slack, action="react", **about))["ok"]
    assert list(slack.message("#help", said["id"]).reactions) == ["+1"]
    for _ in range(2):
        assert (await _do(session, slack, action="unreact", **about))["ok"]
        assert slack.message("#help", said["id"]).reactions == {}


@pytest.mark.parametrize(
    ("element", "given", "expected"),
    [
        ({"type": "static_select", "options": OPTIONS}, {"option": "two"}, {"selected_option": OPTIONS[1]}),
        ({"type": "multi_static_select", "options": OPTIONS}, {"options": ["one"]}, {"selected_options": OPTIONS[:1]}),
        ({"type": "checkboxes", "options": OPTIONS}, {"options": ["one", "two"]}, {"selected_options": OPTIONS}),
        ({"type": "datepicker"}, {"option": "2026-11-24"}, {"selected_date": "2026-11-24"}),
        ({"type": "datetimepicker"}, {"option": "1790000000"}, {"selected_date_time": 1790000000}),
        ({"type": "users_select"}, {"option": "U00000ANN"}, {"selected_user": "U00000ANN"}),
        ({"type": "multi_channels_select"}, {"options": ["C0000HELP"]}, {"selected_channels": ["C0000HELP"]}),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) and "type" in value else "",
)
async def test_each_sort_of_menu(
    app: AsyncApp,
    connect: Connect,
    client: AsyncWebClient,
    slack: SlackSandbox,
    session: aiohttp.ClientSession,
    element: dict[str, Any],
    given: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """The app hears of a choice as Slack writes it for this menu, from a message and in a form."""
    heard: list[dict[str, Any]] = []

    @app.action("choose")
    async def chosen(ack: Any, action: dict[str, Any]) -> None:
        heard.append(action)
        await ack()

    handler: AsyncSocketModeHandler = await connect(app)
    assert handler is not None
    named = element | {"action_id": "choose"}
    blocks = [{"type": "actions", "block_id": "b", "elements": [named]}]
    ts = (await client.chat_postMessage(channel="C0000HELP", text="choose", blocks=blocks))["ts"]
    done = await _do(session, slack, action="click", person="ann", channel="help", id=ts, button="choose", **given)
    assert done["ok"], done
    assert expected.items() <= heard[0].items()
    value = next(iter(given.values()))
    field = {"type": "input", "block_id": "b", "element": named}
    assert submission([field], {"choose": value})["values"]["b"]["choose"] == {"type": element["type"]} | expected


async def test_commands_come_from_the_manifest(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """What a manifest declares is told, for suggestions; a document without features is refused."""
    command = {"command": "/ask", "description": "Ask", "usage_hint": "QUESTION"}
    url = f"{slack.base_url}/_sandbox/manifest"
    async with session.post(url, json={"features": {"slash_commands": [command]}}) as answer:
        assert (await answer.json())["ok"]
    assert (await _state(session, slack))["commands"] == [command]
    async with session.post(url, json={"name": "Parley"}) as answer:
        assert not (await answer.json())["ok"]
