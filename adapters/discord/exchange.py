"""One interaction, from its first response to the last message that answers it.

The first response must come within three seconds and decides what may follow: who reads it, and whether a form can be
opened at all (discord.md, section 4). What cannot be shown as it was meant is shown as well as it can be.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from adapters.discord import forms, payloads, uploads
from adapters.discord.components import Json
from adapters.discord.failures import AlreadyAnswered, TokenGone
from adapters.discord.invocations import QUESTION
from adapters.discord.openings import EDIT_AGAIN, OPEN, Openings, is_opening
from adapters.discord.rest import Rest
from adapters.discord.statements import SAID, Statement, statements, words
from core.endings import OUR_FAULT
from core.errors import PostGone, SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, File, Form

log = structlog.get_logger()

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL = 4, 5, 6, 7, 9
"""Kinds of responses."""
QUICK = 256 * 1024
"""Bytes of files that can go with the first response; more of them could come too late."""
FORM_LATE = "Discord opens a form only within three seconds, and I took longer. The button opens it."
LOOK_AGAIN = "Something has to be put right. The button opens what you typed."
FORM_TOO_LONG = "This is longer than Discord's forms take. All of it is in the file."
FORM_REFUSED = "Discord did not open the form. Please use the command again; my log says why it did not."
LOST = "I no longer know this form: I was restarted meanwhile, or it was long ago. Please use the command again."
FILES_FAILED = "-# I could not give you the file: {}"
PARTS_REFUSED = "-# Discord did not take the buttons; my log says why."
TYPED = "what-you-typed.md"


class Exchange:
    """What was said about one interaction so far."""

    def __init__(self, rest: Rest, openings: Openings, payload: Json, incoming: Incoming) -> None:
        self._rest = rest
        self._openings = openings
        self._incoming = incoming
        self._id, self._token = str(payload["id"]), str(payload["token"])
        self._application = str(payload["application_id"])
        self._source: Json | None = payload.get("message")
        self._is_form = incoming.kind is IncomingKind.FORM
        self._question = incoming.command == QUESTION
        self._deferred = False
        self._withdrawn = False
        """The response that was deferred is gone, because others should read the answer, or nobody else."""
        self.waits = False
        """The response was deferred and waits for the reply's text."""

    async def defer(self) -> None:
        """Discord knows that something will come. Whether all will see it is decided here for good."""
        if self._source is not None:
            await self._begin(DEFERRED_UPDATE)
        elif self._question:
            await self._begin(DEFERRED_MESSAGE)
        else:
            await self._begin(DEFERRED_MESSAGE, {"flags": payloads.EPHEMERAL})
        self._deferred = True

    async def _begin(self, kind: int, body: Json | None = None, files: Sequence[File] = ()) -> None:
        """The first response is given. Its answer may be lost on the way, so it is tried once more."""
        try:
            await self._rest.respond(self._id, self._token, kind, body, files)
        except SurfaceUnavailable:
            with contextlib.suppress(AlreadyAnswered):
                await self._rest.respond(self._id, self._token, kind, body, files)

    async def conclude(self, answer: Answer | None) -> None:
        """The person sees the answer; without one, that a reply is on its way."""
        if answer is not None:
            await self._give(answer)
        elif self._is_form and self._source is None:
            await self._give(Answer(text=SAID))
        else:
            if not self._deferred:
                await self.defer()
            self.waits = self._source is None

    # ── forms ──

    async def _give(self, answer: Answer) -> None:
        rows: list[Json] = []
        if answer.form is not None:
            refusal = LOOK_AGAIN if self._is_form else FORM_LATE
            if not (self._deferred or self._is_form):
                opened = await self.open(answer.form)
                if opened is None:
                    return
                refusal = opened
            answer, rows = self._without_form(answer, answer.form, refusal)
        await self._say(_shown(answer, rows), answer)

    async def open(self, form: Form) -> str | None:
        """Why the form could not be opened, for the person; none where it stands on their screen. Raises TokenGone."""
        try:
            modal = forms.modal(form)
            await self._begin(MODAL, modal)
        except forms.FormTooLong:
            return FORM_TOO_LONG
        except ValueError:
            log.exception("form fault", action="discord.form_fault")
            return OUR_FAULT
        except TokenGone:
            raise
        except SurfaceError as error:
            log.error("form not opened", action="discord.no_form", detail=error.detail)
            return FORM_REFUSED
        self._openings.opened(self._incoming.author.id, form)
        return None

    def _without_form(self, answer: Answer, form: Form, refusal: str) -> tuple[Answer, list[Json]]:
        """The answer with its form behind a button where that helps, and with a file of what was typed: the button is
        forgotten when we are restarted, the file is not."""
        said = forms.typed(forms.labelled(form)) if self._is_form or refusal == FORM_TOO_LONG else ""
        files = (*answer.files, _file(said)) if said else answer.files
        if refusal in (FORM_TOO_LONG, FORM_REFUSED, OUR_FAULT):
            return replace(answer, form=None, files=files, text=f"{answer.text}\n\n{refusal}".strip()), []
        label = EDIT_AGAIN if self._is_form else OPEN
        row = self._openings.keep(self._incoming.author.id, form, label)
        return replace(answer, form=None, files=files, text=answer.text or refusal), [row]

    # ── messages ──

    async def _say(self, shown: Sequence[Statement], answer: Answer) -> None:
        if not self._deferred and sum(len(file.content) for file in shown[0].files) > QUICK:
            await self.defer()
        for number, one in enumerate(shown):
            try:
                await self._say_one(one, answer, first=not number)
            except (TokenGone, SurfaceBusy, SurfaceUnavailable):
                raise
            except SurfaceError as error:
                if not (one.files or one.components):
                    raise
                log.error("answer refused", action="discord.answer_refused", detail=error.detail)
                notice = FILES_FAILED.format(error.sentence) if one.files else PARTS_REFUSED
                await self._say_one(words(one, notice), answer, first=not number)

    async def _say_one(self, one: Statement, answer: Answer, *, first: bool) -> None:
        if not first:
            await self._follow_up(one, answer)
        elif self._takes_the_place(answer):
            await self._replace(one, answer)
        elif not self._deferred:
            await self._respond(MESSAGE, one, private=answer.private)
        elif self._source is not None:
            await self._follow_up(one, answer)
        else:
            await self._fill(one, answer)

    def _takes_the_place(self, answer: Answer) -> bool:
        """Of the message whose button was pressed. What others read is never replaced by one person's own words."""
        if self._source is None:
            return False
        alone = bool(int(self._source.get("flags") or 0) & payloads.EPHEMERAL) or not self._incoming.shared
        if self._is_form and alone and answer.private and _complains(self._source):
            return True  # what was to be put right is right now, or has to be put right again
        return answer.replaces and (alone or not answer.private)

    async def _replace(self, one: Statement, answer: Answer) -> None:
        if self._deferred:
            await self._edit_original(one)
            return
        try:
            await self._respond(UPDATE, one)
        except PostGone:  # the person has closed it meanwhile
            await self._respond(MESSAGE, one, private=answer.private)

    async def _fill(self, one: Statement, answer: Answer) -> None:
        """In place of "thinking", which was for all or for one person; where the answer is not, as a new message."""
        was_private = not self._question
        if answer.private == was_private:
            await self._edit_original(one)
            return
        if not self._withdrawn:
            await self._rest.delete_response(self._application, self._token)
            self._withdrawn = True
        await self._follow_up(one, answer)

    async def _respond(self, kind: int, one: Statement, *, private: bool = False) -> None:
        await self._begin(kind, _body(one, private=private), one.files)

    async def _follow_up(self, one: Statement, answer: Answer) -> None:
        body = _body(one, private=answer.private)
        await self._rest.follow_up(self._application, self._token, body, one.files)

    async def _edit_original(self, one: Statement) -> None:
        await self._rest.edit_response(self._application, self._token, _body(one), files=one.files)


