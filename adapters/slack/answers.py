"""Answers to commands, presses and forms, shown to whoever used them, or to the place.

Slack has several ways and each fails somewhere: a response_url ends after half an hour, an ephemeral message needs both
the person and us in the channel, a form needs a trigger of the last three seconds. So one way stands in for the other,
down to a direct message, and nobody is left without an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from adapters.slack import blocks, forms, rates
from adapters.slack.failures import Rejected
from adapters.slack.messages import Messages
from adapters.slack.targets import InDirect, InThread, Way
from adapters.slack.uploads import Uploads
from adapters.slack.web import Json, Web
from core.endings import OUR_FAULT
from core.errors import SurfaceBusy, SurfaceError, SurfaceForbidden
from core.incoming import Author
from core.interaction import Answer, File, Form
from core.ports import Clock

log = structlog.get_logger()

FORM_LATE = "Slack opens a form only within three seconds, and I took longer. Please use the command again."
FORM_REFUSED = "Slack did not open the form. Please use the command again; my log says why it did not."
FORM_NEEDS_COMMAND = (
    "This needs a form, and Slack opens one only for slash commands and buttons. "
    "Please use the command with `/`, outside of threads."
)
FILES_GO_DIRECT = "Only you shall have the file, so it is in our direct messages."
FILES_FAILED = "I could not give you the file: {}"
PAUSES = (1.0, 3.0)
"""Seconds before an answer is tried again, where Slack is busy and does not say for how long."""
LONGEST_PAUSE = 30.0
_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a person did, as far as showing the answer needs it."""

    person: Author
    way: Way
    """Where they did it."""
    response_url: str = ""
    trigger: str = ""
    """Opens a form."""
    original: bool = False
    """What the response_url belongs to is a message that an answer may take the place of."""


