"""What platforms call: where adapters hand in what people did."""

from __future__ import annotations

from typing import Protocol

from core.channel import ChannelSettings
from core.conversation import ConversationKey
from core.incoming import Incoming
from core.interaction import Answer, Choice


class Receiver(Protocol):
    """Where adapters hand in what people did."""

    async def receive(self, incoming: Incoming) -> Answer | None:
        """It is stored, and a turn is on its way where one is due; only now may it be acknowledged. An Answer is to be
        shown at once. Raises StoreUnavailable: then do not acknowledge, so that the platform delivers it again."""
        ...

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """What that option of the command may be, given what is typed so far: at most 25, the likeliest first. Quick,
        and empty where nothing is known."""
        ...

    async def settings(self, channel: ConversationKey) -> ChannelSettings:
        """How Parley behaves in that channel (cached for a few seconds)."""
        ...
