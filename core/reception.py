"""Where everything that people do comes in: adapters hand it over here, and it goes to the part that knows what to do.

Messages become turns (engine.py), commands and buttons are answered (commands/), edits and deletions change what was
said. Whatever is due has been stored when `receive` returns, so the adapter may acknowledge then and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog

from core.accounts import Accounts
from core.admission import Admission
from core.channel import ChannelSettings
from core.chart import Charts
from core.commands import catalogue
from core.commands.approving import PREFIX, Approving
from core.commands.audit import AuditCommand
from core.commands.buttons import Buttons
from core.commands.crowding import crowded, told
from core.commands.declaration import Feature
from core.commands.forget import ForgetCommand
from core.commands.link import LinkCommand
from core.commands.mydata import MyDataCommand
from core.commands.personas.command import PersonaCommand
from core.commands.personas.desk import Desk
from core.commands.quota import QuotaCommand
from core.commands.retention import RetentionCommand
from core.commands.settings import SettingsCommand, help_text
from core.commands.tools import ToolsCommand
from core.commands.tutoring.command import TutorCommand
from core.commands.tutoring.learning import Learning
from core.commands.usage import UsageCommand
from core.conversation import ConversationKey, Platform
from core.early import EarlyFollowUps
from core.engine import Engine
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Choice
from core.persona import Persona
from core.ports import ChatModel, Clock, ModelNames, Outlet, TokenCounter
from core.privacy import DEFAULT_AGES, Ages
from core.quota.price import Prices
from core.quota.terms import FixedTerms, TermsOf
from core.reading import tokens_of
from core.spending import Unpriced
from core.store import Amended, AmendKind, NotOurs, Shed, Store
from core.telemetry import SILENT, Telemetry
from core.tools.servers import ToolServers
from core.tools.toolbox import NO_TOOLS, Toolbox
from core.turn import Turn
from core.tutoring.flashcards import DeckWriter

log = structlog.get_logger()

NO_TERMS = FixedTerms()
UNPRICED = Unpriced()
SETTINGS_FOR = 5.0
"""Seconds for which a channel's settings are not read again."""
SETTINGS_KEPT = 10_000
UNKNOWN_FORM = "I no longer know what this form was for. Please use the command again."


