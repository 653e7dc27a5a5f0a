"""Slack's own blocks, dates, files and forms are drawn as Slack draws them, and can be used by hand and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.page.conftest import Json, TinyPlatform

from tests.page.conftest import message
from tests.page.pictures import DOT, pictured

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("page")]


def plain(text: str) -> Json:
    """A text object of plain text."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A text object of mrkdwn."""
    return {"type": "mrkdwn", "text": text}


def options(*labels: str) -> list[Json]:
    """Options whose values are their labels in small letters."""
    return [{"text": plain(label), "value": label.lower()} for label in labels]


def posted(id: str, blocks: list[Json], **more: Any) -> Json:
    """A message of the app with blocks."""
    return message(id, "the fallback", author="Parley", format="mrkdwn", blocks=blocks, **more)


BUTTON = {"type": "button", "action_id": "go", "text": plain("Go :rocket:"), "style": "primary"}
MENU = {"type": "static_select", "action_id": "tone", "placeholder": plain("Tone"), "options": options("Kind", "Short")}
SEVERAL = {
    "type": "multi_static_select",
    "action_id": "days",
    "placeholder": plain("Days"),
    "options": options("Mo", "Tu"),
}
DAY = {"type": "datepicker", "action_id": "day", "placeholder": plain("Pick a day"), "initial_date": "2026-11-24"}
MORE = {"type": "overflow", "action_id": "more", "options": options("Copy", "Archive")}
BLOCKS: list[Json] = [
    {"type": "header", "text": plain("The week :calendar:")},
    {
        "type": "section",
        "text": mrkdwn("*Usage* of <@ann> :tada: since <!date^1790000000^{date_short_pretty} at {time}|once>"),
        "accessory": MORE,
    },
    {"type": "section", "fields": [mrkdwn("*Tokens*\n12,000"), mrkdwn("*Cost*\n$0.42")]},
    {
        "type": "section",
        "text": mrkdwn("With a picture"),
        "accessory": {"type": "image", "image_url": DOT, "alt_text": "a dot"},
    },
    {"type": "actions", "block_id": "first", "elements": [BUTTON, MENU, SEVERAL, DAY]},
    {"type": "divider"},
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "who"}, {"type": "raw_text", "text": "n"}],
            [{"type": "raw_text", "text": "ann"}, {"type": "raw_text", "text": "3"}],
        ],
        "column_settings": [{"align": "left"}, {"align": "right"}],
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Rich ", "style": {"bold": True}},
                    {"type": "emoji", "name": "eyes"},
                    {"type": "user", "user_id": "ann"},
                    {"type": "link", "url": "https://example.com", "text": "a link"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 0,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "outer"}]}],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "inner"}]}],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        ],
    },
    {"type": "context", "elements": [{"type": "image", "image_url": DOT, "alt_text": "sign"}, mrkdwn("_at the end_")]},
]


async def test_blocks_stand_where_they_belong(page: Page, slack: TinyPlatform) -> None:
    """Each kind of block is drawn in its place, with what can be pressed in the middle and not at the end."""
    await page.locator("#show-slack").click()
    old = {"color": "danger", "title": "Old", "text": "an *attachment*", "fields": [{"title": "a", "value": "b"}]}
    slack.say(message("1", "@Parley show me", author="bob"))
    slack.say(posted("2", BLOCKS, attachments=[old], reactions={"+1": ["ann", "bob"], "tada": ["ann"]}))
    body = page.locator("#slack-message-2 .body")
    await expect(body).not_to_contain_text("fallback")
    await expect(body.get_by_role("heading", name="The week 📅")).to_be_visible()
    await expect(body.locator(".mention")).to_have_text(["@ann", "@ann"])
    await expect(body.locator("time.moment")).to_contain_text("2026")
    await expect(body.locator("td").last).to_have_class("right")
    await expect(body.get_by_role("img", name="a dot")).to_be_visible()
    await expect(body.locator("ul.indent-1 li")).to_have_text("inner")
    order = await body.locator("> *").evaluate_all("parts => parts.map((part) => part.className || part.tagName)")
    assert order.index("buttons") < order.index("HR") < order.index("table")
    attachment = page.locator("#slack-message-2 .attachment")
    assert await attachment.evaluate("one => getComputedStyle(one).borderLeftColor") == "rgb(224, 30, 90)"
    await page.locator("#slack").get_by_text("With a picture").scroll_into_view_if_needed()
    await pictured(page, "slack-blocks")


