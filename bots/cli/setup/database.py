"""The database's part of the guide: a file, or a PostgreSQL server, tried as it is named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bots.cli.examination import MIGRATE, Finding, Looked, database
from bots.cli.setup.draft import Draft, without_password
from bots.cli.setup.terminal import Terminal, run
from bots.settings import default_database
from bots.storage import explained, kind, sqlite_file
from core.errors import StoreUnavailable
from core.store.database import understood
from migrations.upgrade import upgrade

URL = "DATABASE_URL"
SQLITE, POSTGRESQL = "sqlite", "postgresql"


def ask(terminal: Terminal, draft: Draft) -> None:
    """The draft names a database that can be used, or one that is kept in spite of what was found. Raises Skipped."""
    terminal.heading("Database")
    terminal.say("A SQLite file is enough for one machine; PostgreSQL serves any number.")
    present = _understood(draft.get(URL)) or default_database()
    terminal.hide(str(understood(present).password or ""))
    while True:
        default = SQLITE if kind(present) == "SQLite" else POSTGRESQL
        which = terminal.choice("Which one?", (SQLITE, POSTGRESQL), default=default)
        url = _file(terminal, present) if which == SQLITE else _server(terminal, present)
        if url is None:
            continue
        (found,) = terminal.found(partial(_looked, url))
        if found.ok or terminal.yes("Keep it all the same?", default=False):
            draft.set(URL, "" if url == default_database() else url)
            return
        present = url


def _understood(url: str) -> str:
    try:
        understood(url)
    except ValueError:
        return ""
    return url


def _file(terminal: Terminal, present: str) -> str | None:
    file = sqlite_file(present) if kind(present) == "SQLite" else sqlite_file(default_database())
    named = terminal.text("File", default=str(file) if file is not None else "parley.db")
    if file is not None and named == str(file) and kind(present) == "SQLite":
        return present
    return f"sqlite+aiosqlite:///{Path(named).expanduser().absolute()}"


def _server(terminal: Terminal, present: str) -> str | None:
    known = present if kind(present) == "PostgreSQL" else ""
    if known:
        terminal.say(f"Enter keeps {without_password(known)}")
    url = terminal.secret("Address, unseen (postgresql://user:password@host:5432/database)", present=known)
    try:
        password = understood(url).password
        if kind(url) != "PostgreSQL":
            raise ValueError("That is not the address of a PostgreSQL server")
    except ValueError as error:
        terminal.say(f"✗ {error}.")
        return None
    terminal.hide(str(password or ""))
    return url


async def _looked(url: str) -> Sequence[Finding]:
    """Tables that are missing are no fault here: they are made at the end of the guide."""
    found = await database(url)
    if found.fix != MIGRATE:
        return [found]
    told = f"{kind(url)}; its tables are made or brought up to date at the end"
    return [Looked(name=found.name, ok=True, problem=told)]


def finish(terminal: Terminal, draft: Draft) -> None:
    """Missing tables were made, where the person wants it. A SQLite file gets its own at each start."""
    url = draft.get(URL) or default_database()
    if kind(url) == "SQLite" or run(lambda: database(url)).fix != MIGRATE:
        return
    if terminal.yes("Make the tables in the database, or bring them up to date, now?"):
        try:
            run(lambda: upgrade(url))
        except StoreUnavailable as error:
            terminal.say(f"✗ {explained(url, error)}")
