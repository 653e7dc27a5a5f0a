"""One turn of a tutoring session: what was said is read and settled, the step is chosen, and its message is written.

Each of the three is done once. Who takes the turn over finds what is settled and which step it is, and goes on from
there. The step's words come from the model, through a screen; grades, hints, questions and what comes next do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from core import endings
from core.asking import Written
from core.conversation import Message
from core.errors import ModelError
from core.listening import Listener
from core.ports import Clock, Finished, FinishReason, TokenCounter
from core.preparing import Preparing
from core.privacy import Place
from core.rounds import Rounds
from core.spending import Denied, Purse
from core.store import Store
from core.store.teaching import Taught, about
from core.teaching.cards import Cards
from core.teaching.drafting import Drafting
from core.teaching.planning import Planning
from core.teaching.reading import Reading
from core.teaching.telling import Telling
from core.teaching.work import Work
from core.teaching.writing import Writing
from core.turn import Turn, TurnState, Usage
from core.tutoring.deciding import following, settled
from core.tutoring.hearing import Intent
from core.tutoring.offers import offered
from core.tutoring.steps import DIAGNOSES, StepKind
from core.tutoring.teachers import teacher
from core.voices import Voices

log = structlog.get_logger()

BESIDES = 2_000
"""Tokens that reading a message and drafting a question take beside the answer, for the ledger."""
PROMPT = 3_000
EMPTY = "empty"


class Tutor:
    """Answers the turns of tutoring sessions."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        voices: Voices,
        purse: Purse,
        counter: TokenCounter,
        preparing: Preparing,
        rounds: Rounds,
        drafting: Drafting,
        cards: Cards,
    ) -> None:
        self._store = store
        self._clock = clock
        self._voices = voices
        self._purse = purse
        self._reading = Reading(drafting)
        self._planning = Planning(drafting)
        self._telling = Telling(store, drafting)
        self._writing = Writing(
            store=store, clock=clock, counter=counter, preparing=preparing, rounds=rounds, drafting=drafting
        )
        self._cards = cards

    async def answered(self, turn: Turn, taught: Taught, asked: Sequence[Message], listener: Listener) -> Written:
        """The tutor's answer was given to the listener, and this is how it ended. Raises LeaseLost,
        StoreUnavailable."""
        session = taught.lesson.session
        home = Place(platform=session.key.platform, workspace=session.home)
        voice = await self._voices.teaching(turn, home, teacher(session.wanted.subject))
        work = Work(turn=turn, taught=taught, voice=voice, listener=listener)
        work.spent(Usage())
        refusal = await self._refusal(work)
        if refusal is not None:
            return refusal
        try:
            await self._settled(work, "\n".join(message.text for message in asked))
            await self._stepped(work)
            written = await self._said(work)
        except ModelError as error:
            log.warning(
                "tutor's model failed", action="tutoring.model_failed", turn=turn.id, error=type(error).__name__
            )
            return Written(
                end=endings.failed(error, text=work.written), error=error, private=work.private, silent=not work.written
            )
        return replace(written, private=(*work.private, *written.private))

    async def _refusal(self, work: Work) -> Written | None:
        granted = await self._purse.reserve(
            work.turn, work.voice, work.persona, prompt_tokens=PROMPT, answer_cap=BESIDES
        )
        if isinstance(granted, Denied):
            return Written(end=endings.refused(), private=(granted.sentence,))
        work.private = granted.warnings
        return None

    # ── what was said ──

    async def _settled(self, work: Work, said: str) -> None:
        if work.taught.heard is not None:
            return
        told = await self._reading.heard(work.turn, work.persona, work.taught.lesson, said)
        work.spent(told.used)
        now = self._clock.now()
        settlement = settled(work.taught.lesson, told.heard, now)
        work.taught = await self._store.settle(work.turn, work.taught, told.heard, settlement, now=now)
        log.info(
            "heard",
            action="tutoring.heard",
            turn=work.turn.id,
            session=work.taught.lesson.session.id,
            intent=told.heard.intent.value,
        )

    # ── what comes next ──

    async def _stepped(self, work: Work) -> None:
        heard = work.taught.heard
        assert heard is not None
        if work.taught.step is None:
            lesson = work.taught.lesson
            if not lesson.objectives and lesson.diagnosed >= DIAGNOSES and lesson.open is None:
                await self._planned(work, change="")
            elif heard.intent is Intent.PLAN and lesson.objectives:
                await self._planned(work, change=heard.said)
            now = self._clock.now()
            step = following(work.taught.lesson, heard, about(work.taught), now)
            work.taught = await self._store.take_step(work.turn, work.taught, step, now=now)
            log.info("step", action="tutoring.step", turn=work.turn.id, step=step.kind.value)
            if step.kind in (StepKind.DONE, StepKind.TIME):
                await self._noted(work)
        await self._cards.show(work.taught.lesson)

    async def _noted(self, work: Work) -> None:
        """What the session has shown of how the learner learns goes with them into the next one. That it cannot be
        noted is no reason to keep them waiting."""
        session = work.taught.lesson.session
        try:
            draft = await self._planning.note(work.turn, work.persona, work.taught.lesson)
        except ModelError:
            return
        work.spent(draft.used)
        if draft.made is not None:
            await self._store.set_learner_note(Place.of(session.key).whole, session.learner, draft.made)

    async def _planned(self, work: Work, *, change: str) -> None:
        lesson = work.taught.lesson
        draft = await self._planning.plan(work.turn, work.persona, lesson, change=change)
        work.spent(draft.used)
        if draft.made is None:
            return
        planned = await self._store.plan(work.turn, work.taught, draft.made)
        work.taught = replace(work.taught, lesson=planned)

    # ── the message ──

    async def _said(self, work: Work) -> Written:
        """The step's message is whole."""
        before = self._telling.before(work.taught, self._clock.now())
        told = await self._telling.told(work.turn, work.persona, work.taught, work.spent, self._clock.now())
        written = None
        if told is not None:
            work.say(before)
            work.say(told)
        else:
            written = await self._writing.written(work, before)
            if written.error is not None or (written.end.state is not TurnState.DONE and written.end.reason != EMPTY):
                return written
        work.say(self._telling.after(work.taught))
        return await self._whole(work, written)

    async def _whole(self, work: Work, written: Written | None) -> Written:
        end = endings.finished(Finished(reason=FinishReason.STOP), text=work.written)
        if written is not None and written.end.ending.notice and work.written.strip():
            end = endings.noting(end, written.end.ending.notice)
        fresh = await self._store.lesson(work.taught.lesson.session.id)
        lesson, step = fresh or work.taught.lesson, work.taught.step
        assert step is not None
        buttons = offered(lesson, step, lesson.open)
        ending = replace(end.ending, buttons=buttons)
        await self._cards.show(lesson)
        return Written(end=replace(end, ending=ending), private=() if written is None else written.private)
