"""A session over deaths of processes: nothing is asked twice, graded twice or lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.errors import StoreUnavailable
from core.incoming import IncomingKind
from core.store import Store
from tests.core.engine.processes import Process, platform
from tests.core.teaching.conftest import DM, School, SchoolClock, Teacher
from tests.doubles import RecordingSurface

LEASE = timedelta(hours=2)
"""Its clock runs so fast that a slow machine would lose a common lease."""


@dataclass
class Classroom(School, Process):
    """A school whose process can die."""

    lease: timedelta = LEASE
    surface: RecordingSurface = field(default_factory=platform)

    def __post_init__(self) -> None:
        Process.__post_init__(self)


POINTS = ["settle", "take_step", "plan", "ask_question", "finish"]
"""What the store is asked for on the way of one turn; the process dies right after, or right before."""


@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("point", POINTS)
async def test_a_death_on_the_way(store: Store, point: str, after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the turn over finds what is decided: each answer counts once, and one question is open."""
    surface, clock = platform(), SchoolClock()
    first = Classroom(store, owner="first", surface=surface, clock=clock)
    first.start()
    await first.begin()
    asks = point == "ask_question"  # which the second turn does; the third makes the plan
    if not asks:
        await first.tell(await first.right())
    dying = _dying_at(store, point, after=after, monkeypatch=monkeypatch)
    await first.reception.receive(first.message(await first.right()))
    await dying.wait()
    await first.die()
    monkeypatch.undo()
    clock.advance(2 * LEASE)
    second = Classroom(store, owner="second", surface=surface, clock=clock, model=Teacher())
    second.start()
    await second.idle()
    lesson = await second.lesson()
    assert [question.tries for question in lesson.closed] == ([1] if asks else [1, 1])
    assert len(lesson.objectives) == (0 if asks else 2)
    assert (lesson.open is not None) == asks
    assert len([draft for draft in surface.visible if draft.text]) == (2 if asks else 3)
    assert surface.visible[-1].text.count("✅") == 1
    assert len([key for key in surface.sent if key.startswith("tutor-card")]) == 1
    await second.stop()


class _Dying:
    """Holds a method of the store for ever, once."""

    def __init__(self) -> None:
        self.held = asyncio.Event()

    async def wait(self) -> None:
        """Returns when the process hangs there."""
        await asyncio.wait_for(self.held.wait(), 20)


def _dying_at(store: Store, point: str, *, after: bool, monkeypatch: pytest.MonkeyPatch) -> _Dying:
    dying, done = _Dying(), getattr(store, point)

    async def hang(*arguments: object, **options: object) -> object:
        if dying.held.is_set():
            return await done(*arguments, **options)
        if after:
            await done(*arguments, **options)
        dying.held.set()
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(store, point, hang)
    return dying


async def test_the_same_message_twice(school: School) -> None:
    """A delivery that comes again grades nothing again."""
    await school.begin()
    message = school.message(await school.right())
    before = len(school.surface.posts)
    for _ in range(3):
        await school.reception.receive(message)
    await school.next(before)
    await school.idle()
    assert len((await school.lesson()).closed) == 1


async def test_a_message_changed_after_it_was_graded(school: School) -> None:
    """The grade stands: an answer cannot be mended when its grade is known."""
    await school.begin()
    message = school.message("1")
    before = len(school.surface.posts)
    await school.reception.receive(message)
    await school.next(before)
    key = (await school.lesson()).closed[0].asked.key
    edited = replace(message, kind=IncomingKind.EDIT, text=key, event_id="edit", key=DM)
    await school.reception.receive(edited)
    await school.surface.wait_for(lambda: bool(school.last.controls))
    pressed = school.incoming("answer_again", by=school.learner, key=DM, kind=IncomingKind.BUTTON)
    await school.reception.receive(replace(pressed, options={"turn": str(school.last.turn)}, shared=False))
    await school.surface.wait_for(lambda: bool(school.last.buttons) and not school.last.controls)
    await school.idle()
    (question,) = (await school.lesson()).closed
    assert (question.score, question.tries) == (0.0, 1)


async def test_a_database_that_is_away(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is waited for, and the answer counts once."""
    await school.begin()
    done, failures = school.store.settle, iter([True, True])

    async def away(*arguments: object, **options: object) -> object:
        if next(failures, False):
            raise StoreUnavailable("away")
        call: Callable[..., object] = done
        return await call(*arguments, **options)  # type: ignore[misc]

    monkeypatch.setattr(school.store, "settle", away)
    assert (await school.tell(await school.right())).startswith("✅")
    assert len((await school.lesson()).closed) == 1


async def test_a_conversation_that_was_condensed(school: School) -> None:
    """Where a session stands is in no summary: however much talk is left out, it goes on where it was."""
    school.teacher.window_tokens = 3_000
    await school.practising()
    question = (await school.lesson()).open
    for number in range(6):
        school.teacher.prose.append("Let us talk about it. " * 40)
        await school.tell(f"I wonder about number {number}: " + "why " * 60)
    assert any(not request.tools and "notes" in request.messages[0].text.lower() for request in school.model.requests)
    assert (await school.lesson()).open == question
    assert question is not None
    assert (await school.tell(question.asked.key)).startswith("✅")
