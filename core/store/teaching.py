"""What the store promises about tutoring. A part of Store, like keeping.py.

A method that takes a turn writes only while its lease holds, and what it decides it decides once for that turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.errors import LeaseLost
from core.incoming import Author, ReplyTarget
from core.privacy import Place
from core.store import audit, leases
from core.store.announcing import announced
from core.store.database import Database
from core.store.tables import SessionRow
from core.store.tutoring import courses, learners, lessons, sessions
from core.store.tutoring.documents import heard_of, step_of, target_document
from core.store.tutoring.learners import Candidate
from core.store.tutoring.lessons import NewQuestion
from core.turn import MessageRef, Turn
from core.tutoring.course import Course
from core.tutoring.deciding import Settlement
from core.tutoring.hearing import Heard
from core.tutoring.plan import Aim
from core.tutoring.reminding import Wishes
from core.tutoring.session import Lesson, Question, Session, SessionState, Wanted
from core.tutoring.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A turn of a tutoring session, as far as it has got."""

    lesson: Lesson
    origin: int
    """The turn under which everything of it is decided once."""
    heard: Heard | None = None
    """What was made of the message, where that is known already."""
    about: int | None = None
    """The question that the message was about."""
    step: Step | None = None
    """What is done, where that is decided already."""
    asked: Question | None = None
    """What the turn has asked already."""


def about(taught: Taught) -> Question | None:
    """The question that the message was about, as it is now."""
    lesson = taught.lesson
    known = [*lesson.closed, *([lesson.open] if lesson.open is not None else [])]
    return next((one for one in known if one.id == taught.about), None)


