"""The benchmark of the ledger: it says everything, and finds as many statements in large as in small."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

from benchmarks.ledger.course import QUICK, Step, run
from benchmarks.ledger.report import page
from benchmarks.scale.places import ENGINES
from tests.benchmarks.test_scale import SharedPlace
from tests.conftest import PostgresCluster


async def test_a_turn_takes_as_many_statements_with_a_large_ledger(
    postgres_cluster: PostgresCluster, tmp_path: Path
) -> None:
    """Times are never asserted."""
    result = await run(SharedPlace(postgres_cluster, tmp_path), QUICK, lambda _: None)
    assert [(line.engine, line.step) for line in result.lines] == list(itertools.product(ENGINES, Step))
    assert [line for line in result.lines if not 0 < line.small_queries == line.large_queries] == []
    text = page(result, QUICK, today=date(2026, 11, 23))
    for engine, step in itertools.product(ENGINES, Step):
        assert f"### {engine}: {step.value}" in text
        assert result.plans[engine][step]
    assert "SCAN usage" not in text
