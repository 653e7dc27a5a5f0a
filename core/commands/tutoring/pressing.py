"""The buttons under a tutor's messages, and the forms that some of them open. For the learner alone."""

from __future__ import annotations

from core.commands.crowding import told
from core.commands.tutoring.learning import Learning
from core.incoming import Incoming
from core.interaction import Answer, Field, FieldKind, Form
from core.store import Duplicate
from core.teaching.reading import ANSWER, CONTESTS
from core.tutoring import offers
from core.tutoring.hearing import PHRASES, Intent
from core.tutoring.question import Form as QuestionForm
from core.tutoring.session import Question, Session, SessionState, Standing

UNKNOWN = "This button belongs to a session that I no longer know."
NOT_YOURS = "Only the learner can press that."
OVER = "This question is over. The last message tells where we are; *Go on* there goes on."
ONCE = "You have answered this question already: one try counts."
NOT_ACTIVE = "This session is paused or has ended. `/tutor resume` goes on with it."
LONGEST_ANSWER = 3_000
LONGEST_REASON = 1_000

OF_QUESTIONS = {offers.HINT: Intent.HINT, offers.STUCK: Intent.STUCK}
OF_SESSIONS = {
    offers.QUIZ: Intent.QUIZ,
    offers.DIFFERENTLY: Intent.DIFFERENTLY,
    offers.RECAP: Intent.RECAP,
    offers.PAUSE: Intent.PAUSE,
    offers.GO_ON: Intent.READY,
}


class Pressing:
    """Presses and the forms behind them."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def pressed(self, incoming: Incoming) -> Answer | None:
        """What the button stands for is said in the session as the learner's words; an Answer says why not."""
        action = incoming.text.partition(".")[2]
        number, _, more = incoming.options.get("value", "").partition(":")
        if not number.isdecimal() or len(number) > 18 or (more and action != offers.CHOOSE):
            return Answer(text=UNKNOWN)
        if action in OF_SESSIONS or action == offers.RESUME:
            return await self._of_session(incoming, action, int(number))
        return await self._of_question(incoming, action, int(number), more)

    async def submitted(self, incoming: Incoming) -> Answer | None:
        """What was handed in stands in the session."""
        number = incoming.options.get("value", "")
        found = await self._learning.store.tutor_question(int(number)) if number.isdecimal() else None
        if found is None:
            return Answer(text=UNKNOWN)
        question, session = found
        refusal = _refusal(incoming, session)
        if refusal is not None:
            return refusal
        if incoming.text == f"{offers.COMMAND}.{offers.CONTEST}":
            words = " ".join(incoming.options.get("reason", "").split())[:LONGEST_REASON]
            return told(await self._learning.say(incoming, session, f"{CONTESTS}{words or 'please look again'}"))
        if question.standing is not Standing.OPEN:
            return Answer(text=OVER)
        words = incoming.options.get("answer", "").strip()[:LONGEST_ANSWER]
        if not words:
            return Answer(text="There was no answer in it. The button opens the form again.")
        return told(await self._learning.say(incoming, session, f"{ANSWER}{words}"))

    async def _of_session(self, incoming: Incoming, action: str, number: int) -> Answer | None:
        lesson = await self._learning.store.lesson(number)
        if lesson is None:
            return Answer(text=UNKNOWN)
        session = lesson.session
        if session.learner != incoming.author.id:
            return Answer(text=NOT_YOURS)
        if action == offers.RESUME:
            return await self.resume(incoming, session)
        refusal = _refusal(incoming, session)
        if refusal is not None:
            return refusal
        return told(await self._learning.say(incoming, session, PHRASES[OF_SESSIONS[action]]))

    async def resume(self, incoming: Incoming, session: Session) -> Answer | None:
        """The session goes on, and the tutor says where it was."""
        if session.state is not SessionState.ACTIVE:
            now = self._learning.clock.now()
            moved = await self._learning.store.move_session(session.id, SessionState.ACTIVE, now=now)
            if moved is None:
                return Answer(text=UNKNOWN)
        return told(await self._learning.say(incoming, session, PHRASES[Intent.RESUME]))

    async def _of_question(self, incoming: Incoming, action: str, number: int, more: str) -> Answer | None:
        found = await self._learning.store.tutor_question(number)
        if found is None:
            return Answer(text=UNKNOWN)
        question, session = found
        refusal = _refusal(incoming, session)
        if refusal is not None:
            return refusal
        if action == offers.CONTEST:
            return Answer(text="Say why in the form.", form=_reason(question))
        if question.standing is not Standing.OPEN:
            return Answer(text=OVER)
        if action == offers.CHOOSE:
            return await self._chosen(incoming, session, question, more)
        if action == offers.CHECK:
            return Answer(text="Write your answer into the form.", form=_answer(question))
        if action in OF_QUESTIONS:
            return told(await self._learning.say(incoming, session, PHRASES[OF_QUESTIONS[action]]))
        return Answer(text=UNKNOWN)

    async def _chosen(self, incoming: Incoming, session: Session, question: Question, more: str) -> Answer | None:
        asked = question.asked
        if asked.form is not QuestionForm.CHOICE or not more.isdecimal() or int(more[:3]) >= len(asked.options):
            return Answer(text=UNKNOWN)
        words = f"{asked.letters[int(more)]}. {asked.options[int(more)].text}"
        result = await self._learning.say(incoming, session, words, once=f"tutor-choice-{question.id}")
        return Answer(text=ONCE) if isinstance(result, Duplicate) else told(result)


def _refusal(incoming: Incoming, session: Session) -> Answer | None:
    if session.learner != incoming.author.id:
        return Answer(text=NOT_YOURS)
    return None if session.state is SessionState.ACTIVE else Answer(text=NOT_ACTIVE)


def _answer(question: Question) -> Form:
    return Form(
        action=f"{offers.COMMAND}.{offers.CHECK}",
        title="Check my answer",
        submit="Check",
        value=str(question.id),
        fields=(Field(name="answer", label="Your answer", kind=FieldKind.TEXT, required=True, longest=LONGEST_ANSWER),),
    )


def _reason(question: Question) -> Form:
    return Form(
        action=f"{offers.COMMAND}.{offers.CONTEST}",
        title="That grade is wrong",
        submit="Look again",
        value=str(question.id),
        fields=(
            Field(
                name="reason",
                label="Why is your answer right?",
                kind=FieldKind.TEXT,
                required=True,
                longest=LONGEST_REASON,
            ),
        ),
    )
