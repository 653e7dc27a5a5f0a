"""Lessons: a session with its objectives and questions, and what a turn brings about in it, each thing once.

What a turn made of a message and what it did about it stand in one row under the turn whose answer it first was: who
takes the turn over, or gives the answer anew, finds both there and decides nothing a second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Platform
from core.privacy import Place
from core.store import places
from core.store.columns import LARGEST_ID
from core.store.tables import LearnerRow, ObjectiveRow, QuestionRow, SessionRow, StepRow, TurnRow
from core.store.tutoring import sessions
from core.store.tutoring.documents import asked_document, asked_of, heard_document, review_of, step_document
from core.store.tutoring.sessions import session_of
from core.turn import Turn
from core.tutoring.deciding import Change, Settlement
from core.tutoring.hearing import Heard
from core.tutoring.mastery import Kind
from core.tutoring.plan import Aim
from core.tutoring.question import Asked, Purpose
from core.tutoring.session import Lesson, Objective, Question, Session, SessionState, Standing
from core.tutoring.steps import Step, StepKind

QUESTIONS = 500
"""The newest ones of a session that count; none has ever as many that matter."""
PART = "tutoring"
"""In the settings of a workspace."""
SOLVES = "solves_graded"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuestion:
    """A question about to be asked."""

    objective: int | None
    purpose: Purpose
    asked: Asked


async def origin(session: AsyncSession, turn: Turn) -> int:
    """The turn whose answer this one gives anew, at the very beginning; itself where it is the first."""
    number, replaces = turn.id, turn.replaces
    while replaces is not None:
        number = replaces
        replaces = (await session.execute(select(TurnRow.replaces).where(TurnRow.id == number))).scalar_one_or_none()
    return number


async def step_row(session: AsyncSession, turn: int) -> StepRow | None:
    """What that turn decided."""
    return (await session.execute(select(StepRow).where(StepRow.turn_id == turn))).scalar_one_or_none()


async def loaded(session: AsyncSession, row: SessionRow) -> Lesson:
    """The lesson as it stands."""
    query = select(QuestionRow).where(QuestionRow.session_id == row.id).order_by(QuestionRow.id.desc()).limit(QUESTIONS)
    questions = [question_of(one) for one in reversed((await session.execute(query)).scalars().all())]
    closed: dict[int | None, list[Question]] = defaultdict(list)
    for one in sorted(questions, key=lambda question: (question.closed_at or question.at, question.id)):
        if one.standing is not Standing.OPEN:
            closed[one.objective].append(one)
    ordered = select(ObjectiveRow).where(ObjectiveRow.session_id == row.id, ~ObjectiveRow.dropped)
    objectives = (await session.execute(ordered.order_by(ObjectiveRow.position))).scalars().all()
    known = {one.id for one in objectives}
    others = [question for number, found in closed.items() if number not in known for question in found]
    return Lesson(
        session=session_of(row),
        objectives=tuple(_objective(one, closed[one.id]) for one in objectives),
        others=tuple(sorted(others, key=lambda question: question.id)),
        open=next((one for one in questions if one.standing is Standing.OPEN), None),
        note=await _note(session, row),
        honest=await honest(session, Place(platform=Platform(row.platform), workspace=row.home)),
    )


async def honest(session: AsyncSession, place: Place) -> bool:
    """Whether work that will be graded is coached only, as the workspace has it; by default it is."""
    part = (await places.document(session, place.whole)).get(PART) or {}
    return not part.get(SOLVES, False)


async def set_honest(session: AsyncSession, place: Place, *, on: bool, now: datetime) -> None:
    """The workspace has that rule from now on."""
    await places.set_part(session, place.whole, {PART: {SOLVES: not on}}, now=now)


async def _note(session: AsyncSession, row: SessionRow) -> str:
    query = select(LearnerRow.note).where(
        LearnerRow.platform == row.platform,
        LearnerRow.workspace == row.workspace,
        LearnerRow.person_id == row.person_id,
    )
    return (await session.execute(query)).scalar_one_or_none() or ""


def _objective(row: ObjectiveRow, questions: Sequence[Question]) -> Objective:
    return Objective(
        id=row.id,
        position=row.position,
        title=row.title,
        kind=Kind(row.kind),
        points=tuple(row.points),
        told_at=row.told_at,
        review=review_of(row.review, row.due_at),
        questions=tuple(questions),
    )


def question_of(row: QuestionRow) -> Question:
    """The value that the row holds."""
    return Question(
        id=row.id,
        turn=row.turn_id,
        objective=row.objective_id,
        purpose=Purpose(row.purpose),
        asked=asked_of(row.document),
        standing=Standing(row.standing),
        hints=row.hints,
        tries=row.tries,
        score=row.score,
        misconception=row.misconception,
        contested=row.contested,
        said=row.said,
        at=row.at,
        closed_at=row.closed_at,
    )


async def question(session: AsyncSession, number: int) -> tuple[Question, Session] | None:
    """The question of that number with its session; none for one that nobody was given."""
    if not 0 < number <= LARGEST_ID:
        return None
    query = select(QuestionRow, SessionRow).join(SessionRow, SessionRow.id == QuestionRow.session_id)
    found = (await session.execute(query.where(QuestionRow.id == number))).one_or_none()
    return None if found is None else (question_of(found[0]), session_of(found[1]))


async def last_reason(session: AsyncSession, number: int) -> str:
    """Why the last step of that session was taken."""
    query = select(StepRow.step).where(StepRow.session_id == number, StepRow.step.is_not(None))
    step = (await session.execute(query.order_by(StepRow.turn_id.desc()).limit(1))).scalar_one_or_none()
    return str(step["why"]) if step is not None else ""


# ── what a turn brings about ──


async def settled(
    session: AsyncSession,
    row: SessionRow,
    turn: int,
    heard: Heard,
    settlement: Settlement,
    *,
    about: int | None,
    now: datetime,
) -> None:
    """The message has had its effect, once: the turn has no other row."""
    session.add(
        StepRow(turn_id=turn, session_id=row.id, heard=heard_document(heard), question_id=about, step=None, at=now)
    )
    row.active_at = now
    if settlement.state is not None:
        row.state = settlement.state.value
    if settlement.graded:
        row.wanted = {**row.wanted, "graded": True}
    if settlement.change is not None:
        await _changed(session, settlement.change, now=now)
    for one in settlement.reviews:
        statement = update(ObjectiveRow).where(ObjectiveRow.id == one.objective)
        await session.execute(statement.values(review=one.review.document, due_at=one.review.due))
    await session.flush()


async def _changed(session: AsyncSession, change: Change, *, now: datetime) -> None:
    row = (await session.execute(select(QuestionRow).where(QuestionRow.id == change.question))).scalar_one()
    was_open = row.standing == Standing.OPEN.value
    row.standing, row.score, row.misconception = change.standing.value, change.score, change.misconception
    row.hints, row.tries, row.contested, row.said = change.hints, change.tries, change.contested, change.said
    if was_open and change.standing is not Standing.OPEN:
        row.closed_at = now


async def stepped(session: AsyncSession, row: SessionRow, turn: int, step: Step, *, now: datetime) -> None:
    """That is what the turn does."""
    await session.execute(update(StepRow).where(StepRow.turn_id == turn).values(step=step_document(step)))
    row.active_at = now
    if step.kind is StepKind.TIME:
        row.timed = True
    if step.kind is StepKind.DONE:
        row.state = SessionState.ENDED.value
    if step.kind in (StepKind.EXPLAIN, StepKind.GIVE_UP, StepKind.SHOW):
        row.checks = 0
        if step.objective is not None:
            told = update(ObjectiveRow).where(ObjectiveRow.id == step.objective)
            await session.execute(told.values(told_at=now))
    await session.flush()


async def asked(session: AsyncSession, row: SessionRow, turn: int, new: NewQuestion, *, now: datetime) -> Question:
    """The question is open; the one that the turn has asked already, where it has."""
    known = await asked_in(session, turn)
    if known is not None:
        return known
    found = QuestionRow(
        session_id=row.id,
        objective_id=new.objective,
        turn_id=turn,
        purpose=new.purpose.value,
        document=asked_document(new.asked),
        standing=Standing.OPEN.value,
        hints=0,
        tries=0,
        score=0.0,
        misconception="",
        contested=False,
        said="",
        at=now,
    )
    session.add(found)
    row.checks += 1
    await session.flush()
    return question_of(found)


async def asked_in(session: AsyncSession, turn: int) -> Question | None:
    """The question that the turn asked."""
    row = (await session.execute(select(QuestionRow).where(QuestionRow.turn_id == turn))).scalar_one_or_none()
    return None if row is None else question_of(row)


async def hinted(session: AsyncSession, question: int, hints: Sequence[str]) -> None:
    """The question has these hints."""
    row = (await session.execute(select(QuestionRow).where(QuestionRow.id == question))).scalar_one()
    row.document = {**row.document, "hints": list(hints)}


async def planned(session: AsyncSession, row: SessionRow, aims: Sequence[Aim]) -> None:
    """The session has this plan. What keeps its title keeps what was learnt of it."""
    query = select(ObjectiveRow).where(ObjectiveRow.session_id == row.id)
    known = {one.title.casefold(): one for one in (await session.execute(query)).scalars()}
    for position, aim in enumerate(aims, start=1):
        there = known.pop(aim.title.casefold(), None)
        if there is None:
            there = ObjectiveRow(session_id=row.id, title=aim.title, kind=aim.kind.value, points=list(aim.points))
            session.add(there)
        there.position, there.dropped = position, False
    for one in known.values():
        one.dropped = True
    await session.flush()


async def locked(session: AsyncSession, number: int) -> SessionRow:
    """The session's row, which nobody else changes until the transaction ends."""
    row = await sessions.found(session, number, lock=True)
    assert row is not None
    return row
