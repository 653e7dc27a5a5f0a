"""What an operator is told when the database fails: what is the matter, and the exact next step.

The store names the driver's error; here it is said in words. Nothing is decided by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import StoreUnavailable
from core.store.database import understood

_NOBODY_THERE = ("ConnectionRefusedError", "ConnectionResetError", "gaierror", "TimeoutError", "OSError")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is the matter, in a sentence, and what to do about it."""

    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.problem} {self.fix}"


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; none for one in memory and for PostgreSQL. Raises ValueError as `understood`."""
    parsed = understood(url)
    if not parsed.drivername.startswith("sqlite") or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def kind(url: str) -> str:
    """The database's name for people."""
    return "SQLite" if understood(url).drivername.startswith("sqlite") else "PostgreSQL"


def explained(url: str, error: StoreUnavailable) -> Fault:
    """The error in words: `url` tells where, its password is not repeated."""
    return _sqlite(url, error) if kind(url) == "SQLite" else _postgresql(url, error)


def _sqlite(url: str, error: StoreUnavailable) -> Fault:
    file, detail = sqlite_file(url), error.detail
    if "locked" in detail:
        return Fault(
            problem=f"{file} is locked by another process.", fix="Stop what else writes to it, a copy or a shell."
        )
    if "not a database" in detail or "malformed" in detail:
        return Fault(
            problem=f"{file} is no SQLite database, or is damaged.",
            fix="Move it away or restore a copy, or name another file in DATABASE_URL.",
        )
    if "disk is full" in detail:
        return Fault(problem=f"There is no room left for {file}.", fix="Make room on that disk.")
    if "readonly" in detail:
        return Fault(
            problem=f"{file} may only be read.",
            fix="Let Parley's user write to it and its folder, or mount that disk for writing.",
        )
    if "disk I/O" in detail:
        return Fault(problem=f"{file} cannot be read or written ({detail}).", fix="Look at that disk and its log.")
    return Fault(
        problem=f"{file} cannot be opened for writing ({detail}).",
        fix="Name a file in a folder that Parley's user may write to in DATABASE_URL.",
    )


def _postgresql(url: str, error: StoreUnavailable) -> Fault:
    where, name = understood(url), error.detail.partition(":")[0]
    socket = where.query.get("host", "localhost")
    address = f"{where.host}:{where.port or 5432}" if where.host else str(socket)
    # By code: the words are in the server's language. PostgreSQL manual, appendix A.
    match _state(error):
        case "28P01" | "28000":
            return Fault(
                problem=f"PostgreSQL at {address} does not let the user {where.username} in.",
                fix="Correct the user and the password in DATABASE_URL.",
            )
        case "3D000":
            return Fault(
                problem=f"PostgreSQL at {address} has no database {where.database}.",
                fix=f"Make it (createdb {where.database}), or correct its name in DATABASE_URL.",
            )
        case "25006":
            return Fault(
                problem=f"PostgreSQL at {address} takes no changes: it is a replica, or set to read only.",
                fix="Name the primary server in DATABASE_URL.",
            )
        case "42501":
            return Fault(
                problem=f"The user {where.username} may not use Parley's tables.",
                fix=f"Make that user the owner of the database {where.database}, or grant it all on schema public.",
            )
        case "53300":
            return Fault(
                problem=f"PostgreSQL at {address} has no connection left.",
                fix="Raise its max_connections, or run fewer processes.",
            )
        case _ if name in _NOBODY_THERE:
            return Fault(
                problem=f"PostgreSQL at {address} cannot be reached ({name}).",
                fix="Start it, let this machine through to it, or correct host and port in DATABASE_URL.",
            )
        case _:
            return Fault(
                problem=f"PostgreSQL at {address} does not work as it should ({error.detail}).",
                fix="Look at the server's own log.",
            )


def _state(error: StoreUnavailable) -> str:
    """PostgreSQL's code, from the driver's error or from that of SQLAlchemy around it; empty where there is none."""
    cause = error.__cause__
    return str(getattr(getattr(cause, "orig", cause), "sqlstate", None) or "")
