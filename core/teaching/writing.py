"""Has a model write a tutor's message, behind a screen, and sees to it that a question is asked where one is due.

What the model writes streams like any answer. The question comes as a call of `ask`, or is drafted for itself where the
model forgot it; one that it asked in prose instead becomes the question that is graded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog

from core.asking import Asking, Written
from core.listening import Listener
from core.ports import Clock, TokenCounter
from core.preparing import Prepared, Preparing
from core.rounds import Rounds, whole
from core.store import Store
from core.store.teaching import Taught, about
from core.store.tutoring.lessons import NewQuestion
from core.teaching.drafting import Drafting
from core.teaching.work import Work
from core.tools.tool import Handed, Scene, Tool
from core.turn import TurnState, Usage
from core.tutoring.brief import brief, order
from core.tutoring.orders import ASK, ASK_SPEC, SECRETS
from core.tutoring.question import Asked, BadQuestion, Form, gives_away, read_question
from core.tutoring.screen import Screen
from core.tutoring.session import Lesson, Question, Standing
from core.tutoring.steps import Step, StepKind

log = structlog.get_logger()

LEAVING = "We leave this question where it is; I explain what it is about."
FALLBACKS = {
    StepKind.RETRY: "Something in it is not right yet. Go through it once more, step by step.",
    StepKind.TALK: "Let us come back to what we were doing.",
    StepKind.DONE: "You master everything in this plan. Well done.",
    StepKind.CARE: "Thank you for telling me. That sounds hard, and it matters more than any lesson.",
    StepKind.EXPLAIN: "What matters here: {points}.",
    StepKind.GIVE_UP: "What matters here: {points}.",
}
"""What is said where nothing of what the model wrote may be shown."""


@dataclass(slots=True, kw_only=True)
class _Asking:
    """The question of one message."""

    question: Question | None


class Writing:
    """Writes what needs a model."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        counter: TokenCounter,
        preparing: Preparing,
        rounds: Rounds,
        drafting: Drafting,
    ) -> None:
        self._store = store
        self._clock = clock
        self._counter = counter
        self._preparing = preparing
        self._rounds = rounds
        self._drafting = drafting

    async def written(self, work: Work, before: str) -> Written:
        """The step's message was added to the work, after `before`, with its question where it has one. Where that did
        not come to its end, this is how it ended. Raises ModelError, LeaseLost, StoreUnavailable."""
        lesson, step = work.taught.lesson, work.taught.step
        assert step is not None
        asking = _Asking(question=work.taught.asked)
        screen = Screen(gives_away=_secret(work.taught))
        written = await self._prose(work, step, before, screen, asking)
        if screen.withheld:
            log.info("withheld", action="tutoring.withheld", turn=work.turn.id, sentences=screen.withheld)
        if written.error is not None or (written.end.state is not TurnState.DONE and written.end.reason != "empty"):
            return written
        if written.end.reason == "empty" and step.kind is not StepKind.ASK:
            work.say(_fallback(lesson, step))
        if step.kind is StepKind.ASK:
            if asking.question is None:
                asking.question = await self._drafted(work, step, screen.asked)
            work.say(asking.question.asked.shown)
        return written

    # ── prose ──

    async def _prose(self, work: Work, step: Step, before: str, screen: Screen, asking: _Asking) -> Written:
        found: list[Asking] = []
        prepared = await self._prepared(
            work,
            step,
            asking,
            Listener(
                add=work.add,
                rest=work.listener.rest,
                found=lambda one: _both(one, found, work.listener),
                doing=work.listener.doing,
            ),
        )
        if isinstance(prepared, Written):
            return prepared
        answer = prepared.answer
        if not answer.rounds:  # else it was shown with what an earlier owner's model wrote
            opening = "\n\n".join(part for part in (before, LEAVING if step.kind is StepKind.GIVE_UP else "") if part)
            work.say(opening)
            answer.opening = opening
            answer.text.write(opening)
        answer.screen, answer.whole = screen, lambda: asking.question is not None
        shown = len(work.written)
        # What an earlier owner's model wrote is not written again; only its question may still be missing.
        written = whole(answer) if answer.called(ASK) else await self._rounds.ended(answer)
        self._account(work, written, found)
        if written.end.reason == "stop" and len(work.written) == shown and not answer.rounds:
            return replace(written, end=replace(written.end, reason="empty"))
        return self._preparing.noted(written, prepared)

    async def _prepared(self, work: Work, step: Step, asking: _Asking, listener: Listener) -> Prepared | Written:
        lesson, heard = work.taught.lesson, work.taught.heard
        grade = heard.grade if heard is not None else None
        told = brief(lesson, step, self._clock.now(), just=about(work.taught), grade=grade)
        persona = replace(work.persona, prompt=f"{work.persona.prompt}\n\n{told}")
        tools = {ASK_SPEC.name: self._tool(work, step, asking)} if step.kind is StepKind.ASK else {}
        return await self._preparing.prepared(
            work.turn, replace(work.voice, persona=persona), persona, listener, tools=tools, before=work.used
        )

    def _account(self, work: Work, written: Written, found: list[Asking]) -> None:
        """What the rounds took is the work's, and so is what they have stored."""
        last = found[-1] if found else None
        if last is None:
            return
        used = last.before
        if written.usage is not None:
            used += written.usage
        elif last.prompt_tokens:
            text = work.written[last.kept :]
            used += Usage(prompt_tokens=last.prompt_tokens, completion_tokens=self._counter.count(text), estimated=True)
        if written.error is None:
            work.used, work.kept = used, last.kept
            work.spent(Usage())

    # ── the question ──

    def _tool(self, work: Work, step: Step, asking: _Asking) -> Tool:
        async def ask(_: Scene, arguments: Mapping[str, object]) -> Handed:
            try:
                asked = read_question(arguments, seed=work.taught.origin)
            except BadQuestion as faults:
                return Handed(text=f"The question cannot be used: {faults}. Call `ask` again.", failed=True)
            if gives_away(work.written, asked):
                return Handed(text="Your text has its answer in it. Ask about something else.", failed=True)
            asking.question = await self._asked(work, step, asked)
            return Handed(text="The question stands beneath your text. Write nothing more.")

        return Tool(spec=ASK_SPEC, doing="Thinking of a question", handler=ask, secrets=SECRETS)

    async def _asked(self, work: Work, step: Step, asked: Asked) -> Question:
        assert step.purpose is not None
        new = NewQuestion(objective=step.objective, purpose=step.purpose, asked=asked)
        return await self._store.ask_question(work.turn, work.taught, new, now=self._clock.now())

    async def _drafted(self, work: Work, step: Step, prose: list[str]) -> Question:
        """The question that the model did not ask in due form."""
        lesson = work.taught.lesson
        wish = f"\nThe tutor's text asked this; make it the question, in form: {prose[-1]}" if prose else ""
        said = work.taught.heard.said if work.taught.heard is not None else ""
        own = f"\nThe learner's task, between the lines:\n-----\n{said}\n-----" if said else ""

        def read(form: Mapping[str, object]) -> Asked:
            asked = read_question(form, seed=work.taught.origin)
            if gives_away(work.written, asked):
                raise BadQuestion("question: its answer stands in the tutor's text already; ask about something else")
            return asked

        draft = await self._drafting.filled(
            work.turn,
            work.persona,
            ASK_SPEC,
            order=brief(lesson, step, self._clock.now(), just=None, grade=None),
            material=f"{order(lesson, step)}\nThe tutor has just said:\n{work.written[-2_000:]}{wish}{own}",
            read=read,
        )
        work.spent(draft.used)
        return await self._asked(work, step, draft.made or _plain(lesson, step, prose, said))