def _body(one: Statement, *, private: bool = False) -> dict[str, Any]:
    return one.body(private=private) | {"attachments": uploads.described(one.files)}


def _shown(answer: Answer, rows: Sequence[Json]) -> list[Statement]:
    try:
        return statements(answer, rows)
    except ValueError:  # buttons that core should not have made; the words are still worth reading
        log.exception("answer fault", action="discord.answer_fault")
        return statements(replace(answer, buttons=(), selects=(), text=answer.text or OUR_FAULT), rows)


def _complains(source: Json) -> bool:
    """Whether the message holds the button that opens a form again."""
    rows = source.get("components") or ()
    return any(is_opening(str(one.get("custom_id") or "")) for row in rows for one in row.get("components") or ())


def _file(said: str) -> File:
    return File(name=TYPED, media_type="text/markdown", content=said.encode())


def unsaved(sentence: str, incoming: Incoming, openings: Openings) -> Answer:
    """Why a submitted form is not stored, with all that was typed."""
    typed = {name: value for name, value in incoming.options.items() if name != "value"}
    form = openings.last(incoming.author.id, incoming.text, incoming.options.get("value", ""))
    if form is not None:
        return Answer(text=sentence, form=forms.refilled(form, typed))
    said = forms.typed(typed.items())
    return Answer(text=sentence, files=(_file(said),) if said else ())
