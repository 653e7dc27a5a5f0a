"""Runs the bot for each crowd and prints what people saw, one line each."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.streaming.bounds import least_lag
from benchmarks.streaming.live import places
from benchmarks.streaming.live.answers import Speaker
from benchmarks.streaming.live.places import Place
from benchmarks.streaming.live.process import Bot, Cost, running
from benchmarks.streaming.live.sightings import Seen, seen

CROWDS = ((1, 10.0), (1, 50.0), (1, 200.0), (10, 50.0), (50, 50.0), (200, 10.0))
"""How many ask at the same moment, and how many tokens a second each answer has. More would be the sandbox's limit:
all of its answers come from one process."""
SHORT = ((1, 50.0), (10, 50.0))
PLACES: Sequence[Callable[[], Place]] = (
    places.slack_channel,
    places.slack_direct,
    places.discord_channel,
    places.discord_threads,
)
LOOK_EVERY = 0.25
PATIENCE = 120.0
"""Seconds for which an answer may stand still before we stop waiting for it."""

HEADING = (
    f"{'':<17}{'n × tokens/s':>13}{'least':>8}{'mean':>8}{'ratio':>7}{'worst':>7}{'start':>8}{'first':>11}{'final':>7}"
    f"{'calls':>7}{'429':>5}{'complete':>10}{'CPU':>8}{'MB':>10}"
)
LEGEND = (
    "Seconds of lag, counted from the asking; worst: the slowest stream as a multiple of the mean; start: until the "
    "model is asked, the median, in ms; first: from the model's first token to the first text, the median and the "
    "longest, in ms; final: from its last token to all of the text, the longest; CPU: the bot's, ms for each reply; "
    "MB: its memory, idle and at most."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    place: Place
    speaker: Speaker
    asked: list[float]
    """Seconds since 1970, for each answer."""
    answers: list[Seen]
    idle: Cost
    ended: Cost


async def lines(short: bool) -> AsyncIterator[str]:
    """The table, line by line, each as soon as it is known."""
    yield LEGEND
    yield HEADING
    for make in PLACES:
        for streams, rate in SHORT if short else CROWDS:
            place = make()
            yield _line(await _run(place, streams, Speaker(tokens=place.tokens, rate=rate)), streams)


async def _run(place: Place, streams: int, speaker: Speaker) -> _Run:
    model = speaker.sandbox()
    await place.start()
    await model.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            env = {
                **place.env,
                "OPENAI_BASE_URL": model.base_url,
                "OPENAI_API_KEY": model.api_key,
                "OPENAI_MODEL": model.model,
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'parley.db'}",
                "PARLEY_STOP_SECONDS": "1",
            }
            async with running(place.module, folder, env) as bot:
                return await _asked(bot, place, streams, speaker)
    finally:
        await place.stop()
        await model.stop()


async def _asked(bot: Bot, place: Place, streams: int, speaker: Speaker) -> _Run:
    idle = bot.cost()
    asked = [time.time()] * streams
    questions = [await place.ask(f"question {number}") for number in range(streams)]
    await _ended(place, speaker, streams, streams * (place.allowed.opening.interval + place.allowed.editing.interval))
    ended, until, answers = bot.cost(), time.time(), place.answers()
    shown = [answers[question].sightings if question in answers else () for question in questions]
    found = [seen(speaker.text(number), speaker.rate, asked[number], shown[number], until) for number in range(streams)]
    return _Run(place=place, speaker=speaker, asked=asked, answers=found, idle=idle, ended=ended)


async def _ended(place: Place, speaker: Speaker, streams: int, round_seconds: float) -> None:
    """Returns when every answer has ended, or when for long nothing was written."""
    letters = sum(len("".join(speaker.text(number)).replace(" ", "").replace("\n", "")) for number in range(streams))
    writes, moved = -1, time.time()
    while time.time() - moved < PATIENCE + round_seconds:
        await asyncio.sleep(LOOK_EVERY)
        if writes != (writes := place.writes()):
            moved = time.time()
        answers = place.answers()
        shown = sum(answer.letters for answer in answers.values())
        if shown >= letters and all(answer.ended for answer in answers.values()):
            return


def _line(run: _Run, streams: int) -> str:
    place, speaker, answers = run.place, run.speaker, run.answers
    least = least_lag(place.allowed, streams if place.shared else 1, speaker.tokens, speaker.rate, latency=0.0)
    mean = statistics.fmean(answer.lag for answer in answers)
    spoken = speaker.spoken
    firsts = sorted(
        answer.first - spoken[number].first for number, answer in enumerate(answers) if answer.first is not None
    )
    starts = [spoken[number].begun - asked for number, asked in enumerate(run.asked)]
    finals = [answer.last - spoken[number].last for number, answer in enumerate(answers) if answer.last is not None]
    return (
        f"{place.name:<17}{f'{streams} × {speaker.rate:.0f}':>13}{least:8.2f}{mean:8.2f}{mean / least:7.2f}"
        f"{max(answer.lag for answer in answers) / mean:7.2f}"
        f"{statistics.median(starts) * 1000:8.0f}{_milliseconds(firsts):>11}{max(finals, default=0.0):7.2f}"
        f"{place.writes():7}{place.refusals():5}{f'{len(finals)}/{streams}':>10}"
        f"{(run.ended.cpu - run.idle.cpu) / streams * 1000:8.0f}"
        f"{f'{run.idle.resident:.0f}–{run.ended.highest:.0f}':>10}"
    )


def _milliseconds(firsts: Sequence[float]) -> str:
    if not firsts:
        return "never"
    return f"{statistics.median(firsts) * 1000:.0f}/{firsts[-1] * 1000:.0f}"
