"""`parley manifest slack`: what Slack would take, and all that Parley needs in it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack.declarations import EVENTS, NEEDED, SCOPES
from adapters.slack.manifest import creation_link, manifest
from core.commands.catalogue import CATALOGUE
from sandbox.slack.manifest import Manifest
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import Programs

PARLEY = "bots.cli"
URL = "https://parley.example.org"


@pytest.mark.parametrize("made", [manifest(), manifest(url=URL), manifest(agent=True)], ids=["socket", "http", "agent"])
def test_slack_would_take_it(made: dict[str, Any]) -> None:
    """Within the limits of Slack's reference and its published schema, and with no field that they do not know."""
    assert set(made) == {"display_information", "features", "oauth_config", "settings"}
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    features = made["features"]
    assert set(features) - {"agent_view"} == {"app_home", "bot_user", "slash_commands"}
    assert re.fullmatch(r"[\w\-.]{1,80}", features["bot_user"]["display_name"])
    for command in features["slash_commands"]:
        assert set(command) <= {"command", "description", "usage_hint", "should_escape", "url"}
        assert re.fullmatch(r"/[a-z]{1,31}", command["command"])
        assert 0 < len(command["description"]) <= 2000
        assert 0 < len(command.get("usage_hint", "-")) <= 1000
    assert len(features["slash_commands"]) <= 25
    assert len(made["oauth_config"]["scopes"]["bot"]) == len(set(made["oauth_config"]["scopes"]["bot"])) <= 255
    assert len(made["settings"]["event_subscriptions"]["bot_events"]) <= 100


def test_it_has_all_that_is_declared() -> None:
    """Every scope, event and command; the Messages tab open for messages; buttons; ids of people in commands."""
    made: Any = manifest()
    assert set(made["oauth_config"]["scopes"]["bot"]) == {scope.name for scope in SCOPES} > set(NEEDED)
    events = made["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == {event.name for event in EVENTS} - {"agent_session_stopped"}
    commands = made["features"]["slash_commands"]
    assert [command["command"] for command in commands] == [f"/{command.name}" for command in CATALOGUE]
    assert all(command["should_escape"] for command in commands)
    assert made["features"]["app_home"]["messages_tab_enabled"]
    assert not made["features"]["app_home"]["messages_tab_read_only_enabled"]
    assert made["settings"]["interactivity"] == {"is_enabled": True}
    assert made["settings"]["socket_mode_enabled"]


@pytest.mark.parametrize("address", [URL, f"{URL}/", f"{URL}/slack/events"])
def test_by_http(address: str) -> None:
    """Events, presses and each command come to one address, and Socket Mode is off."""
    made: Any = manifest(url=address)
    settings = made["settings"]
    told = {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]}
    told |= {command["url"] for command in made["features"]["slash_commands"]}
    assert told == {f"{URL}/slack/events"}
    assert not settings["socket_mode_enabled"]


def test_an_agent_has_its_scope_and_its_event() -> None:
    """What only agents have is not asked for otherwise: Slack would refuse it."""
    plain, agent = json.dumps(manifest()), json.dumps(manifest(agent=True))
    for word in ("assistant:write", "agent_session_stopped", "agent_view"):
        assert word in agent
        assert word not in plain


def test_the_link_holds_the_manifest() -> None:
    """What Slack reads from it is the manifest, and it is short enough for a browser and a server."""
    link = creation_link(manifest())
    query = parse_qs(urlsplit(link).query, strict_parsing=True)
    assert json.loads(query["manifest_json"][0]) == manifest()
    assert query["new_app"] == ["1"]
    assert len(link) < 8000
    assert not re.search(r"\s", link)


async def test_an_app_made_from_it_is_well(programs: Programs, model_env: dict[str, str], sqlite_url: str) -> None:
    """The doctor has nothing to mend on an app that has what the printed manifest says, and no more."""
    ended = await programs.run(PARLEY, "manifest", "slack", env={})
    assert (ended.code, ended.err) == (0, "")
    made = json.loads(ended.out)
    scopes, events = made["oauth_config"]["scopes"]["bot"], made["settings"]["event_subscriptions"]["bot_events"]
    slack = SlackSandbox(manifest=Manifest(scopes=set(scopes), events=set(events), agent=False), rate_limits=None)
    await slack.start()
    try:
        looked = await programs.run(PARLEY, "doctor", env=model_env | slack.env | {"DATABASE_URL": sqlite_url})
    finally:
        await slack.stop()
    assert looked.code == 0, looked.said


async def test_other_forms(programs: Programs) -> None:
    """The link and the reasons are printed instead; what Slack would refuse is said in a sentence."""
    env = {"PARLEY_MESSAGES_MOST": "5"}
    link = await programs.run(PARLEY, "manifest", "slack", "--link", "--name", "Helper", env=env)
    assert "%22name%22:%22Helper%22" in link.out
    assert link.out.count("\n") == 1
    explained = await programs.run(PARLEY, "manifest", "slack", "--explain", "--agent", env=env)
    for word in (*(scope.name for scope in SCOPES), *(event.name for event in EVENTS), "connections:write"):
        assert f"  {word} " in explained.out
    http = await programs.run(PARLEY, "manifest", "slack", "--url", "http://parley.example.org", env=env)
    long = await programs.run(PARLEY, "manifest", "slack", "--name", "n" * 36, env=env)
    assert (http.code, long.code, http.out, long.out) == (2, 2, "", "")
    assert "https://" in http.err
    assert "35 characters" in long.err
