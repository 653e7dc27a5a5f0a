"""What becomes of slash commands, presses and submitted forms.

They come only once and must be acknowledged within three seconds, so where storing takes longer they are acknowledged
meanwhile, and whatever goes wrong is told to the person. A form stays open with what was typed until it is stored.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from adapters.slack import forms, invocations
from adapters.slack.answers import Answers, Occasion, bodies_of
from adapters.slack.forms import Opened
from adapters.slack.names import named_users
from adapters.slack.people import People
from adapters.slack.surface import SlackSurface
from adapters.slack.targets import way_of
from adapters.slack.tasks import Tasks
from adapters.slack.web import Json
from core.endings import OUR_FAULT
from core.errors import StoreUnavailable
from core.incoming import Ignored, Incoming
from core.interaction import Answer
from core.ports import Clock, Receiver

log = structlog.get_logger()

STORE_WITHIN = 1.0
"""Seconds after which a command or a press is acknowledged although nothing is stored yet."""
SUBMIT_WITHIN = 1.8
"""The same for a form. Asking who the person is takes most of another second."""
STILL_SAVING = "One moment, I am still working on it…"
DONE = "Done."
NOT_SAVED = "{}\n\nThis is what you had typed:\n\n{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    """Nothing is stored, and this is why."""

    sentence: str


_Result = Answer | _Failed | None


class Interactions:
    """Hands over what people do with commands, buttons and forms."""

    def __init__(
        self,
        *,
        team: str,
        bot: str,
        bot_name: str,
        surface: SlackSurface,
        receiver: Receiver,
        clock: Clock,
        work: Tasks,
    ) -> None:
        self._team = team
        self._bot = bot
        self._bot_name = bot_name
        self._people: People = surface.people
        self._answers: Answers = surface.answers
        self._receiver = receiver
        self._clock = clock
        self._work = work

    # ── commands ──

    async def command(self, body: Json) -> Json | None:
        """What the acknowledgement of a slash command says."""
        user, words = str(body.get("user_id") or ""), str(body.get("text") or "")
        author, names = await asyncio.gather(self._people.actor(user), self.names(words))
        incoming = invocations.command(body, self._team, author, names, self._clock.now())
        occasion = Occasion(
            person=author,
            way=way_of(incoming.target),
            response_url=str(body.get("response_url") or ""),
            trigger=str(body.get("trigger_id") or ""),
        )
        receiving = asyncio.create_task(self._received(incoming))
        if not (await asyncio.wait({receiving}, timeout=STORE_WITHIN))[0]:
            self._work.begin(self._answer(receiving, occasion))
            return None
        answer = receiving.result()
        return self._at_once(answer, occasion) if answer is not None else None

    def _at_once(self, answer: Answer, occasion: Occasion) -> Json | None:
        if answer.form is not None:
            self._work.begin(self._answers.give(answer, occasion))
            return None
        bodies = bodies_of(answer)
        self._work.begin(self._answers.give_rest(answer, occasion))
        kind = "ephemeral" if answer.private else "in_channel"
        return {"response_type": kind, **bodies[0]} if bodies else None

    # ── presses ──

    async def click(self, body: Json) -> None:
        """The button or the choice has its effect, or will have."""
        author = await self._people.actor(str((body.get("user") or {}).get("id") or ""))
        incoming = invocations.click(body, self._team, author)
        if isinstance(incoming, Ignored):
            log.debug("ignored", action="slack.ignored", reason=incoming.reason)
            return
        receiving = asyncio.create_task(self._received(incoming))
        self._work.begin(self._answer_click(receiving, body, incoming))
        await asyncio.wait({receiving}, timeout=STORE_WITHIN)

    async def _answer_click(self, receiving: asyncio.Task[Answer | None], body: Json, incoming: Incoming) -> None:
        answer = await receiving
        if answer is None:
            return
        alone = bool((body.get("container") or {}).get("is_ephemeral"))
        occasion = Occasion(
            person=incoming.author,
            way=way_of(incoming.target),
            response_url=str(body.get("response_url") or ""),
            trigger=str(body.get("trigger_id") or ""),
            original=alone or not incoming.shared or not answer.private,
        )
        await self._answers.give(answer, occasion)

    async def _answer(self, receiving: asyncio.Task[Answer | None], occasion: Occasion) -> None:
        answer = await receiving
        if answer is not None:
            await self._answers.give(answer, occasion)

    # ── forms ──

    async def submission(self, body: Json) -> Json | None:
        """What the acknowledgement of a form says; none closes it."""
        view: Json = body.get("view") or {}
        form = forms.opened(view)
        if form is None:
            log.debug("ignored", action="slack.ignored", reason="a form of somebody else")
            return None
        author = await self._people.actor(str((body.get("user") or {}).get("id") or ""))
        incoming = invocations.submission(body, form, self._team, author, self._clock.now())
        occasion = Occasion(
            person=author, way=way_of(incoming.target), response_url=form.response_url, original=form.pressed
        )
        receiving = asyncio.create_task(self._stored(incoming))
        if not (await asyncio.wait({receiving}, timeout=SUBMIT_WITHIN))[0]:
            self._work.begin(self._submitted_late(receiving, view, form, occasion))
            return {"response_action": "update", "view": forms.message(view, STILL_SAVING)}
        result = receiving.result()
        if isinstance(result, _Failed):
            return _complaint(view, result.sentence)
        if result is None:
            return None
        if result.form is not None:
            shown = _shown_again(result, form)
            return {"response_action": "update", "view": shown} if shown else _complaint(view, OUR_FAULT)
        self._work.begin(self._answers.give(result, occasion))
        return None

    async def _submitted_late(
        self, receiving: asyncio.Task[_Result], view: Json, form: Opened, occasion: Occasion
    ) -> None:
        """The modal, which waits, shows what came of it; where the person has closed it, they are told otherwise."""
        result = await receiving
        view_id = str(view["id"])
        if isinstance(result, _Failed):
            if not await self._answers.update_view(view_id, forms.refilled(view, result.sentence)):
                lost = Answer(text=NOT_SAVED.format(result.sentence, forms.typed(view)))
                await self._answers.give(lost, occasion)
        elif result is not None and result.form is not None:
            shown = _shown_again(result, form) or forms.refilled(view, OUR_FAULT)
            if not await self._answers.update_view(view_id, shown):
                lost = Answer(text=NOT_SAVED.format(result.text, forms.typed(view)))
                await self._answers.give(lost, occasion)
        else:
            told = await self._answers.update_view(view_id, forms.message(view, (result and result.text) or DONE))
            if result is not None and not (told and _is_words(result)):
                await self._answers.give(result, occasion)

    # ── handing over ──

    async def _received(self, incoming: Incoming) -> Answer | None:
        result = await self._stored(incoming)
        return Answer(text=result.sentence) if isinstance(result, _Failed) else result

    async def _stored(self, incoming: Incoming) -> _Result:
        try:
            return await self._receiver.receive(incoming)
        except StoreUnavailable as error:
            log.error("interaction not stored", action="slack.store_away", detail=error.detail)
            return _Failed(sentence=error.sentence)
        except Exception:  # whatever it is, the person gets an answer and the operator the traceback
            log.exception("interaction fault", action="slack.interaction_fault")
            return _Failed(sentence=OUR_FAULT)

    async def names(self, text: str) -> dict[str, str]:
        """What the people are called whom the text names; the bot among them, which need not be asked for."""
        others = [user for user in named_users(text) if user != self._bot]
        return {self._bot: self._bot_name, **await self._people.names(others)}


def _is_words(answer: Answer) -> bool:
    """Whether a person who read its text knows all of it."""
    return answer.private and not (answer.buttons or answer.selects or answer.files)


def _shown_again(answer: Answer, form: Opened) -> Json | None:
    """The form that the answer brings, with its text above; none where it cannot be made."""
    assert answer.form is not None
    try:
        return forms.view(answer.form, form, answer.text)
    except ValueError:
        log.exception("form fault", action="slack.form_fault")
        return None


def _complaint(view: Json, sentence: str) -> Json:
    """The form stays as it is, with the sentence in it."""
    block = forms.first_input(view)
    if block is None:
        return {"response_action": "update", "view": forms.refilled(view, sentence)}
    return {"response_action": "errors", "errors": {block: sentence}}