def _both(one: Asking, found: list[Asking], listener: Listener) -> None:
    found.append(one)
    listener.found(one)


def _secret(taught: Taught) -> Callable[[str], bool]:
    """Whether a text tells what the learner is still to find out."""
    given_up = about(taught)
    question = taught.lesson.open or given_up
    if question is None or question.standing not in (Standing.OPEN, Standing.GIVEN_UP):
        return lambda _: False
    return lambda text: gives_away(text, question.asked, known=question.said)


def _fallback(lesson: Lesson, step: Step) -> str:
    objective = lesson.objective(step.objective)
    points = "; ".join(objective.points or (objective.title,)) if objective is not None else lesson.session.wanted.topic
    return FALLBACKS.get(step.kind, "").format(points=points)


def _plain(lesson: Lesson, step: Step, prose: list[str], said: str) -> Asked:
    """A question that needs no model: the one asked in prose, the learner's own task, or what they know."""
    objective = lesson.objective(step.objective)
    about = objective.title if objective is not None else lesson.session.wanted.topic
    own = said if step.purpose is not None and step.purpose.value == "task" else ""
    text = own[:1_500] or (prose[-1] if prose else f"In your own words: what do you know about “{about}”?")
    points = objective.points if objective is not None and objective.points else ("It is right, and says what matters",)
    return Asked(form=Form.TEXT, text=text, answer="; ".join(points), criteria=points)
