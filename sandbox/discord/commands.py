"""The application's registered commands: checked like Discord checks them, kept per guild and globally.

A bulk overwrite replaces one place's commands of every type at once; a command that keeps its name and type keeps its
id. Limits: docs.discord.com/developers/interactions/application-commands.
"""

import re
from collections.abc import Sequence
from typing import Any

from sandbox.discord.forms import Form
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.values import Json

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, NUMBER = 1, 2, 3, 4, 5, 10
MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
MOST_CHARACTERS = 8000
TYPED = frozenset({STRING, INTEGER, NUMBER})
"""Options into which something is typed; only these have choices or suggestions."""
LARGEST = 2**53
NESTED_NOWHERE = {GROUP: frozenset({GROUP}), SUBCOMMAND: frozenset({SUBCOMMAND, GROUP})}
"""What an option of that type cannot hold."""
_NAME = re.compile(r"^[-_'\w]{1,32}$")


class Registry:
    """What is registered; the key None is for every guild and direct messages."""

    def __init__(self, snowflakes: Snowflakes, application_id: str) -> None:
        self._snowflakes = snowflakes
        self._application_id = application_id
        self._places: dict[str | None, list[Json]] = {}

    def overwrite(self, guild_id: str | None, payloads: Sequence[Json]) -> list[Json]:
        """Exactly these are registered there. ApiError 50035 and nothing changes when one of them is wrong."""
        check(payloads)
        old = {(one["type"], one["name"]): one for one in self.of(guild_id)}
        registered = [self._registered(guild_id, payload, old) for payload in payloads]
        self._places[guild_id] = registered
        return registered

    def of(self, guild_id: str | None) -> list[Json]:
        return self._places.get(guild_id, [])

    def everything(self) -> list[Json]:
        return [command for commands in self._places.values() for command in commands]

    def find(self, name: str, guild_id: str | None, type: int = CHAT_INPUT) -> Json | None:
        """The command as people see it in the guild: the guild's own before the global one."""
        for place in (guild_id, None) if guild_id else (None,):
            for command in self.of(place):
                if command["name"] == name and command["type"] == type:
                    return command
        return None

    def _registered(self, guild_id: str | None, payload: Json, old: dict[tuple[int, str], Json]) -> Json:
        kind = payload.get("type") or CHAT_INPUT
        before = old.get((kind, payload["name"]))
        about: Json = {
            "id": before["id"] if before else self._snowflakes.next(),
            "application_id": self._application_id,
            "type": kind,
            "description": "",
            "options": [],
            "default_member_permissions": None,
            "nsfw": False,
        }
        about |= {key: value for key, value in payload.items() if key != "id"} | {"type": kind}
        if guild_id is not None:
            about["guild_id"] = guild_id
        same = before is not None and {**before, "version": None} == {**about, "version": None}
        return about | {"version": before["version"] if before and same else self._snowflakes.next()}


def check(payloads: Sequence[Json]) -> None:
    """Every command is one that Discord takes, else ApiError 50035 with each fault by its place."""
    form = Form()
    for number, command in enumerate(payloads):
        kind = command.get("type") or CHAT_INPUT
        _check_name(f"{number}.name", command.get("name"), kind, form)
        if kind == CHAT_INPUT:
            form.length(f"{number}.description", command.get("description"), 100, least=1)
        elif command.get("description"):
            form.wrong(f"{number}.description", "APPLICATION_COMMAND_NO_DESCRIPTION", "Only chat commands have one.")
        _check_options(str(number), command.get("options") or [], form)
        _check_reach(str(number), command, form)
        if _characters(command) > MOST_CHARACTERS:
            message = f"Command exceeds maximum size ({MOST_CHARACTERS})"
            form.wrong(str(number), "APPLICATION_COMMAND_TOO_LARGE", message)
    _check_together(payloads, form)
    form.check()


