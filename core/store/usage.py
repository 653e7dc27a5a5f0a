"""Accounts of use: one row for each turn that ended and for each preview, which quotas and reports read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import ConversationKey
from core.store import askers
from core.store.settlement import Charge
from core.store.tables import TurnRow, UsageRow
from core.turn import Outcome


def recorded(
    session: AsyncSession, turn: TurnRow, key: ConversationKey, outcome: Outcome, charge: Charge, *, now: datetime
) -> None:
    """The turn's use is on its asker's account, at the time when the model was asked. It stays when the turn is
    forgotten."""
    asker = replace(askers.asker_of(turn, outcome.persona_id), channel=key.channel)
    session.add(_account(turn.id, asker, outcome, charge, at=turn.asked_at or now))


def noted(
    session: AsyncSession, asker: askers.Asker, outcome: Outcome, charge: Charge, *, entry: int, at: datetime
) -> None:
    """So is the use of what was asked without a turn. Below zero, its number is that of the log's entry."""
    session.add(_account(-entry, asker, outcome, charge, at=at))


def _account(number: int, asker: askers.Asker, outcome: Outcome, charge: Charge, *, at: datetime) -> UsageRow:
    usage = outcome.usage
    return UsageRow(
        turn_id=number,
        at=at,
        platform=asker.platform,
        workspace=asker.workspace,
        channel=asker.channel,
        person_id=asker.person,
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
