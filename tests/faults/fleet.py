"""Processes of Parley on one platform and one database, what people ask of them, and what must be there in the end.

Nothing in Parley helps to kill it: processes are ended from outside, at moments that the local servers see.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from core.engine import ATTEMPTS
from core.store.database import Database
from core.store.tables import MessageRow, QuotaCounterRow, QuotaHoldRow, TurnRow, UsageRow
from core.turn import OPEN
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.bots.conftest import Programs
from tests.bots.programs import Program
from tests.contract.places import DiscordPlace, Place, SlackPlace, Talk

READY = "process.ready"
PATIENCE = 60.0
PATIENCE_EACH = 2.0
"""Seconds for each answer beyond that: Slack allows fifty edits a minute for all of a workspace's."""
PACE = 40.0
"""Pieces of an answer in a second: an answer takes about one."""
SLOW = 8.0
"""The same for a slow one, which takes about six."""
PEOPLE = ("ann", "bob")
_NUMBER = re.compile(r"#(\d+)\?")


def whole(*numbers: int) -> str:
    """The answer to the questions of these numbers: nobody else's looks like it."""
    told = " ".join(f"Answer {number}." for number in numbers)
    steps = " ".join(f"Step {step} of {numbers[-1]}." for step in range(1, 9))
    return f"{told} {steps} End {numbers[-1]}."


def answer(question: Question) -> Answer:
    """The model answers the questions that the last message asks, a little at a time."""
    numbers = [int(number) for number in _NUMBER.findall(question.last_said)]
    return Answer(text=whole(*numbers), pace=SLOW if "slow" in question.last_said else PACE)


@dataclass(slots=True, kw_only=True)
class Asked:
    """A question, and the conversation that it stands in."""

    number: int
    talk: Talk
    place_in_talk: int
    """How many questions stand before it there."""


