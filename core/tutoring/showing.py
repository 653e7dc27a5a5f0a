"""What a learner is shown of a session: the progress card, the recap, and why things are as they are. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from core.moments import moment
from core.tutoring.grading import RIGHT_FROM
from core.tutoring.mastery import MASTERED_FROM
from core.tutoring.session import Lesson, Objective, Question, SessionState, Standing

BAR = 10
"""Signs of a bar."""
MISTAKES = 5
STATES = {
    SessionState.ACTIVE: "going on",
    SessionState.PAUSED: "paused",
    SessionState.ENDED: "ended",
}


def bar(part: float, signs: int = BAR) -> str:
    """A part of one, drawn."""
    full = max(0, min(signs, round(part * signs)))
    return "█" * full + "░" * (signs - full)


def card(lesson: Lesson) -> str:
    """The plan with what is done, now and next: one message that is edited as the session moves."""
    session = lesson.session
    title = f"**{session.name}** · {session.wanted.level.value} · {STATES[session.state]}"
    if not lesson.objectives:
        return f"{title}\nFirst I find out what you know already; then there is a plan here."
    done, all_of_them = lesson.mastered, len(lesson.objectives)
    lines = [title, f"`{bar(done / all_of_them)}` {done} of {all_of_them} mastered", ""]
    now = lesson.now
    lines += [_line(one, now=now is not None and now.id == one.id) for one in lesson.objectives]
    return "\n".join(lines)


def _line(one: Objective, *, now: bool) -> str:
    mastery = one.mastery
    if mastery.mastered:
        return f"{one.position}. ✅ ~~{one.title}~~"
    sign = "▶️" if now else "▫️"
    part = f" `{bar(min(1.0, mastery.estimate / MASTERED_FROM), 5)}`" if one.evidence or now else ""
    return f"{one.position}. {sign} {'**' + one.title + '**' if now else one.title}{part}"


def recap(lesson: Lesson, now: datetime, said: Callable[[datetime], str] = moment) -> str:
    """What was learnt, what is shaky, mistakes to watch, and what is next and when. `said` writes an instant: as one
    that
    platforms show in the reader's own time, where the words are ours."""
    mastered = [one for one in lesson.objectives if one.mastery.mastered]
    shaky = [one for one in lesson.objectives if one.evidence and not one.mastery.mastered]
    parts = [f"**{lesson.session.name}: where we are**"]
    parts += _listed("You master", [one.title for one in mastered])
    parts += _listed("Still shaky", [f"{one.title}: {one.mastery.missing} to go" for one in shaky])
    parts += _listed("Mistakes to watch", mistakes(lesson))
    parts += _listed("Next", coming(lesson, now, said))
    if len(parts) == 1:
        parts.append("We have only just begun: nothing was answered yet.")
    return "\n\n".join(parts)


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["\n".join([f"**{title}**", *(f"- {line}" for line in lines)])] if lines else []


def mistakes(lesson: Lesson) -> list[str]:
    """The mistakes that were made, the most frequent first, each once."""
    found = Counter(
        one.misconception.strip() for one in lesson.closed if one.misconception and one.standing is not Standing.VOID
    )
    return [f"{text} ({times} times)" if times > 1 else text for text, times in found.most_common(MISTAKES)]


def coming(lesson: Lesson, now: datetime, said: Callable[[datetime], str]) -> list[str]:
    """What comes next, and when."""
    lines = []
    if lesson.open is not None:
        lines.append("one question is open: " + lesson.open.asked.text)
    if lesson.now is not None:
        lines.append(lesson.now.title)
    reviews = [(one.review.due, one.title) for one in lesson.objectives if one.review is not None]
    for due, title in sorted(reviews)[:3]:
        lines.append(f"review “{title}”: {'now' if due <= now else said(due)}")
    return lines


def why(lesson: Lesson, reason: str) -> str:
    """Why the tutor does what it does, and what its picture of the learner rests on."""
    parts = [reason] if reason else []
    objective = lesson.now
    if objective is None:
        return "\n\n".join([*parts, "Nothing in the plan is left to be mastered."])
    mastery = objective.mastery
    lines = [f"**{objective.title}** ({objective.kind.value}): about {mastery.estimate:.0%} sure that you master it."]
    if mastery.missing:
        lines.append(f"Missing: {mastery.missing}.")
    lines += [f"- {_told(one)}" for one in objective.questions[-6:]]
    return "\n\n".join([*parts, "\n".join(lines)])


def _told(question: Question) -> str:
    match question.standing:
        case Standing.VOID:
            return f"“{question.asked.text}”: faulty, so it counts for nothing"
        case Standing.SHOWN | Standing.GIVEN_UP:
            return f"“{question.asked.text}”: not answered, which counts as not known yet"
        case _:
            help_ = f", with {question.hints} hint{'s' if question.hints != 1 else ''}" if question.hints else ""
            tries = f", at try {question.tries}" if question.tries > 1 else ""
            word = "right" if question.score >= RIGHT_FROM else "not right" if question.score < 0.4 else "partly right"
            return f"“{question.asked.text}”: {word}{help_}{tries}"


def listed(lessons: Sequence[Lesson]) -> str:
    """Somebody's sessions, and how far each is."""
    if not lessons:
        return "You have no sessions yet. `/tutor start` begins one."
    return "\n".join(f"- **{one.session.name}**: {STATES[one.session.state]}, {_far(one)}" for one in lessons)


def _far(lesson: Lesson) -> str:
    return f"{lesson.mastered} of {len(lesson.objectives)} mastered" if lesson.objectives else "no plan yet"


def nothing_due(lessons: Sequence[Lesson]) -> str:
    """That there is nothing to review, and when there will be."""
    coming = [one.review.due for lesson in lessons for one in lesson.objectives if one.review is not None]
    if not coming:
        return "There is nothing to review yet: what you master comes up again some days later."
    return f"Nothing is due yet; the next review is {moment(min(coming))}."
