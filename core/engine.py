"""Accepts what people write, and runs the turns that answer it.

`accept` stores and returns: only then may a platform acknowledge. `run` makes one reply: the model is asked
(answering.py) while `reply.py` shows what comes, and how it ended is recorded. No transaction is open while the model
talks. Claiming turns and keeping their leases is worker.py's part; commands and buttons stand in commands/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from core import endings
from core.accounts import Accounts
from core.answering import Answering, Written
from core.channel import ChannelSettings
from core.control import Interruption, TurnControl
from core.conversation import Message, Platform, Role, text_message
from core.enclosure import Enclosure
from core.endings import TurnEnd
from core.errors import LeaseLost, ModelError, StoreUnavailable, SurfaceError, Undelivered
from core.incoming import Incoming
from core.pacing import Pacing
from core.patience import stored
from core.ports import Clock, Ending, Surface, TokenCounter
from core.reply import Reply
from core.store import Accepted, Duplicate, NotOurs, Shed, Store
from core.telemetry import SILENT, Telemetry, TurnWork
from core.turn import MessageRef, Outcome, Signal, Turn, TurnState, Usage
from core.voices import Voice

log = structlog.get_logger()

ATTEMPTS = 5
"""Processes that may die over one turn before it is given up."""
ADVISE_EVERY = 3_600.0
"""Seconds for which an admin is not told of the same kind of failure again."""


class _Posts:
    """Records the messages of one turn, fenced by its lease. While the database is away people see what is there, and
    the writer waits: a message that is not recorded would be found again only by searching."""

    def __init__(self, store: Store, turn: Turn, clock: Clock, control: TurnControl) -> None:
        self._store, self._turn, self._clock, self._control = store, turn, clock, control

    async def posted(self, position: int, ref: MessageRef) -> None:
        await self._patiently(
            lambda: self._store.record_post(self._turn, position, ref, now=self._clock.now()), "engine.post_waits"
        )

    async def dropped(self, position: int) -> None:
        await self._patiently(lambda: self._store.drop_post(self._turn, position), "engine.drop_waits")

    async def _patiently(self, what: Callable[[], Awaitable[None]], action: str) -> None:
        await stored(what, clock=self._clock, control=self._control, turn=self._turn.id, action=action)


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
        self._advised: dict[str, float] = {}

    # ── in ──

    async def accept(self, incoming: Incoming) -> Accepted | Duplicate | NotOurs | Shed:
        """The message is stored and a turn will answer it; Shed: too many wait. Raises StoreUnavailable."""
        incoming = replace(incoming, text=with_attachments(incoming))
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
                written = await self._written(turn, reply, control)
                if written is None:
                    await self._let_go(turn, reply, control.interruption)
                else:
                    await self._conclude(turn, reply, written, control, footer=settings.footer)
            except LeaseLost:
                log.warning("lease lost", action="engine.lease_lost", turn=turn.id)
                self._accounts.let_go(turn, lost=True)
            finally:
                await reply.abandon()
                self._accounts.shown(turn, reply.lag)

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
            recorder=_Posts(self._store, turn, self._clock, control),
            growing=growing,
            enclosure=self._enclosures.get(turn.key.platform),
        )

    async def _let_go(self, turn: Turn, reply: Reply, why: Interruption) -> None:
        await reply.abandon()
        if why is Interruption.HAND_OVER:
            await self._store.release(turn, now=self._clock.now())
        self._accounts.let_go(turn, lost=why is not Interruption.HAND_OVER)
        log.info("let go", action="engine.let_go", turn=turn.id, why=why.name.lower())

    async def _written(self, turn: Turn, reply: Reply, control: TurnControl) -> Written | None:
        """What the model's part came to; none when this process is to let go of the turn."""
        if turn.attempt > ATTEMPTS:
            return Written(end=endings.given_up())
        found: list[Voice] = []
        while True:
            ask = self._answering.ask(turn, reply.add, reply.rest, found.append)
            asking = asyncio.create_task(ask, name=f"ask-{turn.id}")
            try:
                interruption = await self._first_of(asking, reply, control)
            finally:
                if not asking.done():
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
            match interruption:
                case Interruption.NONE:
                    return replace(await asking, voice=found[-1] if found else None)
                case Interruption.STOP:
                    return Written(end=endings.stopped(), voice=found[-1] if found else None)
                case Interruption.RESTART:
                    control.restarted()
                    reply.restart()
                case Interruption.HAND_OVER | Interruption.LOST:
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

    async def _conclude(
        self, turn: Turn, reply: Reply, written: Written, control: TurnControl, *, footer: bool
    ) -> None:
        text = reply.text
        usage = written.usage or self._estimated(written, text)
        end = _footed(written, usage) if footer and text.strip() else written.end
        state, reason = end.state, end.reason
        try:
            await reply.finish(end.ending)
        except Undelivered as error:
            state, reason = TurnState.FAILED, "Undelivered"
            log.error("not delivered", action="engine.undelivered", turn=turn.id, detail=error.detail)
        outcome = _outcome(written, Outcome(state=state, text=text, reason=reason, usage=usage))
        late = await self._record(turn, outcome, _answer_message(text, self._counter), control)
        log.info(
            "turn ended",
            action="engine.ended",
            turn=turn.id,
            conversation=str(turn.key),
            state=state.value,
            reason=reason,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            estimated=usage.estimated,
        )
        self._accounts.ended(turn, reply.lag, outcome)
        if written.error is not None:
            await self._advise(turn, written.error)
        if late is Signal.RESTART or control.interruption is Interruption.RESTART:
            await reply.abandon()
            await self.offer_again(turn)

    async def _advise(self, turn: Turn, error: ModelError) -> None:
        """An admin who ran into it is told what to do, once in a while; others were told who can mend it."""
        now, advice = self._clock.monotonic(), error.advice
        self._advised = {told: at for told, at in self._advised.items() if now - at < ADVISE_EVERY}
        if not advice or advice in self._advised:
            return
        surface = self._surfaces[turn.key.platform]
        try:
            if await surface.is_admin(turn.target, turn.asker):
                self._advised[advice] = now
                await surface.whisper(turn.target, turn.asker, advice)
        except SurfaceError as failure:
            log.info("admin not told", action="engine.advice_failed", turn=turn.id, detail=failure.detail)

    def _estimated(self, written: Written, text: str) -> Usage:
        """Counted here: the provider sends no figures for a stream that was stopped or cut."""
        if written.end.reason in endings.WITHOUT_MODEL:
            return Usage()
        return Usage(prompt_tokens=written.prompt_tokens, completion_tokens=self._counter.count(text), estimated=True)

    async def _record(
        self, turn: Turn, outcome: Outcome, messages: tuple[Message, ...], control: TurnControl
    ) -> Signal | None:
        """The end is stored, however long the database is away. Returns what a person asked for too late."""
        return await stored(
            lambda: self._store.finish(turn, outcome, messages, now=self._clock.now()),
            clock=self._clock,
            control=control,
            turn=turn.id,
            action="engine.store_away",
        )

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


