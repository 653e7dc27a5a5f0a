"""Settings of channels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.channel import ChannelSettings, read, written
from core.conversation import ConversationKey
from core.privacy import Place
from core.store import places


async def settings_of(session: AsyncSession, key: ConversationKey) -> ChannelSettings:
    """How Parley behaves in the channel; the defaults where nobody has set anything."""
    return read(await places.document(session, Place.of(key)))


async def set_settings(
    session: AsyncSession, key: ConversationKey, settings: ChannelSettings, *, now: datetime
) -> None:
    """The channel has these settings."""
    await places.set_part(session, Place.of(key), written(settings), now=now)


async def changed(
    session: AsyncSession,
    key: ConversationKey,
    change: Callable[[ChannelSettings], ChannelSettings],
    *,
    now: datetime,
) -> tuple[ChannelSettings, ChannelSettings]:
    """The channel's settings are what `change` makes of them; before and after. Nobody else changes them meanwhile."""
    before = read(await places.locked_document(session, Place.of(key), now=now))
    after = change(before)
    await set_settings(session, key, after, now=now)
    return before, after
