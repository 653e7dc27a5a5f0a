"""Opening databases well, and saying so when one is out of reach."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from core.privacy import Kept, Place
from core.store import Store
from core.store.database import understood
from tests.core.store.scene import KEY, LATER, NOW, Worker, accept, opened, said

# ── URLs ──


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://u:p@h:5/d", "postgresql+asyncpg://u:p@h:5/d"),
        ("postgresql://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgres://u@h/d?sslmode=require&channel_binding=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("sqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db?timeout=5.0"),
        ("sqlite:////a/b.db?timeout=1", "sqlite+aiosqlite:////a/b.db?timeout=1"),
        ("sqlite+aiosqlite://", "sqlite+aiosqlite://?timeout=5.0"),
    ],
)
def test_urls_as_people_write_them(given: str, meant: str) -> None:
    """What hosters and tutorials say is understood."""
    assert understood(given).render_as_string(hide_password=False) == meant


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "hunter2", "", "postgres://u@h:hunter2/d"])
def test_other_urls_are_refused_without_quoting_them(url: str) -> None:
    """The error names what Parley speaks; a password is never part of it."""
    with pytest.raises(ValueError, match="DATABASE_URL") as caught:
        understood(url)
    assert "hunter2" not in str(caught.value)


# ── SQLite ──


async def test_sqlite_is_opened_well(tmp_path: Path) -> None:
    """WAL, foreign keys, a busy timeout; the folder is made, and nobody else reads the file."""
    path = tmp_path / "new" / "folder" / "parley.db"
    async with opened(f"sqlite:///{path}") as database, database.reading() as session:
        pragmas = ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        values = [(await session.execute(text(f"PRAGMA {pragma}"))).scalar_one() for pragma in pragmas]
        assert values == ["wal", 1, 5000, 1]
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite:///:memory:"])
async def test_memory_is_ready_at_once(url: str) -> None:
    """A store in memory has its tables, one for all tasks."""
    store = await Store.open(url)
    accepted = await asyncio.gather(*(accept(store, said()) for _ in range(20)))
    assert len({one.turn.id for one in accepted}) == 1
    await store.close()


async def test_ids_never_come_back(store: Store, worker: Worker) -> None:
    """A button under an old message never reaches a new turn, whatever was forgotten in between."""
    await accept(store, said())
    old = await worker.answer()
    assert await store.purge(Kept.CONVERSATIONS, Place.of(KEY), before=LATER) == 1
    assert (await accept(store, said())).turn.id > old.id


# ── tasks that are cancelled ──


@pytest.mark.parametrize("steps", range(0, 24, 3))
async def test_cancelled_in_the_middle(store: Store, worker: Worker, steps: int) -> None:
    """A task that is cancelled while it writes leaves all of its work or none, and a store that works."""
    incoming = said("cut short")
    task = asyncio.create_task(store.accept(incoming, tokens=5, now=NOW))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await store.accept(incoming, tokens=5, now=NOW)
    turn = await worker.claimed()
    assert [message.text for message in await store.asks(turn.id)] == ["cut short"]
    assert await worker.claim() is None
