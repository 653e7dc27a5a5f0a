"""`/tutor course`, `/tutor class` and `/tutor honesty`: what admins give a channel to learn, and what they see of
it."""

from __future__ import annotations

from dataclasses import replace

from core.audit import AuditEntry, entry
from core.commands.foreign import plain
from core.commands.settings import ADMINS_ONLY
from core.commands.tutoring.learning import Learning
from core.commands.tutoring.starting import LEVELS, begin
from core.errors import SurfaceError
from core.incoming import Incoming
from core.interaction import Answer, Choice, Field, FieldKind, Form
from core.mentions import unmarked
from core.privacy import Place
from core.tutoring.course import SMALLEST_GROUP, Class, Course, class_of
from core.tutoring.plan import BadPlan, read_course
from core.tutoring.session import LONGEST_LANGUAGE, LONGEST_NAME, Wanted
from core.tutoring.subjects import subject_of
from core.tutoring.teachers import Level

COURSE = "tutor.course"
NO_COURSE = "This channel has no course. An admin can give it one with `/tutor course edit`."
HERE_ONLY = "A course belongs to a channel: use the command there."
TOO_FEW = (
    f"Fewer than {SMALLEST_GROUP} people learn this course, so nothing is shown: everybody would know who is meant."
)
LARGEST = 100_000
"""Bytes of a file with objectives."""
EXAMPLE = "Add fractions (procedure)\n  with different denominators\nSay what a fraction is (concept)"
SO = f"Write an objective a line, such as:\n```\n{EXAMPLE}\n```"
RULE = {
    True: "Work that will be graded is coached, and never solved. That is the rule here.",
    False: "Work that will be graded may be solved here, after the learner's own try.",
}


class Courses:
    """Courses of channels."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def call(self, incoming: Incoming, verb: str) -> Answer | None:
        """What was asked for."""
        if verb == "honesty":
            return await self._honesty(incoming)
        if not incoming.shared:
            return Answer(text=HERE_ONLY)
        do = incoming.options.get("do", "show") if verb == "course" else "class"
        course = await self._learning.store.course(Place.of(incoming.key))
        if do in ("edit", "remove", "class") and not incoming.author.runs_channel:
            return await self._refused(incoming, do)
        match do:
            case "edit":
                return Answer(text="Fill in the form.", form=_form(course))
            case "remove":
                by = self._entry(incoming, "remove")
                gone = await self._learning.store.remove_course(Place.of(incoming.key), by=by)
                return Answer(text="The course is gone. Sessions that were begun stay." if gone else NO_COURSE)
            case _ if course is None:
                return Answer(text=NO_COURSE)
            case "join":
                return await self._joined(incoming, course)
            case "class":
                lessons = await self._learning.store.course_lessons(course.id)
                return Answer(text=_class(course, class_of(course, lessons)))
            case _:
                return Answer(text=_shown(course))

    async def submitted(self, incoming: Incoming) -> Answer:
        """The course of the form is the channel's."""
        if not incoming.author.runs_channel:
            return await self._refused(incoming, "edit")
        options = incoming.options
        title = unmarked(" ".join(options.get("title", "").split()))[:LONGEST_NAME]
        try:
            text = options.get("objectives", "") or await self._file(incoming)
            aims = read_course(text)
        except (BadPlan, UnicodeDecodeError, SurfaceError) as problem:
            reason = str(problem) if isinstance(problem, BadPlan) else "the file could not be read as text"
            return Answer(
                text=f"Nothing was changed: {reason}. Write an objective a line, such as:\n```\n{EXAMPLE}\n```"
            )
        level = options.get("level", "")
        course = Course(
            id=0,
            title=title or "Course",
            level=Level(level) if level in set(Level) else Level.ADULT,
            subject=subject_of(f"{title} {text[:2_000]}"),
            aims=aims,
            language=" ".join(options.get("language", "").split())[:LONGEST_LANGUAGE],
        )
        by = self._entry(incoming, "edit")
        await self._learning.store.set_course(Place.of(incoming.key), course, by=by, now=self._learning.clock.now())
        return Answer(text=f"{_shown(course)}\n\nMembers join with `/tutor course join`.")

    async def _file(self, incoming: Incoming) -> str:
        if not incoming.attachments:
            return ""
        outlet = self._learning.outlets[incoming.key.platform]
        return (await outlet.fetch(incoming.attachments[0], most=LARGEST)).decode("utf-8-sig")

    async def _joined(self, incoming: Incoming, course: Course) -> Answer | None:
        wanted = Wanted(
            name=course.title,
            topic=course.title,
            level=course.level,
            subject=course.subject,
            language=course.language,
            course=course.id,
        )
        return await begin(self._learning, incoming, wanted, course.aims)

    async def _honesty(self, incoming: Incoming) -> Answer:
        place, said = Place.of(incoming.key).whole, incoming.options.get("rule", "").strip().lower()
        store = self._learning.store
        if not said:
            return Answer(text=RULE[await store.honest(place)])
        if not incoming.author.admin:
            return await self._refused(incoming, "honesty")
        if said not in ("on", "off"):
            return Answer(text="Write `/tutor honesty on` or `/tutor honesty off`.")
        by = self._entry(incoming, "honesty", rule=said)
        await store.set_honest(place, on=said == "on", by=by, now=self._learning.clock.now())
        return Answer(text=RULE[said == "on"])

    async def _refused(self, incoming: Incoming, do: str) -> Answer:
        await self._learning.store.record_audit(replace(self._entry(incoming, do), allowed=False))
        return Answer(text=ADMINS_ONLY)

    def _entry(self, incoming: Incoming, do: str, **details: object) -> AuditEntry:
        made = entry(incoming, f"tutor.{do}", now=self._learning.clock.now())
        return replace(made, details=details)


