"""Values of tutoring as JSON, and back. The shapes are our own and read by nobody else."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from core.conversation import ConversationKey
from core.incoming import ReplyTarget
from core.tutoring.grading import Grade, Met
from core.tutoring.hearing import Heard, Intent
from core.tutoring.question import Asked, Form, Option, Purpose
from core.tutoring.reviews import Review
from core.tutoring.session import Wanted
from core.tutoring.steps import Step, StepKind
from core.tutoring.teachers import Level, Subject

Json = dict[str, Any]


def wanted_document(wanted: Wanted) -> Json:
    """What was wanted of a session, without its name and course, which have columns of their own."""
    return {
        "topic": wanted.topic,
        "level": wanted.level.value,
        "subject": wanted.subject.value,
        "goal": wanted.goal,
        "language": wanted.language,
        "minutes": wanted.minutes,
        "graded": wanted.graded,
    }


def wanted_of(document: Json, *, name: str, course: int | None) -> Wanted:
    """The value again."""
    return Wanted(
        name=name,
        topic=document["topic"],
        level=Level(document["level"]),
        subject=Subject(document["subject"]),
        goal=document["goal"],
        language=document["language"],
        minutes=document["minutes"],
        graded=document["graded"],
        course=course,
    )


def target_document(target: ReplyTarget) -> Json:
    """Where somebody is spoken to."""
    return {"key": str(target.key), "kind": target.kind, "details": dict(target.details)}


def target_of(document: Json) -> ReplyTarget:
    """The value again."""
    return ReplyTarget(
        key=ConversationKey.parse(document["key"]), kind=document["kind"], details=dict(document["details"])
    )


def asked_document(asked: Asked) -> Json:
    """A question, with its key."""
    return {
        "form": asked.form.value,
        "text": asked.text,
        "options": [[one.text, one.misconception] for one in asked.options],
        "right": asked.right,
        "number": None if asked.number is None else str(asked.number),
        "tolerance": str(asked.tolerance),
        "answer": asked.answer,
        "criteria": list(asked.criteria),
        "hints": list(asked.hints),
        "explanation": asked.explanation,
    }


def asked_of(document: Json) -> Asked:
    """The value again."""
    return Asked(
        form=Form(document["form"]),
        text=document["text"],
        options=tuple(Option(text=text, misconception=mistaken) for text, mistaken in document["options"]),
        right=document["right"],
        number=None if document["number"] is None else Fraction(document["number"]),
        tolerance=Fraction(document["tolerance"]),
        answer=document["answer"],
        criteria=tuple(document["criteria"]),
        hints=tuple(document["hints"]),
        explanation=document["explanation"],
    )


def heard_document(heard: Heard) -> Json:
    """What was made of a message."""
    grade = heard.grade
    return {
        "intent": heard.intent.value,
        "faulty": heard.faulty,
        "graded_work": heard.graded_work,
        "grade": None
        if grade is None
        else {
            "score": grade.score,
            "misconception": grade.misconception,
            "met": [one.value for one in grade.met],
            "chosen": grade.chosen,
        },
    }


def heard_of(document: Json) -> Heard:
    """The value again."""
    grade = document["grade"]
    return Heard(
        intent=Intent(document["intent"]),
        faulty=document["faulty"],
        graded_work=document["graded_work"],
        grade=None
        if grade is None
        else Grade(
            score=grade["score"],
            misconception=grade["misconception"],
            met=tuple(Met(one) for one in grade["met"]),
            chosen=grade["chosen"],
        ),
    )


def step_document(step: Step) -> Json:
    """What a turn does."""
    return {
        "kind": step.kind.value,
        "objective": step.objective,
        "purpose": step.purpose.value if step.purpose is not None else None,
        "rung": step.rung,
        "choices": step.choices,
        "why": step.why,
    }


def step_of(document: Json) -> Step:
    """The value again."""
    return Step(
        kind=StepKind(document["kind"]),
        objective=document["objective"],
        purpose=Purpose(document["purpose"]) if document["purpose"] is not None else None,
        rung=document["rung"],
        choices=document["choices"],
        why=document["why"],
    )


def review_of(document: Json | None, due: datetime | None) -> Review | None:
    """When an objective comes up again."""
    return Review(document=document, due=due) if document is not None and due is not None else None
