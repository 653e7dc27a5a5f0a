"""Commands, buttons, menus, forms and suggestions through the real discord.py."""

from typing import Any

import discord
import pytest
from discord import app_commands

from sandbox.discord.interactions import Interaction, Kind
from sandbox.discord.messages import MessageType
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.values import SandboxError
from tests.sandbox.discord_tests.clients import Bot, Connect

Happened = discord.Interaction[Any]


class Commands(Bot):
    """A bot with commands, synchronised before it connects."""

    async def setup_hook(self) -> None:
        @self.tree.command(description="Ask")
        async def ask(interaction: Happened, question: str, loud: bool = False) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content=f"{question}?")
            await interaction.edit_original_response(content=f"{question}? {'YES' if loud else 'Yes.'}")

        @self.tree.command(description="In private")
        async def whisper(interaction: Happened) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.edit_original_response(content="between us")
            await interaction.followup.send("and all")

        @self.tree.command(description="Buttons")
        async def buttons(interaction: Happened) -> None:
            await interaction.response.send_message("press", view=Buttons())

        @self.tree.command(description="A form")
        async def form(interaction: Happened) -> None:
            await interaction.response.send_modal(Form())

        @self.tree.command(description="Colours")
        @app_commands.autocomplete(name=colours)
        async def colour(interaction: Happened, name: str) -> None:
            await interaction.response.send_message(name)

        @self.tree.command(description="For admins")
        @app_commands.default_permissions(manage_guild=True)
        @app_commands.guild_only()
        async def rule(interaction: Happened) -> None:
            rights = interaction.permissions.manage_guild, interaction.app_permissions.manage_guild
            await interaction.response.send_message(str(rights))

        @self.tree.command(description="Never answers")
        async def silent(interaction: Happened) -> None:
            return

        @self.tree.context_menu(name="Explain")
        async def explain(interaction: Happened, message: discord.Message) -> None:
            await interaction.response.send_message(f"about {message.content}")

        await self.tree.sync()


async def colours(_: Happened, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=one, value=one) for one in ("red", "green") if one.startswith(typed)]


class Buttons(discord.ui.View):
    """Each way in which a press can be answered."""

    @discord.ui.button(label="Update", custom_id="update")
    async def update(self, interaction: Happened, _: discord.ui.Button["Buttons"]) -> None:
        await interaction.response.edit_message(content="pressed", view=None)

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction: Happened, _: discord.ui.Button["Buttons"]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="later")

    @discord.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: Happened, _: discord.ui.Button["Buttons"]) -> None:
        raise AssertionError("nobody can press this")

    @discord.ui.select(
        custom_id="pick",
        options=[discord.SelectOption(label="A", value="a"), discord.SelectOption(label="B", value="b")],
    )
    async def pick(self, interaction: Happened, menu: discord.ui.Select["Buttons"]) -> None:
        await interaction.response.send_message(f"picked {menu.values[0]}", ephemeral=True)


class Form(discord.ui.Modal, title="A form"):
    """One field in a label, as modals are made now."""

    note: discord.ui.Label[Any] = discord.ui.Label(
        text="Note", component=discord.ui.TextInput(custom_id="note", max_length=20)
    )

    async def on_submit(self, interaction: Happened) -> None:
        field = self.note.component
        assert isinstance(field, discord.ui.TextInput)
        await interaction.response.send_message(f"noted {field.value}")


@pytest.fixture
async def bot(connect: Connect, sandbox: DiscordSandbox) -> Commands:
    connected: Commands = await connect(sandbox, Commands())
    return connected


async def test_slash_command_deferred_and_edited(sandbox: DiscordSandbox, bot: Commands) -> None:
    """The answer is one message of type 20: first thinking, then growing, without a trace of the thinking."""
    asked = await sandbox.command("ann", "general", "ask", {"question": "Really", "loud": True})
    assert (asked.acknowledged, asked.deferred, asked.ephemeral) == (True, True, False)
    answer = await sandbox.wait_for(lambda: _shows(sandbox, asked, "Really? YES"))
    assert answer.type is MessageType.CHAT_INPUT_COMMAND
    assert [version.content for version in answer.history] == ["", "Really?", "Really? YES"]
    assert (answer.edited, answer.loading) == (1, False)
    assert answer.interaction is not None
    assert answer.interaction["user"]["id"] == sandbox.world.person("ann").id


async def test_command_in_direct_messages(sandbox: DiscordSandbox, bot: Commands) -> None:
    """There it has a user and no guild."""
    asked = await sandbox.command("bob", "dm", "ask", {"question": "Here"})
    await sandbox.wait_for(lambda: _shows(sandbox, asked, "Here? Yes."))
    assert "member" not in asked.payload
    assert sandbox.messages("@bob")[-1].content == "Here? Yes."


async def test_ephemeral_answer_and_follow_up(sandbox: DiscordSandbox, bot: Commands) -> None:
    """A private answer is seen by its asker only; the follow-up is decided on its own."""
    asked = await sandbox.command("ann", "general", "whisper")
    await sandbox.wait_for(lambda: asked.followups)
    assert asked.ephemeral
    assert [one.content for one in sandbox.messages("general", person="ann")] == ["between us", "and all"]
    assert [one.content for one in sandbox.messages("general", person="bob")] == ["and all"]


