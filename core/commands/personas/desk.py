"""What all verbs of `/persona` work with: the store and strangers at hand, and finding the persona that was meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.conversation import Platform
from core.incoming import Incoming
from core.persona import Persona, PersonaVersion
from core.ports import ChatModel, Clock, ModelNames, Outlet, TokenCounter
from core.privacy import Place
from core.quota.price import Prices
from core.quota.terms import FixedTerms, TermsOf
from core.spending import Unpriced
from core.store import Revision, Store
from core.tools.toolbox import NO_TOOLS, Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a button or a form carries: a version of a persona, and one thing more."""

    persona_id: int
    version: int
    more: str = ""

    def __str__(self) -> str:
        return f"{self.persona_id}:{self.version}" + (f":{self.more}" if self.more else "")


def token(value: str) -> Token | None:
    """The way back; none for what is none of ours."""
    number, _, rest = value.partition(":")
    version, _, more = rest.partition(":")
    if not (is_number(number) and is_number(version)):
        return None
    return Token(persona_id=int(number), version=int(version), more=more)


def is_number(text: str) -> bool:
    """Whether the text is a whole number that a database takes."""
    return text.isascii() and text.isdecimal() and len(text) < 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the verbs have at hand."""

    store: Store
    clock: Clock
    model: ChatModel
    counter: TokenCounter
    outlets: Mapping[Platform, Outlet]
    built_in: Persona
    """Who answers where nobody has chosen a persona."""
    names: ModelNames | None = None
    """Which models there are to choose from; None where nobody knows."""
    toolbox: Toolbox = NO_TOOLS
    """What personas may be allowed to use."""
    terms: TermsOf = FixedTerms()
    prices: Prices = Unpriced()

    def now(self) -> datetime:
        """The time."""
        return self.clock.now()

    async def newest(self, incoming: Incoming, persona_id: int) -> Revision | None:
        """The newest version of that persona of the workspace, archived or not."""
        found = await self.store.persona_revisions(whole(incoming), persona_id, limit=1)
        return found[0] if found else None

    async def revision(self, incoming: Incoming, meant: Token) -> Revision | None:
        """The version that the button or form carries."""
        return await self.store.persona_revision(whole(incoming), meant.persona_id, meant.version)

    async def personas(self, incoming: Incoming, *, private: bool) -> tuple[PersonaVersion, ...]:
        """The workspace's, in their newest versions; private ones where they may be seen."""
        found = await self.store.personas(whole(incoming))
        return tuple(one for one in found if private or not one.persona.private)


def whole(incoming: Incoming) -> Place:
    """The workspace in which something is done."""
    return Place.of(incoming.key).whole