def _form(course: Course | None) -> Form:
    typed = "" if course is None else _typed(course)
    return Form(
        action=COURSE,
        title="A course here",
        fields=(
            Field(
                name="title",
                label="What is it called?",
                value="" if course is None else course.title,
                required=True,
                longest=LONGEST_NAME,
            ),
            Field(
                name="level",
                label="Who is learning?",
                kind=FieldKind.CHOICE,
                value=Level.SECONDARY.value if course is None else course.level.value,
                required=True,
                choices=tuple(Choice(value=level.value, label=label) for level, label in LEVELS.items()),
            ),
            Field(
                name="objectives",
                label="Objectives, one a line",
                kind=FieldKind.TEXT,
                value=typed,
                longest=4_000,
                hint="Title (fact, concept, procedure or design); indented below: what shows it.",
            ),
            Field(name="file", label="Or a text file with them", kind=FieldKind.FILE),
            Field(
                name="language",
                label="In which language?",
                value="" if course is None else course.language,
                longest=LONGEST_LANGUAGE,
                hint="Empty: the one in which each member writes.",
            ),
        ),
    )


def _typed(course: Course) -> str:
    lines: list[str] = []
    for aim in course.aims:
        lines += [f"{aim.title} ({aim.kind.value})", *(f"  {point}" for point in aim.points)]
    return "\n".join(lines)


def _shown(course: Course) -> str:
    lines = [f"**{plain(course.title)}** ({LEVELS[course.level]})"]
    lines += [f"{number}. {plain(aim.title)} ({aim.kind.value})" for number, aim in enumerate(course.aims, start=1)]
    return "\n".join(lines)


def _class(course: Course, found: Class | None) -> str:
    if found is None:
        return TOO_FEW
    lines = [f"**{plain(course.title)}**: {found.learners} learn it."]
    lines += [
        f"- {plain(one.title)}: mastered by {_some(one.mastered)}, begun by {_some(one.begun)}"
        for one in found.standings
    ]
    return "\n".join(lines)


def _some(count: int) -> str:
    return "a part of them" if count < 0 else str(count)
