"""Posts: which messages on a platform show a turn's answer, so that another process goes on in the same ones."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.store.database import upsert
from core.store.tables import PostRow, TurnRow
from core.turn import MessageRef


async def recorded(session: AsyncSession, turn: TurnRow, position: int, ref: MessageRef) -> None:
    """The message at that place of the answer is this one."""
    ours = {"channel": ref.channel, "message": ref.message, "root": ref.root}
    place = {"turn_id": turn.id, "position": position, "platform": turn.platform, "workspace": turn.workspace}
    statement = upsert(session, PostRow).values(**place, **ours)
    await session.execute(statement.on_conflict_do_update(index_elements=["turn_id", "position"], set_=ours))


async def dropped(session: AsyncSession, turn: TurnRow, position: int) -> None:
    """The answer has no message at that place."""
    await session.execute(delete(PostRow).where(PostRow.turn_id == turn.id, PostRow.position == position))


async def closed_up(session: AsyncSession, turn: TurnRow) -> None:
    """The answer's messages are numbered from 0 without a gap, as its new owner will count them. One that died after
    `drop_post` may have left a gap."""
    query = select(PostRow).where(PostRow.turn_id == turn.id).order_by(PostRow.position)
    for position, post in enumerate((await session.execute(query)).scalars().all()):
        if post.position != position:
            post.position = position
            await session.flush()