class Teaching:
    """Tutoring sessions."""

    _database: Database

    # ── sessions ──

    async def begin_session(
        self,
        target: ReplyTarget,
        *,
        home: str,
        learner: str,
        wanted: Wanted,
        aims: Sequence[Aim] = (),
        now: datetime,
    ) -> Session:
        """A new session goes on there, with that plan where there is one; another that did is paused."""
        async with self._database.writing() as session:
            row = await sessions.begun(session, target, home=home, person=learner, wanted=wanted, now=now)
            await learners.seen(session, row, target)
            if aims:
                await lessons.planned(session, row, aims)
            return sessions.session_of(row)

    async def active_session(self, key: ConversationKey) -> Session | None:
        """The session that goes on in that conversation."""
        async with self._database.reading() as session:
            row = await sessions.active(session, key)
            return None if row is None else sessions.session_of(row)

    async def lesson(self, number: int) -> Lesson | None:
        """The session of that number, whole."""
        async with self._database.reading() as session:
            row = await sessions.found(session, number)
            return None if row is None else await lessons.loaded(session, row)

    async def lessons(self, place: Place, learner: str) -> tuple[Lesson, ...]:
        """The learner's sessions in that workspace's direct messages, the last used first; at most 25."""
        async with self._database.reading() as session:
            rows = await sessions.of_person(session, place, learner)
            return tuple([await lessons.loaded(session, row) for row in rows])

    async def move_session(self, number: int, state: SessionState, *, now: datetime) -> Session | None:
        """The session stands there now; where it goes on, another one of its conversation is paused."""
        async with self._database.writing() as session:
            return await sessions.moved(session, number, state, now=now)

    async def show_card(self, number: int, ref: MessageRef | None) -> None:
        """That message shows the session's plan; None: none does."""
        async with self._database.writing() as session:
            row = await sessions.found(session, number, lock=True)
            if row is not None:
                row.card_channel = None if ref is None else ref.channel
                row.card_message = None if ref is None else ref.message

    async def tutor_question(self, number: int) -> tuple[Question, Session] | None:
        """The question of that number, and the session in which it was asked."""
        async with self._database.reading() as session:
            return await lessons.question(session, number)

    async def last_reason(self, number: int) -> str:
        """Why the session's last step was taken, for the learner; empty where none was."""
        async with self._database.reading() as session:
            return await lessons.last_reason(session, number)

    async def honest(self, place: Place) -> bool:
        """Whether work that will be graded is coached only, in that workspace."""
        async with self._database.reading() as session:
            return await lessons.honest(session, place)

    async def set_honest(self, place: Place, *, on: bool, by: AuditEntry, now: datetime) -> None:
        """The workspace has that rule, and the log says by whom."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            await lessons.set_honest(session, place, on=on, now=now)

    # ── a turn ──

    async def taught(self, turn: Turn) -> Taught | None:
        """The turn as one of a session, as far as it has got; None where it belongs to none."""
        async with self._database.reading() as session:
            origin = await lessons.origin(session, turn)
            known = await lessons.step_row(session, origin)
            if known is None:
                row = await sessions.active(session, turn.key)
                if row is None or row.person_id != turn.asker.id:
                    return None
                return Taught(lesson=await lessons.loaded(session, row), origin=origin)
            row = await sessions.found(session, known.session_id)
            assert row is not None
            return Taught(
                lesson=await lessons.loaded(session, row),
                origin=origin,
                heard=heard_of(known.heard),
                about=known.question_id,
                step=None if known.step is None else step_of(known.step),
                asked=await lessons.asked_in(session, origin),
            )

    async def settle(
        self, turn: Turn, taught: Taught, heard: Heard, settlement: Settlement, *, now: datetime
    ) -> Taught:
        """The message has had its effect. Raises LeaseLost."""
        about = settlement.change.question if settlement.change is not None else None
        async with self._database.writing() as session:
            row = await self._held(turn, taught, session)
            await lessons.settled(session, row, taught.origin, heard, settlement, about=about, now=now)
            lesson = await lessons.loaded(session, row)
            return Taught(lesson=lesson, origin=taught.origin, heard=heard, about=about)

    async def take_step(self, turn: Turn, taught: Taught, step: Step, *, now: datetime) -> Taught:
        """That is what the turn does. Raises LeaseLost."""
        async with self._database.writing() as session:
            row = await self._held(turn, taught, session)
            await lessons.stepped(session, row, taught.origin, step, now=now)
            lesson = await lessons.loaded(session, row)
            return Taught(lesson=lesson, origin=taught.origin, heard=taught.heard, about=taught.about, step=step)

    async def plan(self, turn: Turn, taught: Taught, aims: Sequence[Aim]) -> Lesson:
        """The session has this plan; what keeps its title keeps what was learnt of it. Raises LeaseLost."""
        async with self._database.writing() as session:
            row = await self._held(turn, taught, session)
            await lessons.planned(session, row, aims)
            return await lessons.loaded(session, row)

    async def ask_question(self, turn: Turn, taught: Taught, new: NewQuestion, *, now: datetime) -> Question:
        """The question is open; the one that the turn has asked already, where it has. Raises LeaseLost."""
        async with self._database.writing() as session:
            row = await self._held(turn, taught, session)
            return await lessons.asked(session, row, taught.origin, new, now=now)

    async def keep_hints(self, turn: Turn, taught: Taught, question: int, hints: Sequence[str]) -> None:
        """The question has these hints. Raises LeaseLost."""
        async with self._database.writing() as session:
            await self._held(turn, taught, session)
            await lessons.hinted(session, question, hints)

    async def _held(self, turn: Turn, taught: Taught, session: AsyncSession) -> SessionRow:
        held = await leases.held(session, turn)
        if held.forgotten:
            raise LeaseLost(f"turn {turn.id} was forgotten")
        row = await sessions.found(session, taught.lesson.session.id, lock=True)
        if row is None:
            raise LeaseLost(f"the session of turn {turn.id} was forgotten")
        return row

    # ── learners ──

    async def learner_note(self, place: Place, learner: str) -> str:
        """How that person learns, as was noted in the workspace's direct messages."""
        async with self._database.reading() as session:
            return await learners.note(session, place, learner)

    async def set_learner_note(self, place: Place, learner: str, text: str) -> None:
        """That is how they learn."""
        async with self._database.writing() as session:
            await learners.set_note(session, place, learner, text)

    async def reminder_wishes(self, place: Place, learner: str) -> Wishes:
        """What that person said of reminders."""
        async with self._database.reading() as session:
            return await learners.wishes(session, place, learner)

    async def set_reminders(
        self,
        place: Place,
        learner: str,
        *,
        on: bool,
        hours: str = "",
        zone: str = "",
        target: ReplyTarget | None = None,
    ) -> None:
        """That is what they want; what is left empty stays as it was."""
        values: dict[str, object] = {"reminding": on}
        values |= {"hours": hours} if hours else {}
        values |= {"zone": zone} if zone else {}
        values |= {"target": target_document(target)} if target is not None else {}
        async with self._database.writing() as session:
            await learners.set_reminders(session, place, learner, **values)

    async def reminders_due(self, *, after: int, now: datetime, limit: int = 200) -> tuple[Candidate, ...]:
        """The next learners who want reminders and have something due, by their numbers."""
        async with self._database.reading() as session:
            return tuple(await learners.candidates(session, after=after, now=now, limit=limit))

    async def claim_reminder(self, number: int, *, day: date, key: str, now: datetime) -> bool:
        """The reminder of that day is the caller's to send; false where somebody else has it, or had it."""
        async with self._database.writing() as session:
            return await learners.claimed(session, number, day=day, key=key, now=now)

    async def take_over_reminder(self, number: int, *, key: str, now: datetime) -> bool:
        """A reminder that a process began to send, and did not end, is the caller's."""
        async with self._database.writing() as session:
            return await learners.taken_over(session, number, key=key, now=now)

    async def reminded(
        self, candidate: Candidate, key: str, text: str, ref: MessageRef | None, *, tokens: int, now: datetime
    ) -> None:
        """The reminder stands there and in the conversation, once; without a `ref` it could not be sent."""
        async with self._database.writing() as session:
            if await learners.sent(session, candidate.id, key) and ref is not None:
                person = Author(id=candidate.person, name="")
                await announced(session, candidate.target, person, text, ref, tokens=tokens, now=now)

    # ── courses ──

    async def course(self, place: Place) -> Course | None:
        """The course of that channel."""
        async with self._database.reading() as session:
            return await courses.course(session, place)

    async def set_course(self, place: Place, course: Course, *, by: AuditEntry, now: datetime) -> None:
        """The channel has that course, and the log says by whom."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            await courses.set_course(session, place, course, author=by.actor.id, now=now)

    async def remove_course(self, place: Place, *, by: AuditEntry) -> bool:
        """The channel has no course any more; false where it had none."""
        async with self._database.writing() as session:
            audit.recorded(session, by)
            return await courses.removed(session, place)

    async def course_lessons(self, course: int) -> tuple[Lesson, ...]:
        """All sessions in which the course is learnt."""
        async with self._database.reading() as session:
            return tuple([await lessons.loaded(session, row) for row in await courses.rows(session, course)])
