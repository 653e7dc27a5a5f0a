"""Courses: given to a channel, learnt in direct messages, and seen by admins as counts of at least five."""

from __future__ import annotations

from dataclasses import replace

from core.incoming import Attachment, Author, IncomingKind
from core.interaction import Answer, Form
from core.privacy import Place
from core.tutoring.course import SMALLEST_GROUP
from tests.core.engine.conftest import ADMIN, ANN, THREAD
from tests.core.teaching.conftest import School

CHANNEL = THREAD.channel_key
WHOLE = Place.of(CHANNEL).whole
TYPED = "1. Add small numbers (procedure)\n  without counting\n- Say what a sum is (concept)\n  a total\n  any order"


async def used(school: School, who: Author, verb: str, **options: str) -> Answer:
    """`/tutor` by that person in the channel."""
    incoming = school.incoming("", by=who, key=CHANNEL, kind=IncomingKind.COMMAND)
    answer = await school.reception.receive(replace(incoming, command=f"tutor {verb}", options=options))
    assert answer is not None
    return answer


async def filled(school: School, who: Author, form: Form, *, file: bytes | None = None, **values: str) -> Answer:
    """The form, by that person."""
    incoming = school.incoming(form.action, by=who, key=CHANNEL, kind=IncomingKind.FORM)
    attached: tuple[Attachment, ...] = ()
    if file is not None:
        school.surface.uploads["F1"] = file
        attached = (Attachment(id="F1", name="c.txt", media_type="text/plain", size=len(file), url=""),)
    answer = await school.reception.receive(
        replace(incoming, options=values | {"value": form.value}, attachments=attached)
    )
    assert answer is not None
    return answer


async def given(school: School, objectives: str = TYPED, *, file: bytes | None = None) -> Answer:
    """An admin gives the channel a course."""
    asked = await used(school, ADMIN, "course", do="edit")
    assert asked.form is not None
    return await filled(school, ADMIN, asked.form, file=file, title="Sums", level="child", objectives=objectives)


async def joined(school: School, number: int) -> Author:
    """A member joins it, and has the first message."""
    person = Author(id=f"M{number}", name=f"Member {number}")
    before = len(school.surface.posts)
    await used(school, person, "course", do="join")
    await school.next(before)
    return person


async def test_a_course_is_learnt_in_direct_messages(school: School) -> None:
    """With the admin's plan: nobody is asked first what they know."""
    told = await given(school)
    assert "1. Add small numbers (procedure)" in told.text
    assert "course join" in told.text
    person = await joined(school, 1)
    (lesson,) = await school.store.lessons(WHOLE, person.id)
    assert [one.title for one in lesson.objectives] == ["Add small numbers", "Say what a sum is"]
    assert lesson.objectives[1].points == ("a total", "any order")
    assert lesson.session.wanted.level.value == "child"
    assert not lesson.others


async def test_from_a_file(school: School) -> None:
    """In the same words as typed."""
    assert "Say what a sum is" in (await given(school, "", file=TYPED.encode())).text


async def test_what_is_no_course_is_refused(school: School) -> None:
    """With an example; nothing is changed."""
    assert "Nothing was changed" in (await given(school, "")).text
    assert "Nothing was changed" in (await given(school, "", file=b"\xff\xfe\x00")).text
    assert "no course" in (await used(school, ANN, "course")).text


async def test_only_admins_give_and_see(school: School) -> None:
    """Refusals are private and in the log."""
    await given(school)
    for verb, do in (("course", "edit"), ("course", "remove"), ("class", "")):
        answer = await used(school, ANN, verb, **({"do": do} if do else {}))
        assert answer.private
        assert answer.form is None
        assert "admin" in answer.text
    log = await school.store.audit(Place.of(CHANNEL), action="tutor")
    assert [one.allowed for one in log].count(False) == 3


async def test_a_class_is_shown_from_five_on(school: School) -> None:
    """As counts, without names; fewer are nobody's business."""
    await given(school)
    for number in range(SMALLEST_GROUP - 1):
        await joined(school, number)
    assert "Fewer than 5" in (await used(school, ADMIN, "class")).text
    await joined(school, 99)
    told = (await used(school, ADMIN, "class")).text
    assert "5 learn it" in told
    assert "mastered by 0" in told
    assert "Member" not in told
    assert "M99" not in told


async def test_a_course_is_changed_and_removed(school: School) -> None:
    """Those who learn it keep what they have."""
    await given(school)
    person = await joined(school, 1)
    asked = await used(school, ADMIN, "course", do="edit")
    assert asked.form is not None
    assert "Add small numbers (procedure)" in next(one.value for one in asked.form.fields if one.name == "objectives")
    await used(school, ADMIN, "course", do="remove")
    assert "no course" in (await used(school, person, "course", do="join")).text
    assert len(await school.store.lessons(WHOLE, person.id)) == 1
