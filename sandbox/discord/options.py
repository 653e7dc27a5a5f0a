"""What a person fills in, turned into an interaction's data: command options and menus. Forms are `submissions`.

Like Discord's client it refuses what the app has ruled out, so that a test cannot send what no person could.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord import components
from sandbox.discord.attachments import Attachments, Upload
from sandbox.discord.commands import BOOLEAN, GROUP, INTEGER, NUMBER, STRING, SUBCOMMAND
from sandbox.discord.mentions import encode
from sandbox.discord.values import Json, SandboxError
from sandbox.discord.wire import Wire
from sandbox.discord.world import Channel, World

USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT = 6, 7, 8, 9, 11
LONGEST_TEXT = 6000
_PLAIN: Mapping[int, type | tuple[type, ...]] = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}


@dataclass(slots=True)
class Filling:
    """The filling in of one command in one channel; `resolved` collects what ids stand for."""

    world: World
    wire: Wire
    attachments: Attachments
    channel: Channel
    resolved: Json = field(default_factory=dict)

    def command(
        self, command: Json, path: Sequence[str], values: Mapping[str, Any], *, focused: str | None = None
    ) -> Json:
        """The `data` of a chat command with these values; `path` names a subcommand in it."""
        options = self._nested(command.get("options") or [], path, values, focused)
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "options": options}
        data |= {"guild_id": command["guild_id"]} if "guild_id" in command else {}
        return data | ({"resolved": self.resolved} if self.resolved else {})

    def _nested(
        self, options: Sequence[Json], path: Sequence[str], values: Mapping[str, Any], focused: str | None
    ) -> list[Json]:
        if not path:
            if any(option["type"] in (SUBCOMMAND, GROUP) for option in options):
                raise SandboxError("the command has subcommands: name one")
            return self._filled(options, values, focused)
        for option in options:
            if option["name"] == path[0] and option["type"] in (SUBCOMMAND, GROUP):
                inner = self._nested(option.get("options") or [], path[1:], values, focused)
                return [{"name": option["name"], "type": option["type"], "options": inner}]
        raise SandboxError(f"no subcommand is called {path[0]!r}")

    def _filled(self, options: Sequence[Json], values: Mapping[str, Any], focused: str | None) -> list[Json]:
        unknown = set(values) - {option["name"] for option in options}
        if unknown:
            raise SandboxError(f"the command has no option {', '.join(sorted(unknown))}")
        missing = [one["name"] for one in options if one.get("required") and one["name"] not in values]
        if missing and focused is None:
            raise SandboxError(f"the command needs {', '.join(missing)}")
        filled = []
        for option in options:
            if option["name"] not in values:
                continue
            typing = option["name"] == focused
            if typing and not option.get("autocomplete"):
                raise SandboxError(f"nothing is suggested for {focused}")
            value = values[option["name"]] if typing else self._value(option, values[option["name"]])
            given = {"name": option["name"], "type": option["type"], "value": value}
            filled.append(given | ({"focused": True} if typing else {}))
        return filled

    def _value(self, option: Json, value: Any) -> Any:
        kind = option["type"]
        if kind in _PLAIN:
            return self._plain(option, value)
        if kind == ATTACHMENT and isinstance(value, Upload):
            return self.upload(value)
        if kind in (USER, MENTIONABLE):
            person = self.world.person(value)
            guild = self.world.guild_of(self.channel)
            if guild is not None and person.id in guild.members:
                self._known("members", person.id, self.wire.member(guild.members[person.id], user=False))
            return self._known("users", person.id, self.wire.user(person))
        if kind == CHANNEL:
            place = self.world.channel(value)
            return self._known("channels", place.id, self.wire.channel(place) | {"permissions": "0"})
        if kind == ROLE:
            return self._role(str(value))
        raise SandboxError(f"{value!r} is no value for {option['name']}")

    def upload(self, file: Upload) -> str:
        """The file is with Discord; its id."""
        stored = self.attachments.add(file, self.channel.id, ephemeral=True)
        return self._known("attachments", stored.id, self.attachments.describe(stored))

    def _plain(self, option: Json, value: Any) -> Any:
        kind, name = option["type"], option["name"]
        by_name = {choice["name"]: choice["value"] for choice in option.get("choices") or []}
        value = by_name.get(str(value), value)
        if by_name and value not in by_name.values():
            raise SandboxError(f"{name} is one of {', '.join(by_name)}")
        if not isinstance(value, _PLAIN[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
            raise SandboxError(f"{value!r} is no value for {name}")
        if isinstance(value, str):
            if not option.get("min_length", 0) <= len(value) <= option.get("max_length", LONGEST_TEXT):
                raise SandboxError(f"{name} is too short or too long")
            return encode(value, self.world, self.world.guild_of(self.channel))
        if kind != BOOLEAN and not option.get("min_value", value) <= value <= option.get("max_value", value):
            raise SandboxError(f"{name} is out of its range")
        return value

    def _role(self, name: str) -> str:
        guild = self.world.guild_of(self.channel)
        for role in self.wire.roles(guild) if guild else []:
            if name in (role["name"], role["id"]):
                return self._known("roles", role["id"], role)
        raise SandboxError(f"no role is called {name!r}")

    def _known(self, kind: str, id: str, about: Json) -> str:
        self.resolved.setdefault(kind, {})[id] = about
        return id


def pressed(component: Json, values: Sequence[str]) -> Json:
    """The `data` of a press, or of a choice in a menu."""
    if component.get("disabled"):
        raise SandboxError(f"{component['custom_id']} is disabled")
    data: Json = {"id": component["id"], "custom_id": component["custom_id"], "component_type": component["type"]}
    if component["type"] == components.BUTTON:
        return data
    return data | {"values": chosen(component, values)}


def chosen(component: Json, values: Sequence[str]) -> list[str]:
    """The values as the menu takes them. SandboxError for others, or for too few or too many."""
    if component["type"] == components.MENU:
        offered = {option["value"] for option in component["options"]}
        if not set(values) <= offered:
            raise SandboxError(f"{component['custom_id']} offers {sorted(offered)}")
    least, most = components.counts(component)
    if not least <= len(values) <= most:
        raise SandboxError(f"{component['custom_id']} takes another number of choices")
    return list(values)
