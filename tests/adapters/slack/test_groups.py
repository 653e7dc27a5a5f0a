"""Which user groups people are in, as Slack tells it in one answer, or does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.groups import KNOWN_FOR, REFUSED_FOR, Groups
from adapters.slack.web import Web
from adapters.slack.words import understood
from core.commands.catalogue import PERSONA
from core.scheduling import BudgetObservation
from tests.doubles import ManualClock

GROUPS = [{"id": "S1", "users": ["U1", "U2"]}, {"id": "S2", "users": ["U1"]}, {"id": "S3"}]


class Nobody:
    """Needs to know of no budgets."""

    def learned(self, budget: str, observation: BudgetObservation) -> None:
        return None


@dataclass
class Host:
    """Stands in for the one method that the local Slack does not have."""

    answer: dict[str, Any] = field(default_factory=lambda: {"ok": True, "usergroups": GROUPS})
    asked: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        """What Slack answers."""
        self.asked.append(str((await request.post()).get("include_users") or request.query.get("include_users")))
        return web.json_response(self.answer)


@pytest.fixture
def host() -> Host:
    """A workspace with three groups."""
    return Host()


@pytest.fixture
async def slack_web(host: Host) -> AsyncIterator[Web]:
    """The client that asks it."""
    app = web.Application()
    app.router.add_route("*", "/api/usergroups.list", host.handle)
    async with TestServer(app) as server:
        client = Web(token="xoxb-test", api_url=str(server.make_url("/api/")), observer=Nobody())
        yield client
        await client.close()


async def test_asked_once_for_all(slack_web: Web, host: Host) -> None:
    """For everybody at once, and again when it may have changed."""
    clock = ManualClock()
    groups = Groups(slack_web, clock)
    assert [await groups.of(user) for user in ("U1", "U2", "U3")] == [{"S1", "S2"}, {"S1"}, frozenset()]
    assert host.asked == ["true"]
    host.answer = {"ok": True, "usergroups": []}
    clock.advance(KNOWN_FOR + 1)
    assert await groups.of("U1") == frozenset()
    assert len(host.asked) == 2


async def test_without_the_scope(slack_web: Web, host: Host) -> None:
    """Nobody is in any group, and Slack is not asked again and again; once it is granted it is noticed."""
    clock = ManualClock()
    groups = Groups(slack_web, clock)
    granted, host.answer = host.answer, {"ok": False, "error": "missing_scope", "needed": "usergroups:read"}
    for _ in range(3):
        assert await groups.of("U1") == frozenset()
        clock.advance(KNOWN_FOR + 1)
    assert len(host.asked) == 1
    host.answer = granted
    clock.advance(REFUSED_FOR)
    assert await groups.of("U1") == {"S1", "S2"}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("allow <@U1|ann>", {"person": "U1"}),
        ("allow <!subteam^S1|@the team>", {"role": "S1"}),
        ("allow <@U1|ann> <!subteam^S1|@team>", {"person": "U1", "role": "S1"}),
        ("allow ann", {"person": "ann"}),
        ("allow", {}),
    ],
)
def test_a_group_where_a_person_is_asked_for(words: str, options: dict[str, str]) -> None:
    """Is meant for the option that takes a group: Slack's commands have one line of words."""
    assert understood(PERSONA, words, {}).options == options
