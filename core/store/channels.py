"""Settings of channels."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.channel import AnswerIn, ChannelSettings
from core.conversation import ConversationKey
from core.privacy import Place
from core.store import places


async def settings_of(session: AsyncSession, key: ConversationKey) -> ChannelSettings:
    """How Parley behaves in the channel; the defaults where nobody has set anything."""
    return _settings(await places.document(session, Place.of(key)))


def _settings(document: dict[str, Any]) -> ChannelSettings:
    # A release that knew fewer settings wrote this: what is missing has its default.
    default = ChannelSettings()
    return ChannelSettings(
        answer_in=AnswerIn(document.get("answer_in", default.answer_in)),
        mention_needed=bool(document.get("mention_needed", default.mention_needed)),
    )


async def set_settings(
    session: AsyncSession, key: ConversationKey, settings: ChannelSettings, *, now: datetime
) -> None:
    """The channel has these settings."""
    await places.set_part(session, Place.of(key), asdict(settings), now=now)
