"""The control API: a page's view of everything, and its hands; also where the sandbox is mounted in a bigger server."""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web

from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Bot, Connect


class Page:
    """A page that watches one sandbox."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: DiscordSandbox) -> None:
        self._session = session
        self.base = sandbox.base_url + "/_sandbox"

    async def state(self) -> Any:
        async with self._session.get(self.base + "/state") as answer:
            return await answer.json()

    async def do(self, **act: Any) -> Any:
        return await self._post("do", act)

    async def fault(self, **fault: Any) -> Any:
        return await self._post("faults", fault)

    async def _post(self, where: str, body: Any) -> Any:
        async with self._session.post(f"{self.base}/{where}", json=body) as answer:
            return await answer.json()

    async def events(self) -> AsyncIterator[Any]:
        """What the stream tells, after its first line said that it is open."""
        async with self._session.get(self.base + "/events") as answer:
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
                elif line.startswith(b": watching"):
                    yield None


@pytest.fixture
def page(session: aiohttp.ClientSession, sandbox: DiscordSandbox) -> Page:
    return Page(session, sandbox)


async def test_state_shows_everyone_and_everything(sandbox: DiscordSandbox, page: Page) -> None:
    """People with their rights, channels with who sees them, and messages as a page draws them."""
    first = await sandbox.say("ann", "general", "hello")
    await sandbox.say("bob", "general", "hi", reply_to=first)
    state = await page.state()
    assert state["workspace"] == {"id": sandbox.guild_id, "name": "Sandbox", "bot": sandbox.bot_user_id}
    admins = {one["name"] for one in state["people"] if one["admin"]}
    assert admins == {"Ann", "Olga"}
    hidden = next(one for one in state["channels"] if one["name"] == "hidden")
    assert sandbox.world.person("bob").id not in hidden["members"]
    assert {one["kind"] for one in state["channels"]} == {"channel", "dm"}
    shown = state["messages"][1]
    assert (shown["text"], shown["reply_to"], shown["author"]["name"]) == ("hi", first, "Bob")
    assert {"thread": None, "format": "discord", "edited": False, "streaming": False}.items() <= shown.items()


async def test_page_acts_as_people(sandbox: DiscordSandbox, page: Page) -> None:
    """Saying, editing, reacting, opening threads and deleting have their effects; what nobody could do is told."""
    said = await page.do(action="say", person="ann", channel="general", text="helo")
    assert said["ok"]
    assert (await page.do(action="edit", person="ann", channel="general", id=said["id"], text="hello"))["ok"]
    assert (await page.do(action="react", person="bob", channel="general", id=said["id"], text="👍"))["ok"]
    shown = sandbox.message("general", said["id"])
    assert (shown.content, list(shown.reactions)) == ("hello", ["👍"])
    opened = await page.do(action="thread", person="ann", channel="general", id=said["id"], text="more")
    assert opened["id"] == said["id"]
    assert (await page.do(action="delete", person="ann", channel="general", id=said["id"]))["ok"]
    refused = await page.do(action="say", person="bob", channel="hidden", text="x")
    assert refused == {"ok": False, "error": "Bob does not see hidden"}
    assert (await page.do(action="dance"))["ok"] is False
    assert (await page.do(action="say", person="bob", channel="general"))["ok"] is False


async def test_stream_tells_what_happens(sandbox: DiscordSandbox, page: Page) -> None:
    """Messages, edits, deletions, typing, threads, calls and commands arrive as they happen."""
    events = page.events()
    assert await anext(events) is None
    message = await sandbox.say("ann", "general", "one")
    await sandbox.edit("ann", "general", message, "two")
    await sandbox.type("bob", "general")
    await sandbox.start_thread("ann", "general", "more", message=message)
    await sandbox.delete("ann", "general", message)
    async with asyncio.timeout(5):
        told = [await anext(events) for _ in range(11)]
    seen = [one for one in told if one["type"] != "event"]
    assert [one["kind"] for one in told if one["type"] == "event"][:2] == ["MESSAGE_CREATE", "MESSAGE_UPDATE"]
    kinds = [one["type"] for one in seen]
    assert kinds == ["message", "message", "typing", "channel", "message", "message", "deleted"]
    assert [one["message"]["text"] for one in seen[:2]] == ["one", "two"]
    assert seen[1]["message"]["edited"] is True
    assert seen[3]["channel"]["parent"] == sandbox.world.channel("general").id
    assert seen[6] == {"type": "deleted", "channel": sandbox.world.channel("general").id, "id": message}


async def test_commands_buttons_and_forms_from_the_page(sandbox: DiscordSandbox, page: Page, connect: Connect) -> None:
    """The page gets the answer's id and text, the buttons under it, and the form that a press opens."""

    class Asking(discord.ui.Modal, title="More"):
        more = discord.ui.TextInput[Any](label="More", custom_id="more")

        async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message(f"more {self.more.value}")

    class Asked(discord.ui.View):
        @discord.ui.button(label="More", custom_id="open")
        async def open(self, interaction: discord.Interaction[Any], _: discord.ui.Button["Asked"]) -> None:
            await interaction.response.send_modal(Asking())

    class Commanded(Bot):
        async def setup_hook(self) -> None:
            @self.tree.command(description="Ask")
            async def ask(interaction: discord.Interaction[Any], question: str) -> None:
                await interaction.response.send_message(f"about {question}", view=Asked())

            await self.tree.sync()

    await connect(sandbox, Commanded())
    asked = await page.do(action="command", person="ann", channel="general", command="ask", options={"question": "tea"})
    assert (asked["ok"], asked["text"]) == (True, "about tea")
    state = await page.state()
    assert [one["name"] for one in state["commands"]] == ["ask"]
    button = next(one for one in state["messages"] if one["id"] == asked["id"])["buttons"][0]
    assert (button["id"], button["label"]) == ("open", "More")
    pressed = await page.do(action="click", person="ann", channel="general", id=asked["id"], button=button["id"])
    assert pressed["status"] == "modal"
    opened = (await page.state())["modals"][0]
    assert opened["person"] == sandbox.world.person("ann").id
    sent = await page.do(action="submit", person="ann", id=opened["modal"]["id"], values={"more": "milk"})
    assert sent["text"] == "more milk"
    assert (await page.state())["modals"] == []


