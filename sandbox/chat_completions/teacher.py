"""The demo's part in a tutoring session: a lesson on percentages, scripted, whatever the topic is.

It fills in the forms that a tutor's engine asks a model for (questions with their keys, plans, judgements), so that a
session can be tried without a real model. What it says of an answer goes by words alone; it understands nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Answer, ToolCall

Form = dict[str, Any]

NUMBERS = (
    ("What is 10 % of 250?", "25", "A tenth of 250."),
    ("A shirt costs 40 euros and becomes 25 % cheaper. How many euros is that less?", "10", "A quarter of 40."),
    ("What is 30 % of 90?", "27", "10 % are 9, three times that."),
    ("Of 80 pupils 15 % walk to school. How many are that?", "12", "10 % are 8, 5 % are half of it."),
    ("What is 5 % of 620?", "31", "10 % are 62, and half of that."),
    ("A rent of 700 rises by 3 %. By how much does it rise?", "21", "1 % is 7, three times that."),
    ("What is 75 % of 44?", "33", "A quarter is 11, three of them."),
    ("Of 1200 votes 8 % are blank. How many are blank?", "96", "1 % is 12, eight times that."),
)
CHOICES = (
    (
        "A price rises by 10 % and then falls by 10 %. How does it end?",
        (("as it began", "takes per cent of different wholes together"), ("lower", ""), ("higher", "guesses")),
        "lower",
        "The 10 % that go are of a larger price than those that came.",
    ),
    (
        "What does 1 % mean?",
        (("one of a hundred", ""), ("one of ten", "mixes up tenths"), ("a hundred", "mixes up the whole")),
        "one of a hundred",
        "Per cent is Latin for: of each hundred.",
    ),
)
WORDS = (
    (
        "Explain in your own words what a percentage says.",
        "It says how many of each hundred, so it is a part of a whole that must be named",
        ("of each hundred", "of which whole"),
    ),
    (
        "Why can 50 % of one thing be less than 10 % of another?",
        "Because the wholes differ: a large whole has large parts",
        ("the wholes differ",),
    ),
)
PLAN = {
    "objectives": [
        {"title": "Take a percentage of a number", "kind": "procedure", "points": ["finds 10 % and 1 % first"]},
        {"title": "Say what a percentage is", "kind": "concept", "points": ["part of a hundred", "names the whole"]},
        {"title": "Know common percentages", "kind": "fact", "points": ["25 % is a quarter", "20 % is a fifth"]},
    ]
}
PROSE = (
    (
        "Explain",
        "One per cent is one of a hundred. So 10 % is a tenth, and you find it by moving the point by one place: "
        "10 % of "
        "350 is 35. From there everything else is built: 5 % is half of it, 20 % is twice.",
    ),
    (
        "Say in one",
        "You have begun well. Look once more at which number the per cent belongs to, and find 10 % of it first.",
    ),
    ("Answer what", "A good thought. Keep it for a moment, and let us come back to what we were doing."),
    ("Everything is", "You can take percentages now, and say what they mean. Well done."),
    ("The learner is not well", "Thank you for telling me. That matters more than any percentage."),
)
FORMS = frozenset({"ask", "grade", "plan", "hint", "regrade", "note"})


def teaches(question: Question) -> bool:
    """Whether the request is one of a tutoring session."""
    return bool(FORMS & set(question.tool_names)) or "You tutor one learner." in _system(question)


def reply(question: Question) -> Answer:
    """The teacher's answer."""
    forced = _forced(question)
    if forced:
        return _call(forced, _MAKERS.get(forced, _plan)(question))
    order = _order(question)
    said = next((text for begins, text in PROSE if begins in order[:60]), "Let us see.")
    return Answer(text=said, tool_calls=(_called("ask", _ask(question)),) if "ask" in question.tool_names else ())


def _call(name: str, form: Form) -> Answer:
    return Answer(tool_calls=(_called(name, form),))


def _called(name: str, form: Form) -> ToolCall:
    return ToolCall(name=name, arguments=json.dumps(form, ensure_ascii=False))


def _forced(question: Question) -> str:
    choice = question.body.get("tool_choice")
    name = str((choice.get("function") or {}).get("name") or "") if isinstance(choice, dict) else ""
    return name if name in FORMS else ""


def _system(question: Question) -> str:
    first = question.messages[0]
    return str(first["content"]) if first["role"] == "system" else ""


def _order(question: Question) -> str:
    return _system(question).rpartition("# Your message now\n")[2]


def _asked_before(question: Question) -> int:
    return sum(str(one.get("content") or "").count("**Question.**") for one in question.messages)


def _ask(question: Question) -> Form:
    order, number = _order(question) + question.last_said, _asked_before(question)
    if "form text" in order:
        text, answer, criteria = WORDS[number % len(WORDS)]
        return {"question": text, "form": "text", "answer": answer, "criteria": list(criteria), "hints": _hints()}
    if "form choice" in order or "fact" in order or number % 4 == 3:
        text, options, answer, why = CHOICES[number % len(CHOICES)]
        choices = [{"text": option, "misconception": mistake} for option, mistake in options]
        return {"question": text, "form": "choice", "choices": choices, "answer": answer, "explanation": why}
    text, answer, why = NUMBERS[number % len(NUMBERS)]
    return {"question": text, "form": "number", "answer": answer, "explanation": why, "hints": _hints()}


def _hints() -> list[str]:
    return [
        "Which number is the whole?",
        "Ten per cent is a tenth of the whole; other percentages are made of it.",
        "Write down a tenth of the whole first.",
        "20 % of 60: a tenth is 6, twice that is 12.",
    ]


def _grade(question: Question) -> Form:
    said = question.last_said.split("-----")[1].strip().lower() if "-----" in question.last_said else ""
    graded = any(word in said for word in ("graded", "homework", "exam"))
    intent = next((intent for pattern, intent in _INTENTS if re.search(pattern, said)), None)
    criteria = re.findall(r"^Criterion \d+: (.*)$", question.last_said, re.MULTILINE)
    if intent is None and criteria:
        met = ["yes" if _meets(said, one) else "no" for one in criteria]
        return {"intent": "attempt", "met": met, "misconception": "leaves out the whole", "graded_work": graded}
    return {
        "intent": intent or ("talk" if "No question is open" in question.last_said else "attempt"),
        "graded_work": graded,
    }


_INTENTS = (
    (r"homework|solve (this|my)", "task"),
    (r"\bhint\b", "hint"),
    (r"tell me the answer|just the answer", "answer"),
    (r"stuck|no idea|don't know", "stuck"),
    (r"^(ok|go on|next|ready|understood|got it)\b", "ready"),
    (r"\bplan\b", "plan"),
    (r"\?$", "ask"),
)


def _meets(said: str, criterion: str) -> bool:
    words = [word for word in re.findall(r"[a-z]{4,}", criterion.lower()) if word not in ("which", "each")]
    return any(word.rstrip("s") in said for word in words)


def _hint(_question: Question) -> Form:
    return {"hint": _hints()[0]}


def _plan(_question: Question) -> Form:
    return dict(PLAN)


def _regrade(_question: Question) -> Form:
    return {"right": False, "faulty": False}


_MAKERS: Mapping[str, Callable[[Question], Form]] = {
    "ask": _ask,
    "grade": _grade,
    "plan": _plan,
    "hint": _hint,
    "regrade": _regrade,
    "note": lambda _: {"note": "Likes numbers that come out cleanly, and forgets to name the whole."},
}
