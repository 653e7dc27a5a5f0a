"""Courses of channels, and the sessions in which they are learnt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.privacy import Place
from core.store.database import upsert
from core.store.tables import CourseRow, SessionRow
from core.store.tutoring.documents import Json
from core.tutoring.course import Course
from core.tutoring.mastery import Kind
from core.tutoring.plan import Aim
from core.tutoring.teachers import Level, Subject

MOST = 2_000
"""Sessions of a course that are looked at: the last used."""


async def course(session: AsyncSession, place: Place) -> Course | None:
    """The course of that channel."""
    row = (await session.execute(select(CourseRow).where(_of(place)))).scalar_one_or_none()
    return None if row is None else _value(row)


async def set_course(session: AsyncSession, place: Place, course: Course, *, author: str, now: datetime) -> None:
    """The channel has that course. One that it had keeps its number, and with it those who learn it."""
    where = {"platform": place.platform.value, "workspace": place.workspace, "channel": place.channel or ""}
    values = {"document": _document(course), "author_id": author, "at": now}
    statement = upsert(session, CourseRow).values(**where, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=list(where), set_=values))


async def removed(session: AsyncSession, place: Place) -> bool:
    """The channel has none any more; false where it had none."""
    gone = await session.execute(delete(CourseRow).where(_of(place)).returning(CourseRow.id))
    return gone.scalar_one_or_none() is not None


async def rows(session: AsyncSession, number: int) -> list[SessionRow]:
    """The sessions in which it is learnt."""
    query = select(SessionRow).where(SessionRow.course_id == number).order_by(SessionRow.active_at.desc()).limit(MOST)
    return list((await session.execute(query)).scalars())


def _of(place: Place) -> ColumnElement[bool]:
    return and_(
        CourseRow.platform == place.platform.value,
        CourseRow.workspace == place.workspace,
        CourseRow.channel == (place.channel or ""),
    )


def _document(course: Course) -> Json:
    return {
        "title": course.title,
        "level": course.level.value,
        "subject": course.subject.value,
        "language": course.language,
        "aims": [{"title": aim.title, "kind": aim.kind.value, "points": list(aim.points)} for aim in course.aims],
    }


def _value(row: CourseRow) -> Course:
    document = row.document
    return Course(
        id=row.id,
        title=document["title"],
        level=Level(document["level"]),
        subject=Subject(document["subject"]),
        language=document["language"],
        aims=tuple(
            Aim(title=aim["title"], kind=Kind(aim["kind"]), points=tuple(aim["points"])) for aim in document["aims"]
        ),
    )
