"""What people do with the bot's commands, buttons, menus and forms.

An act that the app must answer returns when the app has acknowledged it, or when Discord's three seconds are over and
the person has read that the application did not respond. With `wait=False` it returns at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.discord import commands, components, notices, options, submissions
from sandbox.discord.attachments import Attachments
from sandbox.discord.commands import Registry
from sandbox.discord.happenings import Happenings
from sandbox.discord.interactions import Interaction, Interactions, Kind
from sandbox.discord.messages import Message
from sandbox.discord.options import Filling
from sandbox.discord.permissions import Permission
from sandbox.discord.talking import Ref, Talking
from sandbox.discord.values import Json, SandboxError
from sandbox.discord.world import Channel, Person

IN_GUILDS, IN_BOT_DMS = 0, 1


class Interacting(Talking):
    """Talking, and all that has a button."""

    def __init__(
        self,
        *,
        happenings: Happenings,
        attachments: Attachments,
        interactions: Interactions,
        registry: Registry,
        ack_seconds: float,
    ) -> None:
        super().__init__(happenings, attachments)
        self._interactions = interactions
        self._registry = registry
        self._ack_seconds = ack_seconds

    async def command(
        self,
        person: Ref,
        channel: Ref,
        name: str,
        values: Mapping[str, Any] | None = None,
        *,
        target: Ref | None = None,
        wait: bool = True,
    ) -> Interaction:
        """A slash command, `persona set` for a subcommand, or with a `target` a context command on a message or user.

        SandboxError for what the person could not do: an unknown command or option, a missing one, no permission.
        """
        who, place = self._at(person, channel)
        if target is not None:
            return await self._context_command(who, place, name, target, wait=wait)
        head, *path = name.removeprefix("/").split()
        command = self._usable(who, place, head, commands.CHAT_INPUT)
        data = self._filling(place).command(command, path, values or {})
        return await self._begin(Kind.COMMAND, head, who, place, data, wait=wait)

    async def autocomplete(
        self, person: Ref, channel: Ref, name: str, values: Mapping[str, Any], *, focused: str | None = None
    ) -> list[Json]:
        """The choices that the bot offers while the person types the focused option, the last one by default."""
        who, place = self._at(person, channel)
        head, *path = name.removeprefix("/").split()
        command = self._usable(who, place, head, commands.CHAT_INPUT)
        data = self._filling(place).command(command, path, values, focused=focused or list(values)[-1])
        interaction = await self._begin(Kind.AUTOCOMPLETE, head, who, place, data, wait=True)
        return interaction.choices

    async def click(
        self,
        person: Ref,
        channel: Ref,
        message: Ref,
        custom_id: str,
        *,
        values: Sequence[str] = (),
        wait: bool = True,
    ) -> Interaction:
        """The press of a button, or the choice of these values in a menu."""
        who, place = self._at(person, channel)
        found = self.find(place, message)
        if found.ephemeral_for not in (None, who.id):
            raise SandboxError(f"{who.display} does not see {message}")
        component = components.find(found.components, custom_id)
        if component is None:
            raise SandboxError(f"nothing to press is called {custom_id!r}")
        data = options.pressed(component, values)
        return await self._begin(Kind.COMPONENT, custom_id, who, place, data, found, wait=wait)

    async def submit_modal(
        self, person: Ref, opened: Interaction | str, values: Mapping[str, Any], *, wait: bool = True
    ) -> Interaction:
        """The form that this interaction opened, filled in and sent; unless the app is silent it closes."""
        who, before = self._happenings.world.person(person), self._opened(opened)
        if before.modal is None or before.person.id != who.id:
            raise SandboxError(f"{who.display} sees no form of {before.name}")
        place = self._happenings.world.channels[before.channel_id]
        data = submissions.submitted(before.modal, values, self._filling(place))
        custom_id = before.modal["custom_id"]
        interaction = await self._begin(Kind.MODAL, custom_id, who, place, data, before.source, wait=wait)
        if interaction.acknowledged or not wait:
            await self.close_modal(person, before)
        return interaction

    async def close_modal(self, person: Ref, opened: Interaction | str) -> None:
        """The person sees the form no more; the app is not told."""
        before = self._opened(opened)
        before.modal = None
        self._happenings.changes.tell(notices.modal(before.person, before.id, None))

    async def _context_command(self, who: Person, place: Channel, name: str, target: Ref, *, wait: bool) -> Interaction:
        message = self._happenings.book.get(place.id, str(target))
        kind = commands.MESSAGE if message else commands.USER
        command = self._usable(who, place, name, kind)
        data: Json = {"id": command["id"], "name": name, "type": kind}
        data |= self._target(message, target)
        return await self._begin(Kind.COMMAND, name, who, place, data, wait=wait)

    def _target(self, message: Message | None, target: Ref) -> Json:
        wire = self._happenings.wire
        if message is not None:
            return {"target_id": message.id, "resolved": {"messages": {message.id: wire.message(message)}}}
        person = self._happenings.world.person(target)
        return {"target_id": person.id, "resolved": {"users": {person.id: wire.user(person)}}}

    async def _begin(
        self,
        kind: Kind,
        name: str,
        who: Person,
        place: Channel,
        data: Json,
        source: Message | None = None,
        *,
        wait: bool,
    ) -> Interaction:
        interaction = self._interactions.begin(kind, name, who, place, data, source)
        changes = self._happenings.changes
        changes.tell({"type": "event", "kind": f"{kind.name.lower()} {name}"})
        if not wait:
            return interaction
        try:
            await changes.wait_for(
                lambda: interaction.acknowledged, timeout=self._ack_seconds, describe=lambda: interaction.name
            )
        except TimeoutError:
            interaction.failed = True
            changes.tell({"type": "event", "kind": f"no response to {name}"})
        return interaction

    def _usable(self, who: Person, place: Channel, name: str, kind: int) -> Json:
        command = self._registry.find(name, place.guild_id, kind)
        if command is None:
            raise SandboxError(f"no command is called {name!r}")
        if not _offered(command, IN_GUILDS if place.guild_id else IN_BOT_DMS):
            raise SandboxError(f"{name} is not offered in {place.name}")
        mine = self._happenings.world.permissions(who, place)
        needed = command.get("default_member_permissions")
        missing = needed is not None and mine & int(needed) != int(needed)
        only_admins = needed is not None and int(needed) == 0 and not mine & Permission.ADMINISTRATOR
        if place.guild_id and (missing or only_admins or not mine & Permission.USE_APPLICATION_COMMANDS):
            raise SandboxError(f"{who.display} may not use {name}")
        return command

    def _filling(self, place: Channel) -> Filling:
        return Filling(self._happenings.world, self._happenings.wire, self._attachments, place)

    def _opened(self, opened: Interaction | str) -> Interaction:
        found = self._interactions.get(opened) if isinstance(opened, str) else opened
        if found is None:
            raise SandboxError(f"no interaction is called {opened!r}")
        return found


def _offered(command: Json, context: int) -> bool:
    contexts = command.get("contexts")
    if contexts is not None:
        return context in contexts
    return context == IN_GUILDS or command.get("dm_permission") is not False
