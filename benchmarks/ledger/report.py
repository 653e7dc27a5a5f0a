"""The page that the benchmark writes."""

from __future__ import annotations

import platform
from datetime import date

from benchmarks.ledger.course import LIMITS, Result, Sizes, Step
from benchmarks.scale.comparison import FLAT

_TOP = """# What reserving and settling cost ({today})

Made by `python -m benchmarks.ledger`. Before a model is asked, what its answer may use is reserved on each of {limits}
limits that hold (requests a day, tokens in any 60 minutes, cost a month); when it has ended, its use is settled. Times
are those of the store's own methods, in milliseconds, medians of {turns} turns; both sides take turns within one run,
and only the *ratio* is meant to be compared (in brackets its least and largest in any tenth of the run; up to {flat}
counts as flat). *Queries* are statements sent to the database. *Rows* are accounts of use, counters and holds of others
in the same workspace.

Python {python} on {system}.

| | step | rows | rows | small, ms | large, ms | ratio (spread) | queries | flat |
|---|---|---:|---:|---:|---:|---|---|---|
"""


def page(result: Result, sizes: Sizes, *, today: date) -> str:
    """The whole of it."""
    top = _TOP.format(
        today=today,
        limits=len(LIMITS),
        turns=sizes.turns,
        flat=FLAT,
        python=platform.python_version(),
        system=platform.system(),
    )
    rows = [
        f"| {line.engine} | {line.step.value} | {line.small:,} | {line.large:,} | {line.small_ms:.2f} |"
        f" {line.large_ms:.2f} | {line.ratio:.2f} ({line.low:.2f}–{line.high:.2f}) |"
        f" {line.small_queries} → {line.large_queries} | {'yes' if line.ratio <= FLAT else 'no'} |"
        for line in result.lines
    ]
    return top + "\n".join(rows) + "\n\n## Plans on the large side\n" + "".join(_plans(result))


def kept(result: Result) -> bool:
    """Whether nothing grows that is promised to be flat."""
    return all(line.ratio <= FLAT and line.small_queries == line.large_queries for line in result.lines)


def _plans(result: Result) -> list[str]:
    return [
        f"\n### {engine}: {step.value}\n" + "".join(_plan(plan.statement, plan.steps) for plan in steps[step])
        for engine, steps in result.plans.items()
        for step in Step
    ]


def _plan(statement: str, steps: tuple[str, ...]) -> str:
    shown = statement if len(statement) <= 400 else statement[:399] + "…"
    return f"\n`{shown}`\n\n```\n" + "\n".join(steps) + "\n```\n"
