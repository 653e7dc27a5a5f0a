"""Discord's embeds, components, time stamps and forms are drawn as Discord draws them, and can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.page.conftest import Json, TinyPlatform

from tests.page.conftest import message
from tests.page.pictures import DOT, pictured

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("page")]
EMBED: Json = {
    "color": 0x1F8B4C,
    "author": {"name": "Parley", "url": "https://example.com/author"},
    "title": "Usage of **today**",
    "url": "https://example.com/usage",
    "description": "What was *asked*, see [the page](https://example.com).",
    "fields": [
        {"name": "Requests", "value": "12", "inline": True},
        {"name": "Tokens", "value": "3,400", "inline": True},
        {"name": "Cost", "value": "`$0.02`", "inline": True},
        {"name": "Note", "value": "A line of its own"},
    ],
    "thumbnail": {"url": DOT, "description": "a thumbnail"},
    "image": {"url": "https://elsewhere.example/picture.png"},
    "footer": {"text": "counted since midnight"},
    "timestamp": "2026-11-24T00:00:00+00:00",
}
ROWS: list[Json] = [
    {
        "type": 1,
        "id": 1,
        "components": [
            {"type": 2, "id": 2, "style": 1, "label": "Primary", "custom_id": "a"},
            {"type": 2, "id": 3, "style": 2, "label": "Secondary", "custom_id": "b", "emoji": {"name": "🔁"}},
            {"type": 2, "id": 4, "style": 3, "label": "Success", "custom_id": "c"},
            {"type": 2, "id": 5, "style": 4, "label": "Danger", "custom_id": "d", "disabled": True},
            {"type": 2, "id": 6, "style": 5, "label": "Site", "url": "https://example.com"},
        ],
    },
    {
        "type": 1,
        "id": 7,
        "components": [
            {
                "type": 3,
                "id": 8,
                "custom_id": "tone",
                "placeholder": "Tone",
                "options": [
                    {"label": "Kind", "value": "kind", "description": "Warm words"},
                    {"label": "Short", "value": "short"},
                ],
            }
        ],
    },
    {
        "type": 1,
        "id": 9,
        "components": [
            {"type": 5, "id": 10, "custom_id": "who", "placeholder": "Who", "min_values": 1, "max_values": 2},
        ],
    },
]
MARKUP = """# Large
-# small print
||hidden|| <t:1790000000:D> <t:1790000000:R> <:party:123>
>>> all of
the rest"""


def told(id: str, text: str = "", **more: Any) -> Json:
    """A message of the bot."""
    return message(id, text, author="Parley", format="discord", **more)


async def test_embeds_are_drawn_whole(page: Page, discord: TinyPlatform) -> None:
    """Author, title, text, fields side by side, footer and colour; a picture from elsewhere is only named."""
    await page.locator("#show-discord").click()
    discord.say(message("1", "/usage", author="bob"))
    discord.say(told("2", "Here:", embeds=[EMBED], components=ROWS, reactions={"👍": ["bob"]}))
    embed = page.locator("#discord-message-2 .embed")
    await expect(embed.get_by_role("link", name="Usage of today")).to_have_attribute(
        "href", "https://example.com/usage"
    )
    await expect(embed.locator(".embed-fields")).to_have_count(2)
    first = embed.locator(".of-3 > div")
    tops = await first.evaluate_all("fields => fields.map((field) => field.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
    await expect(embed.get_by_role("img", name="a thumbnail")).to_be_visible()
    await expect(embed.locator(".elsewhere a")).to_have_attribute("href", "https://elsewhere.example/picture.png")
    await expect(embed.locator(".embed-foot time")).to_have_attribute("datetime", "2026-11-24T00:00:00.000Z")
    assert await embed.evaluate("one => getComputedStyle(one).borderLeftColor") == "rgb(31, 139, 76)"
    await pictured(page, "discord-embed")


async def test_buttons_and_menus_are_used(page: Page, discord: TinyPlatform) -> None:
    """Five styles of buttons, one of them only a link; a menu sends its values, one of several when it closes."""
    discord.say(told("1", "choose", components=ROWS))
    item = page.locator("#discord-message-1")
    await expect(item.locator(".rows > .buttons")).to_have_count(3)
    await expect(item.get_by_role("button", name="Danger")).to_be_disabled()
    await expect(item.get_by_role("link", name="Site")).to_have_attribute("href", "https://example.com")
    await item.get_by_role("button", name="Secondary").click()
    assert (await discord.act())["button"] == "b"
    await item.get_by_label("Tone").select_option("kind")
    done = await discord.act()
    assert (done["action"], done["id"], done["button"], done["values"]) == ("click", "1", "tone", ["kind"])
    await item.locator("summary").press("Enter")
    await item.get_by_label("ann").check()
    await item.get_by_label("bob").check()
    await page.keyboard.press("Escape")
    assert (await discord.act())["values"] == ["ann", "bob"]


async def test_markup_of_discord(page: Page, discord: TinyPlatform) -> None:
    """Headings, small print, spoilers that open by keyboard, time stamps that tick, and quotes to the end."""
    discord.say(told("1", MARKUP))
    body = page.locator("#discord-message-1 .body")
    await expect(body.get_by_role("heading", name="Large")).to_be_visible()
    await expect(body.locator("blockquote")).to_have_text("all ofthe rest")
    await expect(body.locator("time").first).to_contain_text("2026")
    spoiler = body.get_by_role("button", name="Spoiler")
    await expect(body.get_by_text("hidden")).to_be_hidden()
    await spoiler.press("Enter")
    await expect(body.get_by_text("hidden")).to_be_visible()
    discord.say(told("1", f"{MARKUP} and more"))
    await expect(body).to_contain_text("and more")
    await expect(body.get_by_text("hidden")).to_be_visible()
    relative = body.locator("time[data-relative]")
    await relative.evaluate("time => { time.dataset.relative = String(Date.now() / 1000 + 7290); }")
    await expect(relative).to_have_text("in 2 hours")


async def test_layouts_stand_for_the_text(page: Page, discord: TinyPlatform) -> None:
    """A container with a section and a separator is drawn once, its text not repeated above it."""
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "**Hello**"}],
        "accessory": {"type": 2, "style": 2, "label": "Go", "custom_id": "go"},
    }
    layout = {"type": 17, "accent_color": 0xFF0000, "components": [section, {"type": 14}]}
    discord.say(told("1", "**Hello**", components=[layout]))
    item = page.locator("#discord-message-1")
    await expect(item.locator("strong")).to_have_count(1)
    await item.get_by_role("button", name="Go", exact=True).click()
    assert (await discord.act())["button"] == "go"


async def test_only_you_and_replies(page: Page, discord: TinyPlatform) -> None:
    """What is ephemeral says so and can be dismissed; an answer shows whom it answers; the bot is an app."""
    discord.say(message("1", "a question", author="bob"))
    discord.say(told("2", "an answer", reply_to="1"))
    discord.say(told("3", "psst", ephemeral_for="bob"))
    await expect(page.locator("#discord-message-2 .replied")).to_contain_text("bob a question")
    await expect(page.locator("#discord-message-2 .badge")).to_contain_text("APP")
    own = page.locator("#discord-message-3")
    await expect(own).to_contain_text("Only you can see this")
    await own.get_by_role("button", name="Dismiss message").click()
    await expect(own).to_have_count(0)


async def test_what_follows_the_start_of_a_thread_has_its_name(page: Page, discord: TinyPlatform) -> None:
    """The first message of a thread quotes somebody else's, so that the bot's answer under it is named anew."""
    discord.say(message("7", "@Parley go", author="bob", channel="help"))
    discord.say(told("8", "", kind="thread_starter"))
    discord.say(told("9", "an answer"))
    await expect(page.locator("#discord-message-9 .avatar")).to_be_visible()
    discord.say(told("10", "one more"))
    await expect(page.locator("#discord-message-10 .avatar")).to_be_hidden()


async def test_a_modal_with_each_sort_of_field(page: Page, discord: TinyPlatform) -> None:
    """Labels hold inputs, menus, choices and files; what is missing is said at its field."""

    def label(text: str, component: Json) -> Json:
        return {"type": 18, "label": text, "component": component}

    kinds = [{"label": "Kind", "value": "kind"}, {"label": "Short", "value": "short"}]
    parts = [
        {"type": 10, "content": "Tell me **how**."},
        label("Name", {"type": 4, "custom_id": "name", "style": 1, "min_length": 2}),
        label("Tone", {"type": 3, "custom_id": "tone", "options": kinds, "placeholder": "Tone"}),
        label("Speed", {"type": 21, "custom_id": "speed", "options": kinds}),
        label("Agree", {"type": 23, "custom_id": "agree"}),
        label("Notes", {"type": 19, "custom_id": "notes", "required": False}),
    ]
    shown = {"id": "9", "custom_id": "m", "title": "Persona", "components": parts}
    discord.tell({"type": "modal", "person": "bob", "modal": shown})
    form = page.get_by_role("dialog", name="Persona")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.get_by_text("This field is required.")).to_have_count(3)
    await pictured(page, "discord-modal")
    await form.get_by_label("Name").fill("Pirate")
    await form.get_by_label("Tone").select_option("short")
    await form.get_by_label("Kind").check()
    await form.get_by_label("Yes").check()
    await form.get_by_role("button", name="Submit").click()
    sent = (await discord.act())["values"]
    assert sent == {"name": "Pirate", "tone": "short", "speed": "kind", "agree": True, "notes": []}