async def test_faults_from_the_page(sandbox: DiscordSandbox, page: Page, bot: Bot) -> None:
    """Calls fail, events come twice or late, connections drop; an unknown kind is told."""
    assert (await page.fault(kind="call", method="POST", route="create_message", status=403, code=50013))["ok"]
    assert sandbox.faults.calls[0].code == 50013
    assert (await page.fault(kind="clear"))["ok"]
    assert (await page.fault(kind="duplicate"))["ok"]
    await sandbox.say("ann", "general", "twice")
    assert (await bot.next_message()).id == (await bot.next_message()).id
    assert (await page.fault(kind="drop"))["ok"]
    await sandbox.wait_for(lambda: sandbox.gateway.resumed)
    assert (await page.fault(kind="reconnect"))["ok"]
    await sandbox.wait_for(lambda: sandbox.gateway.resumed == 2)
    assert (await page.fault(kind="event"))["ok"]
    assert (await page.fault(kind="rate_limits", scale=1.0))["ok"]
    assert sandbox.limits.scale == 1.0
    assert (await page.fault(kind="earthquake"))["ok"] is False


async def test_mounted_under_a_prefix(connect: Connect, session: aiohttp.ClientSession) -> None:
    """As a part of a bigger server everything works below the prefix: REST, gateway, files and the control API."""
    sandbox, outer = DiscordSandbox(rate_limits=None), web.Application()
    outer.add_subapp("/discord", sandbox.create_app())
    runner = web.AppRunner(outer, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.mounted_at(f"http://127.0.0.1:{runner.addresses[0][1]}/discord")
    try:
        bot = await connect(sandbox)
        await sandbox.say("ann", "general", "@Parley here?")
        message = await bot.next_message()
        big = discord.File(io.BytesIO(b"x" * 3_000_000), filename="big.bin")
        answer = await message.reply("here", file=big)
        assert len(await answer.attachments[0].read()) == 3_000_000
        sandbox.gateway.drop()
        await sandbox.wait_for(lambda: sandbox.gateway.resumed)
        assert (await Page(session, sandbox).state())["connections"] == 1
    finally:
        await runner.cleanup()


async def test_alone_it_prints_how_to_reach_it() -> None:
    """`python -m sandbox.discord` prints the three lines of environment, and the address answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.discord", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            lines = [(await process.stdout.readline()).decode().strip() for _ in range(3)]
        env = dict(line.split("=", 1) for line in lines)
        assert set(env) == {"DISCORD_TOKEN", "DISCORD_API_URL", "DISCORD_GATEWAY_URL"}
        headers = {"Authorization": f"Bot {env['DISCORD_TOKEN']}"}
        async with (
            aiohttp.ClientSession() as session,
            session.get(env["DISCORD_API_URL"] + "/users/@me", headers=headers) as answer,
        ):
            assert (await answer.json())["username"] == "parley"
    finally:
        process.terminate()
        await process.wait()


async def test_saying_with_a_file(sandbox: DiscordSandbox, page: Page) -> None:
    """A file goes with the words, given as plain JSON; what is no file is refused."""
    files = [{"name": "a.md", "content": "# A", "mimetype": "text/markdown"}]
    said = await page.do(action="say", person="ann", channel="general", text="look", attachments=files)
    [stored] = sandbox.message("general", said["id"]).attachments
    assert (stored.upload.name, stored.upload.content, stored.upload.mimetype) == ("a.md", b"# A", "text/markdown")
    refused = await page.do(action="say", person="ann", channel="general", text="look", attachments=["x"])
    assert refused["ok"] is False
