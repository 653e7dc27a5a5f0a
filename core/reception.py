"""Where everything that people do comes in: adapters hand it over here, and it goes to the part that knows what to do.

Messages become turns (engine.py), commands and buttons are answered (commands/), edits and deletions change what was
said. Whatever is due has been stored when `receive` returns, so the adapter may acknowledge then and not before.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from core.accounts import Accounts
from core.channel import ChannelSettings
from core.commands import catalogue
from core.commands.audit import AuditCommand
from core.commands.buttons import Buttons
from core.commands.declaration import Feature
from core.commands.forget import ForgetCommand
from core.commands.mydata import MyDataCommand
from core.commands.retention import RetentionCommand
from core.commands.settings import SettingsCommand, help_text
from core.conversation import ConversationKey
from core.early import EarlyFollowUps
from core.engine import Engine, tokens_of, with_attachments
from core.incoming import Incoming, IncomingKind
from core.interaction import Answer, Choice
from core.ports import Clock, TokenCounter
from core.privacy import DEFAULT_AGES, Ages
from core.store import Amended, AmendKind, NotOurs, Store
from core.telemetry import SILENT, Telemetry
from core.turn import Turn

log = structlog.get_logger()

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
        counter: TokenCounter,
        clock: Clock,
        ages: Ages = DEFAULT_AGES,
        telemetry: Telemetry = SILENT,
    ) -> None:
        self._store = store
        self._engine = engine
        self._counter = counter
        self._clock = clock
        self._ages = ages
        self._accounts = Accounts(telemetry, clock)
        self._buttons = Buttons(store=store, engine=engine, clock=clock)
        self._features = {feature.command.name: feature for feature in self._all_features()}
        self._settings: dict[ConversationKey, tuple[float, ChannelSettings]] = {}
        self._offers: dict[int, asyncio.Task[None]] = {}
        self._early = EarlyFollowUps(engine.accept, clock)

    async def receive(self, incoming: Incoming) -> Answer | None:
        """See core.ports.Receiver."""
        match incoming.kind:
            case IncomingKind.MENTION | IncomingKind.FOLLOW_UP | IncomingKind.DIRECT:
                if isinstance(await self._engine.accept(incoming), NotOurs):
                    self._early.keep(incoming)
                return None
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
        if len(self._settings) >= SETTINGS_KEPT:
            self._settings.clear()
        self._settings[channel] = (now + SETTINGS_FOR, settings)
        return settings

    async def close(self) -> None:
        """No task of ours is left."""
        await self._early.close()
        offers = list(self._offers.values())
        for task in offers:
            task.cancel()
        await asyncio.gather(*offers, return_exceptions=True)

    # ── commands, buttons and forms ──

    def _all_features(self) -> tuple[Feature, ...]:
        return (
            Feature(command=catalogue.ASK, call=self._ask),
            Feature(command=catalogue.STOP, call=self._buttons.stop),
            Feature(command=catalogue.HELP, call=_help),
            Feature(command=catalogue.SETTINGS, call=self._change_settings),
            *self._keeping(),
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
        await self._engine.accept(replace(incoming, text=question))
        return None

    async def _change_settings(self, incoming: Incoming) -> Answer:
        self._settings.pop(incoming.key.channel_key, None)
        return await SettingsCommand(self._store, self._clock).call(incoming)

    # ── edits ──

    async def _edit(self, incoming: Incoming) -> None:
        incoming = replace(incoming, text=with_attachments(incoming))
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
