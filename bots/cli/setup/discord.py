"""Discord's part of the guide: the application, its token, the message content intent, and the invitation."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discord.doctor import examine
from bots.cli.examination import Finding, titled
from bots.cli.setup import credential
from bots.cli.setup.draft import Draft
from bots.cli.setup.terminal import Terminal
from core.conversation import Platform

TOKEN = "DISCORD_TOKEN"


def ask(terminal: Terminal, draft: Draft) -> None:
    """The draft has Discord's settings. Raises Skipped."""
    terminal.heading("Discord")
    if not draft.get(TOKEN):
        terminal.say("1. discord.com/developers/applications: New Application, any name, Create.")
        terminal.say("2. Bot, Privileged Gateway Intents: Message Content Intent on, Save Changes.")
        terminal.say("3. Bot, Reset Token: that is the bot's token.")
    credential.asked(terminal, draft, TOKEN, "Bot's token", lambda secret: _bot(draft, secret))


async def _bot(draft: Draft, token: str) -> Sequence[Finding]:
    """Where it is on no server yet, the invitation is what is to be done about it."""
    found = await examine(
        token=token,
        api_url=draft.get("DISCORD_API_URL") or None,
        gateway_url=draft.get("DISCORD_GATEWAY_URL") or None,
    )
    return titled(Platform.DISCORD, found)
