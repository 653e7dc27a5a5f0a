"""Accepts what people write, and runs the turns that answer it.

`accept` stores and returns: only then may a platform acknowledge. `run` makes one reply: the model is asked
(answering.py) while `reply.py` shows what comes, and how it ended is recorded. No transaction is open while the model
talks. Claiming turns and keeping their leases is worker.py's part; commands and buttons stand in commands/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from core import endings
from core.accounts import Accounts
from core.advice import Advice
from core.answering import Answering
from core.asking import NOTHING, Asking, Written
from core.channel import ChannelSettings
from core.control import Interruption, TurnControl
from core.conversation import Message, Platform, Role, text_message
from core.enclosure import Enclosure
from core.endings import TurnEnd
from core.errors import LeaseLost, StoreUnavailable, SurfaceError, Undelivered
from core.incoming import Incoming
from core.listening import Listener
from core.pacing import Pacing
from core.ports import Clock, Ending, Surface, TokenCounter
from core.quota.amount import NANO
from core.quota.price import cost
from core.reading import tokens_of
from core.recording import TurnRecord
from core.reply import Reply
from core.store import Accepted, Duplicate, NotOurs, Shed, Store
from core.telemetry import SILENT, Telemetry, TurnWork
from core.turn import Outcome, Signal, Turn, TurnState, Usage

log = structlog.get_logger()

ATTEMPTS = 5
"""Processes that may die over one turn before it is given up."""


class Engine:
    """The conversation engine of one process."""

    def __init__(
        self,
        *,
        store: Store,
        answering: Answering,
        counter: TokenCounter,
        surfaces: Mapping[Platform, Surface],
        pacing: Pacing,
        clock: Clock,
        telemetry: Telemetry = SILENT,
        enclosures: Mapping[Platform, Enclosure] | None = None,
    ) -> None:
        """Without an enclosure a platform's answers fill as many messages as they need."""
        self._store = store
        self._telemetry = telemetry
        self._accounts = Accounts(telemetry, clock)
        self._answering = answering
        self._counter = counter
        self._surfaces = surfaces
        self._enclosures = enclosures or {}
        self._pacing = pacing
        self._clock = clock
        self._advice = Advice(surfaces, clock)

    # ── in ──

    async def accept(self, incoming: Incoming) -> Accepted | Duplicate | NotOurs | Shed:
        """The message is stored and a turn will answer it; Shed: too many wait. Raises StoreUnavailable."""
        tokens = tokens_of(incoming, self._counter)
        result = await self._store.accept(incoming, tokens=tokens, now=self._clock.now())
        log.info(
            "accepted",
            action="engine.accepted",
            kind=incoming.kind.value,
            conversation=str(incoming.key),
            result=type(result).__name__,
            turn=result.turn.id if isinstance(result, Accepted) else None,
        )
        self._accounts.arrived(incoming, result)
        return result

    # ── out ──

    async def run(self, turn: Turn, control: TurnControl) -> None:
        """The claimed turn has ended, was handed over, or was lost to another process."""
        with self._telemetry.during(TurnWork(turn=turn)):
            settings = await self._settings(turn)
            reply = self._reply(turn, control, growing=settings.streaming)
            try:
                await self._work(turn, reply, control, footer=settings.footer)
            except LeaseLost:
                log.warning("lease lost", action="engine.lease_lost", turn=turn.id)
                self._accounts.let_go(turn, lost=True)
            finally:
                await reply.abandon()
                self._accounts.shown(turn, reply.lag)

    async def _work(self, turn: Turn, reply: Reply, control: TurnControl, *, footer: bool) -> None:
        spent = _Spent()
        written = await self._written(turn, reply, control, spent)
        if written is None:
            await self._let_go(turn, reply, control.interruption, spent)
            return
        used = self._used(written, reply.text)
        end = await self._shown(turn, reply, written, control, spent.aside + used, footer=footer)
        if end is None:
            await self._let_go(turn, reply, control.interruption, _Spent(before=used))
        else:
            await self._recorded(turn, reply, replace(written, end=end), control, used, aside=spent.aside)

    async def _settings(self, turn: Turn) -> ChannelSettings:
        """Those of its channel; the defaults while the database is away."""
        try:
            return await self._store.channel_settings(turn.key.channel_key)
        except StoreUnavailable as error:
            log.warning("settings not read", action="engine.settings_away", turn=turn.id, detail=error.detail)
            return ChannelSettings()

    def _reply(self, turn: Turn, control: TurnControl, *, growing: bool = True) -> Reply:
        return Reply(
            turn,
            surface=self._surfaces[turn.key.platform],
            pacing=self._pacing,
            clock=self._clock,
            recorder=TurnRecord(self._store, turn, self._clock, control),
            growing=growing,
            enclosure=self._enclosures.get(turn.key.platform),
        )

    async def _let_go(self, turn: Turn, reply: Reply, why: Interruption, spent: _Spent) -> None:
        await reply.abandon()
        if why is Interruption.HAND_OVER:
            await self._store.release(turn, now=self._clock.now(), used=spent.before)
        self._accounts.let_go(turn, lost=why is not Interruption.HAND_OVER)
        log.info("let go", action="engine.let_go", turn=turn.id, why=why.name.lower())

    async def _written(self, turn: Turn, reply: Reply, control: TurnControl, spent: _Spent) -> Written | None:
        """What the model's part came to; none when this process is to let go of the turn. What was asked in vain is
        in `spent`."""
        if turn.attempt > ATTEMPTS:
            return Written(end=endings.given_up())
        record = TurnRecord(self._store, turn, self._clock, control)
        while True:
            found: list[Asking] = []
            listener = Listener(add=reply.add, rest=reply.rest, found=found.append, doing=reply.doing)
            asking = asyncio.create_task(self._answering.ask(turn, listener), name=f"ask-{turn.id}")
            try:
                with self._answering.waiting.watching(turn.id, reply.waits):
                    interruption = await self._first_of(asking, reply, control)
            finally:
                if not asking.done():
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
            asked = found[-1] if found else None
            match interruption:
                case Interruption.NONE:
                    return replace(await asking, asking=asked)
                case Interruption.STOP:
                    return Written(end=endings.stopped(), asking=asked)
                case Interruption.RESTART:
                    taken = self._taken(asked, reply.text)
                    await record.set_aside(taken)
                    await record.begun_anew()
                    spent.aside += taken
                    control.restarted()
                    reply.restart()
                case Interruption.HAND_OVER | Interruption.LOST:
                    spent.before = self._taken(asked, reply.text)
                    return None

    async def _first_of(self, asking: asyncio.Task[Written], reply: Reply, control: TurnControl) -> Interruption:
        """Waits for the model's end, an interruption, or a reply that can no longer be written."""
        interrupted = asyncio.create_task(control.interrupted())
        try:
            await asyncio.wait({asking, interrupted, reply.broken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            interrupted.cancel()
        if control.interruption is not Interruption.NONE:
            return control.interruption
        if not asking.done():
            return Interruption.STOP  # finish() will say why the reply is broken
        return Interruption.NONE

    async def _shown(
        self, turn: Turn, reply: Reply, written: Written, control: TurnControl, used: Usage, *, footer: bool
    ) -> TurnEnd | None:
        """Everything is shown that shall be, and this is the end; none where this process is to let go of the turn
        first: an answer may wait long for its last edit."""
        if written.end.state is TurnState.REFUSED and (turn.replaces is not None or not reply.begun):
            await reply.abandon()  # who else reads here need not know, and an answer that was there stays
            return written.end
        end = _footed(written, used) if footer and reply.text.strip() else written.end
        if end.state is TurnState.REFUSED:
            end = replace(end, state=TurnState.FAILED)  # something of it was shown
        finishing = asyncio.create_task(reply.finish(end.ending), name=f"finish-{turn.id}")
        leaving = asyncio.create_task(control.leaving())
        try:
            await asyncio.wait({finishing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not finishing.done():
                return None
            await finishing
            return end
        except Undelivered as error:
            log.error("not delivered", action="engine.undelivered", turn=turn.id, detail=error.detail)
            return replace(end, state=TurnState.FAILED, reason="Undelivered")
        finally:
            for task in (finishing, leaving):
                task.cancel()
            await asyncio.gather(finishing, leaving, return_exceptions=True)

    async def _recorded(
        self, turn: Turn, reply: Reply, written: Written, control: TurnControl, used: Usage, *, aside: Usage
    ) -> None:
        text, state, reason = reply.text, written.end.state, written.end.reason
        outcome = _outcome(written, Outcome(state=state, text=text, reason=reason, usage=used))
        record = TurnRecord(self._store, turn, self._clock, control)
        kept = written.asking.kept if written.asking is not None else 0
        late = await record.ended(outcome, _answer_message(text[kept:], self._counter))
        log.info(
            "turn ended",
            action="engine.ended",
            turn=turn.id,
            conversation=str(turn.key),
            state=state.value,
            reason=reason,
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
            estimated=used.estimated,
            cost=_cost(outcome),
        )
        self._accounts.ended(turn, reply.lag, replace(outcome, usage=aside + used))
        for sentence in written.private:
            await self._advice.tell(turn, sentence)
        if written.error is not None:
            await self._advice.of_failure(turn, written.error)
        if late is Signal.RESTART or control.interruption is Interruption.RESTART:
            await reply.abandon()
            await self.offer_again(turn)

    def _used(self, written: Written, text: str) -> Usage:
        """By the provider's figures; where it sends none, for a stream that was stopped or cut, counted here."""
        if written.usage is None or written.asking is None:
            return self._taken(written.asking, text)
        return written.asking.before + written.usage

    def _taken(self, asked: Asking | None, text: str) -> Usage:
        """What was taken so far, as far as we can count."""
        if asked is None:
            return NOTHING
        if not asked.prompt_tokens:  # nothing was sent, but perhaps for a summary
            return asked.before
        written = self._counter.count(text[asked.kept :])
        return asked.before + Usage(prompt_tokens=asked.prompt_tokens, completion_tokens=written, estimated=True)

    # ── a new answer ──

    async def offer_again(self, turn: Turn) -> None:
        """The last message of an answer gets a button, because its question was edited after the answer."""
        ended = await self._store.turn(turn.id)
        text = await self._store.answer(turn.id)
        if ended is None or not text.strip():
            return
        reply = self._reply(replace(ended, attempt=1), TurnControl())
        reply.add(text)
        try:
            await reply.finish(Ending(controls=endings.AFTER_EDIT))
        except (SurfaceError, LeaseLost) as error:
            log.info("could not offer a new answer", action="engine.offer_failed", turn=turn.id, detail=error.detail)


@dataclass(slots=True)
class _Spent:
    """What a turn took before its answer: askings that came to nothing."""

    before: Usage = NOTHING
    aside: Usage = NOTHING
    """What the ledger knows of already."""


def _outcome(written: Written, outcome: Outcome) -> Outcome:
    """With whose answer it is, and at what price."""
    if written.asking is None:
        return outcome
    voice = written.asking.voice
    return replace(
        outcome,
        persona_id=voice.persona_id,
        persona_version=voice.version.version,
        price=written.asking.price,
    )


def _cost(outcome: Outcome) -> str | None:
    """For the log: such as `0.000214 USD`; none where nobody knows the price."""
    if outcome.price is None:
        return None
    return f"{cost(outcome.usage, outcome.price) / NANO:.6f} {outcome.price.currency}"


def _footed(written: Written, usage: Usage) -> TurnEnd:
    """With what made the answer beneath it, if there is a finished one."""
    if written.asking is None:
        return written.end
    version = written.asking.voice.version
    model, price = usage.model or version.persona.model, written.asking.price
    return endings.footed(written.end, model=model, usage=usage, by=version, price=price)


def _answer_message(text: str, counter: TokenCounter) -> tuple[Message, ...]:
    if not text.strip():
        return ()
    return (replace(text_message(Role.ASSISTANT, text.lstrip("\n")), tokens=counter.count(text)),)
