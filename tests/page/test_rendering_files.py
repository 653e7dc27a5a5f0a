"""Over the real sandboxes of both platforms: files are shown and saved, reactions toggled, forms and menus answered."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.platforms import Platform
from sandbox.combined.server import CombinedServer
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.server import SlackSandbox
from tests.page.pictures import PNG, pictured

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("page")]


def mounted(name: str, sandbox: SlackSandbox | DiscordSandbox) -> Platform:
    """As the combined server takes it."""
    return Platform(
        name=name,
        create_app=sandbox.create_app,
        mounted_at=sandbox.mounted_at,
        environment=lambda: sandbox.env,
        connected=sandbox.connected,
    )


@pytest.fixture
def real_slack() -> SlackSandbox:
    """The whole of it."""
    return SlackSandbox(rate_limits=None)


@pytest.fixture
def real_discord() -> DiscordSandbox:
    """The whole of it."""
    return DiscordSandbox(rate_limits=None)


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser, real_slack: SlackSandbox, real_discord: DiscordSandbox) -> AsyncIterator[Page]:
    """The page over both, with no bot; an error in its scripts or a request elsewhere fails the test."""
    platforms = (mounted("slack", real_slack), mounted("discord", real_discord))
    server = CombinedServer(platforms=platforms, model=ChatCompletionsSandbox())
    await server.start(0)
    context = await browser.new_context(viewport={"width": 1600, "height": 900}, accept_downloads=True)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((server.url, "data:")) else faults.append(asked.url))
    await page.goto(server.url)
    for platform in ("slack", "discord"):
        await page.locator(f"#{platform}-connection", has_text="Sandbox").wait_for(state="attached")
    yield page
    await context.close()
    await server.stop()
    assert faults == []


@pytest.mark.parametrize("platform", ["slack", "discord"])
async def test_pictures_are_shown_and_other_files_saved(opened: Page, platform: str) -> None:
    """What a person sends comes back from the sandbox: a picture as a picture, a text as a file to save."""
    chosen: list[FilePayload] = [
        {"name": "dot.png", "mimeType": "image/png", "buffer": b64decode(PNG)},
        {"name": "notes <b>.html", "mimeType": "text/html", "buffer": b"<script>1</script>"},
    ]
    await opened.locator(f"#{platform}-files").set_input_files(chosen)
    await opened.locator(f"#{platform}-text").fill("look")
    await opened.locator(f"#{platform}-text").press("Enter")
    item = opened.locator(f"#{platform}-messages .message").last
    picture = item.get_by_role("img", name="dot.png")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await pictured(opened, f"{platform}-files")
    async with opened.expect_download() as saving:
        await item.get_by_role("link", name="notes <b>.html").click()
    saved = await saving.value
    assert (await saved.path()).read_bytes() == b"<script>1</script>"


@pytest.mark.parametrize(("platform", "pill"), [("slack", ":+1:: bob"), ("discord", "👍: Bob")])
async def test_a_reaction_comes_and_goes(opened: Page, platform: str, pill: str) -> None:
    """Given from the message's own buttons, shown as a pill, and taken back by a press on it."""
    await opened.locator(f"#{platform}-text").fill("good?")
    await opened.locator(f"#{platform}-text").press("Enter")
    item = opened.locator(f"#{platform}-messages .message").last
    await item.get_by_role("button", name="React with 👍").click()
    given = item.get_by_role("button", name=pill)
    await expect(given).to_have_attribute("aria-pressed", "true")
    await given.click()
    await expect(given).to_have_count(0)


async def test_a_form_complains_where_the_app_says(opened: Page, real_slack: SlackSandbox) -> None:
    """A view that the app opens in the workspace is drawn; without an app its values stay with the person's words."""
    name: dict[str, Any] = {"type": "plain_text_input", "action_id": "name", "max_length": 5}
    words = {"type": "plain_text", "text": "Persona"}
    block = {"type": "input", "block_id": "n", "label": words, "element": name}
    view = {"type": "modal", "title": words, "submit": words, "blocks": [block]}
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=real_slack.bot_token, base_url=real_slack.api_url, session=session)
        trigger = real_slack.triggers.issue(real_slack.world.person("bob"))
        await client.views_open(trigger_id=trigger, view=view)
    form = opened.get_by_role("dialog", name="Persona")
    await form.get_by_label("Persona").fill("Piet")
    await form.get_by_role("button", name="Persona").click()
    await expect(form.get_by_role("alert")).to_have_text("dispatch_failed")
    await expect(form.get_by_label("Persona")).to_have_value("Piet")
