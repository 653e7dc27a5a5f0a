"""What is kept of learners, as `/forget` erases it and `/mydata` gives it out. A session goes whole, with its plan, its
questions and what was decided in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Reach
from core.store import telling
from core.store.tables import ConversationRow, LearnerRow, SessionRow
from core.store.tutoring.documents import target_of
from core.store.tutoring.lessons import loaded
from core.tutoring.session import Lesson, Question, Standing


async def counted(session: AsyncSession, reach: Reach) -> int:
    """How many sessions there are within the reach."""
    return (await session.execute(select(func.count()).select_from(SessionRow).where(*_within(reach)))).scalar_one()


async def erased(session: AsyncSession, reach: Reach, *, asked_at: datetime, limit: int) -> int:
    """At most that many sessions are gone, and then what is noted of the learner; how many things it was."""
    within = [*_within(reach), SessionRow.started_at <= asked_at]
    picked = select(SessionRow.id).where(*within).order_by(SessionRow.id).limit(limit)
    ids = (await session.execute(picked)).scalars().all()
    if ids:
        statement = delete(SessionRow).where(SessionRow.id.in_(ids))
        await session.execute(statement.execution_options(synchronize_session=False))
        return len(ids)
    gone = await _learners(session, reach)
    for row in gone:
        await session.delete(row)
    return len(gone)


async def told(session: AsyncSession, reach: Reach, mark: telling.Mark | None) -> telling.Page:
    """Sessions, oldest first, with their questions; before them what is noted of the learner."""
    after = 0 if mark is None else mark.number
    query = select(SessionRow).where(*_within(reach), SessionRow.id > after).order_by(SessionRow.id).limit(20)
    rows = (await session.execute(query)).scalars().all()
    entries = [_learner(row) for row in await _learners(session, reach)] if mark is None else []
    entries += [_session(await loaded(session, row)) for row in rows]
    return telling.Page(entries=tuple(entries), next=telling.Mark(number=rows[-1].id) if len(rows) == 20 else None)


def _within(reach: Reach) -> list[ColumnElement[bool]]:
    place = reach.place
    conditions = [SessionRow.platform == place.platform.value, SessionRow.workspace == place.workspace]
    if place.channel is not None:
        conditions.append(SessionRow.channel == place.channel)
    if reach.conversation is not None:
        thread = select(ConversationRow.thread).where(ConversationRow.id == reach.conversation).scalar_subquery()
        conditions.append(SessionRow.thread == thread)
    if reach.person is not None:
        conditions.append(SessionRow.person_id == reach.person)
    return conditions


async def _learners(session: AsyncSession, reach: Reach) -> list[LearnerRow]:
    """Of one person; where a channel is meant, only if that is where they are taught."""
    place = reach.place
    if reach.person is None or reach.conversation is not None:
        return []
    query = select(LearnerRow).where(
        LearnerRow.platform == place.platform.value,
        LearnerRow.workspace == place.workspace,
        LearnerRow.person_id == reach.person,
    )
    rows = (await session.execute(query)).scalars()
    return [row for row in rows if place.channel in (None, _channel(row))]


def _channel(row: LearnerRow) -> str | None:
    return None if row.target is None else target_of(row.target).key.channel


def _learner(row: LearnerRow) -> dict[str, Any]:
    return {
        "note": row.note,
        "reminders": row.reminding,
        "hours": row.hours,
        "time_zone": row.zone,
        "reminded_on": row.reminded_on.isoformat() if row.reminded_on is not None else None,
    }


def _session(lesson: Lesson) -> dict[str, Any]:
    session, wanted = lesson.session, lesson.session.wanted
    return {
        "at": session.started_at.isoformat(),
        "channel": session.key.channel,
        "name": session.name,
        "topic": wanted.topic,
        "level": wanted.level.value,
        "goal": wanted.goal,
        "language": wanted.language,
        "state": session.state.value,
        "plan": [{"title": one.title, "estimate": round(one.mastery.estimate, 3)} for one in lesson.objectives],
        "questions": [_question(one) for one in lesson.closed],
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "at": question.at.isoformat(),
        "question": question.asked.text,
        "answered": question.said,
        "score": question.score if question.standing is Standing.ANSWERED else None,
        "hints": question.hints,
        "mistake": question.misconception,
    }
