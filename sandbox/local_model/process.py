"""The model's server as a child process: started, checked, and ended with whoever started it."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections import deque

import aiohttp

from sandbox.local_model.installation import LocalModelUnavailable, model_file

MODEL = "smollm2-135m-instruct"
CONTEXT = 8192
"""Tokens; what the model was trained for."""
SLOTS = 2
"""Answers it writes at once, each with a whole window; more wait without a byte."""
API_KEY = "SANDBOX_LOCAL_MODEL_KEY"
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class LocalModel:
    """llama.cpp's server with the small model. `start` either makes it answer or raises LocalModelUnavailable."""

    def __init__(self, *, command: tuple[str, ...] = (sys.executable, "-m", "sandbox.local_model")) -> None:
        self.api_key = f"sk-local-{secrets.token_hex(8)}"
        self.base_url = ""
        """Ends in /v1; known once started."""
        self.model = MODEL
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: deque[str] = deque(maxlen=20)
        self._listening: asyncio.Task[None] | None = None

    async def start(self, within: float = _START_SECONDS) -> None:
        """It answers at `base_url`. LocalModelUnavailable says why it cannot; nothing is left running then."""
        model_file()
        try:
            async with asyncio.timeout(within):
                await self._started()
        except TimeoutError:
            await self.stop()
            raise LocalModelUnavailable(f"it did not answer within {within:.0f} s") from None
        except (LocalModelUnavailable, OSError, aiohttp.ClientError) as error:
            await self.stop()
            raise LocalModelUnavailable(str(error) or type(error).__name__) from error

    async def stop(self) -> None:
        """No process of it is left."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._listening is not None:
            await self._listening
        self._process = None

    async def _started(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, API_KEY: self.api_key},
            # A Ctrl-C in the terminal is for the sandbox; it stops its children in order.
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        self._listening = asyncio.create_task(self._heard(process.stderr))
        line = (await process.stdout.readline()).decode(errors="replace").strip()
        if not line.startswith("listening "):
            await process.wait()
            await self._listening
            said = self._complaints[-1] if self._complaints else "it said nothing"
            raise LocalModelUnavailable(f"its server ended at once with code {process.returncode}: {said}")
        address = line.removeprefix("listening ")
        await self._answers(address)
        self.base_url = f"{address}/v1"

    async def _heard(self, stream: asyncio.StreamReader) -> None:
        """Its log is read so that it never blocks; the last lines are kept to say why it died."""
        while line := await stream.readline():
            self._complaints.append(line.decode(errors="replace").strip())

    async def _answers(self, address: str) -> None:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        async with (
            aiohttp.ClientSession(trust_env=False, headers=headers) as session,
            session.get(f"{address}/v1/models") as response,
        ):
            if response.status != 200:
                raise LocalModelUnavailable(f"its server answers with status {response.status}")
