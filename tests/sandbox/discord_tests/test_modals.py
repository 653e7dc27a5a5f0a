"""Forms as Discord takes them and as people fill them in, with files; and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import discord
import pytest

from sandbox.discord.attachments import Upload
from sandbox.discord.interactions import Interaction
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.sandbox.discord_tests.clients import Api, Bot, Connect

Body = dict[str, Any]
OPTIONS: list[Body] = [{"label": "A", "value": "a"}, {"label": "B", "value": "b", "default": True}]
TEXT: Body = {"type": 4, "style": 1, "custom_id": "text", "max_length": 10, "required": False, "value": "old"}
MENU: Body = {"type": 3, "custom_id": "menu", "options": OPTIONS, "required": False, "min_values": 0}
FILES: Body = {"type": 19, "custom_id": "files", "min_values": 1, "max_values": 2, "required": True}


def label(component: Body, **more: Any) -> Body:
    return {"type": 18, "label": "Label", "component": component} | more


def modal(*components: Body) -> Body:
    return {"custom_id": "form", "title": "Form", "components": [label(one) for one in components]}


@pytest.fixture
async def used(sandbox: DiscordSandbox, api: Api) -> Callable[[], Any]:
    """A command that somebody just used, waiting for its response."""
    await api("PUT", f"/applications/{sandbox.application_id}/commands", [{"name": "form", "description": "x"}])

    async def begun() -> Interaction:
        return await sandbox.command("ann", "general", "form", wait=False)

    return begun


async def respond(api: Api, interaction: Interaction, kind: int, data: Body) -> tuple[int, Any]:
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    status, said, _ = await api("POST", path, {"type": kind, "data": data})
    return status, said


async def test_form_with_a_file(sandbox: DiscordSandbox, api: Api, used: Callable[[], Any]) -> None:
    """Files travel as ids and are resolved beside; what was left alone is sent as it was opened."""
    opened = await used()
    assert (await respond(api, opened, 9, modal(TEXT, MENU, FILES)))[0] == 204
    upload = Upload(name="a.txt", content=b"abc")
    sent = await sandbox.submit_modal("ann", opened, {"files": [upload]}, wait=False)
    data = sent.payload["data"]
    text, menu, files = (one["component"] for one in data["components"])
    assert (text["value"], menu["values"]) == ("old", ["b"])
    [attachment] = data["resolved"]["attachments"].values()
    assert files["values"] == [attachment["id"]]
    assert (attachment["filename"], attachment["size"], attachment["ephemeral"]) == ("a.txt", 3, True)
    assert await api.fetched(attachment["url"]) == 200
    assert opened.modal is None


class Everything(discord.ui.Modal, title="Everything"):
    """Each kind of field, as discord.py makes it."""

    name: discord.ui.Label[Any] = discord.ui.Label(
        text="Name", description="Short", component=discord.ui.TextInput(custom_id="name", required=False)
    )
    kind: discord.ui.Label[Any] = discord.ui.Label(
        text="Kind",
        component=discord.ui.Select(
            custom_id="kind", options=[discord.SelectOption(label=one, value=one) for one in ("a", "b")]
        ),
    )
    files: discord.ui.Label[Any] = discord.ui.Label(
        text="Files", component=discord.ui.FileUpload(custom_id="files", max_values=2)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        parts = self.name.component, self.kind.component, self.files.component
        name, kind, files = parts
        assert isinstance(name, discord.ui.TextInput)
        assert isinstance(kind, discord.ui.Select)
        assert isinstance(files, discord.ui.FileUpload)
        names = [f"{one.filename} {one.size} {one.content_type}" for one in files.values]
        await interaction.response.send_message(f"{name.value} {kind.values} {names}", ephemeral=True)


class Asking(Bot):
    """Opens it."""

    async def setup_hook(self) -> None:
        @self.tree.command(description="All")
        async def everything(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_modal(Everything())

        await self.tree.sync()


async def test_discord_py_understands_it(sandbox: DiscordSandbox, connect: Connect) -> None:
    """A form that the real library makes is taken, and what is sent of it is what the library reads."""
    await connect(sandbox, Asking())
    opened = await sandbox.command("ann", "general", "everything")
    uploads = [Upload(name="a.txt", content=b"abc"), Upload(name="b.bin", content=b"", mimetype="image/png")]
    await sandbox.submit_modal("ann", opened, {"name": "x", "kind": "b", "files": uploads})
    shown = sandbox.messages("general", person="ann")[-1]
    assert shown.content == "x ['b'] ['a.txt 3 text/plain', 'b.bin 0 image/png']"


async def test_form_by_the_control_api(sandbox: DiscordSandbox, api: Api, used: Callable[[], Any]) -> None:
    """A file can be given as plain JSON, as a test in another process does."""
    opened = await used()
    await respond(api, opened, 9, modal(FILES))
    given = {"files": {"name": "a.toml", "content": "ä", "mimetype": "application/toml"}}
    sent = await sandbox.submit_modal("ann", opened, given, wait=False)
    [attachment] = sent.payload["data"]["resolved"]["attachments"].values()
    assert (attachment["content_type"], attachment["size"]) == ("application/toml", 2)


@pytest.mark.parametrize(
    "values",
    [
        {"files": []},
        {"files": ["x"]},
        {"files": [{"name": "a"}] * 3},
        {"text": "x" * 11},
        {"menu": "c"},
        {"other": "x"},
    ],
)
async def test_what_nobody_could_send(sandbox: DiscordSandbox, api: Api, used: Callable[[], Any], values: Body) -> None:
    """A client refuses what the form rules out, and the form stays."""
    opened = await used()
    await respond(api, opened, 9, modal(TEXT, MENU, FILES))
    with pytest.raises(SandboxError):
        await sandbox.submit_modal("ann", opened, {"files": [{"name": "a"}]} | values, wait=False)
    assert opened.modal is not None


async def test_menu_that_is_emptied(sandbox: DiscordSandbox, api: Api, used: Callable[[], Any]) -> None:
    """A menu that need not be filled in can be emptied."""
    opened = await used()
    await respond(api, opened, 9, modal(MENU))
    sent = await sandbox.submit_modal("ann", opened, {"menu": []}, wait=False)
    assert sent.payload["data"]["components"][0]["component"]["values"] == []


REFUSED: dict[str, Body] = {
    "no component": {"custom_id": "f", "title": "F", "components": []},
    "six": modal(*({**TEXT, "custom_id": str(n)} for n in range(6))),
    "title": modal(TEXT) | {"title": "x" * 46},
    "no title": modal(TEXT) | {"title": ""},
    "custom_id": modal(TEXT) | {"custom_id": "x" * 101},
    "twice": modal(TEXT, TEXT),
    "label": modal() | {"components": [label(TEXT, label="x" * 46)]},
    "description": modal() | {"components": [label(TEXT, description="x" * 101)]},
    "button": modal({"type": 2, "style": 1, "label": "x", "custom_id": "b"}),
    "bare input": modal() | {"components": [TEXT]},
    "row with a menu": modal() | {"components": [{"type": 1, "components": [MENU]}]},
    "value": modal({**TEXT, "value": "x" * 11}),
    "max_length": modal({**TEXT, "max_length": 4_001}),
    "style": modal({**TEXT, "style": 3}),
    "options": modal({**MENU, "options": []}),
    "26 options": modal({**MENU, "options": [{"label": str(n), "value": str(n)} for n in range(26)]}),
    "two chosen": modal({**MENU, "options": [{**one, "default": True} for one in OPTIONS]}),
    "same value": modal({**MENU, "options": [OPTIONS[0], OPTIONS[0]]}),
    "11 files": modal({**FILES, "max_values": 11}),
    "fewer than least": modal({**FILES, "min_values": 3}),
    "disabled": modal({**MENU, "disabled": True}),
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_refused_form(api: Api, used: Callable[[], Any], fault: str) -> None:
    """50035, and the interaction can still be answered in another way."""
    opened = await used()
    status, said = await respond(api, opened, 9, REFUSED[fault])
    assert (status, said["code"]) == (400, 50035)
    assert (await respond(api, opened, 4, {"content": "then so"}))[0] == 204


async def test_no_form_after_a_deferral_or_a_form(sandbox: DiscordSandbox, api: Api, used: Callable[[], Any]) -> None:
    """The first response decides, and a form is never answered with one."""
    late = await used()
    await respond(api, late, 5, {})
    assert (await respond(api, late, 9, modal(TEXT)))[1]["code"] == 40060
    opened = await used()
    await respond(api, opened, 9, modal(TEXT))
    sent = await sandbox.submit_modal("ann", opened, {}, wait=False)
    assert (await respond(api, sent, 9, modal(TEXT)))[1]["code"] == 50035
    assert (await respond(api, sent, 7, {"content": "x"}))[1]["code"] == 50035
    assert (await respond(api, sent, 4, {"content": "x", "flags": 64}))[0] == 204


async def test_thinking_that_is_taken_back(sandbox: DiscordSandbox, api: Api, used: Callable[[], Any]) -> None:
    """When the deferred response is deleted, what follows is a message of its own, for whom it says."""
    deferred = await used()
    await respond(api, deferred, 5, {})
    hook = f"/webhooks/{sandbox.application_id}/{deferred.token}"
    assert (await api("DELETE", f"{hook}/messages/@original"))[0] == 204
    status, said, _ = await api("POST", f"{hook}?wait=1", {"content": "psst", "flags": 64})
    assert (status, said["flags"] & 64) == (200, 64)
    assert sandbox.messages("general", person="bob") == []


def _more_than(sandbox: DiscordSandbox, count: int) -> bool:
    return len(sandbox.interactions) > count


async def test_suggestions_are_checked(sandbox: DiscordSandbox, api: Api) -> None:
    """Values must be of the option's type and within Discord's bounds."""
    options = [
        {"type": 3, "name": "text", "description": "x", "autocomplete": True},
        {"type": 4, "name": "number", "description": "x", "autocomplete": True},
        {"type": 3, "name": "plain", "description": "x"},
    ]
    verb = {"type": 1, "name": "use", "description": "x", "options": options}
    path = f"/applications/{sandbox.application_id}/commands"
    await api("PUT", path, [{"name": "form", "description": "x", "options": [verb]}])
    for name, bad in (("text", 3), ("text", "x" * 101), ("number", "3"), ("number", 2**53 + 1), ("number", True)):
        before = len(sandbox.interactions)
        typing = asyncio.create_task(sandbox.autocomplete("ann", "general", "form use", {name: ""}))
        await sandbox.wait_for(partial(_more_than, sandbox, before))
        asked = sandbox.interactions[-1]
        status, said = await respond(api, asked, 8, {"choices": [{"name": "x", "value": bad}]})
        assert (status, said["code"]) == (400, 50035)
        assert (await respond(api, asked, 8, {"choices": []}))[0] == 204
        assert await typing == []
    with pytest.raises(SandboxError, match="nothing is suggested"):
        await sandbox.autocomplete("ann", "general", "form use", {"plain": "x"})


async def test_addresses_are_signed_anew(sandbox: DiscordSandbox, api: Api) -> None:
    """An address that is over or forged is exchanged for one that holds; what leads to no file is left out."""
    message = await sandbox.say("ann", "general", "look", attachments=[Upload(name="a b.txt", content=b"abc")])
    [stored] = sandbox.message("general", message).attachments
    url = sandbox._attachments.url(stored)
    bare, lost = url.partition("?")[0], url.replace(stored.id, "1")
    assert await api.fetched(bare) == 404
    status, said, _ = await api("POST", "/attachments/refresh-urls", {"attachment_urls": [bare, lost]})
    assert status == 200
    [pair] = said["refreshed_urls"]
    assert pair["original"] == bare
    assert await api.fetched(pair["refreshed"]) == 200
    for bad in ([], ["x"] * 51, "x", None):
        assert await api.refused("POST", "/attachments/refresh-urls", {"attachment_urls": bad}) == 50035
