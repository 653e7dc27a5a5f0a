"""Takes the README's picture of the page: `python -m sandbox.page.picture docs/images/sandbox.png`.

A sandbox of its own is started with the scripted model, somebody asks on both platforms, and the picture shows the
answers. Of the page it knows the fields where one writes, and the mark of a thread in the list of channels; of the
scripted model, how an answer ends.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

BROWSERS = ("chromium", "google-chrome", "chromium-browser")
WIDTH, HEIGHT = 1600, 900
FIELDS = {"#slack-text": "@parley", "#discord-text": "@Parley"}
"""Where one writes → how Parley is mentioned there."""
QUESTION = "what is a lease, and why has each turn one?"
FINISHED = "for the words that this demo knows"
THREAD = re.compile("^↳")
MOST_BYTES = 300_000
PATIENCE = 60.0
"""Seconds for the start, and for each answer."""
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/?")


@asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """The address of a page that is served as long as this is open."""
    command = (sys.executable, "-m", "sandbox", "--demo-model")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            address = await _address(process.stdout)
        draining = asyncio.create_task(process.stdout.read())
        yield address
        draining.cancel()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


async def _address(output: asyncio.StreamReader) -> str:
    while line := await output.readline():
        if found := _ADDRESS.search(line.decode()):
            return found.group()
    raise SystemExit("The sandbox ended before it said its address.")


async def take(place: Path) -> None:
    """The picture is at that place. Exits where it is too large for a README."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise SystemExit("The picture needs Chromium or Chrome.")
    async with sandbox() as address, async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = await opened.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        await page.goto(address)
        await _ask(page)
        place.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=place)
        await opened.close()
    if place.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{place} is larger than {MOST_BYTES} bytes.")


async def _ask(page: Page) -> None:
    for field, mention in FIELDS.items():
        await page.locator(field).fill(f"{mention} {QUESTION}")
        await page.locator(field).press("Enter")
    await page.get_by_role("button", name=THREAD).first.click(timeout=PATIENCE * 1000)
    for place in range(len(FIELDS)):
        await page.get_by_text(FINISHED).nth(place).wait_for(timeout=PATIENCE * 1000)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
