"""Interactions: what a person asked of the bot, and how far the bot has come with its answer.

An answer must begin within three seconds and can go on for fifteen minutes. How it goes on is `responses`; what
people do to begin one is `interacting`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from sandbox.discord.attachments import LARGEST_FILE
from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.messages import Message
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.values import Json
from sandbox.discord.wire import Wire
from sandbox.discord.world import Channel, Person, World

TOKEN_SECONDS = 900.0
NOBODY_MANAGES = {"0": "0"}
Status = Literal["waiting", "thinking", "answered", "updated", "modal", "choices", "failed"]


class Kind(IntEnum):
    """Interaction types with Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Response(IntEnum):
    """Callback types with Discord's numbers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """One of them; the fields below `payload` are what the bot has done so far."""

    id: str
    token: str = field(repr=False)
    kind: Kind
    person: Person
    channel_id: str
    name: str
    """The command's name, or the custom_id of the component or modal."""
    at: float
    source: Message | None = None
    """The message with the component, also for a modal that was opened from one."""
    payload: Json = field(default_factory=dict, repr=False)
    response: Response | None = None
    message_id: str | None = None
    """The answer, or the message that was updated: `@original`."""
    ephemeral: bool = False
    followups: list[str] = field(default_factory=list)
    modal: Json | None = None
    """The form that the person sees, until it is submitted."""
    choices: list[Json] = field(default_factory=list)
    thinking: bool = False
    failed: bool = False
    """The person read that the application did not respond."""

    @property
    def acknowledged(self) -> bool:
        return self.response is not None

    @property
    def deferred(self) -> bool:
        return self.response in (Response.DEFERRED_MESSAGE, Response.DEFERRED_UPDATE)

    @property
    def status(self) -> Status:
        match self.response:
            case None:
                return "failed" if self.failed else "waiting"
            case Response.MODAL:
                return "modal"
            case Response.CHOICES:
                return "choices"
            case Response.UPDATE | Response.DEFERRED_UPDATE:
                return "updated"
            case _:
                return "thinking" if self.thinking else "answered"


class Interactions:
    """All interactions, and the way in which one begins."""

    def __init__(
        self,
        *,
        world: World,
        wire: Wire,
        snowflakes: Snowflakes,
        dispatcher: Dispatcher,
        now: Callable[[], float],
    ) -> None:
        self._world = world
        self._wire = wire
        self._snowflakes = snowflakes
        self._dispatcher = dispatcher
        self._now = now
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def begin(
        self, kind: Kind, name: str, person: Person, channel: Channel, data: Json, source: Message | None = None
    ) -> Interaction:
        """The bot has been told; no intent is needed for it."""
        interaction = Interaction(
            id=self._snowflakes.next(),
            token=secrets.token_urlsafe(48),
            kind=kind,
            person=person,
            channel_id=channel.id,
            name=name,
            at=self._now(),
            source=source,
        )
        interaction.payload = self._payload(interaction, channel, data)
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        self._dispatcher.in_guild("INTERACTION_CREATE", interaction.payload, channel.guild_id)
        return interaction

    def get(self, interaction_id: str) -> Interaction | None:
        return self._by_id.get(interaction_id)

    def by_token(self, token: str) -> Interaction | None:
        return self._by_token.get(token)

    def all(self) -> list[Interaction]:
        """Oldest first."""
        return list(self._by_id.values())

    def _payload(self, interaction: Interaction, channel: Channel, data: Json) -> Json:
        world, person = self._world, interaction.person
        body: Json = {
            "id": interaction.id,
            "application_id": world.application_id,
            "type": int(interaction.kind),
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": self._wire.channel(channel) | {"permissions": str(int(world.permissions(person, channel)))},
            "app_permissions": str(_bits(world, world.bot, channel)),
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": LARGEST_FILE,
        }
        if interaction.source is not None:
            body["message"] = self._wire.message(interaction.source)
        return body | self._who(person, channel)

    def _who(self, person: Person, channel: Channel) -> Json:
        guild = self._world.guild_of(channel)
        if guild is None:
            return {"user": self._wire.user(person), "context": 1, "authorizing_integration_owners": NOBODY_MANAGES}
        member = self._wire.member(guild.members[person.id])
        return {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member | {"permissions": str(_bits(self._world, person, channel))},
            "context": 0,
            "authorizing_integration_owners": {"0": guild.id},
        }


def _bits(world: World, person: Person, channel: Channel) -> int:
    return int(world.permissions(person, channel))