class Answers:
    """Shows answers."""

    def __init__(self, web: Web, messages: Messages, uploads: Uploads, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._messages = messages
        self._uploads = uploads

    async def give(self, answer: Answer, occasion: Occasion) -> None:
        """The answer is shown, its form opened and its files given. Raises SurfaceError where no way was left."""
        if answer.form is not None:
            refusal = await self._open(answer.form, occasion)
            if refusal is None:
                return
            answer = without_form(answer, refusal)
        for number, body in enumerate(bodies_of(answer)):
            await self._show(body, answer, occasion, replaces=answer.replaces and not number)
        await self.give_files(answer, occasion)

    async def give_rest(self, answer: Answer, occasion: Occasion) -> None:
        """Of an answer whose first message is shown: the others, and the files."""
        for body in bodies_of(answer)[1:]:
            await self._show(body, answer, occasion, replaces=False)
        await self.give_files(answer, occasion)

    # ── forms ──

    async def _open(self, form: Form, occasion: Occasion) -> str | None:
        """Why the form could not be opened, for the person; none where it stands on their screen."""
        if not occasion.trigger:
            return FORM_NEEDS_COMMAND
        place = forms.Opened(
            action=form.action,
            value=form.value,
            channel=occasion.way.channel,
            thread=_thread(occasion.way) or "",
            begun=_private_thread(occasion.way) is not None,
            response_url=occasion.response_url,
            pressed=occasion.original,
        )
        try:
            await self._web.write("views.open", trigger_id=occasion.trigger, view=forms.view(form, place))
        except SurfaceError as error:
            log.warning("form not opened", action="slack.no_form", detail=error.detail)
            return FORM_LATE if isinstance(error, Rejected) and error.code in _LATE else FORM_REFUSED
        return None

    async def update_view(self, view_id: str, view: Json) -> bool:
        """The modal shows that now; false where it is closed, or Slack refused."""
        try:
            await self._web.write("views.update", view_id=view_id, view=view)
        except SurfaceError as error:
            log.info("modal not updated", action="slack.no_view", detail=error.detail)
            return False
        return True

    # ── messages ──

    async def _show(self, body: Json, answer: Answer, occasion: Occasion, *, replaces: bool) -> None:
        for pause in (*PAUSES, None):
            try:
                await self._show_as_it_can_be(body, answer, occasion, replaces=replaces)
                return
            except SurfaceBusy as error:
                if pause is None:
                    raise
                await self._clock.sleep(min(error.retry_after or pause, LONGEST_PAUSE))

    async def _show_as_it_can_be(self, body: Json, answer: Answer, occasion: Occasion, *, replaces: bool) -> None:
        """What Slack does not take with its blocks is shown as words."""
        try:
            await self._show_somewhere(body, answer, occasion, replaces=replaces)
        except Rejected as error:
            log.error("answer refused", action="slack.answer_refused", detail=error.detail)
            await self._show_somewhere({"text": body["text"]}, answer, occasion, replaces=replaces)

    async def _show_somewhere(self, body: Json, answer: Answer, occasion: Occasion, *, replaces: bool) -> None:
        in_place = replaces and occasion.original
        responds = bool(occasion.response_url) and (in_place or not _is_threaded(occasion.way))
        if responds and await self._respond(body, answer, occasion, in_place=in_place):
            return
        try:
            await self._write(body, answer, occasion)
            return
        except SurfaceForbidden as error:
            if not responds and await self._respond(body, answer, occasion, in_place=False):
                return
            log.info("answered directly", action="slack.answered_directly", detail=error.detail)
        await self._post(await self._messages.direct_channel(occasion.person), None, body)

    async def _respond(self, body: Json, answer: Answer, occasion: Occasion, *, in_place: bool) -> bool:
        """Whether the response_url took it."""
        if not occasion.response_url:
            return False
        kind = "ephemeral" if answer.private else "in_channel"
        thread = None if in_place else _private_thread(occasion.way)
        sent = {
            "response_type": kind,
            "replace_original": in_place,
            **({"thread_ts": thread} if thread else {}),
            **body,
        }
        try:
            await self._web.respond(occasion.response_url, sent)
        except SurfaceError as error:  # used up, too old, or out of reach: the other ways may be open
            log.info("response_url refused", action="slack.no_response_url", detail=error.detail)
            return False
        return True

    async def _write(self, body: Json, answer: Answer, occasion: Occasion) -> None:
        """By the Web API. In direct messages a private answer is a message as well: only one person reads there, and
        an ephemeral one would be gone with the next start of their Slack."""
        channel, person = occasion.way.channel, occasion.person.id
        if not answer.private or isinstance(occasion.way, InDirect):
            await self._post(channel, _thread(occasion.way), body)
        else:
            thread = _private_thread(occasion.way)
            await self._web.write("chat.postEphemeral", channel=channel, user=person, thread_ts=thread, **body)

    async def _post(self, channel: str, thread: str | None, body: Json) -> None:
        await self._web.write(rates.POST, channel=channel, thread_ts=thread, **body, **blocks.QUIET)

    # ── files ──

    async def give_files(self, answer: Answer, occasion: Occasion) -> None:
        """The files are where they belong; where they cannot be, the person is told."""
        if not answer.files:
            return
        try:
            await self._give_files(answer.files, occasion, private=answer.private)
        except SurfaceError as error:
            log.warning("files not given", action="slack.no_files", detail=error.detail)
            told = Answer(text=FILES_FAILED.format(error.sentence))
            await self._show(blocks.sentence(told.text), told, occasion, replaces=False)

    async def _give_files(self, files: Sequence[File], occasion: Occasion, *, private: bool) -> None:
        channel, thread = occasion.way.channel, _thread(occasion.way)
        if private and not channel.startswith("D"):
            channel, thread = await self._messages.direct_channel(occasion.person), None
        ids = await self._uploads.upload(files)
        await self._uploads.share(ids, files, channel=channel, thread=thread)


def _thread(way: Way) -> str | None:
    return way.thread if isinstance(way, (InThread, InDirect)) else None


def _private_thread(way: Way) -> str | None:
    return way.private_thread if isinstance(way, InThread) else None


def _is_threaded(way: Way) -> bool:
    """There the Web API comes first: Slack says of response_url only for public answers how to reach a thread."""
    return isinstance(way, InDirect) or _private_thread(way) is not None


def bodies_of(answer: Answer) -> list[Json]:
    """The messages that the answer becomes: the buttons stand under the last, and where private files are is told."""
    text = answer.text
    if answer.files and answer.private:
        text = f"{text}\n\n{FILES_GO_DIRECT}".strip()
    if not text.strip() and not answer.buttons and not answer.selects:
        return []
    try:
        return blocks.statements(text, answer.buttons, answer.selects)
    except ValueError:
        log.exception("answer fault", action="slack.answer_fault")
        return blocks.statements(text or OUR_FAULT)


def without_form(answer: Answer, refusal: str) -> Answer:
    """The answer where its form cannot be shown: its text, else why there is no form."""
    return replace(answer, form=None, text=answer.text or refusal)
