"""The forms in which a model does its part: what it is asked to fill in, and how what it filled in is read. Pure.

Each is a function for models that call functions, and one JSON object for those that do not.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.mentions import unmarked
from core.ports import ToolSpec
from core.tutoring.grading import Grade, Met, by_criteria
from core.tutoring.hearing import Heard, Intent
from core.tutoring.mastery import Kind
from core.tutoring.question import LONGEST_HINT, Form

GRADE, ASK, HINT, PLAN, REGRADE, NOTE = "grade", "ask", "hint", "plan", "regrade", "note"
LONGEST_NOTED = 600
HEARD = tuple(
    intent.value for intent in Intent if intent not in (Intent.RESUME, Intent.QUIZ)
)  # those two are buttons alone


class BadReading(ValueError):
    """The text tells a model what to mend."""


def _object(properties: Mapping[str, object], *required: str) -> dict[str, object]:
    return {"type": "object", "properties": dict(properties), "required": list(required)}


_MET = {
    "type": "array",
    "items": {"type": "string", "enum": [one.value for one in Met]},
    "description": "For an attempt: whether each criterion is met, in their order. Judge what stands there, "
    "nothing else.",
}
_MISCONCEPTION = {
    "type": "string",
    "description": "For a wrong attempt: the mistake behind it, in a few words, such as `adds the denominators`",
}

GRADE_SPEC = ToolSpec(
    name=GRADE,
    description="Say what the learner's message is, and judge it where it answers the open question.",
    parameters=_object(
        {
            "intent": {
                "type": "string",
                "enum": list(HEARD),
                "description": (
                    "attempt: it answers the open question, well or badly. hint, stuck: wants help. answer: "
                    "demands the "
                    "answer. ask: asks something about the matter. ready: wants to go on. differently: wants another "
                    "explanation. plan: wants the plan changed. task: brings a task of its own. contest: says the last "
                    "grade is wrong. recap, pause. distress: somebody in need of help from people. talk: anything else"
                ),
            },
            "met": _MET,
            "misconception": _MISCONCEPTION,
            "graded_work": {
                "type": "boolean",
                "description": "The message says or shows that it is homework, an exam, or other work that is graded",
            },
        },
        "intent",
    ),
)
REGRADE_SPEC = ToolSpec(
    name=REGRADE,
    description="Look again at an answer whose grade the learner contests.",
    parameters=_object(
        {
            "right": {"type": "boolean", "description": "The answer is right after all"},
            "met": _MET,
            "faulty": {"type": "boolean", "description": "The question or its expected answer is wrong"},
        },
        "right",
        "faulty",
    ),
)
ASK_SPEC = ToolSpec(
    name=ASK,
    description="Ask the learner one question. It is shown beneath your text; the learner answers in the next message.",
    parameters=_object(
        {
            "question": {"type": "string", "description": "One question, whole: all that is needed to answer it"},
            "form": {"type": "string", "enum": [form.value for form in Form]},
            "choices": {
                "type": "array",
                "description": "For choice: 2 to 6 answers, one of them right, the others what real mistakes lead to",
                "items": _object(
                    {
                        "text": {"type": "string"},
                        "misconception": {"type": "string", "description": "What somebody believes who chooses it"},
                    },
                    "text",
                ),
            },
            "answer": {
                "type": "string",
                "description": (
                    "What is right. choice: the exact text of the right one. number: the number alone. text: what a "
                    "good answer says"
                ),
            },
            "tolerance": {"type": "string", "description": "For number: how far off it may be"},
            "criteria": {
                "type": "array",
                "items": {"type": "string"},
                "description": "For text: 1 to 4 points that an answer must have in it, each checkable",
            },
            "hints": {
                "type": "array",
                "items": {"type": "string"},
                "description": (
                    "Four, none of which gives the answer away: a nudge; the principle; part of one step; a worked "
                    "example of a similar question"
                ),
            },
            "explanation": {"type": "string", "description": "Why the answer is right, shown after it was given"},
        },
        "question",
        "form",
        "answer",
    ),
)
SECRETS = frozenset({"answer", "choices", "criteria", "hints", "explanation", "tolerance"})
"""What of a question is the engine's alone. The choices name which mistakes they stand for."""

