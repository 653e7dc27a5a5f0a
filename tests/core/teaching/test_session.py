"""A session from its form to its end, as the learner sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.conversation import Role
from core.errors import SurfaceBusy, SurfaceForbidden
from core.incoming import IncomingKind, ReplyTarget
from core.privacy import Place, Reach
from core.tutoring.mastery import Kind
from core.tutoring.session import SessionState, Standing
from core.tutoring.steps import CHECKS
from tests.core.engine.conftest import THREAD
from tests.core.engine.desk import Person
from tests.core.teaching.conftest import DM, PLAN, School, choice_of, words


async def test_a_session_begins_with_what_is_known(school: School) -> None:
    """Two questions first, then a plan of what is to be learnt, with the kind of each thing."""
    first = await school.begin(level="secondary", goal="a test on Friday")
    assert "**Question.** What is 12 + 14?" in first
    assert "Two questions first" in first
    assert "First I find out" in school.card
    await school.tell(await school.right())
    await school.tell(await school.right())
    lesson = await school.lesson()
    assert [(one.title, one.kind) for one in lesson.objectives] == [
        ("Add small numbers", Kind.PROCEDURE),
        ("Say what a sum is", Kind.CONCEPT),
    ]
    assert "0 of 2 mastered" in school.card
    assert "**Add small numbers**" in school.card


async def test_from_a_channel_it_is_held_in_direct_messages(school: School) -> None:
    """Who begins it in a channel is told where it is, and the channel sees nothing."""
    answer = await school.use("start", THREAD, topic="sums")
    assert answer is not None
    assert answer.form is not None
    told = await school.submit(answer.form, key=THREAD, topic="sums", level="adult")
    assert told is not None
    assert told.private
    assert "direct messages" in told.text
    await school.next(0)
    assert {shown.target.key.channel for shown in school.surface.posts.values()} == {DM.channel}


async def test_what_is_said_at_the_top_belongs_to_the_session(school: School) -> None:
    """On Slack each message in direct messages would begin a thread; a session is one conversation."""
    await school.begin()
    await school.tell("hm")
    await school.tell("well")
    assert len({str(shown.target.key) for shown in school.surface.posts.values()}) == 1
    assert (await school.lesson()).session.key == DM


async def test_the_whole_way_to_the_end(school: School) -> None:
    """Right answers without help lead to mastery of each kind, a congratulation, and reviews on later days."""
    await school.diagnosed()
    concept = words()
    for _ in range(25):
        lesson = await school.lesson_or_none()
        if lesson is None:
            break
        if lesson.open is None:
            school.teacher.forms["ask"].extend([concept] if lesson.mastered == 1 else [])
            await school.pressed("Go on")
        elif lesson.open.asked.criteria:
            school.teacher.forms["grade"].append(
                {"intent": "attempt", "met": ["yes"] * len(lesson.open.asked.criteria)}
            )
            school.teacher.forms["ask"].append(concept)
            await school.tell("Putting amounts together gives a total, in any order.")
        else:
            school.teacher.forms["ask"].extend([concept] if lesson.mastered == 1 else [])
            await school.tell(await school.right())
    (lesson,) = await school.all_lessons()
    assert lesson.session.state is SessionState.ENDED
    assert lesson.mastered == 2
    assert all(one.review is not None and one.review.due > school.clock.now() for one in lesson.objectives)
    assert "2 of 2 mastered" in school.card
    assert all(one.evidence[-1].unaided for one in lesson.objectives)
    assert "/tutor remind" in school.last.text
    assert "counting on" in await school.said_by("note"), "what was shown of how they learn is theirs to read"


async def test_never_more_than_two_questions_in_a_row(school: School) -> None:
    """Then something is explained, however well it goes."""
    await school.begin()
    in_a_row = [1]
    for _ in range(8):
        lesson = await school.lesson()
        if lesson.open is None:
            in_a_row.append(0)
            await school.pressed("Go on")
        else:
            await school.tell(await school.right())
        in_a_row[-1] += (await school.lesson()).open is not None
    assert max(in_a_row) <= CHECKS


async def test_a_wrong_answer_may_be_tried_again(school: School) -> None:
    """In practice, with what to look at, the grade told by code and the answer kept."""
    await school.practising()
    key = await school.right()
    said = await school.tell("1")
    assert said.startswith("❌ Not right.")
    assert "**Try again.**" in said
    school.assert_secret(key)
    again = await school.tell(key)
    assert again.startswith("✅ Right.")
    question = (await school.lesson()).closed[-1]
    assert (question.tries, question.score) == (2, 1.0)
    assert question.evidence is not None
    assert not question.evidence.unaided


async def test_hints_come_step_by_step(school: School) -> None:
    """Four of them, counted and stored; then, after a try, the answer, which does not count as known."""
    await school.practising()
    key = await school.right()
    hints = [await school.pressed("Hint") for _ in range(4)]
    assert [f"**Hint {number} of 4**" in hint for number, hint in enumerate(hints, start=1)] == [True] * 4
    assert "counting on" in hints[1]
    school.assert_secret(key)
    assert (await school.lesson()).open.hints == 4  # type: ignore[union-attr]
    await school.tell("1")
    shown = await school.pressed("I'm stuck")
    assert f"The answer: **{key}**" in shown
    lesson = await school.lesson()
    assert lesson.open is None
    last = lesson.closed[-1]
    assert last.standing is Standing.SHOWN
    assert last.evidence is not None
    assert last.evidence.score == 0


async def test_without_a_try_there_is_no_answer(school: School) -> None:
    """Who has tried nothing gets every hint, an explanation and another question, but never the answer."""
    await school.practising()
    key = await school.right()
    for _ in range(4):
        await school.pressed("I'm stuck")
    said = await school.pressed("I'm stuck")
    assert "We leave this question" in said
    assert (await school.lesson()).closed[-1].standing is Standing.GIVEN_UP
    school.assert_secret(key)


async def test_a_quiz_has_one_try(school: School) -> None:
    """On a button or in words; then comes the explanation, and what stands behind a wrong choice is kept."""
    await school.practising(choice_of("3 + 4", "3 - 4", "3 / 4", right="3 + 4"))
    labels = [label for label in school.labels if label[1] == "."]
    assert sorted(label[3:] for label in labels) == ["3 + 4", "3 - 4", "3 / 4"]
    before = school.last
    said = await school.pressed(next(label for label in labels if label.endswith("3 - 4")))
    assert "not right" in said
    assert "A sum adds." in said
    assert "thinks of 3 - 4" in said
    question = (await school.lesson()).closed[-1]
    assert (question.tries, question.misconception) == (1, "thinks of 3 - 4")
    for button in before.buttons:
        if button.action == "tutor.choose":
            answer = await school.press_button(button)
            assert answer is not None
            assert "over" in answer.text
    assert (await school.lesson()).closed[-1] == question


async def test_pausing_and_resuming_after_ten_days(school: School) -> None:
    """Nothing is lost, the talk in between is none of the session's, and the tutor says where it was."""
    await school.practising()
    question = (await school.lesson()).open
    assert "Paused" in await school.pressed("Pause")
    assert school.labels == ["Go on"]
    assert (await school.tell("What is the weather?")).startswith("Good.")
    assert await school.lesson_or_none() is None
    school.time.advance(timedelta(days=10))
    said = await school.pressed_on_card("resume")
    assert "Welcome back" in said
    assert question is not None
    assert question.asked.text in said
    assert (await school.lesson()).open == question


