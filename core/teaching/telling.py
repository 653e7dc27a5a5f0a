"""What the engine itself says in a session: grades, hints, answers, recaps. No model has a part in it, but for hints
that were not written with their question.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.persona import Persona
from core.store import Store
from core.store.teaching import Taught, about
from core.teaching.drafting import Drafting
from core.turn import Turn, Usage
from core.tutoring import showing
from core.tutoring.brief import hint_order, verdict
from core.tutoring.grading import Grade
from core.tutoring.hearing import Intent
from core.tutoring.ladder import NAMES, Rung
from core.tutoring.orders import HINT_SPEC, read_hint
from core.tutoring.question import Form, Purpose, gives_away, with_hints
from core.tutoring.session import Lesson, Question, Standing
from core.tutoring.steps import DIAGNOSES, StepKind

GENERAL = {
    Rung.NUDGE: "Read the question once more, slowly: which part of it have you not used yet?",
    Rung.PRINCIPLE: "Say in your own words which rule or idea this question is about, before you use it.",
    Rung.PART: "Do only the first step, and write down what you have then.",
    Rung.EXAMPLE: "Make up an easier question of the same kind, solve that, and do the same here.",
}
"""Hints for any question, where a model could write none that keeps its secret."""
HINTER = (
    "You write one hint for a learner who is working on a question. Write it in the language of the question, in "
    "one to "
    "four sentences."
)
CARE = (
    "You are not alone with this. Please speak with somebody you trust, today. If you are in danger, or might hurt "
    "yourself, call your local emergency number or a crisis line now. The lesson can wait as long as you like."
)
LATER = (
    "What you have learnt comes up again some days from now: `/tutor review` asks you then, and `/tutor remind 17-20` "
    "has me remind you within those hours."
)
WELCOME = "**{name}**\n{questions} questions first, so that the plan fits you. You cannot do anything wrong here."


class Telling:
    """Says what needs no model."""

    def __init__(self, store: Store, drafting: Drafting) -> None:
        self._store = store
        self._drafting = drafting

    def before(self, taught: Taught, now: datetime) -> str:
        """What comes first in the message: the grade of what was tried, or where we were."""
        lesson, heard = taught.lesson, taught.heard
        if heard is None:
            return ""
        if heard.intent is Intent.RESUME:
            return f"Welcome back.\n\n{showing.recap(lesson, now, _day)}"
        question = about(taught)
        if question is None:
            return "" if lesson.closed or lesson.open or lesson.objectives else _welcome(lesson)
        if heard.intent is Intent.CONTEST:
            return _looked_again(question)
        return _graded(question, heard.grade) if heard.grade is not None else ""

    async def told(
        self, turn: Turn, persona: Persona, taught: Taught, spent: Callable[[Usage], None], now: datetime
    ) -> str | None:
        """The message of the step, where the engine itself has it; None where it must be written."""
        lesson, step = taught.lesson, taught.step
        assert step is not None
        match step.kind:
            case StepKind.HINT if lesson.open is not None:
                return await self._hint(turn, persona, taught, lesson.open, Rung(step.rung), spent)
            case StepKind.SHOW:
                return _shown(about(taught))
            case StepKind.RECAP:
                return showing.recap(lesson, now, _day)
            case StepKind.TIME:
                return f"The {lesson.session.wanted.minutes} minutes are over.\n\n{showing.recap(lesson, now, _day)}"
            case StepKind.PAUSE:
                return f"Paused. `/tutor resume` goes on with *{lesson.session.name}*, whenever you like."
            case StepKind.WAIT:
                return "Let us go on where we were."
            case _:
                return None

    def after(self, taught: Taught) -> str:
        """What comes last: a question that is still open, or what the engine itself adds."""
        lesson, step = taught.lesson, taught.step
        assert step is not None
        if step.kind is StepKind.CARE:
            return CARE
        if step.kind is StepKind.DONE:
            return LATER
        if lesson.open is None or step.kind in (StepKind.ASK, StepKind.PAUSE):
            return ""
        if step.kind is StepKind.RETRY:
            return f"**Try again.** {lesson.open.asked.text}"
        if step.kind is StepKind.HINT:
            return ""
        return lesson.open.asked.shown

    async def _hint(
        self,
        turn: Turn,
        persona: Persona,
        taught: Taught,
        question: Question,
        rung: Rung,
        spent: Callable[[Usage], None],
    ) -> str:
        hints = list(question.asked.hints)
        if len(hints) < rung:
            hints.append(await self._drafted(turn, persona, question, Rung(len(hints) + 1), spent))
            hints += [GENERAL[Rung(number)] for number in range(len(hints) + 1, rung + 1)]
            await self._store.keep_hints(turn, taught, question.id, hints)
        first = "Try it first, even with a guess: that shows where to look. " if _demanded(taught) else ""
        return f"{first}**Hint {rung} of {len(Rung)}** ({NAMES[rung]}): {hints[rung - 1]}"

    async def _drafted(
        self, turn: Turn, persona: Persona, question: Question, rung: Rung, spent: Callable[[Usage], None]
    ) -> str:
        """A hint that the model wrote just now, and that keeps the secret."""

        def read(form: object) -> str:
            assert isinstance(form, dict)
            hint = read_hint(form)
            if gives_away(hint, question.asked) or not with_hints(question.asked, [hint]).hints:
                raise ValueError("hint: it gives the answer away")
            return hint

        lines = [f"Question: {question.asked.text}"]
        lines += [
            f"{letter}. {one.text}" for letter, one in zip(question.asked.letters, question.asked.options, strict=True)
        ]
        draft = await self._drafting.filled(
            turn,
            persona,
            HINT_SPEC,
            order=f"{HINTER} {hint_order(question, rung)}",
            material="\n".join(lines),
            read=read,
        )
        spent(draft.used)
        return draft.made or GENERAL[rung]


def _welcome(lesson: Lesson) -> str:
    number = {1: "One", 2: "Two", 3: "Three"}.get(DIAGNOSES, str(DIAGNOSES))
    return WELCOME.format(name=lesson.session.name, questions=number)


def _demanded(taught: Taught) -> bool:
    question = taught.lesson.open
    return taught.heard is not None and taught.heard.intent is Intent.ANSWER and (not question or question.tries == 0)


def _graded(question: Question, grade: Grade) -> str:
    """The grade of a try, in the engine's words. The answer stands in it only once the question is over."""
    chosen = ""
    if question.asked.form is Form.CHOICE and 0 <= grade.chosen < len(question.asked.options):
        letter, option = question.asked.letters[grade.chosen], question.asked.options[grade.chosen].text
        chosen = f"You chose {letter}. {option}: "
    word = verdict(grade)
    sign = {"right": "✅", "partly right": "🟡"}.get(word, "❌")
    points = f" ({sum(one.value == 'yes' for one in grade.met)} of {len(grade.met)} points)" if grade.met else ""
    first = f"{sign} {chosen}{word}{points}."
    if chosen == "":
        first = f"{sign} {word.capitalize()}{points}."
    if question.standing is Standing.OPEN or question.purpose is Purpose.DIAGNOSE:
        return first
    solution = "" if grade.right else f" Right is: {question.asked.key}."
    if grade.misconception:
        solution += f" What may stand behind your answer: {grade.misconception}."
    explanation = f"\n\n{question.asked.explanation}" if question.asked.explanation else ""
    return f"{first}{solution}{explanation}"


def _looked_again(question: Question) -> str:
    if question.standing is Standing.VOID:
        return "I looked again: that question was faulty, so it counts for nothing. Thank you for saying so."
    if question.score >= 0.8:
        return "I looked again: you were right. The grade is corrected."
    return "I looked again, and the grade stands. It counts once; the next question is a new chance."


def _shown(question: Question | None) -> str:
    if question is None:
        return ""
    explanation = f"\n\n{question.asked.explanation}" if question.asked.explanation else ""
    return (
        f"The answer: **{question.asked.key}**{explanation}\n\n"
        "It counts as shown, not as known: I will ask something like it later."
    )


def _day(moment: datetime) -> str:
    return f"on {moment:%A}, {moment.day} {moment:%B}"
