"""`python -m benchmarks.ledger`: what reserving and settling cost per turn with 1 and with 1,000,000 rows in the
ledger, on SQLite and on PostgreSQL. It takes a minute or two; `--quick` takes seconds, and its times mean little. Ends
with 1 where something that is promised to be flat is not."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ledger.course import QUICK, Result, Sizes, run
from benchmarks.ledger.report import kept, page
from benchmarks.scale.places import OwnPlace


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, a few repetitions")
    parser.add_argument("--report", type=Path, help="write the page there as well")
    chosen = parser.parse_args()
    sizes = QUICK if chosen.quick else Sizes()
    result = asyncio.run(_run(sizes))
    text = page(result, sizes, today=datetime.now(UTC).date())
    print(text)
    if chosen.report is not None:
        chosen.report.write_text(text)
    return 0 if chosen.quick or kept(result) else 1


async def _run(sizes: Sizes) -> Result:
    place = OwnPlace()
    try:
        return await run(place, sizes, lambda words: print(words, file=sys.stderr, flush=True))
    finally:
        place.close()


if __name__ == "__main__":
    sys.exit(main())
