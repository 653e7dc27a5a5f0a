"""Which errors of the databases and their drivers mean that the store is out of reach.

Everything that waiting or an operator mends becomes StoreUnavailable. What only a programmer can mend stays as it
is: a broken constraint, a statement that makes no sense, a value of the wrong type.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from core.errors import StoreUnavailable

UNAVAILABLE_CLASSES = frozenset({"08", "25", "28", "3D", "40", "53", "55", "57", "58", "F0", "XX"})
"""SQLSTATE classes: connection, read-only, sign-in, no such database, rolled back by a deadlock, resources, locks,
operator, system, configuration file, internal (PostgreSQL manual, appendix A)."""
UNAVAILABLE_STATES = frozenset({"42P01", "42501"})
"""No such table: migrations are pending. No privilege: the operator grants it."""


@contextmanager
def translated() -> Iterator[None]:
    """Inside, errors that mean "out of reach" are raised as StoreUnavailable."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        if not is_unavailable(error):
            raise
        raise StoreUnavailable(_cause(error.orig)) from error
    except _unreachable() as error:
        # asyncpg raises its own where it cannot connect or listen; SQLAlchemy's is an exhausted pool.
        raise StoreUnavailable(_cause(error)) from error


def is_unavailable(error: exc.DBAPIError) -> bool:
    """Whether waiting or an operator helps against this error."""
    if error.connection_invalidated:
        return True
    if type(error.orig).__name__ == "InvalidCachedStatementError":
        return True  # a migration has changed a table under us; the statement is prepared anew the next time
    if isinstance(error.orig, sqlite3.Error):
        return type(error.orig) in (sqlite3.OperationalError, sqlite3.DatabaseError)
    state = getattr(error.orig, "sqlstate", None) or ""
    return state[:2] in UNAVAILABLE_CLASSES or state in UNAVAILABLE_STATES


def _unreachable() -> tuple[type[BaseException], ...]:
    """Errors that are no answer of a database. asyncpg's own only where it is in use: a process on SQLite never loads
    it, which spares it 3 MB."""
    used = sys.modules.get("asyncpg.exceptions")
    own = (used.PostgresError, used.InterfaceError, used.InternalClientError) if used is not None else ()
    return (exc.TimeoutError, OSError, *own)


def _cause(error: BaseException | None) -> str:
    """The driver's own words: they name hosts, tables and users, but hold no value of a row and no password."""
    return f"{type(error).__name__}: {error}"
