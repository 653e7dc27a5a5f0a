"""What helps while one writes: suggestions of commands, options, people and channels, and files to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.page.conftest import Json, TinyPlatform

from tests.page.pictures import PNG, pictured

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("page")]
TONES = [{"name": "Very kind", "value": "kind"}, {"name": "Short", "value": "short"}]
COMMANDS: list[Json] = [
    {
        "name": "ask",
        "type": 1,
        "description": "Ask a question",
        "options": [
            {"type": 3, "name": "question", "description": "What you want to know", "required": True},
            {"type": 3, "name": "tone", "description": "How it answers", "choices": TONES},
            {"type": 6, "name": "person", "description": "Whom it is about"},
            {"type": 11, "name": "file", "description": "What it is about"},
        ],
    },
    {
        "name": "persona",
        "type": 1,
        "description": "Personas",
        "options": [
            {
                "type": 1,
                "name": "use",
                "description": "Let one answer",
                "options": [
                    {"type": 3, "name": "name", "description": "Which", "autocomplete": True},
                ],
            },
            {"type": 1, "name": "list", "description": "All of them"},
        ],
    },
]
SLACK = [
    {"command": "/ask", "description": "Ask a question", "usage_hint": "QUESTION"},
    {"command": "/stop", "description": "Stop the reply"},
]


async def test_commands_are_suggested(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """A slash lists what there is; arrows and Enter choose, Escape closes, and the field tells a screen reader so."""
    slack.commands, discord.commands = list(SLACK), COMMANDS
    field = page.locator("#slack-text")
    await field.press_sequentially("/")
    offers = page.locator("#slack-suggestions").get_by_role("option")
    await expect(offers).to_have_text(["/askQUESTION · Ask a question", "/stopStop the reply"])
    await expect(field).to_have_attribute("aria-expanded", "true")
    await field.press("ArrowDown")
    chosen = await field.get_attribute("aria-activedescendant")
    await expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    await field.press("Enter")
    await expect(field).to_have_value("/stop ")
    await field.press("Enter")
    assert (await slack.act())["command"] == "/stop"
    await field.press_sequentially("/a")
    await expect(offers).to_have_count(1)
    await field.press("Escape")
    await expect(offers).to_have_count(0)
    await expect(field).not_to_have_attribute("aria-expanded", "true")


async def test_options_are_suggested_in_order(page: Page, discord: TinyPlatform) -> None:
    """After a command its options, after an option its choices, which are sent by their values; files go to theirs."""
    discord.commands = COMMANDS
    field = page.locator("#discord-text")
    offers = page.locator("#discord-suggestions").get_by_role("option")
    await field.press_sequentially("/as")
    await expect(offers).to_have_count(1)
    await field.press("Tab")
    await expect(offers.locator(".offer")).to_have_text(["question", "tone", "person", "file"])
    await field.press("Tab")
    await expect(field).to_have_value("/ask question: ")
    await field.press_sequentially("why? ")
    await expect(offers.locator(".offer")).to_have_text(["tone", "person", "file"])
    await field.press("Tab")
    await expect(offers).to_have_text(["Very kind", "Short"])
    await pictured(page, "discord-suggestions")
    await offers.first.click()
    await expect(field).to_have_value("/ask question: why? tone: Very kind ")
    await page.locator("#discord-files").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    await field.press("Escape")
    await field.press("Enter")
    sent = await discord.act()
    assert sent["command"] == "ask"
    assert (sent["options"]["question"], sent["options"]["tone"]) == ("why?", "kind")
    assert sent["options"]["file"]["name"] == "a.txt"


async def test_autocomplete_asks_the_bot(page: Page, discord: TinyPlatform) -> None:
    """While an option is typed for which the bot has suggestions, it is asked for them with what is typed."""
    discord.commands = COMMANDS
    discord.answers["autocomplete"] = {"choices": [{"name": "The Pirate", "value": "7"}]}
    field = page.locator("#discord-text")
    await field.press_sequentially("/persona use ")
    offers = page.locator("#discord-suggestions").get_by_role("option")
    await expect(offers.locator(".offer")).to_have_text(["name"])
    await field.press("Tab")
    await expect(offers).to_have_text(["The Pirate"])
    asked = await discord.act()
    assert (asked["action"], asked["command"], asked["options"]) == ("autocomplete", "persona use", {"name": ""})
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(field).to_have_value("/persona use name: The Pirate ")
    discord.acts.clear()
    await field.press("Escape")
    await field.press("Enter")
    while (sent := await discord.act())["action"] == "autocomplete":
        pass
    assert sent["options"] == {"name": "7"}


async def test_people_channels_and_emoji_are_suggested(page: Page, slack: TinyPlatform) -> None:
    """After @ people and the bot, after # channels; a name that is whole already is sent as it is."""
    field = page.locator("#slack-text")
    offers = page.locator("#slack-suggestions").get_by_role("option")
    await field.press_sequentially("hi @p")
    await expect(offers).to_have_text(["@Parley"])
    await field.press("Enter")
    await expect(field).to_have_value("hi @Parley ")
    await field.press_sequentially("in #he")
    await expect(offers).to_have_text(["#help"])
    await offers.first.click()
    await field.press_sequentially(":rocke")
    await expect(offers).to_have_text(["🚀 :rocket:"])
    await field.press("Tab")
    await expect(field).to_have_value("hi @Parley in #help 🚀 ")
    await field.fill("")
    await field.press_sequentially("@Parley")
    await expect(offers).to_have_text(["@Parley"])
    await field.press("Enter")
    assert (await slack.act())["text"] == "@Parley"


async def test_files_are_listed_pasted_dropped_and_removed(page: Page, slack: TinyPlatform) -> None:
    """Files stand in a list before they are sent, however they came there; each can be taken out again."""
    await page.locator("#slack-files").set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"a"})
    carry = """([kind, selector, name, type, content]) => {
      const carried = new DataTransfer();
      const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
      carried.items.add(new File([bytes], name, { type }));
      const about = { bubbles: true, cancelable: true };
      const made = kind === "paste" ? new ClipboardEvent(kind, { ...about, clipboardData: carried })
        : new DragEvent(kind, { ...about, dataTransfer: carried });
      document.querySelector(selector).dispatchEvent(made);
    }"""
    await page.evaluate(carry, ["paste", "#slack-text", "dot.png", "image/png", PNG])
    await page.evaluate(carry, ["drop", "#slack-messages", "table.csv", "text/csv", "YQ=="])
    tray = page.locator("#slack .tray > li")
    await expect(tray).to_have_count(3)
    await expect(tray.nth(1).locator("img")).to_have_attribute("src", f"data:image/png;base64,{PNG}")
    await pictured(page, "slack-files-to-send")
    await page.get_by_role("button", name="Remove notes.txt").click()
    await page.locator("#slack-send").click()
    sent = await slack.act()
    assert [one["name"] for one in sent["files"]] == ["dot.png", "table.csv"]
    assert sent["files"][0]["content"] == PNG
    await expect(tray).to_have_count(0)
