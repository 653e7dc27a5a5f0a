"""`/tutor`: which verb does what."""

from __future__ import annotations

from core.chart import Charts
from core.commands.foreign import plain
from core.commands.personas.naming import suggested
from core.commands.tutoring import starting
from core.commands.tutoring.courses import COURSE, Courses
from core.commands.tutoring.declaration import TUTOR
from core.commands.tutoring.learning import NO_SESSION, Learning, NoDirect
from core.commands.tutoring.pressing import Pressing
from core.commands.tutoring.progress import exported, progress
from core.commands.tutoring.reminding import QUIET, Reminding
from core.incoming import Incoming
from core.interaction import Answer, Choice
from core.tutoring import showing
from core.tutoring.flashcards import DeckWriter
from core.tutoring.session import LONGEST_NOTE, SessionState

WRITE_IT_SO = f"Write it so: `{TUTOR.usage}`."
NO_EXPORT = "Nothing is exported here."
NO_NOTE = "I have noted nothing yet on how you learn. `/tutor note text` notes something."


class TutorCommand:
    """Tutoring, from the chat."""

    def __init__(self, learning: Learning, charts: Charts | None = None, decks: DeckWriter | None = None) -> None:
        """Without `charts` there are no pictures, without `decks` nothing is exported."""
        self._learning = learning
        self._decks = decks
        self._charts = charts
        self._pressing = Pressing(learning)
        self._courses = Courses(learning)

    async def call(self, incoming: Incoming) -> Answer | None:
        """What was asked for was done, or is told, in private."""
        try:
            return await self._done(incoming)
        except NoDirect as reason:
            return Answer(text=str(reason))

    async def _done(self, incoming: Incoming) -> Answer | None:
        match (incoming.command or "").partition(" ")[2]:
            case "start":
                topic = incoming.options.get("topic", "")
                return Answer(text="Fill in the form to begin a session.", form=starting.form(topic))
            case "list":
                return Answer(text=showing.listed(await self._learning.lessons(incoming)))
            case "pause":
                return await self._pause(incoming)
            case "resume":
                return await self._resume(incoming)
            case "end":
                return await self._end(incoming)
            case "progress" | "recap" | "why" | "export" as verb:
                return await self._shown(incoming, verb)
            case "review":
                return await self._review(incoming)
            case "note":
                return await self._note(incoming)
            case "remind":
                return await Reminding(self._learning).call(incoming)
            case "course" | "class" | "honesty" as verb:
                return await self._courses.call(incoming, verb)
            case _:
                return Answer(text=WRITE_IT_SO)

    async def pressed(self, incoming: Incoming) -> Answer | None:
        """A button under a tutor's message."""
        if incoming.text == QUIET:
            return await Reminding(self._learning).quiet(incoming)
        return await self._pressing.pressed(incoming)

    async def submitted(self, incoming: Incoming) -> Answer | None:
        """A form of tutoring was filled in."""
        if incoming.text == starting.ACTION:
            try:
                return await starting.begun(self._learning, incoming)
            except NoDirect as reason:
                return Answer(text=str(reason))
        if incoming.text == COURSE:
            return await self._courses.submitted(incoming)
        return await self._pressing.submitted(incoming)

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """Names of the person's sessions."""
        if option != "name":
            return ()
        try:
            lessons = await self._learning.lessons(incoming)
        except NoDirect:
            return ()
        return suggested([one.session.name for one in lessons], typed)

    # ── verbs ──

    async def _pause(self, incoming: Incoming) -> Answer:
        lesson = await self._learning.meant(incoming, SessionState.ACTIVE)
        if lesson is None:
            return Answer(text="No session is going on.")
        await self._learning.store.move_session(lesson.session.id, SessionState.PAUSED, now=self._learning.clock.now())
        name = plain(lesson.session.name)
        return Answer(text=f"*{name}* is paused; what you write to me now is no part of it. `/tutor resume` goes on.")

    async def _resume(self, incoming: Incoming) -> Answer | None:
        lesson = await self._learning.meant(incoming)
        if lesson is None:
            return Answer(text=NO_SESSION)
        refusal = await self._pressing.resume(incoming, lesson.session)
        if refusal is not None:
            return refusal
        return Answer(text=f"*{plain(lesson.session.name)}* goes on in our direct messages.")

    async def _end(self, incoming: Incoming) -> Answer:
        lesson = await self._learning.meant(incoming, SessionState.ACTIVE, SessionState.PAUSED)
        if lesson is None:
            return Answer(text="There is no session that could end.")
        now = self._learning.clock.now()
        await self._learning.store.move_session(lesson.session.id, SessionState.ENDED, now=now)
        text = (
            f"*{plain(lesson.session.name)}* has ended. Reviews stay: `/tutor review`.\n\n{showing.recap(lesson, now)}"
        )
        return Answer(text=text)

    async def _shown(self, incoming: Incoming, verb: str) -> Answer:
        lesson = await self._learning.meant(incoming)
        if lesson is None:
            return Answer(text=NO_SESSION)
        now = self._learning.clock.now()
        match verb:
            case "recap":
                return Answer(text=showing.recap(lesson, now))
            case "why":
                return Answer(text=showing.why(lesson, await self._learning.store.last_reason(lesson.session.id)))
            case "export":
                return Answer(text=NO_EXPORT) if self._decks is None else await exported(lesson, self._decks)
            case _:
                return await progress(lesson, self._charts, await self._learning.zone(incoming))

    async def _review(self, incoming: Incoming) -> Answer | None:
        now = self._learning.clock.now()
        lessons = await self._learning.lessons(incoming)
        due = [
            (sum(one.review is not None and one.review.due <= now for one in lesson.objectives), lesson)
            for lesson in lessons
        ]
        most = max(due, key=lambda found: found[0], default=None)
        if most is None or not most[0]:
            return Answer(text=showing.nothing_due(lessons))
        refusal = await self._pressing.resume(incoming, most[1].session)
        if refusal is not None:
            return refusal
        return Answer(text=f"{most[0]} to review in *{plain(most[1].session.name)}*: in our direct messages.")

    async def _note(self, incoming: Incoming) -> Answer:
        place, said = await self._learning.place(incoming), incoming.options.get("text", "").strip()
        store, person = self._learning.store, incoming.author.id
        if not said:
            note = await store.learner_note(place, person)
            return Answer(text=f"What I noted on how you learn:\n\n> {plain(note)}" if note else NO_NOTE)
        if len(said) > LONGEST_NOTE:
            return Answer(text=f"A note has at most {LONGEST_NOTE:,} characters; yours has {len(said):,}.")
        await store.set_learner_note(place, person, "" if said == "-" else said)
        return Answer(text="The note is cleared." if said == "-" else "Noted. It counts in all your sessions.")