async def test_a_recap_tells_mistakes_and_what_is_next(school: School) -> None:
    """By the engine, from what was answered."""
    await school.practising(choice_of("3 + 4", "3 - 4", right="3 + 4"))
    await school.tell("3 - 4")
    said = await school.pressed("Recap")
    assert "Mistakes to watch" in said
    assert "thinks of 3 - 4" in said
    assert "**Next**" in said


async def test_the_plan_is_changed_in_words(school: School) -> None:
    """What keeps its title keeps what was learnt of it; the rest goes or comes."""
    await school.practising()
    await school.tell(await school.right())
    learnt = (await school.lesson()).objectives[0].evidence
    school.teacher.forms["grade"].append({"intent": "plan"})
    objectives = PLAN["objectives"]
    assert isinstance(objectives, list)
    school.teacher.forms["plan"].append({"objectives": [objectives[0], {"title": "Subtract", "kind": "procedure"}]})
    await school.tell("Please leave the concept out, I want to subtract as well.")
    lesson = await school.lesson()
    assert [one.title for one in lesson.objectives] == ["Add small numbers", "Subtract"]
    assert lesson.objectives[0].evidence == learnt
    assert "Subtract" in school.card


async def test_the_time_box(school: School) -> None:
    """When it is over that is said once, with a recap; who wants to goes on."""
    await school.begin(minutes="15")
    school.time.advance(timedelta(minutes=16))
    said = await school.tell(await school.right())
    assert "The 15 minutes are over." in said
    await school.pressed("Go on")
    assert (await school.lesson()).open is not None


