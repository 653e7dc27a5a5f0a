"""`python -m benchmarks.streaming`: mean character lag on a simulated clock, against the least that is possible, and
what the work costs. `--quick` leaves out the largest crowds; `--costs` measures only the costs; `--live` runs the
real bot against the sandbox in real time (with `--quick`, for two minutes); `--memory` holds 200 answers open there."""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.streaming import unforeseen
from benchmarks.streaming.bounds import least_lag, least_worst
from benchmarks.streaming.costs import costs
from benchmarks.streaming.live import holding, table
from benchmarks.streaming.platforms import LARGER_BURSTS, PLATFORMS, SLACK_CHANNEL, SLACK_DM, Platform
from benchmarks.streaming.simulation import Strategy, Stream, World
from benchmarks.streaming.strategies import EveryCharacters, FixedInterval, Scheduled
from core.scheduling import Lengths

SPEEDS = (10.0, 50.0, 200.0)
"""Tokens a second."""
ANSWER = 725
"""Tokens of an answer: about 2,900 characters."""
LONG_ANSWER = 6_000
LENGTHS = (150, 725, 2_000)

STRATEGIES: dict[str, Callable[[World], Strategy]] = {
    "Parley": Scheduled,
    "every 1 s": lambda world: FixedInterval(world, 1.0),
    "every 500 ms": lambda world: FixedInterval(world, 0.5),
    "every 20 chars": lambda world: EveryCharacters(world, 20),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One strategy on one platform."""

    mean: float
    """Seconds, over all characters."""
    worst: float
    """The stream that fared worst, as a multiple of the mean."""
    fair: float
    """The same, as a multiple of the least that whoever is opened last must wait."""
    first: float
    """Seconds from a stream's first token to its first text, the longest."""
    final: float
    """Seconds from a stream's last token to its last text, the longest."""
    calls: int
    refusals: int


def simulated(platform: Platform, streams: int, tokens: int, rate: float, strategy: str) -> Result:
    """All streams are asked for at once and shown to their end."""
    world = World(platform)
    world.strategy = STRATEGIES[strategy](world)
    crowd = [Stream(number, tokens, rate) for number in range(streams)]
    world.run(crowd)
    lags = [stream.lag / stream.length for stream in crowd]
    mean = statistics.fmean(lags)
    return Result(
        mean=mean,
        worst=max(lags) / mean,
        fair=max(lags) / least_worst(platform, streams, tokens, rate),
        first=max((stream.first_shown or 0.0) - 1 / rate for stream in crowd),
        final=max(stream.complete_at - stream.ends_at() for stream in crowd),
        calls=world.calls,
        refusals=world.refusals,
    )


def crowded(streams: int, tokens: int, rate: float) -> Result:
    """All ask in direct messages of one workspace at once: as many answers as may begin so are Slack's own streams, the
    others are posted and edited, on budgets of their own (adapters/slack/openings.py)."""
    native = min(streams, SLACK_DM.opening.burst)
    parts = [(SLACK_DM, native), (SLACK_CHANNEL, streams - native)]
    results = [(count, simulated(place, count, tokens, rate, "Parley")) for place, count in parts if count]
    mean = sum(count * result.mean for count, result in results) / streams
    return Result(
        mean=mean,
        worst=max(result.mean * result.worst for _, result in results) / mean,
        fair=max(result.fair for _, result in results),
        first=max(result.first for _, result in results),
        final=max(result.final for _, result in results),
        calls=sum(result.calls for _, result in results),
        refusals=sum(result.refusals for _, result in results),
    )


def crowded_rows(crowds: Sequence[int], tokens: int) -> Iterator[str]:
    """What a crowd in direct messages gains from answers that are no streams."""
    yield (
        f"{'':<34}{'all streams':>12}{'first':>8}{'mean':>9}{'worst':>7}{'first':>8}{'final':>8}{'calls':>8}{'429':>6}"
    )
    for streams in crowds:
        for rate in SPEEDS:
            alone, result = simulated(SLACK_DM, streams, tokens, rate, "Parley"), crowded(streams, tokens, rate)
            yield (
                f"{f'{streams} × {tokens} tokens at {rate:.0f}/s':<34}{alone.mean:12.2f}{alone.first:8.2f}"
                f"{result.mean:9.2f}{result.worst:7.2f}{result.first:8.2f}{result.final:8.2f}"
                f"{result.calls:8}{result.refusals:6}"
            )


def mixed(platform: Platform, rate: float) -> tuple[float, float]:
    """Mean lag over all characters of answers of very different lengths, one after the other, and the least that is
    possible for whoever knows each length. The scheduler learns from each answer for the next."""
    lengths = Lengths()
    lag = known = characters = 0.0
    for tokens in unforeseen.answers():
        stream, world = Stream(0, tokens, rate), World(platform)
        world.strategy = Scheduled(world, lengths)
        world.run([stream])
        lag, characters = lag + stream.lag, characters + stream.length
        known += least_lag(platform, 1, tokens, rate) * stream.length
    return lag / characters, known / characters


def length_rows() -> Iterator[str]:
    """How the ratio depends on what nobody knows before: how long the answer is."""
    yield (
        f"{'':<34}"
        + "".join(f"{f'{tokens} tokens':>13}" for tokens in LENGTHS)
        + (f"{'mixed':>9}{'mean':>8}{'known':>8}{'unknown':>9}{'found':>8}")
    )
    for platform in (*PLATFORMS, *LARGER_BURSTS):
        for rate in SPEEDS:
            ratios = [
                simulated(platform, 1, tokens, rate, "Parley").mean / least_lag(platform, 1, tokens, rate)
                for tokens in LENGTHS
            ]
            mean, known = mixed(platform, rate)
            unknown = max(known, unforeseen.least(platform, rate))
            yield (
                f"{f'{platform.name} at {rate:.0f}/s':<34}"
                + "".join(f"{ratio:13.2f}" for ratio in ratios)
                + f"{mean / known:9.2f}{mean:8.3f}{known:8.3f}{unknown:9.3f}{unforeseen.found(platform, rate):8.3f}"
            )


def rows(crowds: Sequence[int], tokens: int) -> Iterator[str]:
    """The table, line by line."""
    yield (
        f"{'':<34}{'least':>8}{'mean':>9}{'ratio':>7}{'worst':>7}{'fair':>7}{'first':>8}{'final':>8}{'calls':>8}{'429':>6}"
    )
    for platform in PLATFORMS:
        for streams in crowds:
            for rate in SPEEDS:
                least = least_lag(platform, streams, tokens, rate)
                yield f"{platform.name}, {streams} × {tokens} tokens at {rate:.0f}/s"
                for name in STRATEGIES:
                    result = simulated(platform, streams, tokens, rate, name)
                    yield (
                        f"    {name:<30}{least:8.2f}{result.mean:9.2f}{result.mean / least:7.2f}{result.worst:7.2f}"
                        f"{result.fair if streams > 1 else 1:7.2f}"
                        f"{result.first:8.2f}{result.final:8.2f}{result.calls:8}{result.refusals:6}"
                    )


async def live(*, short: bool) -> None:
    """The real bot's table is printed."""
    async for line in table.lines(short):
        print(line, flush=True)


async def memory() -> None:
    """What the Discord process takes is printed."""
    async for line in holding.lines():
        print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only 1 and 50 streams")
    parser.add_argument("--costs", action="store_true", help="only what the work costs")
    parser.add_argument("--live", action="store_true", help="only the real bot against the sandbox, in real time")
    parser.add_argument("--memory", action="store_true", help="only the Discord process's memory with 200 answers")
    chosen = parser.parse_args()
    if chosen.memory:
        asyncio.run(memory())
        return
    if chosen.live:
        asyncio.run(live(short=chosen.quick))
        return
    if not chosen.costs:
        print(
            "Seconds of lag; worst: the slowest stream as a multiple of the mean; fair: as a multiple of the "
            "least for whoever is opened last; first, final: the longest.\n"
        )
        for line in rows((1, 50) if chosen.quick else (1, 50, 200), ANSWER):
            print(line, flush=True)
        print("\nDirect messages of one workspace: only as streams, and in both ways as Parley answers them:\n")
        for line in crowded_rows((10, 50) if chosen.quick else (10, 50, 200), ANSWER):
            print(line, flush=True)
        print("\nLong answers, so that the budget is in its steady state:\n")
        for line in rows((1,) if chosen.quick else (1, 50), LONG_ANSWER):
            print(line, flush=True)
        print(
            "\nRatios for one stream, by the length of the answer. Mixed: one after the other, of lengths that nobody "
            "knows before; mean: our lag then; known: the least for whoever knows each; unknown: a bound for whoever "
            "knows only how long answers are; found: the best that a search found for them.\n"
        )
        for line in length_rows():
            print(line, flush=True)
        print()
    for line in costs():
        print(line)


if __name__ == "__main__":
    main()
