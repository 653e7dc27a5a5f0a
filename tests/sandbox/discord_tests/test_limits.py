"""What Discord does not take: too long, empty, malformed, somebody else's. Codes and fields are those of Discord."""

import io
from typing import Any

import discord
import pytest

from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord_tests.clients import Api, Bot


def button(custom_id: str, label: str = "Go") -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id}


def row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(inside)}


BAD = {
    "content": {"content": "x" * 2001},
    "embeds.0.title": {"embeds": [{"title": "x" * 257}]},
    "embeds.0.description": {"embeds": [{"description": "x" * 4097}]},
    "embeds.0.fields.0.value": {"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]},
    "embeds": {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]},
    "components": {"content": "x", "components": [row(button(str(n))) for n in range(6)]},
    "components.0.components": {"content": "x", "components": [row(*(button(str(n)) for n in range(6)))]},
    "components.0.components.0.label": {"content": "x", "components": [row(button("a", "x" * 81))]},
    "components.0.components.0.custom_id": {"content": "x", "components": [row(button("x" * 101))]},
    "components.0.components.1.custom_id": {"content": "x", "components": [row(button("a"), button("a"))]},
    "components.0.type": {"content": "x", "components": [{"type": 10, "content": "text"}]},
    "nonce": {"content": "x", "nonce": "x" * 26},
    "message_reference": {"content": "x", "message_reference": {"message_id": "1"}},
    "allowed_mentions": {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
}


@pytest.mark.parametrize("field", BAD)
async def test_bad_form_names_the_field(sandbox: DiscordSandbox, api: Api, field: str) -> None:
    """Code 50035, with the faults under the path of the wrong field; nothing is posted."""
    status, said, _ = await api("POST", f"/channels/{sandbox.world.channel('general').id}/messages", BAD[field])
    assert (status, said["code"]) == (400, 50035)
    place = said["errors"]
    for key in field.split("."):
        place = place[key]
    assert place["_errors"][0]["code"]
    assert sandbox.messages("general") == []


async def test_longest_message_is_taken_and_trimmed(sandbox: DiscordSandbox, api: Api) -> None:
    """2,000 code points pass, whatever their size in bytes; white space around them does not count."""
    text = "😀" * 2000
    _, said, _ = await api(
        "POST", f"/channels/{sandbox.world.channel('general').id}/messages", {"content": f" {text}\n"}
    )
    assert said["content"] == text


@pytest.mark.parametrize("content", ["", "  \n", None])
async def test_empty_message_is_refused(sandbox: DiscordSandbox, api: Api, content: str | None) -> None:
    """Nothing to show is 50006."""
    path = f"/channels/{sandbox.world.channel('general').id}/messages"
    assert await api.refused("POST", path, {"content": content}) == 50006


async def test_emptied_message_is_refused(sandbox: DiscordSandbox, bot: Bot) -> None:
    """An edit may not leave nothing, unless an embed stays."""
    sent = await bot.place(sandbox.world.channel("general").id).send("text")
    with pytest.raises(discord.HTTPException) as refused:
        await sent.edit(content="")
    assert refused.value.code == 50006
    await sent.edit(content="", embed=discord.Embed(description="still here"))
    assert sandbox.message("general", sent.id).embeds[0]["description"] == "still here"


async def test_components_v2(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A layout view is shown; its flag stays for ever, and content beside it is refused."""
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("Hello"), discord.ui.TextDisplay("World")))
    sent = await bot.place(sandbox.world.channel("general").id).send(view=view)
    assert sandbox.message("general", sent.id).flags & (1 << 15)
    with pytest.raises(discord.HTTPException) as refused:
        await sent.edit(content="text")
    assert refused.value.code == 50035
    big = discord.ui.LayoutView()
    big.add_item(discord.ui.TextDisplay("x" * 4001))
    with pytest.raises(discord.HTTPException):
        await bot.place(sandbox.world.channel("general").id).send(view=big)


async def test_foreign_and_missing_messages(sandbox: DiscordSandbox, api: Api) -> None:
    """Another's message cannot be edited (50005), a missing one is 10008, a missing channel 10003."""
    message = await sandbox.say("ann", "general", "mine")
    path = f"/channels/{sandbox.world.channel('general').id}/messages"
    assert await api.refused("PATCH", f"{path}/{message}", {"content": "yours"}) == 50005
    assert await api.refused("PATCH", f"{path}/1", {"content": "x"}) == 10008
    assert await api.refused("DELETE", f"{path}/1") == 10008
    assert await api.refused("POST", "/channels/1/messages", {"content": "x"}) == 10003


async def test_wrong_token_unknown_route_and_broken_json(sandbox: DiscordSandbox, api: Api) -> None:
    """401 without the right token, 404 for no route, 50109 for no JSON; each is in the log, no token with it."""
    assert (await api("GET", "/users/@me", token="wrong"))[0] == 401
    assert (await api("GET", "/webhooks/1/secret-token/slack"))[0] == 404
    path = f"/channels/{sandbox.world.channel('general').id}/messages"
    assert await api.broken("POST", path) == 50109
    assert [call.status for call in sandbox.calls] == [401, 404, 400]
    assert "secret" not in repr(sandbox.calls)
    assert sandbox.invalid_answers == 1


async def test_large_upload_is_refused(sandbox: DiscordSandbox, bot: Bot) -> None:
    """A file over 10 MiB is 413 with code 40005."""
    big = discord.File(io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), filename="big.bin")
    with pytest.raises(discord.HTTPException) as refused:
        await bot.place(sandbox.world.channel("general").id).send(file=big)
    assert (refused.value.status, refused.value.code) == (413, 40005)
