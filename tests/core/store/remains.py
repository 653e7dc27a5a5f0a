"""Looking for somebody's words in a whole database, the way somebody who stole it would."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from core.store.database import Database
from core.store.tables import Row


async def everything(database: Database, *, but: tuple[str, ...] = ()) -> str:
    """All rows of all tables but those, as one text."""
    rows: list[str] = []
    async with database.reading() as session:
        for table in Row.metadata.tables.values():
            if table.name not in but:
                found = (await session.execute(select(table))).mappings()
                rows += [f"{table.name} {json.dumps(dict(row), default=str)}" for row in found]
    return "\n".join(rows)


def on_disk(url: str) -> bytes:
    """All bytes of a SQLite database's files."""
    path = Path(url.removeprefix("sqlite:///"))
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))
