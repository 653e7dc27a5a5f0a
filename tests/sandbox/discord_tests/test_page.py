"""What the control API tells and lets a page do beyond talking: files, reactions, roles, files as options."""

from typing import Any

import aiohttp
import discord

from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Bot, Connect

EVIL = {"name": "a.html", "content": "<script>", "mimetype": "text/html"}
PICTURE = {"name": "a.png", "content": "aGVsbG8=", "encoding": "base64", "mimetype": "image/png"}


async def _do(session: aiohttp.ClientSession, sandbox: DiscordSandbox, **act: Any) -> dict[str, Any]:
    async with session.post(f"{sandbox.base_url}/_sandbox/do", json=act) as answer:
        parsed: dict[str, Any] = await answer.json()
        return parsed


async def _state(session: aiohttp.ClientSession, sandbox: DiscordSandbox) -> dict[str, Any]:
    async with session.get(f"{sandbox.base_url}/_sandbox/state") as answer:
        parsed: dict[str, Any] = await answer.json()
        return parsed


async def test_files_are_shown_and_saved(sandbox: DiscordSandbox, session: aiohttp.ClientSession) -> None:
    """A picture comes as itself; anything else is only to be saved, and never read as a page of the sandbox."""
    await _do(session, sandbox, action="say", person="ann", channel="general", text="x", attachments=[PICTURE, EVIL])
    picture, page = (await _state(session, sandbox))["messages"][-1]["attachments"]
    for file, kind, way in ((picture, "image/png", "inline"), (page, "application/octet-stream", "attachment")):
        async with session.get(f"{sandbox.base_url}/_sandbox/files/{file['id']}/{file['filename']}") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            assert answer.headers["Content-Disposition"].startswith(way)
            assert await answer.read() == (b"hello" if kind == "image/png" else b"<script>")
    async with session.get(f"{sandbox.base_url}/_sandbox/files/1/none") as answer:
        assert answer.status == 404


async def test_reactions_and_roles(sandbox: DiscordSandbox, session: aiohttp.ClientSession) -> None:
    """A reaction is taken back by whoever gave it; the roles are told by name, for mentions and menus."""
    said = await _do(session, sandbox, action="say", person="ann", channel="general", text="hi")
    about = {"person": "bob", "channel": "general", "id": said["id"], "text": "👍"}
    assert (await _do(session, sandbox, action="react", **about))["ok"]
    assert list(sandbox.message("general", said["id"]).reactions) == ["👍"]
    assert (await _do(session, sandbox, action="unreact", **about))["ok"]
    assert sandbox.message("general", said["id"]).reactions == {}
    roles = (await _state(session, sandbox))["roles"]
    assert {"id": sandbox.guild_id, "name": "everyone", "color": 0} in roles


async def test_a_file_is_given_to_a_command(
    sandbox: DiscordSandbox, session: aiohttp.ClientSession, connect: Connect
) -> None:
    """An option that takes a file is filled with the file that the page sends."""

    class Reading(Bot):
        async def setup_hook(self) -> None:
            @self.tree.command(description="Read")
            async def read(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
                await interaction.response.send_message(f"{file.filename} has {file.size} bytes")

            await self.tree.sync()

    await connect(sandbox, Reading())
    done = await _do(
        session, sandbox, action="command", person="ann", channel="general", command="read", options={"file": PICTURE}
    )
    assert done["text"] == "a.png has 5 bytes"
