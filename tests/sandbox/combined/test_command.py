"""`python -m sandbox` itself, with the real Slack, the real Discord and the demo model."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[3]


async def test_the_servers_run_and_end_cleanly(tmp_path: Path) -> None:
    """It prints what a bot needs, every part answers under one port, and SIGTERM ends it with code 0."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0", "--demo-model", "--servers-only"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    settings: dict[str, str] = {}
    page = ""
    while not page:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        assert line or not process.stdout.at_eof()
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            settings[name] = value
        elif line.startswith("The page is at "):
            page = line.removeprefix("The page is at ")
    async with httpx.AsyncClient(base_url=page, trust_env=False) as client:
        people = [(await client.get(f"{name}/_sandbox/state")).json()["people"] for name in ("slack", "discord")]
        slack = await client.post(
            settings["SLACK_API_URL"] + "auth.test", headers={"Authorization": f"Bearer {settings['SLACK_BOT_TOKEN']}"}
        )
        discord = await client.get(
            settings["DISCORD_API_URL"] + "/users/@me", headers={"Authorization": f"Bot {settings['DISCORD_TOKEN']}"}
        )
        models = await client.get(
            settings["OPENAI_BASE_URL"] + "/models", headers={"Authorization": f"Bearer {settings['OPENAI_API_KEY']}"}
        )
    assert all(people)
    assert (slack.json()["ok"], discord.status_code, models.status_code) == (True, 200, 200)
    assert settings["DISCORD_GATEWAY_URL"].startswith("ws://")
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
