"""Fills a ledger with what others have used, are counted for and hold: by the database itself, which is quickest."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from core.store.database import Database

WORKSPACE = "T-benchmark"
SHARES = {"usage": 6, "quota_counters": 3, "quota_holds": 1}
"""Of ten rows. A workspace has people, channels and days, and few turns at work."""

_SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})",
    "postgresql": "WITH s(n) AS (SELECT generate_series(1, {count}))",
}
_AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', '2026-03-01', '-' || (n % 31536000) || ' seconds')",
    "postgresql": "timestamptz '2026-03-01 00:00:00Z' - (n % 31536000) * interval '1 second'",
}
_NO = {"sqlite": "0", "postgresql": "false"}
_ROWS = {
    "usage": (
        "turn_id, at, platform, workspace, channel, person_id, model, prompt_tokens, completion_tokens, cached_tokens,"
        " reasoning_tokens, estimated, requests, tokens, cost",
        f"1000000000 + n, {{at}}, 'slack', '{WORKSPACE}', 'C' || n % 1000, 'U' || n % 10000, 'm', 600, 200, 0, 0,"
        " {no}, 1, 800, 800000",
    ),
    "quota_counters": (
        "platform, workspace, account_kind, account_id, measure, period, sliding, begins, ends, used, reserved, extra,"
        " warned",
        f"'slack', '{WORKSPACE}', 'person', 'U' || n, 'tokens', 'day', {{no}}, {{at}}, {{at}}, 800, 0, 0, {{no}}",
    ),
    "quota_holds": ("turn_id, counter_id, grant_id, amount", "1000000000 + n, 1000000000 + n, 0, 800"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How many rows of others there are in each table."""

    rows: dict[str, int]

    @property
    def whole(self) -> int:
        """In all of them."""
        return sum(self.rows.values())


async def fill(database: Database, count: int) -> Filled:
    """About so many rows of others are in the ledger, at least one, and the database knows how many there are."""
    dialect = database.engine.dialect.name
    filled = {}
    async with database.writing() as session:
        for table, share in SHARES.items():
            filled[table] = count * share // sum(SHARES.values()) or int(table == "usage")
            if not filled[table]:
                continue
            columns, values = _ROWS[table]
            series = _SERIES[dialect].format(count=filled[table])
            chosen = values.format(at=_AT[dialect], no=_NO[dialect])
            into = f"INSERT INTO {table} ({columns}) {series} SELECT {chosen} FROM s"  # noqa: S608  # our own names
            await session.execute(text(into))
        await session.execute(text("ANALYZE"))
    return Filled(rows=filled)
