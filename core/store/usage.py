"""Accounts of use: one row for each turn that ended, written with its end and read by quotas and reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey
from core.store.tables import TurnRow, UsageRow
from core.turn import Outcome


def recorded(session: AsyncSession, turn: TurnRow, key: ConversationKey, outcome: Outcome, *, now: datetime) -> None:
    """The turn's use is on its asker's account. It stays when the turn is forgotten."""
    usage = outcome.usage
    session.add(
        UsageRow(
            turn_id=turn.id,
            at=now,
            platform=turn.platform,
            workspace=turn.workspace,
            channel=key.channel,
            person_id=turn.asker_id,
            model=usage.model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cached_tokens=usage.cached_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            estimated=usage.estimated,
            persona_id=outcome.persona_id,
            persona_version=outcome.persona_version,
        )
    )
