"""The buttons under a tutor's messages. Pure: they are declared once, and each platform draws them."""

from __future__ import annotations

from core.interaction import Button, Style
from core.tutoring.grading import RIGHT_FROM
from core.tutoring.question import Form
from core.tutoring.session import Lesson, Question, SessionState, Standing
from core.tutoring.steps import Step, StepKind

COMMAND = "tutor"
CHOOSE, HINT, STUCK, CHECK = "choose", "hint", "stuck", "check"
QUIZ, DIFFERENTLY, RECAP, PAUSE = "quiz", "differently", "recap", "pause"
GO_ON, CONTEST, RESUME, QUIET = "go_on", "contest", "resume", "quiet"
LONGEST_CHOICE = 60
"""Characters up to which a choice stands on its button."""


def button(label: str, action: str, number: int, style: Style = Style.PLAIN, *, more: str = "") -> Button:
    """One button about a session or a question."""
    return Button(label=label, action=f"{COMMAND}.{action}", value=f"{number}{more}", style=style)


def offered(lesson: Lesson, step: Step, question: Question | None) -> tuple[Button, ...]:
    """What stands under the message of that step; `question` is the one that is open."""
    session = lesson.session
    if session.state is SessionState.PAUSED:
        return (button("Go on", RESUME, session.id, Style.PRIMARY),)
    if session.state is SessionState.ENDED or step.kind is StepKind.CARE:
        return ()
    if question is not None:
        return (*choices(question), *_while_open(lesson, question))
    return (*_contesting(lesson, step), *_while_none_is_open(lesson, step))


def choices(question: Question) -> tuple[Button, ...]:
    """One for each answer to choose from, none where there is nothing to choose."""
    if question.asked.form is not Form.CHOICE:
        return ()
    options = list(zip(question.asked.letters, question.asked.options, strict=True))
    short = all(len(one.text) <= LONGEST_CHOICE for _, one in options)
    return tuple(
        button(f"{letter}. {one.text}" if short else letter, CHOOSE, question.id, Style.PRIMARY, more=f":{number}")
        for number, (letter, one) in enumerate(options)
    )


def _while_open(lesson: Lesson, question: Question) -> tuple[Button, ...]:
    answer = () if question.asked.form is Form.CHOICE else (button("Check my answer", CHECK, question.id),)
    about = (button("Explain differently", DIFFERENTLY, lesson.session.id),) if question.objective else ()
    return (
        button("Hint", HINT, question.id),
        *answer,
        button("I'm stuck", STUCK, question.id),
        *about,
        button("Pause", PAUSE, lesson.session.id),
    )


def _while_none_is_open(lesson: Lesson, step: Step) -> tuple[Button, ...]:
    number = lesson.session.id
    first = (button("Go on", GO_ON, number, Style.PRIMARY),)
    learning = (
        (button("Quiz me", QUIZ, number), button("Explain differently", DIFFERENTLY, number))
        if lesson.now is not None
        else ()
    )
    recap = () if step.kind is StepKind.RECAP else (button("Recap", RECAP, number),)
    return (*first, *learning, *recap, button("Pause", PAUSE, number))


def _contesting(lesson: Lesson, step: Step) -> tuple[Button, ...]:
    last = lesson.last
    if last is None or last.contested or last.standing is not Standing.ANSWERED or last.score >= RIGHT_FROM:
        return ()
    return (button("That grade is wrong", CONTEST, last.id),) if step.kind is StepKind.EXPLAIN else ()