async def test_private_answer_reaches_no_gateway(sandbox: DiscordSandbox, bot: Commands) -> None:
    """REST does not know an ephemeral message, and no event carries it."""
    asked = await sandbox.command("ann", "general", "whisper")
    await sandbox.wait_for(lambda: asked.followups)
    place = bot.place(sandbox.world.channel("general").id)
    assert [one.content async for one in place.history()] == ["and all"]
    with pytest.raises(discord.NotFound):
        await place.fetch_message(int(asked.message_id or 0))


async def test_button_updates_its_message(sandbox: DiscordSandbox, bot: Commands) -> None:
    """A press answered by an update changes the message with the button, which is gone then."""
    asked = await sandbox.command("ann", "general", "buttons")
    pressed = await sandbox.click("bob", "general", asked.message_id or "", "update")
    assert (pressed.kind, pressed.status, pressed.message_id) == (Kind.COMPONENT, "updated", asked.message_id)
    shown = sandbox.message("general", asked.message_id or "")
    assert (shown.content, shown.components) == ("pressed", ())
    with pytest.raises(SandboxError, match="nothing to press"):
        await sandbox.click("bob", "general", shown.id, "update")


async def test_deferred_press_and_menu(sandbox: DiscordSandbox, bot: Commands) -> None:
    """A deferred press edits its own message later; a menu's choice is answered in private."""
    asked = await sandbox.command("ann", "general", "buttons")
    message = asked.message_id or ""
    later = await sandbox.click("ann", "general", message, "later")
    await sandbox.wait_for(lambda: _shows(sandbox, later, "later"))
    picked = await sandbox.click("ann", "general", message, "pick", values=["b"])
    assert sandbox.message("general", picked.message_id or "").content == "picked b"
    assert picked.ephemeral
    with pytest.raises(SandboxError, match="disabled"):
        await sandbox.click("ann", "general", message, "off")
    with pytest.raises(SandboxError, match="offers"):
        await sandbox.click("ann", "general", message, "pick", values=["c"])


async def test_form_is_opened_and_submitted(sandbox: DiscordSandbox, bot: Commands) -> None:
    """The person sees the form until they send it; the bot reads the value."""
    opened = await sandbox.command("cleo", "general", "form")
    assert opened.status == "modal"
    assert opened.modal is not None
    assert opened.modal["title"] == "A form"
    with pytest.raises(SandboxError, match="too long"):
        await sandbox.submit_modal("cleo", opened, {"note": "x" * 21})
    sent = await sandbox.submit_modal("cleo", opened, {"note": "milk"})
    assert sandbox.message("general", sent.message_id or "").content == "noted milk"
    assert opened.modal is None


async def test_suggestions_while_typing(sandbox: DiscordSandbox, bot: Commands) -> None:
    """The choices are those that the bot offers for what was typed."""
    choices = await sandbox.autocomplete("ann", "general", "colour", {"name": "r"})
    assert [one["value"] for one in choices] == ["red"]


async def test_command_on_a_message(sandbox: DiscordSandbox, bot: Commands) -> None:
    """A context command gets the whole message."""
    message = await sandbox.say("bob", "general", "this")
    asked = await sandbox.command("ann", "general", "Explain", target=message)
    answer = sandbox.message("general", asked.message_id or "")
    assert (answer.content, answer.type) == ("about this", MessageType.CONTEXT_MENU_COMMAND)


async def test_permissions_decide_who_can_use_a_command(sandbox: DiscordSandbox, bot: Commands) -> None:
    """Manage Server is asked for where the command is offered; the interaction tells both sides' rights."""
    asked = await sandbox.command("ann", "general", "rule")
    assert sandbox.message("general", asked.message_id or "").content == "(True, False)"
    for person, channel in (("bob", "general"), ("ann", "dm")):
        with pytest.raises(SandboxError, match="rule"):
            await sandbox.command(person, channel, "rule")


async def test_command_that_is_not_filled_in_well(sandbox: DiscordSandbox, bot: Commands) -> None:
    """The client refuses what Discord's would: unknown names, missing and mistyped options."""
    for values in ({}, {"question": 1}, {"question": "x", "more": "y"}):
        with pytest.raises(SandboxError):
            await sandbox.command("ann", "general", "ask", values)
    with pytest.raises(SandboxError, match="no command"):
        await sandbox.command("ann", "general", "nothing")
    assert sandbox.interactions == []


async def test_silent_app_fails(connect: Connect) -> None:
    """Who does not respond in time leaves the person with a failed interaction."""
    hasty = DiscordSandbox(rate_limits=None, ack_seconds=0.05)
    await hasty.start()
    try:
        await connect(hasty, Commands())
        asked = await hasty.command("ann", "general", "silent")
        assert (asked.status, asked.message_id) == ("failed", None)
    finally:
        await hasty.stop()


def _shows(sandbox: DiscordSandbox, asked: Interaction, text: str) -> Any:
    """The interaction's message once it shows the text."""
    found = [one for one in sandbox.messages(asked.channel_id) if one.id == asked.message_id and one.content == text]
    return found[0] if found else None
