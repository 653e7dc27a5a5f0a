"""Tutoring: sessions, objectives, questions with what became of them, learners and courses; limits of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables are there, empty."""
    _sessions()
    _objectives()
    _questions()
    _steps()
    _learners()
    _courses()


def _sessions() -> None:
    op.create_table(
        "tutor_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("timed", sa.Boolean(), nullable=False),
        sa.Column("card_channel", sa.Text(), nullable=True),
        sa.Column("card_message", sa.Text(), nullable=True),
        sa.Column("course_id", ID, nullable=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("active_at", TIME, nullable=False),
        sa.Column("resumed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tutor_sessions"),
        sqlite_autoincrement=True,
    )
    active = sa.text("state = 'active'")
    op.create_index(
        "uq_tutor_sessions_active",
        "tutor_sessions",
        ["channel", "workspace", "platform", "thread"],
        unique=True,
        postgresql_where=active,
        sqlite_where=active,
    )
    op.create_index("ix_tutor_sessions_person", "tutor_sessions", ["person_id", "workspace", "platform"])
    _partial("ix_tutor_sessions_course", "tutor_sessions", ["course_id"], "course_id IS NOT NULL")
    op.create_index("ix_tutor_sessions_place", "tutor_sessions", ["channel", "workspace", "platform", "active_at"])


def _objectives() -> None:
    op.create_table(
        "tutor_objectives",
        sa.Column("id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.Column("review", sa.JSON(), nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tutor_objectives"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["tutor_sessions.id"], name="fk_tutor_objectives_session_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_tutor_objectives_session", "tutor_objectives", ["session_id", "position"])
    _partial("ix_tutor_objectives_due", "tutor_objectives", ["due_at"], "due_at IS NOT NULL")


def _questions() -> None:
    op.create_table(
        "tutor_questions",
        sa.Column("id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("objective_id", ID, nullable=True),
        sa.Column("turn_id", ID, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("misconception", sa.Text(), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tutor_questions"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["tutor_sessions.id"], name="fk_tutor_questions_session_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["tutor_objectives.id"], name="fk_tutor_questions_objective_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("turn_id", name="uq_tutor_questions_turn"),
        sa.CheckConstraint("score >= 0 AND score <= 1", name=op.f("ck_tutor_questions_score")),
        sa.CheckConstraint("hints >= 0 AND tries >= 0", name=op.f("ck_tutor_questions_help")),
        sqlite_autoincrement=True,
    )
    standing = sa.text("standing = 'open'")
    op.create_index(
        "uq_tutor_questions_open",
        "tutor_questions",
        ["session_id"],
        unique=True,
        postgresql_where=standing,
        sqlite_where=standing,
    )
    op.create_index("ix_tutor_questions_session", "tutor_questions", ["session_id", "id"])
    op.create_index("ix_tutor_questions_objective", "tutor_questions", ["objective_id"])


def _steps() -> None:
    op.create_table(
        "tutor_steps",
        sa.Column("turn_id", ID, nullable=False, autoincrement=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("heard", sa.JSON(), nullable=False),
        sa.Column("question_id", ID, nullable=True),
        sa.Column("step", sa.JSON(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name="pk_tutor_steps"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["tutor_sessions.id"], name="fk_tutor_steps_session_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_tutor_steps_session", "tutor_steps", ["session_id"])


def _learners() -> None:
    op.create_table(
        "tutor_learners",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=True),
        sa.Column("reminding", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("sending", sa.Text(), nullable=True),
        sa.Column("sending_since", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tutor_learners"),
        sa.UniqueConstraint("platform", "workspace", "person_id", name="uq_tutor_learners_person"),
    )
    _partial("ix_tutor_learners_reminding", "tutor_learners", ["id"], "reminding")


def _courses() -> None:
    op.create_table(
        "tutor_courses",
        sa.Column("id", ID, nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tutor_courses"),
        sa.UniqueConstraint("platform", "workspace", "channel", name="uq_tutor_courses_channel"),
        sqlite_autoincrement=True,
    )


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """The tables are those of 0011 again. Sessions are lost."""
    for table in ("courses", "learners", "steps", "questions", "objectives", "sessions"):
        op.drop_table(f"tutor_{table}")
