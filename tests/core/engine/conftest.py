"""A whole engine on a real database, between a scripted model and a platform that remembers what it showed."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.answering import Answering
from core.attachments import Attachments
from core.commands.approving import Approving
from core.conversation import ConversationKey, Platform
from core.documents import FileReader
from core.engine import Engine
from core.fetching import Fetching
from core.incoming import Author, Incoming, IncomingKind, ReplyTarget
from core.interaction import Answer
from core.pacing import Pacing
from core.persona import Persona
from core.ports import Control, ModelNames, TokenCounter
from core.reception import Reception
from core.sharing import BudgetSharing
from core.spending import Purse
from core.store import Store
from core.tools.tool import Tool
from core.tools.toolbox import Toolbox
from core.turn import TurnState
from core.worker import Worker
from tests.doubles import FastClock, LetterCounter, RecordingSurface, Script, ScriptedModel

ANN = Author(id="U1", name="Ann")
BOB = Author(id="U2", name="Bob")
ADMIN = Author(id="U9", name="Cleo", admin=True)
THREAD = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="171.5")
LONG = timedelta(days=1)
PERSONA = Persona(prompt="Be brief.", model="tiny")


@dataclass
class House:
    """One process of Parley without a platform."""

    store: Store
    model: ScriptedModel = field(default_factory=ScriptedModel)
    surface: RecordingSurface = field(default_factory=RecordingSurface)
    clock: FastClock = field(default_factory=FastClock)
    persona: Persona = PERSONA
    owner: str = "process-1"
    purse: Purse | None = None
    tools: Sequence[Tool] = ()
    names: ModelNames | None = None
    reader: FileReader | None = None
    """Who reads files; nobody where there is none."""
    blind: set[str] = field(default_factory=set)
    """Models that do not see."""

    def __post_init__(self) -> None:
        self.pacing = Pacing(self.clock)
        counter = LetterCounter()
        approving = Approving(self.store, {Platform.SLACK: self.surface}, self.clock)
        answering = Answering(
            store=self.store,
            model=self.model,
            counter=counter,
            clock=self.clock,
            persona=self.persona,
            namers={Platform.SLACK: self.surface},
            purse=self.purse,
            toolbox=Toolbox(self.tools),
            approver=approving,
            attachments=self.attachments(counter),
            outlets={Platform.SLACK: self.surface},
        )
        self.engine = Engine(
            store=self.store,
            answering=answering,
            counter=counter,
            surfaces={Platform.SLACK: self.surface},
            pacing=self.pacing,
            clock=self.clock,
        )
        self.worker = Worker(
            store=self.store,
            engine=self.engine,
            clock=self.clock,
            sharing=self.sharing(),
            platforms=[Platform.SLACK],
            owner=self.owner,
            lease=LONG,  # its clock runs so fast that a slow machine would lose a common lease
        )
        self.reception = Reception(
            store=self.store,
            engine=self.engine,
            model=self.model,
            counter=counter,
            outlets={Platform.SLACK: self.surface},
            persona=self.persona,
            clock=self.clock,
            names=self.names,
            toolbox=Toolbox(self.tools),
            approving=approving,
        )
        self._numbers = itertools.count(1)
        self._running: asyncio.Task[None] | None = None

    def attachments(self, counter: TokenCounter) -> Attachments | None:
        """Files of this house's people."""
        if self.reader is None:
            return None
        fetching = Fetching({Platform.SLACK: self.surface}, self.reader, self.clock)
        return Attachments(store=self.store, model=self.model, sight=self, fetching=fetching, counter=counter)

    def sees(self, model: str) -> bool:
        """Whether that model looks at pictures."""
        return model not in self.blind

    def sharing(self) -> BudgetSharing:
        """Keeps the pacing of this house to its part."""
        return BudgetSharing(store=self.store, pacing=self.pacing, clock=self.clock, platforms=[Platform.SLACK])

    def start(self) -> None:
        """The worker claims turns from now on."""
        self._running = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        """No task is left."""
        await self.worker.drain(5)
        await self.reception.close()
        if self._running is not None:
            await self._running

    def incoming(
        self, text: str, *, by: Author = ANN, key: ConversationKey = THREAD, kind: IncomingKind = IncomingKind.MENTION
    ) -> Incoming:
        """Something a person did, with an id of its own."""
        number = f"{self.owner}.{next(self._numbers)}"
        return Incoming(
            event_id=number,
            message_id=number,
            key=key,
            author=by,
            kind=kind,
            text=text,
            target=ReplyTarget(key=key, kind="thread"),
            sent_at=self.clock.now(),
            shared=True,
        )

    async def say(self, text: str, *, by: Author = ANN, key: ConversationKey = THREAD) -> Incoming:
        """A person mentions Parley."""
        incoming = self.incoming(text, by=by, key=key)
        await self.reception.receive(incoming)
        return incoming

    async def press(self, control: str, turn: int, *, by: Author = ANN) -> Answer | None:
        """A person presses a button under a reply."""
        pressed = self.incoming(control, by=by, kind=IncomingKind.BUTTON)
        return await self.reception.receive(replace(pressed, options={"turn": str(turn)}))

    async def ended(self, turns: int = 1) -> list[str]:
        """Returns the texts people see when that many messages have been finished and nothing is in work."""
        await self.surface.wait_for(lambda: sum(Control.STOP not in d.controls for d in self.surface.visible) >= turns)
        await self.idle()
        return [draft.text for draft in self.surface.visible]

    async def idle(self) -> None:
        """Returns when every turn that there is has ended."""
        while self.worker.running or await self._open():
            await asyncio.gather(*self.worker.tasks, asyncio.sleep(0))

    async def _open(self) -> int:
        turns = await self.store.open_turns([Platform.SLACK])
        return turns.queued + turns.live

    def play(self, *scripts: Script) -> None:
        """What the model answers next."""
        self.model.scripts.extend(scripts)

    async def state(self, turn: int) -> TurnState:
        """Where a turn stands."""
        found = await self.store.turn(turn)
        assert found is not None
        return found.state


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """A process that is up."""
    house = House(store)
    house.start()
    yield house
    await house.stop()
