"""The sandbox as a process of its own."""

import asyncio
import sys

from slack_sdk.web.async_client import AsyncWebClient


async def test_it_prints_the_environment_and_stops_when_told() -> None:
    """`python -m sandbox.slack` prints lines for `.env`, serves at the address in them, and ends on SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.slack", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(4)]
    env = dict(line.split("=", 1) for line in lines)
    client = AsyncWebClient(token=env["SLACK_BOT_TOKEN"], base_url=env["SLACK_API_URL"])
    opened = await client.apps_connections_open(app_token=env["SLACK_APP_TOKEN"])
    process.terminate()
    assert await process.wait() == 0
    assert set(env) == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"}
    assert opened["url"].startswith("ws://127.0.0.1:")