async def test_reviews_come_first_when_they_are_due(school: School) -> None:
    """What was mastered is asked again some days later, before anything new."""
    await school.diagnosed()
    while not (await school.lesson()).mastered:
        lesson = await school.lesson()
        await (school.pressed("Go on") if lesson.open is None else school.tell(await school.right()))
    done = (await school.lesson()).objectives[0]
    assert done.review is not None
    await school.use("pause")
    assert "the next review" in (await school.said_by("review"))
    school.time.advance(timedelta(days=40))
    before = len(school.surface.posts)
    told = await school.said_by("review")
    assert "1 to review" in told
    await school.next(before)
    question = None
    while question is None or question.objective != done.id:  # what was open comes before it
        question = (await school.lesson()).open
        await (school.pressed("Go on") if question is None else school.tell(await school.right()))
        question = (await school.lesson()).open
    assert (question.objective, question.purpose.value) == (done.id, "review")


async def test_why(school: School) -> None:
    """The reason for the last step, and what the picture of the learner rests on."""
    await school.practising()
    await school.tell(await school.right())
    said = await school.said_by("why")
    assert "Add small numbers" in said
    assert "more right answer" in said
    assert "“What is" in said


async def test_several_sessions(school: School) -> None:
    """Each has a name of its own; beginning one pauses the other, and each is found again."""
    await school.begin("sums")
    await school.begin("sums")
    listed = await school.said_by("list")
    assert "**sums (2)**: going on" in listed
    assert "**sums**: paused" in listed
    before = len(school.surface.posts)
    await school.said_by("resume", name="sums")
    await school.next(before)
    assert (await school.lesson()).session.name == "sums"


async def test_a_note_on_how_somebody_learns(school: School) -> None:
    """Is the learner's to see and to correct, and goes with them into the next session."""
    await school.begin()
    assert "nothing yet" in await school.said_by("note")
    await school.said_by("note", text="likes pictures")
    assert "likes pictures" in await school.said_by("note")
    await school.begin("more sums")
    assert any("likes pictures" in message.text for message in school.model.requests[-1].messages)
    await school.said_by("note", text="-")
    assert "nothing yet" in await school.said_by("note")


async def test_the_end(school: School) -> None:
    """With what was learnt; what is written afterwards is plain talk."""
    await school.practising()
    said = await school.said_by("end")
    assert "has ended" in said
    assert (await school.tell("thanks")).startswith("Good.")
    assert "**Question.**" not in school.last.text


async def test_a_workspace_has_teachers_of_its_own(school: School) -> None:
    """A persona by the name of a teacher teaches in their place, from the next message on; in the language wanted."""
    boss = Person(school, key=DM)
    await boss.use("copy", name="Tutor: facts")
    await boss.submit(await boss.use("edit", name="Tutor: facts"), prompt="You are Ms Finch, and you love birds.")
    await school.begin(language="French")
    system_texts = [message.text for message in school.model.requests[-1].messages if message.role is Role.SYSTEM]
    assert system_texts[0].startswith("You are Ms Finch")
    assert "Language of everything you write, also in functions: French" in system_texts[0]


async def test_a_learner_takes_it_all_along_or_away(school: School) -> None:
    """`/mydata` has the sessions with every question and answer; `/forget` leaves nothing of them."""
    await school.practising()
    await school.said_by("note", text="likes pictures")
    place = Place.of(DM)
    reach = Reach(place=place, person=school.learner.id)
    told = [entry async for kind, entry in school.store.told(reach) if kind == "tutoring"]
    assert told[0]["note"] == "likes pictures"
    assert told[1]["topic"] == "sums"
    assert len(told[1]["questions"]) >= 2
    incoming = school.incoming("", by=school.learner, key=DM, kind=IncomingKind.COMMAND)
    asked = await school.reception.receive(replace(incoming, command="forget here", shared=False))
    assert asked is not None
    assert "1 tutoring session" in asked.text
    await school.press_button(asked.buttons[0])
    for order in await school.store.erasures():  # what a moment was too short for, housekeeping does
        while not (await school.store.erase(order, now=school.clock.now())).done:
            pass
    assert await school.all_lessons() == ()
    assert [entry async for kind, entry in school.store.told(reach) if kind == "tutoring"] == []
    assert await school.store.learner_note(place.whole, school.learner.id) == ""


async def test_without_a_way_to_direct_messages(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes none is told what to allow; where the platform is away, to try again. Nothing is begun."""
    problems = iter([SurfaceForbidden(), SurfaceBusy()])

    async def away(*_: object) -> ReplyTarget:
        raise next(problems)

    monkeypatch.setattr(school.surface, "direct", away)
    told = [await school.use("list", THREAD) for _ in range(2)]
    assert "Allow messages" in str(told[0])
    assert "in a moment" in str(told[1])
    assert await school.store.active_session(DM) is None
