"""An empty folder to run in, none of this machine's settings, local servers, and Parley's programs as processes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bots.settings import Settings
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.bots.nursery import ROOT, Nursery
from tests.bots.programs import Ended, Program

KEY = "sk-sandbox-model-key"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the test, without a `.env`, in an environment without a setting."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    """A local Slack without rate limits."""
    sandbox = SlackSandbox(rate_limits=None)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def discord() -> AsyncIterator[DiscordSandbox]:
    """A local Discord without rate limits."""
    sandbox = DiscordSandbox(rate_limits=None)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def model() -> AsyncIterator[ChatCompletionsSandbox]:
    """A local completions server."""
    sandbox = ChatCompletionsSandbox(api_key=KEY)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def model_env(model: ChatCompletionsSandbox) -> dict[str, str]:
    """The environment that points Parley at that model."""
    return {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": KEY, "OPENAI_MODEL": model.model}


class Programs:
    """Starts Parley's programs in the test's folder, with the settings given and nothing else of this machine."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self._folder = folder
        self._nursery = nursery
        self._started: list[Program] = []

    async def start(self, module: str, *arguments: str, env: Mapping[str, str]) -> Program:
        """It runs, its libraries loaded beforehand; what it prints is read all the while."""
        process = await self._nursery.start(module, arguments, cwd=self._folder, env=self._surroundings(env))
        return self._kept(Program(process))

    async def start_from_nothing(self, module: str, *arguments: str, env: Mapping[str, str]) -> Program:
        """The same as whoever types it starts it: a new Python that loads everything."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._folder,
            env=self._surroundings(env),
        )
        return self._kept(Program(process))

    def _surroundings(self, env: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self._folder), "PYTHONPATH": str(ROOT), **env}

    def _kept(self, program: Program) -> Program:
        self._started.append(program)
        return program

    async def run(self, module: str, *arguments: str, env: Mapping[str, str]) -> Ended:
        """It has ended by itself."""
        return await (await self.start(module, *arguments, env=env)).ended()

    async def run_from_nothing(self, module: str, *arguments: str, env: Mapping[str, str]) -> Ended:
        """It was started from nothing and has ended by itself."""
        return await (await self.start_from_nothing(module, *arguments, env=env)).ended()

    async def close(self) -> None:
        """None of them runs any more."""
        for program in self._started:
            await program.kill()


@pytest.fixture
async def programs(folder: Path, nursery: Nursery) -> AsyncIterator[Programs]:
    """Parley's programs; whichever still runs when the test ends is killed."""
    opened = Programs(folder, nursery)
    yield opened
    await opened.close()