def _outcome(written: Written, outcome: Outcome) -> Outcome:
    """With whose answer it is."""
    if written.voice is None:
        return outcome
    return replace(outcome, persona_id=written.voice.persona_id, persona_version=written.voice.version.version)


def _footed(written: Written, usage: Usage) -> TurnEnd:
    """With what made the answer beneath it, if there is a finished one."""
    if written.voice is None:
        return written.end
    version = written.voice.version
    return endings.footed(written.end, model=usage.model or version.persona.model, usage=usage, by=version)


def with_attachments(incoming: Incoming) -> str:
    """The text, and a word on each file, so that the model knows what it was not shown."""
    notes = [
        f"[Attached file {attachment.name!r} ({attachment.media_type}), which you cannot open]"
        for attachment in incoming.attachments
    ]
    return "\n".join([incoming.text, *notes]).strip() if notes else incoming.text


def tokens_of(incoming: Incoming, counter: TokenCounter) -> int:
    """What the model will read of it. The name counts too: it stands in front where several people speak, and who
    will yet speak is not known when the message is stored."""
    return counter.count(f"{incoming.author.name}: {incoming.text}")


def _answer_message(text: str, counter: TokenCounter) -> tuple[Message, ...]:
    if not text.strip():
        return ()
    return (replace(text_message(Role.ASSISTANT, text), tokens=counter.count(text)),)