@dataclass(slots=True)
class Fleet:
    """All processes of one test."""

    place: Place
    model: ChatCompletionsSandbox
    programs: Programs
    database_url: str
    lease: float = 1.0
    """Seconds. A process that is too busy to renew in time lets its turns go, so a crowd needs a longer one."""
    kills: int = 0
    running: list[Program] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    # ── processes ──

    async def start(self, **settings: str) -> Program:
        """Another process is ready."""
        env = {
            **self._platform_env(),
            "OPENAI_BASE_URL": self.model.base_url,
            "OPENAI_API_KEY": self.model.api_key,
            "OPENAI_MODEL": self.model.model,
            "DATABASE_URL": self.database_url,
            "PARLEY_LEASE_SECONDS": str(self.lease),
            "PARLEY_STOP_SECONDS": "0.3",
            "PARLEY_WAITING_MOST": "100000",  # one person asks everything here
            "PARLEY_LIMITS": "1m requests a month for the workspace; 1b tokens a month for the workspace",
            **settings,
        }
        program = await self.programs.start(f"bots.{self.place.name}_bot", env=env)
        await program.said(READY)
        self.running.append(program)
        return program

    def _platform_env(self) -> dict[str, str]:
        assert isinstance(self.place, SlackPlace | DiscordPlace)
        return self.place.sandbox.env

    async def kill(self, program: Program) -> None:
        """kill -9."""
        self.kills += 1
        self.running.remove(program)
        await program.kill()

    async def stop(self, program: Program) -> None:
        """SIGTERM, and its end with 0."""
        self.running.remove(program)
        program.terminate()
        assert (await program.ended()).code == 0

    def pause(self, program: Program) -> None:
        """SIGSTOP: it neither renews its leases nor knows that time passes."""
        os.kill(program.pid, signal.SIGSTOP)

    def wake(self, program: Program) -> None:
        """SIGCONT: it goes on as if nothing had been."""
        os.kill(program.pid, signal.SIGCONT)

    # ── people ──

    async def ask(self, *, after: Asked | None = None, direct: bool = False, slow: bool = False) -> Asked:
        """Somebody asks: in a conversation of its own, or in that of an earlier question, as another person."""
        number = next(self.numbers)
        text = f"{'slow ' if slow else ''}question #{number}?"
        if direct and isinstance(self.place, DiscordPlace):
            after = next((one for one in reversed(self.asked) if one.talk.direct), None)  # it is all one conversation
        if after is None:
            talk = await (self.place.direct("ann", text) if direct else self.place.mention("ann", text))
            asked = Asked(number=number, talk=talk, place_in_talk=0)
        else:
            before = after.place_in_talk + 1
            await self._thread_of(after.talk)
            await self.place.say(after.talk, "ann" if direct else PEOPLE[before % 2], text)
            asked = Asked(number=number, talk=after.talk, place_in_talk=before)
        self.asked.append(asked)
        return asked

    def goes_on(self, asked: Asked) -> bool:
        """Whether a person can write more where that was asked: on Discord the bot makes the thread, and one that was
        killed before it could store the question never does."""
        place = self.place
        threads = place.sandbox.threads() if isinstance(place, DiscordPlace) and not asked.talk.direct else None
        return threads is None or any(thread.id == asked.talk.first for thread in threads)

    async def _thread_of(self, talk: Talk) -> None:
        """On Discord the bot makes the thread, so a person can write there only when it has."""
        place = self.place
        if isinstance(place, DiscordPlace) and not talk.direct:
            await place.wait_for(lambda: any(thread.id == talk.first for thread in place.sandbox.threads()))

    def replies(self, asked: Asked) -> list[str]:
        """What the question's conversation shows."""
        return [shown.text for shown in self.place.replies(asked.talk)]

    def is_answered(self, asked: Asked) -> bool:
        """Its conversation shows its answer, ended, in its place."""
        shown = self.place.replies(asked.talk)
        return len(shown) > asked.place_in_talk and shown[asked.place_in_talk].settled and self._is_whole(asked)

    def _is_whole(self, asked: Asked) -> bool:
        return self.replies(asked)[asked.place_in_talk].strip() == whole(asked.number)

    async def answered(self, wanted: Iterable[Asked]) -> None:
        """Returns when all these have their answers."""
        wanted = list(wanted)
        until = time.monotonic() + PATIENCE + PATIENCE_EACH * len(wanted)
        while time.monotonic() < until and not all(map(self.is_answered, wanted)):
            with contextlib.suppress(TimeoutError):
                await self.place.wait_for(lambda: all(map(self.is_answered, wanted)))
        if not all(map(self.is_answered, wanted)):
            missing = {asked.number: self.replies(asked) for asked in wanted if not self.is_answered(asked)}
            raise AssertionError(f"not answered: {missing}\n{self._logs()}")

    def _logs(self) -> str:
        """What went wrong in each process that runs, and what it did last."""
        return "\n".join(f"{_troubles(program.log)}\n…\n{program.log[-2000:]}" for program in self.running)

    # ── the judgement ──

    async def judge(self, *, heard_once: bool = False) -> None:
        """Every message has one whole reply and no more, in order; nothing is left open or held. With `heard_once`,
        what Discord told only to a process that was killed before it could store it has none."""
        stored = {asked.number for asked in self.asked}
        if heard_once and isinstance(self.place, DiscordPlace):
            stored = await self._stored()
        kept = [asked for asked in self.asked if asked.number in stored]
        for _, questions in _by_talk(kept):  # what was lost has no place among the answers
            for place, asked in enumerate(questions):
                asked.place_in_talk = place
        await self.answered(kept)
        for talk, questions in _by_talk(self.asked):
            expected = [whole(asked.number) for asked in questions if asked.number in stored]
            shown = self.place.replies(talk)
            seen = [one.text.strip() for one in shown]
            assert seen == expected, f"{seen}\nbut expected\n{expected}\n{self._logs()}"
            assert all(one.settled for one in shown), shown
        await self._at_rest()

    async def _stored(self) -> set[int]:
        """The numbers of all questions that the database holds."""
        async with _opened(self.database_url) as database, database.reading() as session:
            rows = (await session.execute(select(MessageRow.parts).where(MessageRow.role == "user"))).scalars()
            return {int(found[1]) for parts in rows if (found := _NUMBER.search(parts[0]["text"])) is not None}

    async def _at_rest(self) -> None:
        """The database says so too: each turn has ended within its attempts, and its use is in the accounts once."""
        try:
            async with asyncio.timeout(PATIENCE):
                # The end is recorded a moment after it is seen, by another process, which tells nobody.
                while await self._open_turns():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"turns left open\n{self._logs()}") from None
        async with _opened(self.database_url) as database, database.reading() as session:
            turns = (await session.execute(select(TurnRow).order_by(TurnRow.conversation_id, TurnRow.seq))).scalars()
            ended = list(turns)
            accounts = set((await session.execute(select(UsageRow.turn_id))).scalars())
            held = list((await session.execute(select(QuotaHoldRow.turn_id))).scalars())
            counters = list((await session.execute(select(QuotaCounterRow))).scalars())
            spent = {
                measure: sum((await session.execute(select(column))).scalars())
                for measure, column in (("requests", UsageRow.requests), ("tokens", UsageRow.tokens))
            }
        assert all(turn.lease_owner is None and turn.state == "done" for turn in ended), [t.state for t in ended]
        assert all(1 <= turn.attempt <= ATTEMPTS for turn in ended)
        assert accounts == {turn.id for turn in ended}
        assert held == []
        assert {counter.measure for counter in counters} <= spent.keys()
        for measure, total in spent.items():
            same = [counter for counter in counters if counter.measure == measure]
            assert (sum(one.used for one in same), sum(one.reserved for one in same)) == (total if same else 0, 0)

    async def _open_turns(self) -> int:
        async with _opened(self.database_url) as database, database.reading() as session:
            states = (await session.execute(select(TurnRow.state))).scalars().all()
        return sum(state in OPEN for state in states)


def _troubles(log: str) -> str:
    lines = [line for line in log.splitlines() if "[warning" in line or "[error" in line or "Error" in line]
    return "\n".join(lines[:20])


class _opened:  # noqa: N801 - reads as a call
    """The database, closed again."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    async def __aenter__(self) -> Database:
        return self._database

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()


def _by_talk(asked: Iterable[Asked]) -> Iterable[tuple[Talk, list[Asked]]]:
    talks: dict[int, tuple[Talk, list[Asked]]] = {}
    for one in asked:
        talks.setdefault(id(one.talk), (one.talk, []))[1].append(one)
    return talks.values()
