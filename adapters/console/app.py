"""What a person types, handed to the receiver: the receiving half of the adapter."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

import structlog

from adapters.console import typed
from adapters.console.files import attachment
from adapters.console.forms import Filled, fill
from adapters.console.places import Spot, is_direct, target
from adapters.console.screen import Interrupted, Screen
from adapters.console.surface import ConsoleSurface
from adapters.console.typed import Own, PressNumber, Say, Use
from core.conversation import ConversationKey
from core.errors import ParleyError
from core.incoming import Attachment, Author, Incoming, IncomingKind
from core.interaction import Answer, Choice, Form
from core.ports import Clock, Control, Receiver

log = structlog.get_logger()

WELCOME = "This is Parley. Write something; /help says what can be done, Ctrl-D leaves."
NOT_STORED = "That could not be stored, so it was not asked: {why} Try it again."


class ConsoleApp:
    """Reads lines until the person leaves; `left` is set then."""

    def __init__(self, *, surface: ConsoleSurface, receiver: Receiver, clock: Clock, spot: Spot) -> None:
        self.surface = self._surface = surface
        self._screen: Screen = surface.screen
        self._receiver = receiver
        self._clock = clock
        self._me = Author(id=spot.person, name=spot.person, admin=True, manages_channel=True)
        self._spot = spot
        self._attached: list[Attachment] = []
        self._reading: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Task[None]] = set()
        self._taking = 0
        self.taken = 0
        """Lines that had their effect."""
        self.left = asyncio.Event()

    @property
    def spot(self) -> Spot:
        """Where the person is now."""
        return self._spot

    # ── bots.platforms.App ──

    async def start(self) -> None:
        """Lines are read."""
        self._screen.on_interrupt(self._stop)
        self._screen.suggest(self._suggested)
        self._screen.note(WELCOME)
        self._reading = asyncio.create_task(self._read(), name="console input")

    async def stop_receiving(self) -> None:
        """No further line is read."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, *self._aside, return_exceptions=True)

    async def close(self) -> None:
        """The terminal is as it was."""
        await self._screen.close()

    async def refused(self) -> ParleyError:
        """Never returns: a terminal shuts nobody out."""
        await asyncio.Event().wait()
        raise AssertionError

    def healthy(self) -> bool:
        """Whether lines are read."""
        return self._reading is not None and not self._reading.done()

    def waiting(self) -> int:
        """Lines that are not stored yet."""
        return self._taking

    # ── lines ──

    async def _read(self) -> None:
        try:
            while (line := await self._screen.read(self._spot.label)) is not None:
                if await self._meant(line):
                    break
                self.taken += 1
        finally:
            self.left.set()

    async def _meant(self, line: str) -> bool:
        """The line has its effect; true when the person leaves."""
        match typed.meaning(line):
            case Own(word="quit"):
                return True
            case Own() as own:
                self._own(own)
            case PressNumber(number=number):
                await self._press(number)
            case Use() as used:
                await self._use(used)
            case Say(text=text):
                if text or self._attached:
                    await self._say(text)
        return False

    def _own(self, own: Own) -> None:
        match own.word:
            case "new":
                self._spot = self._spot.anew()
                self._screen.note("A new conversation: the next line begins it.")
            case "dm":
                self._spot = Spot(person=self._me.id, direct=True)
                self._screen.note("You are in direct messages with Parley.")
            case "channel":
                name = own.rest.removeprefix("#").strip()
                self._spot = Spot(person=self._me.id, channel=name) if name else Spot(person=self._me.id)
                self._screen.note(f"You are in {self._spot.label}.")
            case _:
                self._attach(own.rest)

    def _attach(self, named: str) -> None:
        found = attachment(named)
        if found is None:
            self._screen.note("There is no file there that can be read: /attach PATH")
            return
        self._attached.append(found)
        self._screen.note(f"{found.name} goes along with your next line.")

    async def _say(self, text: str) -> None:
        now, id = self._clock.now(), os.urandom(8).hex()
        spot, self._spot = self._spot, self._spot.begun(id, now)
        attached, self._attached = tuple(self._attached), []
        key = spot.key(id)
        kind = IncomingKind.DIRECT if spot.direct else IncomingKind.MENTION
        await self._hand_in(self._incoming(id, key, kind, text, attachments=attached, thread_began_at=spot.began_at))

    async def _use(self, used: Use) -> None:
        id = os.urandom(8).hex()
        begins = used.name == "ask"
        key = self._spot.anew().key(id) if begins else self._spot.channel_key
        if self._spot.thread is not None and not begins:
            key = self._spot.key(id)
        incoming = self._incoming(id, key, IncomingKind.COMMAND, used.words, command=used.name, options=used.options)
        await self._hand_in(incoming)
        if used.name == "help":
            await self._surface.answer(incoming.target, typed.guide())

    async def _press(self, number: int) -> None:
        press = self._surface.book.press(number)
        if press is None:
            self._screen.note(f"Nothing has the number {number}.")
            return
        incoming = self._incoming(
            press.message, press.target.key, IncomingKind.BUTTON, press.action, options=dict(press.options)
        )
        await self._hand_in(incoming)

    def _stop(self) -> bool:
        """The newest reply that grows is stopped; false where none does."""
        growing = self._surface.book.growing()
        if not growing:
            return False
        shown = growing[-1]
        options = {"turn": str(shown.turn)}
        incoming = self._incoming(shown.id, shown.key, IncomingKind.BUTTON, Control.STOP.value, options=options)
        self._beside(self._hand_in(incoming))
        return True

    async def _suggested(self, command: str, option: str, words: str) -> tuple[Choice, ...]:
        """What an option of a command may be, while one types it."""
        id = os.urandom(8).hex()
        incoming = self._incoming(id, self._spot.channel_key, IncomingKind.COMMAND, "", command=command)
        return await self._receiver.suggest(incoming, option, words)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="console press")
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    # ── what comes of it ──

    def _incoming(self, message: str, key: ConversationKey, kind: IncomingKind, text: str, **more: Any) -> Incoming:
        return Incoming(
            event_id=os.urandom(8).hex(),
            message_id=message,
            key=key,
            author=self._me,
            kind=kind,
            text=text,
            target=target(key),
            sent_at=self._clock.now(),
            shared=not is_direct(key),
            **more,
        )

    async def _hand_in(self, incoming: Incoming) -> None:
        self._taking += 1
        try:
            answer = await self._receiver.receive(incoming)
        except ParleyError as error:
            log.error("not stored", action="console.not_stored", detail=error.detail)
            self._screen.note(NOT_STORED.format(why=error.sentence))
            return
        finally:
            self._taking -= 1
        if answer is not None:
            await self._show(answer, incoming)

    async def _show(self, answer: Answer, to: Incoming) -> None:
        """A form is asked instead of showing the text; where it comes again, the text says what was wrong."""
        if answer.replaces:
            self._surface.book.used_up(to.message_id)
        if answer.form is None or (to.kind is IncomingKind.FORM and answer.text):
            await self._surface.answer(to.target, answer.text, answer.files, answer.buttons, answer.selects)
        if answer.form is not None:
            await self._fill(answer.form, to.key)

    async def _fill(self, form: Form, key: ConversationKey) -> None:
        try:
            filled: Filled = await fill(form, self._screen)
        except Interrupted:
            self._screen.note("The form was left; nothing was sent.")
            return
        incoming = self._incoming(
            os.urandom(8).hex(),
            key,
            IncomingKind.FORM,
            form.action,
            options={**filled.values, "value": form.value},
            attachments=filled.files,
        )
        await self._hand_in(incoming)
