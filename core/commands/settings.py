"""`/help` and `/settings`: what they say and change. The settings themselves are declared in core/channel.py."""

from __future__ import annotations

from dataclasses import replace

from core.audit import AuditEntry, entry
from core.channel import SAYABLE, SETTINGS, Askers, ChannelSettings, Setting, Unfit
from core.commands.catalogue import CATALOGUE, SETTINGS_COMMAND
from core.commands.people import Whom, whom
from core.incoming import Incoming
from core.interaction import Answer
from core.ports import Clock
from core.store import Store

ADMINS_ONLY = (
    "Only an admin can change this: on Slack a workspace admin or owner, on Discord someone who may manage the server."
)
CHANNEL_ADMINS_ONLY = (
    "Only an admin can change this: on Slack a workspace admin or owner, on Discord someone who may manage the server "
    "or this channel."
)
NOT_NAMED_YET = "They are on the list, but it does not count yet: `/settings set who_may_ask named` makes it count."


def help_text() -> str:
    """What Parley can do, made from the catalogue."""
    commands = "\n".join(f"- `{command.usage}`: {command.summary}" for command in CATALOGUE)
    return (
        "Mention me with a question, write to me directly, or answer in a thread where I take part. "
        "I answer in place while I think, and I remember the conversation.\n\n"
        f"{commands}\n\n"
        "In a Slack thread, where slash commands do not exist, write `!ask`, `!stop` and so on. "
        "Edit a message to change your question, delete it to take it back, press Stop to end an answer."
    )


class SettingsCommand:
    """How Parley behaves in a channel, seen and changed from the chat."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def call(self, incoming: Incoming) -> Answer:
        """The settings are shown, or one of them is changed and all are shown."""
        verb = (incoming.command or "").partition(" ")[2]
        match verb:
            case "show" | "" if not incoming.options:
                return Answer(text=shown(await self._store.channel_settings(incoming.key.channel_key)))
            case "set" | "allow" | "disallow":
                return await self._changed(incoming, verb)
            case _:
                return Answer(text=f"Write it so: `{SETTINGS_COMMAND.usage}`.")

    async def _changed(self, incoming: Incoming, verb: str) -> Answer:
        if not incoming.author.runs_channel:
            refused = entry(incoming, f"settings.{verb}", now=self._clock.now(), allowed=False)
            await self._store.record_audit(refused)
            return Answer(text=CHANNEL_ADMINS_ONLY)
        return await (self._set(incoming) if verb == "set" else self._listed(incoming, verb))

    # ── set ──

    async def _set(self, incoming: Incoming) -> Answer:
        setting = SAYABLE.get(incoming.options.get("setting", "").strip().lower())
        if setting is None:
            names = ", ".join(f"`{name}`" for name in SAYABLE)
            return Answer(text=f"There is no setting of that name. There are {names}.")
        words = incoming.options.get("value", "")
        try:
            settings = await self._store.change_channel_settings(
                incoming.key.channel_key,
                lambda before: setting.said(before, words),
                by=lambda before, after: self._entry(incoming, setting, before, after),
                now=self._clock.now(),
            )
        except Unfit as error:
            return Answer(text=f"`{setting.name}` takes {error}.")
        return Answer(text=shown(settings))

    def _entry(
        self, incoming: Incoming, setting: Setting, before: ChannelSettings, after: ChannelSettings
    ) -> AuditEntry:
        values = {"before": setting.kind.stored(setting.of(before)), "after": setting.kind.stored(setting.of(after))}
        return entry(incoming, "settings.set", now=self._clock.now(), subject=setting.name, **values)

    # ── allow and disallow ──

    async def _listed(self, incoming: Incoming, verb: str) -> Answer:
        meant = whom(incoming.options)
        if isinstance(meant, str):
            return Answer(text=meant)
        settings = await self._store.change_channel_settings(
            incoming.key.channel_key,
            lambda before: with_askers(before, meant, wanted=verb == "allow"),
            by=lambda _before, _after: self._listing(incoming, verb, meant),
            now=self._clock.now(),
        )
        counts = settings.who_may_ask is Askers.NAMED or verb == "disallow"
        return Answer(text=shown(settings) if counts else f"{NOT_NAMED_YET}\n\n{shown(settings)}")

    def _listing(self, incoming: Incoming, verb: str, meant: Whom) -> AuditEntry:
        return entry(
            incoming,
            f"settings.{verb}",
            now=self._clock.now(),
            subject="who_may_ask",
            people=sorted(meant.people),
            roles=sorted(meant.roles),
        )


def with_askers(settings: ChannelSettings, meant: Whom, *, wanted: bool) -> ChannelSettings:
    """The settings with those people and roles on the list of who may ask, or not on it."""
    if wanted:
        people, roles = settings.asking_people | meant.people, settings.asking_roles | meant.roles
    else:
        people, roles = settings.asking_people - meant.people, settings.asking_roles - meant.roles
    return replace(settings, asking_people=people, asking_roles=roles)


def shown(settings: ChannelSettings) -> str:
    """The settings as a list."""
    lines = [
        f"- `{setting.name}`: {setting.kind.shown(setting.of(settings))} ({setting.summary})"
        for setting in SETTINGS
        if setting.sayable or setting.of(settings)
    ]
    return (
        "Settings of this channel:\n"
        + "\n".join(lines)
        + "\n\nAn admin changes one with `/settings set answer_in channel`. A persona that answers here may go before "
        "`answer_in` and `mention_needed`: `/persona show`."
    )
