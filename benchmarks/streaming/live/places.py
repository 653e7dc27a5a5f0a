"""The sandbox's platforms as those who ask see them: where to ask, and what each answer showed when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.streaming.live.sightings import Sighting
from benchmarks.streaming.platforms import DISCORD, SLACK_CHANNEL, SLACK_DM, Platform, discord
from sandbox.discord.messages import Message as DiscordMessage
from sandbox.discord.permissions import Overwrite, Permission
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.messages import Message as SlackMessage
from sandbox.slack.server import SlackSandbox

ANSWER = 725
"""Tokens: 2,900 characters."""
ONE_MESSAGE = 450
"""Tokens that fit one message of Discord."""

_SLACK_WRITES = frozenset(
    {"chat.postMessage", "chat.update", "chat.startStream", "chat.appendStream", "chat.stopStream"}
)
_DISCORD_WRITES = frozenset({"create_message", "edit_message"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One answer, as far as it stands there now."""

    sightings: tuple[Sighting, ...]
    ended: bool
    """What stands there does not grow any more."""

    @property
    def letters(self) -> int:
        """How many it shows now, over all its messages."""
        last = {sighting.message: sighting.text for sighting in sorted(self.sightings, key=lambda one: one.at)}
        return sum(len("".join(text.split())) for text in last.values())


class Place(Protocol):
    """Somewhere to ask."""

    name: str
    module: str
    """The bot's."""
    allowed: Platform
    """What our scheduler is given."""
    tokens: int
    """Of an answer."""

    @property
    def shared(self) -> bool:
        """Whether all answers draw on the same budget."""
        ...

    @property
    def env(self) -> dict[str, str]: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def ask(self, text: str) -> str:
        """Somebody asks; names the question."""
        ...

    def answers(self) -> dict[str, Shown]:
        """By question."""
        ...

    def writes(self) -> int:
        """How often the bot has written, refused or not."""
        ...

    def refusals(self) -> int:
        """How many calls, of whatever kind, were answered with 429."""
        ...


@dataclass
class SlackPlace:
    """Mentions in one channel, or direct messages with one person; each answer has its thread."""

    name: str
    channel: str
    allowed: Platform
    tokens: int = ANSWER
    module: str = "bots.slack_bot"
    shared: bool = True
    sandbox: SlackSandbox = field(default_factory=SlackSandbox)

    @property
    def env(self) -> dict[str, str]:
        return self.sandbox.env

    async def start(self) -> None:
        await self.sandbox.start()

    async def stop(self) -> None:
        await self.sandbox.stop()

    async def ask(self, text: str) -> str:
        return await self.sandbox.say("ann", self.channel, text if self.channel == "dm" else f"@Parley {text}")

    def answers(self) -> dict[str, Shown]:
        threads: dict[str, list[SlackMessage]] = defaultdict(list)
        for message in self.sandbox.messages(self.channel, person="ann"):
            if message.author.id == self.sandbox.bot_user_id and message.thread_ts:
                threads[message.thread_ts].append(message)
        return {question: _slack_shown(messages) for question, messages in threads.items()}

    def writes(self) -> int:
        return sum(call.method in _SLACK_WRITES for call in self.sandbox.calls)

    def refusals(self) -> int:
        return sum(call.status == 429 for call in self.sandbox.calls)


def _slack_shown(messages: list[SlackMessage]) -> Shown:
    last = messages[-1]
    growing = last.streaming == "streaming" or any(
        "stop" in str(element.get("action_id")) for block in last.blocks for element in block.get("elements", ())
    )
    sightings = [
        Sighting(at=shown.at, message=number, text=shown.text)
        for number, message in enumerate(messages)
        for shown in message.history
    ]
    return Shown(sightings=tuple(sightings), ended=not growing)


@dataclass
class DiscordPlace:
    """Mentions in one channel, each answered in a thread of its own, or in the channel where none may be made."""

    name: str
    threads: bool
    allowed: Platform
    tokens: int = ANSWER
    module: str = "bots.discord_bot"
    sandbox: DiscordSandbox = field(default_factory=DiscordSandbox)

    @property
    def shared(self) -> bool:
        return not self.threads

    @property
    def env(self) -> dict[str, str]:
        return self.sandbox.env

    async def start(self) -> None:
        await self.sandbox.start()
        denied = () if self.threads else (_without_threads(self.sandbox),)
        self._channel = f"#{self.sandbox.add_channel('questions', overwrites=denied).name}"

    async def stop(self) -> None:
        await self.sandbox.stop()

    async def ask(self, text: str) -> str:
        return await self.sandbox.say("ann", self._channel, f"@Parley {text}")

    def answers(self) -> dict[str, Shown]:
        found: dict[str, list[DiscordMessage]] = defaultdict(list)
        for message in self._messages():
            if message.author.id == self.sandbox.bot_user_id and message.content:
                found[message.reply_to or message.channel_id].append(message)
        return {question: _discord_shown(messages) for question, messages in found.items()}

    def _messages(self) -> list[DiscordMessage]:
        threads = [message for thread in self.sandbox.threads() for message in self.sandbox.messages(thread.id)]
        return [*self.sandbox.messages(self._channel), *threads]

    def writes(self) -> int:
        return sum(call.name in _DISCORD_WRITES for call in self.sandbox.calls)

    def refusals(self) -> int:
        return self.sandbox.rate_limited


def _without_threads(sandbox: DiscordSandbox) -> Overwrite:
    return Overwrite(sandbox.bot_user_id, "member", deny=Permission.CREATE_PUBLIC_THREADS)


def _discord_shown(messages: list[DiscordMessage]) -> Shown:
    growing = any(
        "stop" in str(button.get("custom_id")) for row in messages[-1].components for button in row["components"]
    )
    sightings = [
        Sighting(at=shown.at, message=number, text=shown.content)
        for number, message in enumerate(messages)
        for shown in message.history
    ]
    return Shown(sightings=tuple(sightings), ended=not growing)


# ── where we ask ──


def slack_channel() -> Place:
    """Mentions in one channel of Slack."""
    return SlackPlace(name=SLACK_CHANNEL.name, channel="general", allowed=SLACK_CHANNEL)


def slack_direct() -> Place:
    """Direct messages on Slack, answered by its own streaming."""
    return SlackPlace(name=SLACK_DM.name, channel="dm", allowed=SLACK_DM)


def discord_channel() -> Place:
    """One channel of Discord in which no threads may be made. Each answer fits one message, as the bound takes it."""
    return DiscordPlace(name=DISCORD.name, threads=False, allowed=DISCORD, tokens=ONE_MESSAGE)


def discord_threads() -> Place:
    """One channel of Discord, each answer in a thread."""
    return DiscordPlace(name="Discord threads", threads=True, allowed=discord("Discord threads"))
