"""Accounts of use: one row for each turn that ended, written with its end and read by quotas and reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey
from core.store.settlement import Charge
from core.store.tables import TurnRow, UsageRow
from core.turn import Outcome


def recorded(
    session: AsyncSession, turn: TurnRow, key: ConversationKey, outcome: Outcome, charge: Charge, *, now: datetime
) -> None:
    """The turn's use is on its asker's account, at the time when the model was asked. It stays when the turn is
    forgotten."""
    usage = outcome.usage
    session.add(
        UsageRow(
            turn_id=turn.id,
            at=turn.asked_at or now,
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
            requests=charge.requests,
            tokens=charge.tokens,
            cost=charge.cost,
            price=charge.document,
            persona_id=outcome.persona_id,
            persona_version=outcome.persona_version,
        )
    )
