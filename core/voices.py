"""Who answers a turn, with the prompt as the model will read it.

The store knows which persona is nearest and what a thread began with; the platform knows what places are called. Here
both come together. Asking the model is answering.py's part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.conversation import Platform
from core.persona import Persona, PersonaVersion
from core.ports import Clock, Namer
from core.privacy import Place
from core.prompting import PlaceNames, has_variables, ready, setting_of, speaking
from core.store import Store
from core.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A version of a persona, about to answer a turn."""

    version: PersonaVersion
    """The built-in one is number 0 in version 0."""
    persona: Persona
    """With the variables of the prompt filled in, and its style spelled out."""

    @property
    def persona_id(self) -> int | None:
        """None for the built-in one."""
        return self.version.id or None


class Voices:
    """Finds who answers."""

    def __init__(
        self,
        *,
        store: Store,
        namers: Mapping[Platform, Namer],
        clock: Clock,
        built_in: Persona,
        default_model: str = "",
    ) -> None:
        self._store = store
        self._namers = namers
        self._clock = clock
        self._built_in = PersonaVersion(id=0, version=0, persona=built_in)
        self._default_models = {"", built_in.model, default_model}

    @property
    def default_model(self) -> str:
        """The model that answers where a persona names none; empty: the endpoint's own default."""
        return self._built_in.persona.model

    def has_default_model(self, persona: Persona) -> bool:
        """Whether it asks the model that everybody else asks too."""
        return persona.model in self._default_models

    async def of(self, turn: Turn) -> Voice:
        """Who answers that turn. A thread keeps the version that is found first. Raises StoreUnavailable."""
        version = await self._store.answering_persona(turn) or self._built_in
        return Voice(version=version, persona=await self._ready(version.persona, turn))

    async def teaching(self, turn: Turn, home: Place, teacher: Persona) -> Voice:
        """Who teaches: the workspace's own persona of that name, or else that one. Raises StoreUnavailable."""
        version = await self._store.persona(home, teacher.name) or PersonaVersion(id=0, version=0, persona=teacher)
        return Voice(version=version, persona=await self._ready(version.persona, turn))

    async def time_zone(self, turn: Turn) -> str:
        """Of who asks, as the IANA database names it; UTC where the platform does not tell."""
        namer = self._namers.get(turn.key.platform)
        return "UTC" if namer is None else (await namer.names(turn.key, person=turn.asker)).time_zone

    async def _ready(self, persona: Persona, turn: Turn) -> Persona:
        platform = turn.key.platform
        names = PlaceNames.of(turn.key)
        if platform in self._namers and has_variables(persona.prompt):  # else the platform need not be asked
            names = await self._namers[platform].names(turn.key, person=turn.asker)
        spoken = ready(persona, setting_of(names, platform=platform, user=turn.asker.name, now=self._clock.now()))
        settings = await self._store.channel_settings(turn.key.channel_key)
        return speaking(spoken, settings.languages)
