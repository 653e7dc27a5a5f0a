"""A school: one learner, an engine on a real database, and a model that plays the teacher as a test wants it."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.conversation import ConversationKey, Platform, ToolCall
from core.incoming import Author, Incoming, IncomingKind
from core.interaction import Answer, Button, Form
from core.ports import (
    Draft,
    Finished,
    FinishReason,
    ModelEvent,
    ModelRequest,
    TextDelta,
    ToolCallDelta,
)
from core.privacy import Place
from core.store import Store
from core.tutoring.question import Purpose
from core.tutoring.session import Lesson
from tests.core.engine.conftest import ANN, House
from tests.doubles import FastClock, ScriptedModel

DM = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="DU1")
Form_ = dict[str, object]
FORMS = ("ask", "grade", "plan", "hint", "regrade", "note")
PLAN: Form_ = {
    "objectives": [
        {"title": "Add small numbers", "kind": "procedure", "points": ["adds without counting"]},
        {"title": "Say what a sum is", "kind": "concept", "points": ["a total", "order does not matter"]},
    ]
}


class SchoolClock(FastClock):
    """Fast time, to which a test adds days.

    Slower than elsewhere: a tool's half a minute must stay longer than a busy machine's pauses.
    """

    def __init__(self, speed: float = 50.0) -> None:
        super().__init__(speed)
        self._added = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._added

    def advance(self, span: timedelta) -> None:
        """So much more time has passed."""
        self._added += span.total_seconds()


class Teacher(ScriptedModel):
    """A model that teaches sums, and does otherwise where a test says so.

    What it puts into a form stands in `forms`, by the form's name, and is used up; then it makes something sensible.
    """

    def __init__(self, *, tools: bool = True, window: int = 32_000) -> None:
        super().__init__(window=window)
        self.tools = tools
        """Whether it calls functions; if not, it writes JSON."""
        self.forms: dict[str, deque[Form_ | str]] = {name: deque() for name in FORMS}
        self.prose: deque[str] = deque()
        self.forgets = False
        """It writes prose and calls nothing, where nobody insists."""
        self.failures: deque[Exception] = deque()
        self._numbers = itertools.count(2)
        self._calls = itertools.count(1)

    @property
    def window_tokens(self) -> int:
        """What it reads at once."""
        return self._window

    @window_tokens.setter
    def window_tokens(self, tokens: int) -> None:
        self._window = tokens

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent]:
        self.requests.append(request)
        await self._notify()
        if self.failures:
            raise self.failures.popleft()
        for event in self._events(request):
            yield event

    def _events(self, request: ModelRequest) -> list[ModelEvent]:
        choice = request.parameters.tool_choice
        if isinstance(choice, dict):
            name = choice["function"]["name"]
            return self._form(name, self.filled(name))
        offered = {tool.name for tool in request.tools}
        prose = self.prose.popleft() if self.prose else "Good. Let us see."
        events: list[ModelEvent] = [TextDelta(text=piece) for piece in _pieces(prose)]
        if "ask" in offered and not self.forgets and self.tools:
            return [*events, *self._form("ask", self.filled("ask"))]
        return [*events, Finished(reason=FinishReason.STOP)]

    def filled(self, name: str) -> Form_ | str:
        """What it puts into a form."""
        if self.forms[name]:
            return self.forms[name].popleft()
        match name:
            case "ask":
                return sum_of(next(self._numbers))
            case "plan":
                return PLAN
            case "grade":
                return {"intent": "talk"}
            case "note":
                return {"note": "Learns sums by counting on."}
            case "hint":
                return {"hint": "Take the first number and count on."}
            case _:
                return {"right": False, "faulty": False}

    def _form(self, name: str, form: Form_ | str) -> list[ModelEvent]:
        text = form if isinstance(form, str) else json.dumps(form)
        if not self.tools:
            return [TextDelta(text=f"Here it is:\n```json\n{text}\n```"), Finished(reason=FinishReason.STOP)]
        call = ToolCall(id=f"c{next(self._calls)}", name=name, arguments=text)
        return [ToolCallDelta(call=call), Finished(reason=FinishReason.TOOL_CALLS)]


def _pieces(text: str) -> list[str]:
    return [text[at : at + 7] for at in range(0, len(text), 7)]


def sum_of(number: int) -> Form_:
    """A question whose answer is 13 times the number, which stands nowhere in it."""
    return {
        "question": f"What is {number * 6} + {number * 7}?",
        "form": "number",
        "answer": str(number * 13),
        "hints": [
            "Which of the two is larger?",
            "Adding is counting on.",
            "Begin with the tens.",
            "2 + 3: 3, 4, 5. So 5.",
        ],
        "explanation": f"Counting on gives {number * 13}.",
    }


def choice_of(*options: str, right: str, question: str = "Which one is a sum?") -> Form_:
    """A question with choices."""
    return {
        "question": question,
        "form": "choice",
        "choices": [{"text": one, "misconception": f"thinks of {one}"} for one in options],
        "answer": right,
        "explanation": "A sum adds.",
    }


def words(*criteria: str, question: str = "Explain in your own words what a sum is.") -> Form_:
    """A question that is answered in words."""
    return {
        "question": question,
        "form": "text",
        "answer": "The total that comes from putting several amounts together, in whatever order",
        "criteria": list(criteria or ("a total", "order does not matter")),
    }


@dataclass
class School(House):
    """One learner in direct messages."""

    model: ScriptedModel = field(default_factory=Teacher)
    clock: FastClock = field(default_factory=SchoolClock)
    learner: Author = ANN

    @property
    def teacher(self) -> Teacher:
        """The model."""
        assert isinstance(self.model, Teacher)
        return self.model

    @property
    def time(self) -> SchoolClock:
        """The clock."""
        assert isinstance(self.clock, SchoolClock)
        return self.clock

    # ── what the learner does ──

    async def use(self, verb: str, key: ConversationKey = DM, /, **options: str) -> Answer | None:
        """`/tutor` with that verb."""
        incoming = self.incoming("", by=self.learner, key=key, kind=IncomingKind.COMMAND)
        used = replace(incoming, command=f"tutor {verb}", options=options, shared=key != DM)
        return await self.reception.receive(used)

    async def begin(self, topic: str = "sums", *, key: ConversationKey = DM, **fields: str) -> str:
        """A session is begun by its form; returns the tutor's first message."""
        answer = await self.use("start", key, topic=topic)
        assert answer is not None
        assert answer.form is not None
        values = {one.name: one.value for one in answer.form.fields} | {"topic": topic, **fields}
        before = len(self.surface.posts)
        await self.submit(answer.form, key=key, **values)
        return await self.next(before)

    async def submit(self, form: Form, *, key: ConversationKey = DM, **values: str) -> Answer | None:
        """A form is sent."""
        incoming = self.incoming(form.action, by=self.learner, key=key, kind=IncomingKind.FORM)
        return await self.reception.receive(replace(incoming, options=values | {"value": form.value}, shared=key != DM))

    async def tell(self, text: str) -> str:
        """The learner writes; returns what the tutor answers."""
        before = len(self.surface.posts)
        await self.reception.receive(self.message(text))
        return await self.next(before)

    def message(self, text: str) -> Incoming:
        """A message at the top of the direct messages, as Slack gives them: each with a thread of its own."""
        incoming = self.incoming(text, by=self.learner, key=DM, kind=IncomingKind.DIRECT)
        key = replace(DM, thread=incoming.message_id)
        return replace(incoming, key=key, target=replace(incoming.target, key=key), shared=False)

    async def press(self, label: str, *, by: Author | None = None) -> Answer | None:  # type: ignore[override]
        """A button under the tutor's last message."""
        button = next(one for one in self.last.buttons if one.label.startswith(label))
        incoming = self.incoming(button.action, by=by or self.learner, key=DM, kind=IncomingKind.BUTTON)
        return await self.reception.receive(replace(incoming, options={"value": button.value}, shared=False))

    async def pressed(self, label: str) -> str:
        """A button is pressed; returns what the tutor answers."""
        before = len(self.surface.posts)
        answer = await self.press(label)
        assert answer is None, answer
        return await self.next(before)

    # ── what is seen ──

    async def next(self, before: int) -> str:
        """The tutor's next message, when it is finished."""
        await self.surface.wait_for(lambda: len(self.surface.posts) > before)
        await self.idle()
        return self.last.text

    @property
    def last(self) -> Draft:
        """The newest message."""
        return self.surface.visible[-1]

    @property
    def labels(self) -> list[str]:
        """The buttons under it."""
        return [one.label for one in self.last.buttons]

    @property
    def card(self) -> str:
        """What the card shows."""
        return next(text for key, (_, text) in self.surface.sent.items() if key.startswith("tutor-card-"))

    async def lesson(self) -> Lesson:
        """The session as it stands."""
        session = await self.store.active_session(DM)
        assert session is not None
        found = await self.store.lesson(session.id)
        assert found is not None
        return found

    def assert_secret(self, key: str) -> None:
        """The key stands in nothing that anybody reads, nor in what a model is given but to grade."""
        for draft in self.surface.visible:
            assert key not in draft.text, draft.text
            assert all(key not in one.label + one.value for one in draft.buttons)
        for request in self.model.requests:
            choice = request.parameters.tool_choice
            if isinstance(choice, dict) and choice["function"]["name"] in ("grade", "regrade"):
                continue
            for message in request.messages:
                assert key not in message.text, message.text
                assert all(key not in call.arguments for call in message.tool_calls)

    async def right(self) -> str:
        """The open question's answer, as the learner would write it."""
        question = (await self.lesson()).open
        assert question is not None
        return question.asked.key

    async def lesson_or_none(self) -> Lesson | None:
        """The session that goes on, if any does."""
        session = await self.store.active_session(DM)
        return None if session is None else await self.store.lesson(session.id)

    async def all_lessons(self) -> tuple[Lesson, ...]:
        """All of the learner's."""
        return await self.store.lessons(Place.of(DM).whole, self.learner.id)

    async def said_by(self, verb: str, **options: str) -> str:
        """What that verb of the command answers."""
        answer = await self.use(verb, DM, **options)
        assert answer is not None
        assert answer.private
        return answer.text

    async def practising(self, question: Form_ | None = None) -> None:
        """A session in which a question is open that is asked for practice."""
        await self.diagnosed()
        for _ in range(10):
            lesson = await self.lesson()
            if lesson.open is not None and lesson.open.purpose is Purpose.PRACTISE:
                return
            if lesson.open is not None:
                self.teacher.forms["ask"].extend([question] if question else [])
                await self.tell("99999")  # so that practice is needed
            else:
                self.teacher.forms["ask"].clear()
                self.teacher.forms["ask"].extend([question] if question and lesson.closed[-1].objective else [])
                await self.pressed("Go on")
        raise AssertionError("no practice")

    async def closed(self) -> None:
        """No question is open any more."""
        while (await self.lesson()).open is not None:
            await self.tell(await self.right())

    async def press_button(self, button: Button, *, by: Author | None = None) -> Answer | None:
        """Any button, however old."""
        incoming = self.incoming(button.action, by=by or self.learner, key=DM, kind=IncomingKind.BUTTON)
        return await self.reception.receive(replace(incoming, options={"value": button.value}, shared=False))

    async def pressed_on_card(self, action: str) -> str:
        """A button under any of the tutor's messages, the newest of that kind."""
        buttons = [one for draft in self.surface.visible for one in draft.buttons if one.action == f"tutor.{action}"]
        before = len(self.surface.posts)
        assert await self.press_button(buttons[-1]) is None
        return await self.next(before)

    async def diagnosed(self) -> str:
        """A session whose two first questions were answered rightly."""
        await self.begin()
        await self.tell(await self.right())
        return await self.tell(await self.right())


@pytest.fixture
async def school(store: Store) -> AsyncIterator[School]:
    """A school that is open."""
    school = School(store)
    school.start()
    yield school
    await asyncio.wait_for(school.stop(), 20)
