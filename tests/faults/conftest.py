"""Real processes of Parley between sandboxes, to be killed: how many times, and where they run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.conftest import Programs
from tests.bots.nursery import Nursery
from tests.contract.places import DiscordPlace, Place, SlackPlace
from tests.faults.fleet import Fleet, answer


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--kills=full` is what `make test-faults` asks for; a plain run of all tests takes a small part."""
    parser.addoption("--kills", choices=("few", "full"), default="few")


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether all kills are asked for."""
    return bool(request.config.getoption("kills", default="few") == "full")


@pytest.fixture
async def programs(tmp_path: Path, nursery: Nursery) -> AsyncIterator[Programs]:
    """Parley's programs; whichever still runs when the test ends is killed."""
    opened = Programs(tmp_path, nursery)
    yield opened
    await opened.close()


@pytest.fixture(params=["slack", "discord"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Slack, then Discord, without rate limits: what is shown here is that nothing is lost or doubled."""
    if request.param == "slack":
        slack = SlackSandbox(rate_limits=None)
        await slack.start()
        yield SlackPlace(slack)
        await slack.stop()
    else:
        discord = DiscordSandbox(rate_limits=None)
        await discord.start()
        yield DiscordPlace(discord)
        await discord.stop()


@pytest.fixture
async def fleet(place: Place, programs: Programs, database_url: str) -> AsyncIterator[Fleet]:
    """Nobody runs yet. Every answer carries the number of its question."""
    model = ChatCompletionsSandbox(answering=answer)
    await model.start()
    yield Fleet(place, model, programs, database_url)
    await model.stop()
