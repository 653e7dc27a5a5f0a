"""Commands of core's catalogue as Discord registers them, and registering them only when they have changed.

Discord takes all of an application's commands at once and forgets those that are not among them; a changed list counts
against a daily limit, so what is registered is compared first (discord.md, sections 3 and 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from adapters.discord.declarations import Permission
from adapters.discord.rest import Rest
from core.commands.declaration import Command, Option, OptionKind

log = structlog.get_logger()

CHAT_INPUT, SUBCOMMAND = 1, 1
KINDS: Mapping[OptionKind, int] = {
    OptionKind.TEXT: 3,
    OptionKind.NUMBER: 4,
    OptionKind.PERSON: 6,
    OptionKind.CHANNEL: 7,
    OptionKind.ROLE: 8,
}
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
    """The command's declaration. Discord hides an admin's from others by default, as a whole; the handler decides
    again."""
    admin = command.admin or (bool(command.verbs) and all(verb.admin for verb in command.verbs))
    return {
        "name": command.name,
        "type": CHAT_INPUT,
        "description": command.summary,
        "options": [_verb(verb) for verb in command.verbs] or _options(command),
        "default_member_permissions": str(int(Permission.MANAGE_GUILD)) if admin else None,
        "contexts": [IN_GUILDS] if admin else [IN_GUILDS, WITH_THE_BOT],
    }


def _verb(verb: Command) -> dict[str, Any]:
    return {"type": SUBCOMMAND, "name": verb.name, "description": verb.summary, "options": _options(verb)}


def _options(command: Command) -> list[dict[str, Any]]:
    return [_option(option) for option in sorted(command.options, key=lambda option: not option.required)]


def _option(option: Option) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": KINDS[option.kind],
        "name": option.name,
        "description": option.summary,
        "required": option.required,
    }
    if option.choices:
        number = option.kind is OptionKind.NUMBER
        shape["choices"] = [{"name": one, "value": int(one) if number else one} for one in option.choices]
    elif option.suggested and option.kind in (OptionKind.TEXT, OptionKind.NUMBER):
        shape["autocomplete"] = True
    return shape


def _essence(commands: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """What we declare of each command, in one form: Discord leaves out or fills in what was not said."""
    return sorted(
        (
            str(command.get("name")),
            command.get("type", CHAT_INPUT),
            str(command.get("description")),
            str(command.get("default_member_permissions") or ""),
            tuple(sorted(command.get("contexts") or ())),
            tuple(_option_essence(option) for option in command.get("options") or ()),
        )
        for command in commands
    )


def _option_essence(option: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        option.get("type"),
        option.get("name"),
        option.get("description"),
        bool(option.get("required")),
        bool(option.get("autocomplete")),
        tuple((choice.get("name"), choice.get("value")) for choice in option.get("choices") or ()),
        tuple(_option_essence(inner) for inner in option.get("options") or ()),
    )
