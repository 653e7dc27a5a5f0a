"""The benchmark of scale: it runs to its end, says everything, and finds as many statements in large as in small."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest

from benchmarks.scale.course import QUICK, Result, run
from benchmarks.scale.places import ENGINES
from benchmarks.scale.report import page
from benchmarks.scale.steps import Step
from tests.conftest import PostgresCluster

COMPARED = {
    "length of the conversation",
    "length, window full",
    "size of the database",
    "size, a new conversation",
    "turns that wait",
}
AGED = {"turns since the last vacuum", "after that vacuum"}
"""Of PostgreSQL alone."""


class SharedPlace:
    """Databases on the server of all tests."""

    def __init__(self, cluster: PostgresCluster, folder: Path) -> None:
        self._cluster = cluster
        self._folder = folder
        self._numbers = itertools.count(1)
        self.postmaster = cluster.pid

    async def create(self, engine: str) -> str:
        """The URL of a database without any table."""
        if engine == "sqlite":
            return f"sqlite:///{self._folder / str(next(self._numbers))}.db"
        return await self._cluster.create()

    async def drop(self, url: str) -> None:
        """It is gone; a test's folder is removed with all that is in it."""
        if not url.startswith("sqlite"):
            await self._cluster.drop(url)


@pytest.mark.timeout(120)
async def test_a_turn_takes_as_many_statements_in_large_as_in_small(
    postgres_cluster: PostgresCluster, tmp_path: Path
) -> None:
    """Nothing is asked of the database more often because a conversation is long or many are stored, and the report
    has a line for everything that was measured. Times are never asserted."""
    result = await run(SharedPlace(postgres_cluster, tmp_path), QUICK, lambda _: None)
    assert {(row.engine, row.what, row.step) for row in result.rows} == _lines()
    assert [row for row in result.rows if row.small_queries != row.large_queries or row.small_queries == 0] == []
    _all_is_said(result)


def _lines() -> set[tuple[str, str, Step]]:
    both = itertools.product(ENGINES, COMPARED, Step)
    return {*both, *itertools.product(["postgresql"], AGED, Step)}


def _all_is_said(result: Result) -> None:
    text = page(result, QUICK, today=date(2026, 11, 23))
    for row in result.rows:
        assert f"| {row.engine} | {row.what} | {row.small} | {row.large} | {row.step.value} |" in text
    assert [one.processes for one in result.throughput] == [1, 2]
    assert all(one.turns > 0 for one in result.throughput)
    for engine, steps in result.plans.items():
        for step, plans in steps.items():
            assert f"### {engine}: {step.value}" in text
            assert plans
            assert all(plan.steps for plan in plans)
    assert {one.engine for one in result.weights} == set(ENGINES)
    assert all(one.rows > 0 for one in result.weights)
