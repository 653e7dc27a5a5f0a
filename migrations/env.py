"""Alembic runs this for every command. The connection comes from upgrade.py, already in its transaction."""

from __future__ import annotations

from alembic import context

from core.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    # SQLite changes columns by copying the table; its DDL takes part in transactions since we begin them ourselves.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