class Reception:
    """The Receiver of one process."""

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        model: ChatModel,
        counter: TokenCounter,
        outlets: Mapping[Platform, Outlet],
        persona: Persona,
        clock: Clock,
        ages: Ages = DEFAULT_AGES,
        terms: TermsOf = NO_TERMS,
        charts: Charts | None = None,
        decks: DeckWriter | None = None,
        names: ModelNames | None = None,
        toolbox: Toolbox = NO_TOOLS,
        servers: ToolServers | None = None,
        approving: Approving | None = None,
        prices: Prices = UNPRICED,
        telemetry: Telemetry = SILENT,
    ) -> None:
        """`persona` is the built-in one. Without `charts`, figures come without pictures; without `servers`, nothing
        but our own tools can be used; `approving` asks people before tools change something."""
        self._store = store
        self._engine = engine
        self._counter = counter
        self._outlets = outlets
        self._clock = clock
        self._ages = ages
        self._accounts = Accounts(telemetry, clock)
        self._admission = Admission(store, outlets, clock)
        desk = Desk(
            store=store,
            clock=clock,
            model=model,
            counter=counter,
            outlets=outlets,
            built_in=persona,
            names=names,
            toolbox=toolbox,
            terms=terms,
            prices=prices,
        )
        self._personas = PersonaCommand(desk)
        self._quotas, self._usage = QuotaCommand(desk, terms), UsageCommand(desk, terms, charts)
        self._approving = approving or Approving(store, outlets, clock)
        self._tools = ToolsCommand(desk, servers, toolbox.own)
        self._buttons = Buttons(store=store, engine=engine, clock=clock)
        self._features = {feature.command.name: feature for feature in self._all_features(charts, decks)}
        self._settings: dict[ConversationKey, tuple[float, ChannelSettings]] = {}
        self._offers: dict[int, asyncio.Task[None]] = {}
        self._early = EarlyFollowUps(self._accepted_late, clock)

    async def receive(self, incoming: Incoming) -> Answer | None:
        """See core.ports.Receiver."""
        match incoming.kind:
            case IncomingKind.MENTION | IncomingKind.FOLLOW_UP | IncomingKind.DIRECT:
                return await self._asked(incoming)
            case IncomingKind.COMMAND:
                return await self._command(incoming)
            case IncomingKind.BUTTON:
                return await self._pressed(incoming)
            case IncomingKind.FORM:
                return await self._submitted(incoming)
            case IncomingKind.EDIT:
                await self._edit(incoming)
                return None
            case IncomingKind.DELETE:
                self._accounts.arrived(incoming, await self._store.retract(incoming, now=self._clock.now()))
                return None

    async def _asked(self, incoming: Incoming) -> Answer | None:
        refusal = await self._refusal(incoming)
        if refusal is not None:
            await self._admission.turned_away(incoming, refusal)
            return None
        result = await self._engine.accept(incoming)
        if isinstance(result, NotOurs):
            self._early.keep(incoming)
        return told(result)

    async def _accepted_late(self, incoming: Incoming) -> object:
        """Nobody awaits the answer to a follow-up that came early, so it is whispered."""
        result = await self._engine.accept(incoming)
        if isinstance(result, Shed):
            self._admission.tell(incoming, crowded(result))
        return result

    async def _refusal(self, incoming: Incoming) -> str | None:
        if not incoming.shared:
            return None
        return await self._admission.refusal(incoming, await self.settings(incoming.key.channel_key))

    @property
    def early(self) -> int:
        """Follow-ups that wait for the message they follow."""
        return self._early.waiting

    async def settings(self, channel: ConversationKey) -> ChannelSettings:
        """See core.ports.Receiver."""
        now = self._clock.monotonic()
        known = self._settings.get(channel)
        if known is not None and known[0] > now:
            return known[1]
        settings = await self._store.channel_settings(channel)
        nearest = await self._store.nearest_persona(channel, shared=True)
        if nearest is not None:
            style = nearest.persona.style
            settings = settings.overlaid(answer_in=style.answer_in, mention_needed=style.mention_needed)
        if len(self._settings) >= SETTINGS_KEPT:
            self._settings.clear()
        self._settings[channel] = (now + SETTINGS_FOR, settings)
        return settings

    async def close(self) -> None:
        """No task of ours is left."""
        await self._early.close()
        await self._admission.close()
        offers = list(self._offers.values())
        for task in offers:
            task.cancel()
        await asyncio.gather(*offers, return_exceptions=True)

    # ── commands, buttons and forms ──

    def _all_features(self, charts: Charts | None, decks: DeckWriter | None) -> tuple[Feature, ...]:
        return (
            Feature(command=catalogue.ASK, call=self._ask),
            Feature(command=catalogue.STOP, call=self._buttons.stop),
            Feature(command=catalogue.HELP, call=_help),
            Feature(command=catalogue.SETTINGS_COMMAND, call=self._change_settings),
            Feature(
                command=catalogue.PERSONA,
                call=self._persona,
                pressed=self._persona,
                submitted=self._persona,
                suggest=self._personas.suggest,
            ),
            Feature(command=catalogue.USAGE, call=self._usage.call),
            Feature(command=catalogue.QUOTA, call=self._quotas.call, suggest=self._personas.suggest),
            Feature(
                command=catalogue.TOOLS,
                call=self._tools.call,
                submitted=self._tools.submitted,
                suggest=self._tools.suggest,
            ),
            *self._tutoring(charts, decks),
            *self._linking(),
            *self._keeping(),
        )

    def _tutoring(self, charts: Charts | None, decks: DeckWriter | None) -> tuple[Feature, ...]:
        learning = Learning(store=self._store, engine=self._engine, outlets=self._outlets, clock=self._clock)
        tutor = TutorCommand(learning, charts, decks)
        return (
            Feature(
                command=catalogue.TUTOR,
                call=tutor.call,
                pressed=tutor.pressed,
                submitted=tutor.submitted,
                suggest=tutor.suggest,
            ),
        )

    def _linking(self) -> tuple[Feature, ...]:
        links = LinkCommand(self._store, self._clock)
        return (
            Feature(command=catalogue.LINK, call=links.link),
            Feature(command=catalogue.UNLINK, call=links.unlink),
        )

    def _keeping(self) -> tuple[Feature, ...]:
        """What is about what we keep."""
        store, clock = self._store, self._clock
        forget = ForgetCommand(store, clock)
        return (
            Feature(command=catalogue.FORGET, call=forget.call, pressed=forget.pressed),
            Feature(command=catalogue.MYDATA, call=MyDataCommand(store, clock).call),
            Feature(command=catalogue.RETENTION, call=RetentionCommand(store, clock, self._ages).call),
            Feature(command=catalogue.AUDIT, call=AuditCommand(store, clock).call),
        )

    def _feature(self, name: str, separator: str) -> Feature | None:
        return self._features.get(name.partition(separator)[0])

    async def _command(self, incoming: Incoming) -> Answer | None:
        feature = self._feature(incoming.command or "", " ")
        if feature is None:
            names = ", ".join(f"`/{name}`" for name in self._features)
            return Answer(text=f"I do not know this command. There are {names}.")
        return await feature.call(incoming)

    async def _pressed(self, incoming: Incoming) -> Answer | None:
        if incoming.text.startswith(PREFIX):
            return await self._approving.pressed(incoming)
        feature = self._feature(incoming.text, ".")
        if feature is not None and feature.pressed is not None:
            return await feature.pressed(incoming)
        return await self._buttons.pressed(incoming)

    async def _submitted(self, incoming: Incoming) -> Answer | None:
        feature = self._feature(incoming.text, ".")
        if feature is None or feature.submitted is None:
            return Answer(text=UNKNOWN_FORM)
        return await feature.submitted(incoming)

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """See core.ports.Receiver."""
        feature = self._feature(incoming.command or "", " ")
        if feature is None or feature.suggest is None:
            return ()
        return await feature.suggest(incoming, option, typed)

    async def _ask(self, incoming: Incoming) -> Answer | None:
        question = incoming.options.get("question", incoming.text).strip()
        if not question:
            return Answer(text=f"Write your question behind it: `{catalogue.ASK.usage}`.")
        refusal = await self._refusal(incoming)
        if refusal is not None:
            return Answer(text=refusal)
        return told(await self._engine.accept(replace(incoming, text=question)))

    async def _change_settings(self, incoming: Incoming) -> Answer:
        answer = await SettingsCommand(self._store, self._clock).call(incoming)
        self._settings.pop(incoming.key.channel_key, None)
        return answer

    async def _persona(self, incoming: Incoming) -> Answer:
        match incoming.kind:
            case IncomingKind.BUTTON:
                answer = await self._personas.pressed(incoming)
            case IncomingKind.FORM:
                answer = await self._personas.submitted(incoming)
            case _:
                answer = await self._personas.call(incoming)
        self._settings.clear()  # a persona's style goes before the settings of channels
        return answer

    # ── edits ──

    async def _edit(self, incoming: Incoming) -> None:
        tokens = tokens_of(incoming, self._counter)
        result = await self._store.amend(incoming, tokens=tokens, now=self._clock.now())
        self._accounts.arrived(incoming, result)
        if not isinstance(result, Amended):
            return
        log.info("edited", action="reception.edited", turn=result.turn.id, result=result.kind)
        if result.kind is AmendKind.OFFERED:
            self._offer_again(result.turn)

    def _offer_again(self, turn: Turn) -> None:
        """Edits in quick succession need one button, and no two tasks may write the same message."""
        if turn.id not in self._offers:
            task = self._offers[turn.id] = asyncio.create_task(self._engine.offer_again(turn))
            task.add_done_callback(lambda _: self._offers.pop(turn.id, None))


async def _help(_incoming: Incoming) -> Answer:
    return Answer(text=help_text())
