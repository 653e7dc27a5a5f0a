"""`/tutor start`: a form, and the session that comes of it."""

from __future__ import annotations

from dataclasses import replace

from core.commands.crowding import told
from core.commands.foreign import plain
from core.commands.tutoring.learning import Learning
from core.incoming import Incoming
from core.interaction import Answer, Choice, Field, FieldKind, Form
from core.mentions import unmarked
from core.tutoring.hearing import PHRASES, Intent
from core.tutoring.plan import Aim
from core.tutoring.session import (
    LEAST_MINUTES,
    LONGEST_GOAL,
    LONGEST_LANGUAGE,
    LONGEST_NAME,
    LONGEST_TOPIC,
    MOST_MINUTES,
    Wanted,
)
from core.tutoring.subjects import subject_of
from core.tutoring.teachers import Level

ACTION = "tutor.start"
LEVELS = {
    Level.CHILD: "A child at primary school",
    Level.SECONDARY: "Secondary school",
    Level.UNIVERSITY: "University",
    Level.ADULT: "Adult, new to it",
    Level.PROFESSIONAL: "Professional",
}
MINUTES = (15, 30, 45, 60, 90)
BAD_MINUTES = f"A time box has from {LEAST_MINUTES} to {MOST_MINUTES} minutes. Nothing was begun."
NO_TOPIC = "Say what you want to learn. Nothing was begun; `/tutor start` opens the form again."
BEGUN = "*{name}* has begun in our direct messages."


def form(topic: str) -> Form:
    """What a session needs to know."""
    return Form(
        action=ACTION,
        title="Begin a session",
        submit="Begin",
        fields=(
            Field(
                name="topic",
                label="What do you want to learn?",
                value=topic[:LONGEST_TOPIC],
                required=True,
                longest=LONGEST_TOPIC,
                hint="Such as: fractions; Python lists; the French past tense",
            ),
            Field(
                name="level",
                label="Who is learning?",
                kind=FieldKind.CHOICE,
                value=Level.ADULT.value,
                required=True,
                choices=tuple(Choice(value=level.value, label=label) for level, label in LEVELS.items()),
            ),
            Field(
                name="goal",
                label="What for?",
                longest=LONGEST_GOAL,
                hint="A test on Friday, a project… Say so if the work will be graded.",
            ),
            Field(name="minutes", label="How many minutes at a time?", longest=4, hint="Empty: no time box."),
            Field(
                name="language",
                label="In which language?",
                longest=LONGEST_LANGUAGE,
                hint="Empty: the one in which you write.",
            ),
        ),
    )


async def begun(learning: Learning, incoming: Incoming) -> Answer | None:
    """The session of the form has begun."""
    options = {name: unmarked(value) for name, value in incoming.options.items()}
    topic = " ".join(options.get("topic", "").split())[:LONGEST_TOPIC]
    if not topic:
        return Answer(text=NO_TOPIC)
    minutes = _minutes(options.get("minutes", ""))
    if minutes is None:
        return Answer(text=BAD_MINUTES)
    level = options.get("level", "")
    wanted = Wanted(
        name=topic[:LONGEST_NAME],
        topic=topic,
        level=Level(level) if level in set(Level) else Level.ADULT,
        subject=subject_of(topic),
        goal=" ".join(options.get("goal", "").split())[:LONGEST_GOAL],
        language=" ".join(options.get("language", "").split())[:LONGEST_LANGUAGE],
        minutes=minutes,
    )
    return await begin(learning, incoming, wanted)


async def begin(learning: Learning, incoming: Incoming, wanted: Wanted, aims: tuple[Aim, ...] = ()) -> Answer | None:
    """That session has begun in the person's direct messages, and the tutor speaks there."""
    direct = await learning.direct(incoming)
    named = await _named(learning, incoming, wanted)
    session = await learning.store.begin_session(
        direct.target,
        home=incoming.key.workspace,
        learner=incoming.author.id,
        wanted=named,
        aims=aims,
        now=learning.clock.now(),
    )
    crowded = told(await learning.say(direct, session, PHRASES[Intent.READY]))
    if crowded is not None:
        return crowded
    return Answer(text=BEGUN.format(name=plain(named.name))) if incoming.shared else Answer(text="Let us begin.")


async def _named(learning: Learning, incoming: Incoming, wanted: Wanted) -> Wanted:
    """With a name that no other session of the person's has."""

    taken = {one.session.name.casefold() for one in await learning.lessons(incoming)}
    name, number = wanted.name, 2
    while name.casefold() in taken:
        name, number = f"{wanted.name} ({number})", number + 1
    return replace(wanted, name=name)


def _minutes(said: str) -> int | None:
    said = said.strip().removesuffix("minutes").removesuffix("min").strip()
    if not said:
        return 0
    if not said.isascii() or not said.isdecimal() or not LEAST_MINUTES <= int(said[:6]) <= MOST_MINUTES:
        return None
    return int(said)