NOTE_SPEC = ToolSpec(
    name=NOTE,
    description="Note how this person learns, for their next tutor.",
    parameters=_object({"note": {"type": "string", "maxLength": LONGEST_NOTED}}, "note"),
)
HINT_SPEC = ToolSpec(
    name=HINT,
    description="Write one hint.",
    parameters=_object({"hint": {"type": "string", "maxLength": LONGEST_HINT}}, "hint"),
)
PLAN_SPEC = ToolSpec(
    name=PLAN,
    description="Write the plan of a session: what is to be learnt, in the order in which it is learnt.",
    parameters=_object(
        {
            "objectives": {
                "type": "array",
                "description": "From 3 to 8, small enough to be mastered in some minutes each",
                "items": _object(
                    {
                        "title": {"type": "string", "description": "What the learner can do then, in a few words"},
                        "kind": {"type": "string", "enum": [kind.value for kind in Kind]},
                        "points": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "1 to 4 things that show it is mastered",
                        },
                    },
                    "title",
                    "kind",
                ),
            }
        },
        "objectives",
    ),
)


def read_heard(document: Mapping[str, object], *, criteria: int, open_question: bool) -> Heard:
    """What a model made of a message. `criteria`: how many an attempt is judged by; 0 where code grades it, or nothing
    is open. Raises BadReading."""
    said = str(document.get("intent") or "").strip().lower()
    if said not in HEARD:
        raise BadReading(f"intent: one of {', '.join(HEARD)}")
    intent, graded = Intent(said), document.get("graded_work") is True
    if intent is Intent.ATTEMPT and not open_question:
        intent = Intent.TALK
    if intent is not Intent.ATTEMPT:
        return Heard(intent=intent, graded_work=graded)
    if not criteria:  # code grades it, and the model has only said that it is meant as an answer
        return Heard(intent=intent, graded_work=graded)
    misconception = unmarked(str(document.get("misconception") or "")).strip()[:200]
    grade = by_criteria(_met(document, criteria), misconception=misconception)
    return Heard(intent=intent, grade=grade, graded_work=graded)


def read_regrade(document: Mapping[str, object], *, criteria: int) -> Heard:
    """What a second look found. Raises BadReading."""
    if not isinstance(document.get("right"), bool):
        raise BadReading("right: true or false")
    if document.get("faulty") is True:
        return Heard(intent=Intent.CONTEST, faulty=True)
    if criteria and document.get("met") is not None:
        return Heard(intent=Intent.CONTEST, grade=by_criteria(_met(document, criteria)))
    # Without criteria code has graded, and code does not err about what it was given: only the question can be wrong.
    score = 1.0 if document["right"] is True and criteria else 0.0
    return Heard(intent=Intent.CONTEST, grade=Grade(score=score))


def read_hint(document: Mapping[str, object]) -> str:
    """The hint. Raises BadReading."""
    hint = document.get("hint")
    if not isinstance(hint, str) or not hint.strip():
        raise BadReading("hint: it is missing")
    if len(hint) > LONGEST_HINT:
        raise BadReading(f"hint: at most {LONGEST_HINT} characters")
    return hint.strip()


def read_note(document: Mapping[str, object]) -> str:
    """The note. Raises BadReading."""
    note = document.get("note")
    if not isinstance(note, str) or not note.strip():
        raise BadReading("note: it is missing")
    if len(note) > LONGEST_NOTED:
        raise BadReading(f"note: at most {LONGEST_NOTED} characters")
    return unmarked(" ".join(note.split()))


def _met(document: Mapping[str, object], criteria: int) -> list[Met]:
    given = document.get("met")
    if not isinstance(given, list) or len(given) != criteria:
        raise BadReading(f"met: a list of {criteria}, one for each criterion: yes, partly or no")
    words = {"true": "yes", "false": "no", "1": "yes", "0": "no", "partially": "partly", "partial": "partly"}
    found = []
    for one in given:
        said = str(one).strip().lower()
        try:
            found.append(Met(words.get(said, said)))
        except ValueError:
            raise BadReading("met: each is yes, partly or no") from None
    return found
