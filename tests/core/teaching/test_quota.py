"""Tutoring is a quota class of its own: limits for learners count sessions alone, and hold there before others."""

from __future__ import annotations

from core.audit import AuditEntry
from core.privacy import Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.tutoring.session import Standing
from tests.core.engine.conftest import ADMIN
from tests.core.teaching.conftest import DM, School

PLACE = Place.of(DM).whole


async def limit(school: School, kind: SubjectKind, amount: int) -> None:
    """So many requests a day."""
    entry = AuditEntry(at=school.clock.now(), place=PLACE, actor=ADMIN, action="quota.set")
    made = Limit(subject=Subject(kind=kind), measure=Measure.REQUESTS, period=Period.DAY, amount=amount)
    await school.store.set_limit(PLACE, made, by=entry)


async def test_a_limit_for_learners_holds_in_sessions_alone(school: School) -> None:
    """It is told in private when it is reached, and plain talk goes on; nothing is graded meanwhile."""
    await limit(school, SubjectKind.EACH_LEARNER, 2)
    await school.begin()
    await school.tell(await school.right())
    key = await school.right()
    await school.reception.receive(school.message(key))
    await school.surface.wait_for(lambda: bool(school.surface.whispers))
    await school.idle()
    assert "2 requests a day for each learner" in school.surface.whispers[-1][1]
    lesson = await school.lesson()
    assert len(lesson.closed) == 1
    assert lesson.open is not None
    assert lesson.open.standing is Standing.OPEN
    await school.use("pause")
    assert (await school.tell("hello")).startswith("Good.")


async def test_it_goes_before_the_ordinary_limit(school: School) -> None:
    """Which plain talk has used up."""
    await limit(school, SubjectKind.EACH_USER, 1)
    await limit(school, SubjectKind.EACH_LEARNER, 50)
    await school.tell("hello")
    await school.begin()
    assert (await school.tell(await school.right())).startswith("✅")


async def test_what_was_used_in_sessions_counts_when_it_is_set(school: School) -> None:
    """As with every other limit; what was used elsewhere does not."""
    await school.tell("hello")
    await school.begin()
    await school.tell(await school.right())
    await limit(school, SubjectKind.EACH_LEARNER, 3)
    assert (await school.tell(await school.right())).startswith("✅")
    await school.reception.receive(school.message("hm"))
    await school.surface.wait_for(lambda: bool(school.surface.whispers))
    await school.idle()
