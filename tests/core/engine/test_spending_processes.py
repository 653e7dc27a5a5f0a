"""One limit and several processes: nobody spends what was not given to them, whoever answers."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bots.clock import SystemClock
from core.audit import AuditEntry
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.store import Accepted, Store
from core.store.shedding import Bounds
from tests.core.engine.conftest import ADMIN, ANN, THREAD
from tests.core.engine.test_spending import PLACE, accounts, counted
from tests.core.store.scene import said

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def office(url: str, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is ready to answer what waits there."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.core.engine.office",
        url,
        name,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
        yield program
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


@pytest.mark.parametrize("database_engine", ["postgresql"], indirect=True)
async def test_two_processes_and_one_limit(database_url: str) -> None:
    """200 questions of one person wait, 37 are allowed: as many run, whichever process claims them, each of the others
    is told why, and the ledger balances."""
    store = await Store.open(database_url, bounds=Bounds.of(100_000))
    now = SystemClock().now()
    limit = Limit(subject=Subject(kind=SubjectKind.EACH_USER), measure=Measure.REQUESTS, period=Period.MONTH, amount=37)
    by = AuditEntry(at=now, place=PLACE, actor=ADMIN, action="quota.set")
    await store.set_limit(PLACE, limit, by=by)
    for number in range(200):
        key = replace(THREAD, thread=f"9.{number}", channel=f"C{number % 20}")
        assert isinstance(await store.accept(said(by=ANN, key=key, shared=True), tokens=1, now=now), Accepted)
    await store.close()
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(office(database_url, name)) for name in ("one", "two")]
        reports = [json.loads(out) for out, _ in await asyncio.gather(*(one.communicate(b"go\n") for one in offices))]
    assert all(report["asked"] + len(report["whispers"]) > 0 for report in reports)
    assert sum(report["asked"] for report in reports) == 37
    refusals = [text for report in reports for text in report["whispers"] if "is reached" in text]
    assert len(refusals) == 200 - 37
    assert await counted(database_url) == [(37, 0)]
    assert sum(account.requests for account in await accounts(database_url)) == 37
