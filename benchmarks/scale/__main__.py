"""`python -m benchmarks.scale`: time and statements of a turn in conversations and databases of very different size, on
SQLite and on PostgreSQL, and whole turns a second with one and with two processes. It takes a quarter of an hour and
six gigabytes of disk for a while; `--quick` takes seconds, and its times mean little. Ends with 1 where something that
is promised to be flat is not."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale.course import QUICK, Part, Result, Sizes, run
from benchmarks.scale.places import OwnPlace
from benchmarks.scale.report import kept, page


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, a few repetitions")
    parser.add_argument("--part", type=Part, choices=list(Part), action="append", help="only that (both otherwise)")
    parser.add_argument("--report", type=Path, help="write the page there as well")
    chosen = parser.parse_args()
    sizes = QUICK if chosen.quick else Sizes()
    result = asyncio.run(_run(sizes, chosen.part or tuple(Part)))
    text = page(result, sizes, today=datetime.now(UTC).date())
    print(text)
    if chosen.report is not None:
        chosen.report.write_text(text)
    return 0 if chosen.quick or kept(result) else 1


async def _run(sizes: Sizes, parts: Collection[Part]) -> Result:
    working = asyncio.current_task()
    assert working is not None
    # As Ctrl-C does: no server and no folder is left behind.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    place = OwnPlace()
    try:
        return await run(place, sizes, lambda words: print(words, file=sys.stderr, flush=True), parts)
    finally:
        place.close()


if __name__ == "__main__":
    sys.exit(main())
