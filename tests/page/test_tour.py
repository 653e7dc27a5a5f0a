"""The guided tour in a real browser, with the real sandbox and the real Parley: each step shows what it promises.

Pictures of each step go to artifacts/, Slack's in light and Discord's in dark colours.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
STEP_SECONDS = 120
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


@asynccontextmanager
async def sandbox(folder: Path) -> AsyncIterator[str]:
    """`python -m sandbox` with the scripted model in a folder of its own; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--demo-model",
        "--port",
        "0",
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while not (found := re.search(r"Open (http://\S+)", said)):
            line = await process.stdout.readline()
            assert line, said
            said += line.decode()
    draining = asyncio.create_task(process.stdout.read())
    try:
        yield found[1]
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()
        await draining


@asynccontextmanager
async def opened(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> AsyncIterator[Page]:
    """The page; an error in its scripts, or anything asked of another host, fails the test."""
    context = await browser.new_context(viewport={"width": 1600, "height": 900}, color_scheme=scheme)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(address) else faults.append(asked.url))
    await page.goto(address)
    await expect(page.locator("#bot-state")).to_contain_text("Parley runs")
    yield page
    await context.close()
    assert faults == []


@pytest.mark.parametrize(("platform", "scheme"), [("slack", "light"), ("discord", "dark")])
async def test_each_step(browser: Browser, tmp_path: Path, platform: str, scheme: Literal["light", "dark"]) -> None:
    """A press of each button does what its text says, on the platform that was chosen."""
    ARTIFACTS.mkdir(exist_ok=True)
    async with sandbox(tmp_path) as address, opened(browser, address, scheme) as page:
        await page.locator("#tour-platform").select_option(platform)
        pane = page.locator(f"#{platform}")

        async def step(name: str) -> None:
            await page.locator(f"#tour-{name}").click()
            done = re.compile(f"{name} (done|failed)")
            await expect(page.locator("#tour-said")).to_have_attribute("data-step", done, timeout=STEP_SECONDS * 1000)
            await expect(page.locator("#tour-said")).to_have_attribute("data-step", f"{name} done")
            await page.screenshot(path=ARTIFACTS / f"tour-{platform}-{name}.png")

        # The reply grows before one's eyes: the page itself notes each length that it had.
        growing = asyncio.create_task(lengths(page, platform))
        await step("ask")
        assert len(set(await growing)) > 3
        await expect(page.locator("#turns > li").first).to_have_attribute("data-state", "done")
        await expect(page.locator("#asked .role-user").first).to_contain_text("what is a lease")
        await expect(page.locator("#calls > li").first).to_be_attached()
        await step("persona")
        await expect(page.locator("#asked .role-system").first).to_contain_text("You are a pirate.")
        await step("quota")
        await expect(page.locator("#turns > li").first).to_have_attribute("data-state", "refused")
        await expect(pane.get_by_text("The limit of 1 request a day for you is reached.")).to_be_visible()
        await step("tutor")
        await expect(pane.get_by_role("button", name="Hint").last).to_be_visible()
        await step("kill")
        await expect(page.locator("#turns > li").first).to_contain_text("attempt 2")
        await expect(page.locator("#bot-state")).to_contain_text("started 2 times")
        ended = page.locator(f"#{platform}-messages .message.from-bot").last
        await expect(ended.get_by_text("Part 30")).to_have_count(1)


async def lengths(page: Page, platform: str) -> list[int]:
    """How long the newest reply was, each time that it had changed, until the step had ended."""
    script = """([platform]) => new Promise((resolve) => {
      const seen = [];
      const log = document.getElementById(`${platform}-messages`);
      const said = document.getElementById("tour-said");
      const look = () => {
        const reply = [...log.querySelectorAll(".from-bot .body")].at(-1);
        if (reply && seen.at(-1) !== reply.textContent.length) seen.push(reply.textContent.length);
        if (/done|failed/.test(said.dataset.step ?? "")) { observer.disconnect(); resolve(seen); }
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    })"""
    return list(await page.evaluate(script, [platform]))