async def test_elements_are_pressed_and_chosen(page: Page, slack: TinyPlatform) -> None:
    """Buttons, menus, dates and the menu of further actions tell what was chosen, several at once when it closes."""
    slack.say(posted("1", BLOCKS))
    item = page.locator("#slack-message-1")

    async def chosen() -> Json:
        done = await slack.act()
        assert (done.pop("action"), done.pop("id"), done.pop("person"), done.pop("channel")) == (
            "click",
            "1",
            "bob",
            "general",
        )
        return done

    await item.get_by_role("button", name="Go 🚀").click()
    assert await chosen() == {"button": "go"}
    await item.get_by_label("Tone").select_option("short")
    assert await chosen() == {"button": "tone", "option": "short"}
    await item.get_by_label("Pick a day").fill("2026-12-01")
    assert await chosen() == {"button": "day", "option": "2026-12-01"}
    await item.locator("summary", has_text="Days").click()
    await item.get_by_label("Mo", exact=True).check()
    await item.get_by_label("Tu").check()
    assert slack.acts == []
    await page.keyboard.press("Escape")
    assert await chosen() == {"button": "days", "options": ["mo", "tu"]}
    await item.get_by_label("More actions").click()
    await item.get_by_role("button", name="Archive").click()
    assert await chosen() == {"button": "more", "option": "archive"}


async def test_a_growing_message_disturbs_nobody(page: Page, slack: TinyPlatform) -> None:
    """While it is drawn anew, the focus, a selection in its text, a chosen option and an open list stay."""
    actions = {"type": "actions", "block_id": "first", "elements": [MENU, SEVERAL]}

    def grown(text: str) -> Json:
        return posted("1", [{"type": "markdown", "block_id": "m", "text": text}, actions])

    slack.say(grown("one two"))
    item = page.locator("#slack-message-1")
    await item.locator("summary").click()
    await item.get_by_label("Mo", exact=True).check()
    await item.get_by_label("Tone").evaluate("menu => { menu.selectedIndex = 2; }")
    await item.get_by_label("Tu").focus()
    await item.locator("p").first.evaluate(
        "words => getSelection().setBaseAndExtent(words.firstChild, 0, words.firstChild, 3)"
    )
    slack.say(grown("one two three"))
    await expect(item).to_contain_text("three")
    slack.say(grown("one two three\n\nfour"))
    await expect(item).to_contain_text("four")
    assert await page.evaluate("String(getSelection())") == "one"
    await expect(item.get_by_label("Tu")).to_be_focused()
    await expect(item.get_by_label("Mo", exact=True)).to_be_checked()
    await expect(item.get_by_label("Tone")).to_have_value("short")


async def test_a_stream_shows_tasks_text_and_blocks(page: Page, slack: TinyPlatform) -> None:
    """What streams is text; the cards of its tasks stand before it, the blocks of its end after it."""
    card = {"type": "task_card", "task_id": "t", "title": "Reading the page", "status": "complete"}
    foot = {"type": "context", "block_id": "c", "elements": [mrkdwn("3 sources")]}
    slack.say(message("1", "The **answer**", author="Parley", blocks=[card, foot], streaming=True))
    body = page.locator("#slack-message-1 .body")
    await expect(body).to_have_text("✓ Reading the page (complete)The answer3 sources")
    await expect(page.locator("#slack-message-1 .streaming")).to_be_visible()


async def test_reactions_are_toggled(page: Page, slack: TinyPlatform) -> None:
    """A pill shows how many reacted and who; pressing it adds the acting person or takes them away."""
    slack.say(message("1", "good?", author="Parley", reactions={"+1": ["ann"], "eyes": ["bob"]}))
    item = page.locator("#slack-message-1")
    thumb = item.get_by_role("button", name=":+1:: ann")
    await expect(thumb).to_have_text("👍 1")
    await expect(thumb).to_have_attribute("aria-pressed", "false")
    await thumb.click()
    done = await slack.act()
    assert (done["action"], done["id"], done["text"]) == ("react", "1", "+1")
    await item.get_by_role("button", name=":eyes:: bob").click()
    assert (await slack.act())["action"] == "unreact"


async def test_messages_of_one_author_are_grouped(page: Page, slack: TinyPlatform) -> None:
    """The second in a row has no name of its own to the eye; what only one person sees can be dismissed."""
    for number in ("1", "2"):
        slack.say(message(number, "again", author="Parley"))
    slack.say(message("3", "just you", author="Parley", ephemeral_for="bob", edited=True))
    await expect(page.locator("#slack-message-1 .avatar")).to_be_visible()
    await expect(page.locator("#slack-message-1 .badge")).to_have_text("APP")
    await expect(page.locator("#slack-message-2 .avatar")).to_be_hidden()
    own = page.locator("#slack-message-3")
    await expect(own).to_contain_text("(edited)")
    await own.get_by_role("button", name="Dismiss").click()
    await expect(own).to_have_count(0)
