"""Commands of core's catalogue as Discord registers them, and registering them only when they have changed.

Discord takes all of an application's commands at once and forgets those that are not among them; a changed list counts
against a daily limit, so what is registered is compared first (discord.md, sections 3 and 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from adapters.discord.permissions import Permission
from adapters.discord.rest import Rest
from core.commands.declaration import Command, Option

log = structlog.get_logger()

CHAT_INPUT, TEXT = 1, 3
IN_GUILDS, WITH_THE_BOT = 0, 1


async def register(rest: Rest, application: str, commands: Iterable[Command]) -> bool:
    """Exactly these commands are registered; true when they were not before. Raises SurfaceError."""
    wanted = [declared(command) for command in commands]
    present = await rest.commands(application)
    if _essence(present) == _essence(wanted):
        return False
    await rest.register(application, wanted)
    log.info("commands registered", action="discord.commands_registered", names=[one["name"] for one in wanted])
    return True


def declared(command: Command) -> dict[str, Any]:
    """The command's declaration. Discord hides an admin's from others by default; the handler decides again."""
    return {
        "name": command.name,
        "type": CHAT_INPUT,
        "description": command.summary,
        "options": [_option(option) for option in sorted(command.options, key=lambda option: not option.required)],
        "default_member_permissions": str(int(Permission.MANAGE_GUILD)) if command.admin else None,
        "contexts": [IN_GUILDS] if command.admin else [IN_GUILDS, WITH_THE_BOT],
    }


def _option(option: Option) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": TEXT,
        "name": option.name,
        "description": option.summary,
        "required": option.required,
    }
    if option.choices:
        shape["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
    return shape


def _essence(commands: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """What we declare of each command, in one form: Discord leaves out or fills in what was not said."""
    return sorted(
        (
            command.get("name"),
            command.get("type", CHAT_INPUT),
            command.get("description"),
            str(command.get("default_member_permissions") or ""),
            tuple(sorted(command.get("contexts") or ())),
            tuple(_option_essence(option) for option in command.get("options") or ()),
        )
        for command in commands
    )


def _option_essence(option: Mapping[str, Any]) -> tuple[Any, ...]:
    choices = tuple((choice.get("name"), choice.get("value")) for choice in option.get("choices") or ())
    return option.get("type"), option.get("name"), option.get("description"), bool(option.get("required")), choices
