"""The guide's questions in their order, and what is written in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bots.cli.setup import database, env_file, model
from bots.cli.setup.draft import Draft
from bots.cli.setup.terminal import SKIP, Skipped, Terminal

INTRODUCTION = f"""\
This asks for what Parley needs, tries each answer, and writes it to .env at the end.
Enter keeps what stands in brackets. Tokens and keys are not shown while you enter them.
`{SKIP}` leaves a part as it is. Ctrl-C leaves without writing anything."""
SLACK, DISCORD, BOTH = "slack", "discord", "both"


def hold(file: Path) -> tuple[Terminal, Draft]:
    """All parts were asked, and the draft has the answers. Raises typer.Abort where the person leaves, and
    EnvFileError."""
    draft = Draft(file)
    terminal = Terminal(draft.secrets())
    terminal.say(INTRODUCTION)
    for part in (_platforms, database.ask, model.ask):
        _asked(part, terminal, draft)
    return terminal, draft


def _platforms(terminal: Terminal, draft: Draft) -> None:
    # Here, since each loads its platform's library.
    from bots.cli.setup import discord, slack

    parts: Mapping[str, tuple[Callable[[Terminal, Draft], None], ...]] = {
        SLACK: (slack.ask,),
        DISCORD: (discord.ask,),
        BOTH: (slack.ask, discord.ask),
    }
    terminal.heading("Platforms")
    has_slack, has_discord = bool(draft.get(slack.BOT)), bool(draft.get(discord.TOKEN))
    default = BOTH if has_slack and has_discord else DISCORD if has_discord else SLACK
    for part in parts[terminal.choice("Where shall Parley answer?", tuple(parts), default=default)]:
        _asked(part, terminal, draft)


def _asked(part: Callable[[Terminal, Draft], None], terminal: Terminal, draft: Draft) -> None:
    try:
        part(terminal, draft)
    except Skipped:
        terminal.say("Left as it is.")


def written(terminal: Terminal, draft: Draft, file: Path) -> bool:
    """The answers stand in the file, unless the person does not want that."""
    terminal.heading("Settings")
    if not draft.changes():
        terminal.say(f"Nothing has changed: {file} stays as it is.")
        return True
    terminal.say(f"These go to {file.absolute()}, which only you may read:")
    for line in draft.lines():
        terminal.say(f"  {line}")
    if not terminal.yes("Write them?"):
        terminal.say("Nothing was written.")
        return False
    backup = env_file.write(file, draft.changes())
    terminal.say(f"Written{f'; what it was before is in {backup.name}' if backup else ''}.")
    for name in draft.overruled():
        terminal.say(f"✗ {name} is set in the environment as well, which is stronger: take it out there.")
    return True
