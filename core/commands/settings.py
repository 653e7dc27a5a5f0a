"""`/help` and `/settings`: what they say and change."""

from __future__ import annotations

from dataclasses import asdict, replace

from core.audit import entry
from core.channel import AnswerIn, ChannelSettings
from core.commands.catalogue import CATALOGUE
from core.incoming import Incoming
from core.interaction import Answer
from core.ports import Clock
from core.store import Store

ADMINS_ONLY = (
    "Only an admin can change this: on Slack a workspace admin or owner, on Discord someone who may manage the server."
)
YES = frozenset({"yes", "on", "true", "1"})
NO = frozenset({"no", "off", "false", "0"})


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
        """The settings are shown, or one of them is changed."""
        channel = incoming.key.channel_key
        current = await self._store.channel_settings(channel)
        name, value = incoming.options.get("setting"), incoming.options.get("value")
        if name is None:
            return Answer(text=shown(current))
        now = self._clock.now()
        if not incoming.author.admin:
            await self._store.record_audit(entry(incoming, "settings.set", now=now, allowed=False))
            return Answer(text=ADMINS_ONLY)
        changed = with_setting(current, name, (value or "").strip().lower())
        if isinstance(changed, str):
            return Answer(text=changed)
        before, after = asdict(current), asdict(changed)
        by = entry(incoming, "settings.set", now=now, subject=name, before=before[name], after=after[name])
        await self._store.set_channel_settings(channel, changed, now=now, by=by)
        return Answer(text=shown(changed))


def shown(settings: ChannelSettings) -> str:
    """The settings as a list."""
    needed = "yes" if settings.mention_needed else "no"
    return (
        "Settings of this channel:\n"
        f"- `answer_in`: {settings.answer_in.value} (where I answer a mention: thread or channel)\n"
        f"- `mention_needed`: {needed} (whether each message in a thread must name me)\n\n"
        "An admin changes one with `/settings answer_in channel`."
    )


def with_setting(settings: ChannelSettings, name: str, value: str) -> ChannelSettings | str:
    """The settings with one of them changed, or a sentence that says what would have been right."""
    match name:
        case "answer_in":
            if value not in [place.value for place in AnswerIn]:
                return f"`answer_in` takes {' or '.join(f'`{place}`' for place in AnswerIn)}."
            return replace(settings, answer_in=AnswerIn(value))
        case "mention_needed":
            if value not in YES | NO:
                return "`mention_needed` takes `yes` or `no`."
            return replace(settings, mention_needed=value in YES)
        case _:
            return "There is no setting of that name. There are `answer_in` and `mention_needed`."
