"""Tutoring: sessions, what is learnt in them, and every question that was asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Document, Id
from core.store.tables.base import Row, only


class SessionRow(Row):
    """One session of one learner."""

    __tablename__ = "tutor_sessions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    thread: Mapped[str]
    """Empty where the channel is the conversation."""
    home: Mapped[str]
    """The workspace where it was begun."""
    person_id: Mapped[str]
    name: Mapped[str]
    wanted: Mapped[dict[str, Any]] = mapped_column(Document)
    target: Mapped[dict[str, Any]] = mapped_column(Document)
    state: Mapped[str] = mapped_column(String(16))
    checks: Mapped[int]
    timed: Mapped[bool]
    card_channel: Mapped[str | None]
    card_message: Mapped[str | None]
    course_id: Mapped[int | None] = mapped_column(Id)
    """No foreign key: the course may go first."""
    started_at: Mapped[datetime]
    active_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]

    __table_args__ = (
        # At most one session goes on in a conversation; and whoever accepts a message looks for it here.
        Index(
            "uq_tutor_sessions_active",
            "channel",
            "workspace",
            "platform",
            "thread",
            unique=True,
            **only("state = 'active'"),
        ),
        Index("ix_tutor_sessions_person", "person_id", "workspace", "platform"),
        Index("ix_tutor_sessions_course", "course_id", **only("course_id IS NOT NULL")),
        # What has become old in a channel.
        Index("ix_tutor_sessions_place", "channel", "workspace", "platform", "active_at"),
        {"sqlite_autoincrement": True},  # buttons keep a session's number, so it must never come back
    )


class ObjectiveRow(Row):
    """One thing that is to be learnt in a session."""

    __tablename__ = "tutor_objectives"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    session_id: Mapped[int] = mapped_column(Id, ForeignKey("tutor_sessions.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    points: Mapped[list[Any]] = mapped_column(Document)
    told_at: Mapped[datetime | None]
    review: Mapped[dict[str, Any] | None] = mapped_column(Document)
    due_at: Mapped[datetime | None]
    """When the review is due, for whoever looks for it."""
    dropped: Mapped[bool]

    __table_args__ = (
        Index("ix_tutor_objectives_session", "session_id", "position"),
        Index("ix_tutor_objectives_due", "due_at", **only("due_at IS NOT NULL")),
    )


class QuestionRow(Row):
    """A question that was asked, with its key, and what became of it."""

    __tablename__ = "tutor_questions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    session_id: Mapped[int] = mapped_column(Id, ForeignKey("tutor_sessions.id", ondelete="CASCADE"))
    objective_id: Mapped[int | None] = mapped_column(Id, ForeignKey("tutor_objectives.id", ondelete="SET NULL"))
    turn_id: Mapped[int] = mapped_column(Id)
    """In which it was asked. No foreign key: the turn may go first."""
    purpose: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict[str, Any]] = mapped_column(Document)
    standing: Mapped[str] = mapped_column(String(16))
    hints: Mapped[int]
    tries: Mapped[int]
    score: Mapped[float]
    misconception: Mapped[str]
    contested: Mapped[bool]
    said: Mapped[str]
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("turn_id", name="uq_tutor_questions_turn"),  # one question a message
        Index("uq_tutor_questions_open", "session_id", unique=True, **only("standing = 'open'")),
        Index("ix_tutor_questions_session", "session_id", "id"),
        Index("ix_tutor_questions_objective", "objective_id"),
        CheckConstraint("score >= 0 AND score <= 1", name="score"),
        CheckConstraint("hints >= 0 AND tries >= 0", name="help"),
        {"sqlite_autoincrement": True},  # buttons keep a question's number
    )


class StepRow(Row):
    """What a turn of a session made of the learner's message, and what it did: each is decided once."""

    __tablename__ = "tutor_steps"

    turn_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(Id, ForeignKey("tutor_sessions.id", ondelete="CASCADE"))
    heard: Mapped[dict[str, Any]] = mapped_column(Document)
    question_id: Mapped[int | None] = mapped_column(Id)
    """The question that the message was about. No foreign key: it goes with the session too."""
    step: Mapped[dict[str, Any] | None] = mapped_column(Document)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_tutor_steps_session", "session_id"),)


class LearnerRow(Row):
    """What is known of a learner over all sessions, and whether they want to be reminded."""

    __tablename__ = "tutor_learners"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    """Of their direct messages."""
    person_id: Mapped[str]
    note: Mapped[str]
    target: Mapped[dict[str, Any] | None] = mapped_column(Document)
    """Where reminders go."""
    reminding: Mapped[bool]
    hours: Mapped[str]
    zone: Mapped[str]
    reminded_on: Mapped[date | None]
    """In their time zone."""
    sending: Mapped[str | None]
    """The reminder that is being sent, by its key, until it is known to be there."""
    sending_since: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("platform", "workspace", "person_id", name="uq_tutor_learners_person"),
        Index("ix_tutor_learners_reminding", "id", **only("reminding")),
    )


class CourseRow(Row):
    """What an admin gave a channel to learn."""

    __tablename__ = "tutor_courses"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    channel: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(Document)
    author_id: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("platform", "workspace", "channel", name="uq_tutor_courses_channel"),
        {"sqlite_autoincrement": True},  # sessions keep a course's number
    )