def _check_together(payloads: Sequence[Json], form: Form) -> None:
    seen: set[tuple[int, Any]] = set()
    for number, command in enumerate(payloads):
        key = (command.get("type") or CHAT_INPUT, command.get("name"))
        if key in seen:
            message = "Application command names must be unique"
            form.wrong(f"{number}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    for kind, most in MOST.items():
        if sum(1 for key in seen if key[0] == kind) > most:
            form.wrong("commands", "BASE_TYPE_MAX_LENGTH", f"At most {most} commands of type {kind}.")


def _check_name(path: str, name: Any, kind: int, form: Form) -> None:
    form.length(path, name, 32, least=1)
    if kind == CHAT_INPUT and isinstance(name, str) and not (_NAME.match(name) and name == name.lower()):
        form.wrong(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_reach(path: str, command: Json, form: Form) -> None:
    """Who sees it, and where."""
    needed = command.get("default_member_permissions")
    if needed is not None and not str(needed).isdecimal():
        form.wrong(f"{path}.default_member_permissions", "BASE_TYPE_STRING", "Must be a string of digits.")
    contexts = command.get("contexts")
    if contexts is not None and not set(contexts) <= {0, 1, 2}:
        form.wrong(f"{path}.contexts", "BASE_TYPE_CHOICES", "Values must be one of {0, 1, 2}.")


def _check_options(path: str, options: Sequence[Json], form: Form, *, inside: int | None = None) -> None:
    """`inside` is the type of the option around these, none at the top."""
    if len(options) > 25:
        form.wrong(f"{path}.options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    kinds = {option.get("type") for option in options}
    if kinds & {SUBCOMMAND, GROUP} and kinds - {SUBCOMMAND, GROUP}:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    if inside is not None and kinds & NESTED_NOWHERE.get(inside, frozenset()):
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deep.")
    optional_seen = False
    for number, option in enumerate(options):
        here = f"{path}.options.{number}"
        _check_name(f"{here}.name", option.get("name"), CHAT_INPUT, form)
        form.length(f"{here}.description", option.get("description"), 100, least=1)
        if option.get("type") not in range(1, 12):
            form.wrong(f"{here}.type", "BASE_TYPE_CHOICES", "Value must be one of 1 to 11.")
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            form.wrong(f"{here}", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")
        _check_choices(here, option, form)
        _check_kind(here, option, form)
        _check_options(here, option.get("options") or [], form, inside=option.get("type"))
    names = [option.get("name") for option in options]
    if len(set(names)) < len(names):
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")


def _check_kind(path: str, option: Json, form: Form) -> None:
    """What only some types of options can have."""
    kind = option.get("type")
    if kind not in (SUBCOMMAND, GROUP) and option.get("options"):
        form.wrong(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "This type has no options.")
    if kind not in TYPED and (option.get("autocomplete") or option.get("choices")):
        form.wrong(path, "APPLICATION_COMMAND_AUTOCOMPLETE_TYPE_INVALID", "This type has no choices.")
    if kind in (SUBCOMMAND, GROUP) and option.get("required"):
        form.wrong(
            f"{path}.required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "A subcommand is never required."
        )


def wrong_value(kind: int, value: Any) -> str | None:
    """Why the value is none of this type of option; None where it is one."""
    if kind == STRING:
        return None if isinstance(value, str) and len(value) <= 100 else "Must be a string of 100 or fewer in length."
    if isinstance(value, bool) or not isinstance(value, int if kind == INTEGER else (int, float)):
        return "Must be a number."
    return None if abs(value) <= LARGEST else "Must be between -2^53 and 2^53."


def _check_choices(path: str, option: Json, form: Form) -> None:
    choices = option.get("choices") or []
    if len(choices) > 25:
        form.wrong(f"{path}.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if choices and option.get("autocomplete"):
        form.wrong(f"{path}.choices", "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "Not together with autocomplete.")
    for number, choice in enumerate(choices):
        form.length(f"{path}.choices.{number}.name", choice.get("name"), 100, least=1)
        fault = wrong_value(option.get("type") or STRING, choice.get("value")) if option.get("type") in TYPED else None
        if fault is not None:
            form.wrong(f"{path}.choices.{number}.value", "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID", fault)


def _characters(command: Json) -> int:
    counted = len(command.get("name") or "") + len(command.get("description") or "")
    for choice in command.get("choices") or []:
        counted += len(choice.get("name") or "") + len(str(choice.get("value", "")))
    return counted + sum(map(_characters, command.get("options") or []))
