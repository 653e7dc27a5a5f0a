"""Pictures of the page, kept under artifacts/page/ so that somebody looks at them."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
"""A picture of one dot, as base64."""
DOT = f"data:image/png;base64,{PNG}"
FOLDER = Path(__file__).parents[2] / "artifacts" / "page"


async def pictured(page: Page, name: str) -> None:
    """The page as it stands, in light and in dark colours; afterwards it is light."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=FOLDER / f"{name}-dark.png")
    await page.emulate_media(color_scheme="light")
    await page.screenshot(path=FOLDER / f"{name}-light.png")
