"""Settings of channels."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.channel import AnswerIn, ChannelSettings
from core.conversation import ConversationKey
from core.store.database import upsert
from core.store.tables import ChannelRow


async def settings_of(session: AsyncSession, key: ConversationKey) -> ChannelSettings:
    """How Parley behaves in the channel; the defaults where nobody has set anything."""
    query = select(ChannelRow.settings).where(
        ChannelRow.platform == key.platform.value,
        ChannelRow.workspace == key.workspace,
        ChannelRow.channel == key.channel,
    )
    document = (await session.execute(query)).scalar_one_or_none()
    return ChannelSettings() if document is None else _settings(document)


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
    changed = {"settings": asdict(settings), "updated_at": now}
    place = {"platform": key.platform.value, "workspace": key.workspace, "channel": key.channel}
    statement = upsert(session, ChannelRow).values(**place, **changed)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["platform", "workspace", "channel"], set_=changed)
    )
