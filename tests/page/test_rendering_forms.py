"""Slack's modals and the Home tab: each sort of field, complaints at the fields, changes while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect

if TYPE_CHECKING:
    from tests.page.conftest import Json, TinyPlatform

from tests.page.pictures import pictured

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


BUTTON = {"type": "button", "action_id": "go", "text": plain("Go :rocket:"), "style": "primary"}
MENU = {"type": "static_select", "action_id": "tone", "placeholder": plain("Tone"), "options": options("Kind", "Short")}
SEVERAL = {"type": "multi_static_select", "action_id": "days", "options": options("Mo", "Tu")}
FIELDS: list[Json] = [
    {"type": "section", "text": mrkdwn("How should it *speak*?")},
    {
        "type": "input",
        "block_id": "n",
        "label": plain("Name"),
        "hint": plain("Seen by everybody"),
        "element": {"type": "plain_text_input", "action_id": "name"},
    },
    {"type": "input", "block_id": "t", "label": plain("Tone"), "element": {**MENU, "action_id": "tone"}},
    {
        "type": "input",
        "block_id": "d",
        "label": plain("Days"),
        "optional": True,
        "element": {**SEVERAL, "action_id": "days"},
    },
    {
        "type": "input",
        "block_id": "r",
        "label": plain("Speed"),
        "element": {"type": "radio_buttons", "action_id": "speed", "options": options("Slow", "Fast")},
    },
    {
        "type": "input",
        "block_id": "f",
        "label": plain("Notes"),
        "optional": True,
        "element": {"type": "file_input", "action_id": "notes"},
    },
]


def modal(**more: Any) -> Json:
    """A modal with a field of each sort."""
    words = {"title": plain("Persona"), "submit": plain("Save"), "close": plain("Never mind")}
    return {"id": "V1", "type": "modal", "blocks": FIELDS, **words, **more}


async def test_a_modal_complains_by_field_and_sends_each_sort(page: Page, slack: TinyPlatform) -> None:
    """What is missing is said at its field, without asking the app; then each value is sent as its sort needs it."""
    slack.tell({"type": "view", "person": "bob", "view": modal()})
    form = page.get_by_role("dialog", name="Persona")
    await expect(form.get_by_role("button", name="Never mind")).to_be_visible()
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Please complete this required field.")).to_have_count(3)
    await expect(form.get_by_label("Name")).to_be_focused()
    await expect(form.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    assert slack.acts == []
    await pictured(page, "slack-modal")
    await form.get_by_label("Name").fill("Pirate")
    await form.get_by_label("Tone").select_option("kind")
    await form.get_by_label("Tu").check()
    await form.get_by_label("Fast").check()
    await form.get_by_role("button", name="Save").click()
    assert (await slack.act())["values"] == {
        "name": "Pirate",
        "tone": "kind",
        "days": ["tu"],
        "speed": "fast",
        "notes": [],
    }


async def test_the_apps_complaints_stand_at_their_fields(page: Page, slack: TinyPlatform) -> None:
    """What the app answers by block is read at that field, which has the focus; the rest stays as typed."""
    slack.answers["submit"] = {"ok": False, "error": "Taken.", "errors": {"n": "Taken."}}
    slack.tell({"type": "view", "person": "bob", "view": modal(blocks=FIELDS[:2])})
    form = page.get_by_role("dialog", name="Persona")
    await form.get_by_label("Name").fill("Tutor")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_label("Name")).to_have_accessible_description("Seen by everybody Taken.")
    await expect(form.get_by_label("Name")).to_be_focused()
    await expect(form.get_by_label("Name")).to_have_value("Tutor")


async def test_a_modal_that_changes_keeps_what_was_typed(page: Page, slack: TinyPlatform) -> None:
    """The app may change it while somebody types in it: the field, its text and the focus stay."""
    slack.tell({"type": "view", "person": "bob", "view": modal()})
    form = page.get_by_role("dialog", name="Persona")
    await form.get_by_label("Name").fill("Pir")
    notice = {"type": "section", "text": mrkdwn("Names are taken: *Tutor*")}
    slack.tell({"type": "view", "person": "bob", "view": modal(blocks=[notice, *FIELDS])})
    await expect(form).to_contain_text("Names are taken: Tutor")
    await expect(form.get_by_label("Name")).to_be_focused()
    await page.keyboard.type("ate")
    await expect(form.get_by_label("Name")).to_have_value("Pirate")


async def test_the_home_tab_is_a_place(page: Page, slack: TinyPlatform) -> None:
    """It is asked for when it is opened, shows the app's blocks, and its buttons work."""
    await page.locator("#slack-go-home").click()
    assert (await slack.act())["action"] == "home"
    await expect(page.locator("#slack-home")).to_contain_text("shows nothing")
    actions = {"type": "actions", "block_id": "a", "elements": [BUTTON]}
    home = {"id": "V7", "type": "home", "blocks": [{"type": "header", "text": plain("Your week")}, actions]}
    slack.tell({"type": "view", "person": "bob", "view": home})
    await expect(page.locator("#slack-home").get_by_role("heading", name="Your week")).to_be_visible()
    await pictured(page, "slack-home")
    await page.locator("#slack-home").get_by_role("button", name="Go").click()
    done = await slack.act()
    assert (done["action"], done["view"], done["button"]) == ("click", "V7", "go")
    await page.locator("#slack").get_by_role("button", name="#general").click()
    await expect(page.locator("#slack-home")).to_be_hidden()
    await expect(page.locator("#slack-text")).to_be_visible()
