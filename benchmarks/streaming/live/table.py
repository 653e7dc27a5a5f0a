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
from benchmarks.streaming.live.answers import WARMING, Speaker
from benchmarks.streaming.live.places import Place
from benchmarks.streaming.live.process import Bot, Cost, running
from benchmarks.streaming.live.sightings import Seen, seen
from sandbox.chat_completions.server import ChatCompletionsSandbox

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
    f"{'calls':>7}{'429':>5}{'complete':>10}{'CPU':>8}{'MB':>13}"
)
LEGEND = (
    "Seconds of lag, counted from the asking; worst: the slowest stream as a multiple of the mean; start: until the "
    "model is asked, the median, in ms; first: from the model's first token to the first text, the median and the "
    "longest, in ms; final: from its last token to all of the text, the longest; CPU: the bot's, ms for each reply; "
    "MB: its memory, idle before and after one question, and at most. Each bot has answered a short question before."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    place: Place
    speaker: Speaker
    asked: list[float]
    """Seconds since 1970, for each answer."""
    answers: list[Seen]
    idle: Cost
    """Before anybody asked."""
    warm: Cost
    """After one question."""
    ended: Cost
    writes: int
    refusals: int


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
            async with running(place.module, folder, environment(place, model, folder)) as bot:
                return await _asked(bot, place, streams, speaker)
    finally:
        await place.stop()
        await model.stop()


def environment(place: Place, model: ChatCompletionsSandbox, folder: Path) -> dict[str, str]:
    """The bot's settings."""
    return {
        **place.env,
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_API_KEY": model.api_key,
        "OPENAI_MODEL": model.model,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'parley.db'}",
        "PARLEY_STOP_SECONDS": "1",
    }


async def _asked(bot: Bot, place: Place, streams: int, speaker: Speaker) -> _Run:
    idle = bot.cost()
    await warmed(place)
    warm, written, refused = bot.cost(), place.writes(), place.refusals()
    asked = [time.time()] * streams
    questions = [await place.ask(f"question {number}") for number in range(streams)]
    letters = sum(len("".join("".join(speaker.text(number)).split())) for number in range(streams))
    a_round = streams * (place.allowed.opening.interval + place.allowed.editing.interval)
    await _ended(place, questions, letters=letters, seconds=PATIENCE + a_round)
    ended, until, answers = bot.cost(), time.time(), place.answers()
    shown = [answers[question].sightings if question in answers else () for question in questions]
    found = [seen(speaker.text(number), speaker.rate, asked[number], shown[number], until) for number in range(streams)]
    return _Run(
        place=place,
        speaker=speaker,
        asked=asked,
        answers=found,
        idle=idle,
        warm=warm,
        ended=ended,
        writes=place.writes() - written,
        refusals=place.refusals() - refused,
    )


async def warmed(place: Place) -> None:
    """One short question was answered: what is loaded once is loaded, and all of the budget is there again."""
    question = await place.ask(f"question {WARMING}")
    await _ended(place, [question], letters=1, seconds=PATIENCE)
    await asyncio.sleep(
        1 + max(budget.burst * budget.interval for budget in (place.allowed.opening, place.allowed.editing))
    )


async def _ended(place: Place, questions: Sequence[str], *, letters: int, seconds: float) -> None:
    """Returns when their answers show so many letters and have ended, or when for so long nothing was written."""
    writes, moved = -1, time.time()
    while time.time() - moved < seconds:
        await asyncio.sleep(LOOK_EVERY)
        if writes != (writes := place.writes()):
            moved = time.time()
        answers = place.answers()
        shown = [answers[question] for question in questions if question in answers]
        if sum(answer.letters for answer in shown) >= letters and all(answer.ended for answer in shown):
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
        f"{run.writes:7}{run.refusals:5}{f'{len(finals)}/{streams}':>10}"
        f"{(run.ended.cpu - run.warm.cpu) / streams * 1000:8.0f}"
        f"{f'{run.idle.resident:.0f}/{run.warm.resident:.0f}–{run.ended.highest:.0f}':>13}"
    )


def _milliseconds(firsts: Sequence[float]) -> str:
    if not firsts:
        return "never"
    return f"{statistics.median(firsts) * 1000:.0f}/{firsts[-1] * 1000:.0f}"
