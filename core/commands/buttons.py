"""What the buttons under a reply do: stop, try again, answer the edited question, go on.

A button carries its turn's number, so it works after a restart and in any process. The number alone opens nothing:
the turn must belong to the channel in which the button was pressed, and the person must be its asker or an admin.
"""

from __future__ import annotations

from dataclasses import replace

from core.commands.crowding import told
from core.conversation import ConversationKey
from core.engine import Engine
from core.incoming import Author, Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Clock, Control
from core.store import NotOurs, Store
from core.turn import OPEN, Signal, Turn

GO_ON = "Please go on exactly where you stopped."
CONTROLS = frozenset(control.value for control in Control)
UNKNOWN = "This button belongs to an answer that I no longer know."
NOT_YOURS = "Only the person who asked, or an admin, can do that."
ENDED = "This answer has already ended."
NOT_LAST = "The conversation has moved on since; please ask again in a new message."
RECORDING_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds; together within the three in which platforms want a button acknowledged."""
NOTHING_RUNNING = "No answer is being written here."


class Buttons:
    """The buttons under replies."""

    def __init__(self, *, store: Store, engine: Engine, clock: Clock) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock

    async def pressed(self, incoming: Incoming) -> Answer | None:
        """The button's work is done, or on its way; an Answer says why not."""
        if incoming.text not in CONTROLS:
            return Answer(text=UNKNOWN)
        turn = await self._turn(incoming)
        if turn is None:
            return Answer(text=UNKNOWN if "turn" in incoming.options else NOTHING_RUNNING)
        if not may_steer(turn, incoming.author):
            return Answer(text=NOT_YOURS)
        match Control(incoming.text):
            case Control.STOP:
                return await self._stop(turn)
            case Control.TRY_AGAIN | Control.ANSWER_AGAIN:
                return await self._again(turn, incoming)
            case Control.CONTINUE:
                return await self._go_on(turn, incoming)

    async def stop(self, incoming: Incoming) -> Answer | None:
        """The `/stop` command: the answer that is being made in this conversation ends."""
        turn = await self._store.open_turn(incoming.key)
        if turn is None:
            return Answer(text=NOTHING_RUNNING)
        if not may_steer(turn, incoming.author):
            return Answer(text=NOT_YOURS)
        return await self._stop(turn) or Answer(text="Stopped.")

    async def _turn(self, incoming: Incoming) -> Turn | None:
        number = incoming.options.get("turn")
        if number is None:
            return await self._store.open_turn(incoming.key)
        turn = await self._store.turn(int(number)) if number.isdecimal() and len(number) < 19 else None
        return turn if turn is not None and _same_place(turn.key, incoming.key) else None

    async def _stop(self, turn: Turn) -> Answer | None:
        if turn.state not in OPEN:
            return Answer(text=ENDED)
        told = await self._store.signal(turn.id, turn.key, Signal.STOP, now=self._clock.now())
        if told is None:
            return Answer(text=ENDED)
        return None

    async def _again(self, turn: Turn, incoming: Incoming) -> Answer | None:
        if await self._still_open(turn):
            return None  # pressed twice: the new answer is already being made
        result = await self._store.again(turn.id, incoming, now=self._clock.now())
        return Answer(text=NOT_LAST) if isinstance(result, NotOurs) else None

    async def _still_open(self, turn: Turn) -> bool:
        """People can press the button a moment before the end that they see is recorded, so look more than once."""
        for pause in RECORDING_PAUSES:
            if turn.state not in OPEN:
                return False
            await self._clock.sleep(pause)
            turn = await self._store.turn(turn.id) or turn
        return turn.state in OPEN

    async def _go_on(self, turn: Turn, incoming: Incoming) -> Answer | None:
        question = replace(
            incoming,
            kind=IncomingKind.MENTION,
            key=turn.key,
            target=turn.target,
            text=GO_ON,
            message_id=incoming.event_id,
            continues=None,
            options={},
        )
        return told(await self._engine.accept(question))


def may_steer(turn: Turn, person: Author) -> bool:
    """Whether that person may stop the answer or have it made again."""
    return person.runs_channel or person.id == turn.asker.id


def _same_place(turn: ConversationKey, pressed: ConversationKey) -> bool:
    return turn.channel_key == pressed.channel_key
