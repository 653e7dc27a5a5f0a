"""The page draws what happens, live and safely, and does what a person asks of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import FilePayload, Page, expect

if TYPE_CHECKING:
    from sandbox.combined.server import CombinedServer
    from tests.page.conftest import Json, TinyPlatform

from tests.page.conftest import message

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("page")]
ARTIFACTS = Path(__file__).parents[2] / "artifacts"

RICH = """## A heading

Some **bold**, *italic*, ~~gone~~ and `code`, with a [link](https://example.com/x).

- one
  - nested
- two

1. first
2. second

> quoted

```python
def f(x: int) -> int:
    return x < 3
```

| name | value |
| --- | --- |
| a | **1** |
"""


async def write(page: Page, platform: str, text: str) -> None:
    """Types and sends."""
    await page.locator(f"#{platform}-text").fill(text)
    await page.locator(f"#{platform}-text").press("Enter")


async def test_what_is_written_is_sent_as_the_chosen_person(
    page: Page, slack: TinyPlatform, discord: TinyPlatform
) -> None:
    """Both panes send to their own platform; the person and the channel are the chosen ones."""
    await write(page, "slack", "@Parley hello")
    assert await slack.act() == {"action": "say", "person": "bob", "channel": "general", "text": "@Parley hello"}
    await page.locator("#discord-person").select_option("ann")
    await page.locator("#discord").get_by_role("button", name="#help").click()
    await write(page, "discord", "hi")
    assert await discord.act() == {"action": "say", "person": "ann", "channel": "help", "text": "hi"}


async def test_a_reply_grows_in_place(page: Page, slack: TinyPlatform) -> None:
    """One message, edited: it is marked while it is being written, and the list follows it to the end."""
    slack.say(message("1", "@Parley tell me"))
    reply = page.locator("#slack-message-2")
    for end in range(1, 60):
        slack.say(message("2", "word\n\n" * end, author="Parley", thread="1", streaming=True))
    await expect(reply.locator(".streaming")).to_be_visible()
    await expect(reply).to_have_attribute("aria-busy", "true")
    slack.say(message("2", "word\n\n" * 60 + "the **end**", author="Parley", thread="1", edited=True))
    await expect(reply.locator("strong", has_text="end")).to_be_in_viewport()
    await expect(reply).to_have_attribute("aria-busy", "false")
    await expect(page.locator("#slack-message-1 .replies > li")).to_have_count(1)


async def test_markdown_is_drawn(page: Page, discord: TinyPlatform) -> None:
    """Headings, lists, quotes, code and emphasis become their elements, in the platform's dialect."""
    discord.say(message("1", RICH, author="Parley"))
    body = page.locator("#discord-message-1 .body")
    await expect(body.locator("strong").first).to_have_text("bold")
    await expect(body.locator("em")).to_have_text("italic")
    await expect(body.locator("s")).to_have_text("gone")
    await expect(body.locator("p > code")).to_have_text("code")
    await expect(body.locator("ul > li > ul > li")).to_have_text("nested")
    await expect(body.locator("ol > li")).to_have_count(2)
    await expect(body.locator("blockquote")).to_have_text("quoted")
    await expect(body.locator("pre")).to_contain_text("return x < 3")
    await expect(body.locator("td strong")).to_have_text("1")
    await expect(body.get_by_role("heading", name="A heading")).to_be_visible()


async def test_slacks_own_markup_is_drawn(page: Page, slack: TinyPlatform) -> None:
    """Entities, mentions and links are read as Slack reads them; escaped characters are characters."""
    text = "*bold* _it_ ~no~ `a &lt; b` <@Parley> <#help|help> <https://example.com|the site>\n&gt; said &amp; done"
    slack.say(message("1", text, format="mrkdwn"))
    body = page.locator("#slack-message-1 .body")
    await expect(body.locator("strong")).to_have_text("bold")
    await expect(body.locator("code")).to_have_text("a < b")
    await expect(body.locator(".mention")).to_have_text(["@Parley", "#help"])
    await expect(body.get_by_role("link", name="the site")).to_have_attribute("href", "https://example.com")
    await expect(body.locator("blockquote")).to_have_text("said & done")


async def test_foreign_text_is_never_html(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """Tags, scripts and script links stay text, in messages, names, buttons and code."""
    evil = '<img src=x onerror="document.title=1"> <script>document.title=2</script> [x](javascript:alert(1))'
    button = {"id": "b", "label": "<b>press</b>", "value": "", "style": ""}
    for platform in (slack, discord):
        platform.say(message("1", f"{evil}\n```\n{evil}\n```\n`{evil}`", author="<i>Eve</i>", buttons=[button]))
        item = page.locator(f"#{platform.name}-message-1")
        await expect(item).to_contain_text("onerror")
        await expect(item.locator("img, script, i, b, a")).to_have_count(0)
    await expect(page).to_have_title("Parley sandbox")


async def test_threads_replies_edits_and_deletions(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """Slack answers in the thread until it is left; Discord answers one message; own messages can be changed."""
    slack.say(message("1", "a question", author="bob"))
    first = page.locator("#slack-message-1")
    await first.get_by_role("button", name="Reply in thread").click()
    for text in ("one", "two"):
        await write(page, "slack", text)
        assert await slack.act() == {
            "action": "say",
            "person": "bob",
            "channel": "general",
            "text": text,
            "thread": "1",
        }
    await page.locator("#slack-cancel").click()
    await first.get_by_role("button", name="Edit").click()
    await expect(page.locator("#slack-text")).to_have_value("a question")
    await write(page, "slack", "a better question")
    changed = await slack.act()
    assert (changed["action"], changed["id"], changed["text"]) == ("edit", "1", "a better question")
    await first.get_by_role("button", name="Delete").click()
    assert (await slack.act())["action"] == "delete"
    slack.tell({"type": "deleted", "channel": "general", "id": "1"})
    await expect(first).to_have_count(0)
    discord.say(message("5", "an answer", author="Parley"))
    await page.locator("#discord-message-5").get_by_role("button", name="Reply").click()
    await write(page, "discord", "and then?")
    assert (await discord.act())["reply_to"] == "5"
    await write(page, "discord", "plain again")
    assert "reply_to" not in await discord.act()


async def test_buttons_and_what_only_one_person_sees(page: Page, slack: TinyPlatform) -> None:
    """A press names the message and the button; an ephemeral message is marked and hidden from others."""
    button = {"id": "stop", "label": "Stop", "value": "1", "style": "danger"}
    slack.say(message("1", "just for you", author="Parley", ephemeral_for="bob", buttons=[button]))
    item = page.locator("#slack-message-1")
    await expect(item).to_contain_text("Only visible to you")
    await item.get_by_role("button", name="Stop").click()
    assert await slack.act() == {"action": "click", "person": "bob", "channel": "general", "id": "1", "button": "stop"}
    slack.messages = [message("1", "just for you", author="Parley", ephemeral_for="bob")]
    await page.locator("#slack-person").select_option("ann")
    await expect(item).to_have_count(0)


async def test_commands(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """A text that begins with a slash is a command; in a thread Slack knows none, and the page says what to write."""
    await write(page, "slack", "/ask what is up?")
    asked = await slack.act()
    assert (asked["action"], asked["command"], asked["text"]) == ("command", "/ask", "what is up?")
    question = {"type": 3, "name": "question", "required": True}
    discord.commands = [{"name": "ask", "type": 1, "options": [question]}]
    await write(page, "discord", "/ask what is up?")
    asked = await discord.act()
    assert (asked["action"], asked["command"], asked["options"]) == ("command", "ask", {"question": "what is up?"})
    slack.say(message("1", "a question"))
    await page.locator("#slack-message-1").get_by_role("button", name="Reply in thread").click()
    await write(page, "slack", "/ask more")
    await expect(page.locator("#slack-error")).to_contain_text("!ask more")
    assert slack.acts == []


async def test_files_go_along(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """As each platform's control API takes them, also without a word."""
    chosen: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"otters"}
    carried = {"name": "notes.txt", "mimetype": "text/plain", "encoding": "base64", "content": "b3R0ZXJz"}
    for platform, field in ((slack, "files"), (discord, "attachments")):
        await page.locator(f"#{platform.name}-files").set_input_files(chosen)
        await write(page, platform.name, "read this")
        said = await platform.act()
        assert (said["action"], said["text"], said[field]) == ("say", "read this", [carried])
    await page.locator("#slack-files").set_input_files(chosen)
    await page.locator("#slack-send").click()
    assert (await slack.act())["files"] == [carried]


async def test_a_failed_act_is_told_and_the_text_kept(page: Page, slack: TinyPlatform) -> None:
    """The platform's reason stands under the composer, and nothing that was written is lost."""
    slack.refuse = "bob is not in private"
    await write(page, "slack", "hello?")
    await expect(page.locator("#slack-error")).to_have_text("bob is not in private")
    await expect(page.locator("#slack-text")).to_have_value("hello?")


async def test_status_typing_unread_and_new_threads(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """What goes on elsewhere is shown where a person looks for it."""
    slack.tell({"type": "status", "channel": "general", "thread": "1", "text": "is thinking …"})
    await expect(page.locator("#slack-status")).to_have_text("Parley is thinking …")
    slack.tell({"type": "status", "channel": "general", "thread": "1", "text": ""})
    await expect(page.locator("#slack-status")).to_have_text("")
    discord.tell({"type": "typing", "channel": "general", "person": "Parley"})
    await expect(page.locator("#discord-status")).to_have_text("Parley is typing …")
    discord.say(message("7", "@Parley go", opens="7"))
    thread = {"id": "7", "name": "go", "kind": "thread", "parent": "general", "members": ["Parley"]}
    discord.tell({"type": "channel", "channel": thread})
    discord.say(message("70", "", author="Parley", channel="7", kind="thread_starter"))
    discord.say(message("8", "here", author="Parley", channel="7"))
    await expect(page.locator("#discord-channels .unread")).to_contain_text("go")
    await page.locator("#discord-message-7").get_by_role("button", name="Open thread").click()
    await expect(page.locator("#discord-message-8")).to_contain_text("here")
    await expect(page.locator("#discord-place")).to_have_text("Thread: go")
    await expect(page.locator("#discord-message-70 blockquote")).to_contain_text("@Parley go")


async def test_forms_are_filled_in(page: Page, slack: TinyPlatform, discord: TinyPlatform) -> None:
    """A Slack modal and a Discord modal are shown to their person, and their values sent by field."""
    field = {"type": "plain_text_input", "action_id": "prompt", "multiline": True, "initial_value": "Be brief."}
    block = {"type": "input", "block_id": "b", "label": {"type": "plain_text", "text": "Prompt"}, "element": field}
    words = {"title": "Persona", "submit": "Save"}
    view: Json = {"id": "V1", "type": "modal", "blocks": [block]}
    view |= {name: {"type": "plain_text", "text": text} for name, text in words.items()}
    slack.tell({"type": "view", "person": "bob", "view": view})
    form = page.get_by_role("dialog", name="Persona")
    await form.get_by_label("Prompt").fill("Be kind.")
    await form.get_by_role("button", name="Save").click()
    sent = await slack.act()
    assert (sent["action"], sent["id"], sent["values"]) == ("submit", "V1", {"prompt": "Be kind."})
    await expect(form).to_be_hidden()
    line = {"type": 4, "custom_id": "prompt", "label": "Prompt", "style": 1}
    modal = {"id": "9", "custom_id": "m", "title": "Change", "components": [{"type": 1, "components": [line]}]}
    discord.tell({"type": "modal", "person": "bob", "modal": modal})
    form = page.get_by_role("dialog", name="Change")
    await form.get_by_label("Prompt").fill("x")
    await form.get_by_role("button", name="Submit").click()
    assert (await discord.act())["values"] == {"prompt": "x"}


async def test_the_model_in_use_is_named(page: Page, server: CombinedServer) -> None:
    """The small model is said to be small; the bot's state stands beside it."""
    await expect(page.locator("#model-note")).to_contain_text("plumbing, not wisdom")
    await expect(page.locator("#bot-state")).to_contain_text("not started")
    await expect(page.locator("#kill-bot")).to_be_hidden()


async def test_the_page_fits_a_phone_and_both_colour_schemes(
    page: Page, slack: TinyPlatform, discord: TinyPlatform
) -> None:
    """At phone width one platform shows at a time and nothing is wider than the screen; pictures go to artifacts/."""
    ARTIFACTS.mkdir(exist_ok=True)
    stop = {"id": "stop", "label": "Stop", "value": "1", "style": "danger"}
    for platform in (slack, discord):
        platform.say(message("1", "@Parley show me what you can do", author="bob"))
        thread = "1" if platform is slack else None
        platform.say(message("2", RICH, author="Parley", thread=thread, streaming=True, buttons=[stop]))
        platform.say(message("3", "Only you see this.", author="Parley", ephemeral_for="bob"))
        await page.locator(f"#{platform.name}-message-3").wait_for()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.screenshot(path=ARTIFACTS / f"page-{scheme}.png")
        await page.set_viewport_size({"width": 390, "height": 780})
        await expect(page.locator("#discord")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await page.screenshot(path=ARTIFACTS / f"page-phone-{scheme}.png")
    await page.get_by_role("button", name="Discord").click()
    await expect(page.locator("#slack")).to_be_hidden()
    await expect(page.locator("#discord-text")).to_be_visible()
    await expect(page.locator("#show-discord")).to_have_attribute("aria-pressed", re.compile("true"))


async def test_discord_commands_are_filled_in_from_what_is_typed(page: Page, discord: TinyPlatform) -> None:
    """Subcommands, named options and words in order reach the registered command; an unknown one is told."""
    text, number = {"type": 3, "name": "text", "required": True}, {"type": 4, "name": "times"}
    persona = {"type": 1, "name": "set", "options": [number, text]}
    discord.commands = [{"name": "persona", "type": 1, "options": [persona]}, {"name": "stop", "type": 1}]
    for typed, command, options in (
        ("/persona set 3 be very kind", "persona set", {"times": 3, "text": "be very kind"}),
        ("/persona set text: a b times: 2", "persona set", {"text": "a b", "times": 2}),
        ("/stop", "stop", {}),
    ):
        await write(page, "discord", typed)
        sent = await discord.act()
        assert (sent["command"], sent["options"]) == (command, options)
    await write(page, "discord", "/persona")
    await expect(page.locator("#discord-error")).to_contain_text("needs one of: set")
    await write(page, "discord", "/dance")
    await expect(page.locator("#discord-error")).to_contain_text("There are /persona, /stop")
    assert discord.acts == []
