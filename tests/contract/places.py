"""Slack and Discord as a person sees them, in the same words: what somebody does, and what the conversation shows.

The real bot, with the real slack-bolt and discord.py, talks to the sandbox over sockets; these classes only act and
look on the sandbox's side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sandbox.discord.attachments import Upload as DiscordUpload
from sandbox.discord.messages import Message as DiscordMessage
from sandbox.discord.server import DiscordSandbox
from sandbox.slack.files import Upload as SlackUpload
from sandbox.slack.messages import Message as SlackMessage
from sandbox.slack.server import SlackSandbox

PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message of the bot, as people see it now."""

    id: str
    text: str
    """The answer and what stands under it."""
    buttons: tuple[str, ...]
    """Their labels."""
    edits: int
    pings: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """No cursor, no placeholder and nothing to stop is left on it."""
        return "Stop" not in self.buttons and "Thinking" not in self.text and bool(self.text.strip())


@dataclass(slots=True, kw_only=True)
class Talk:
    """One conversation, as its first message named it."""

    channel: str
    first: str
    """The first message's id; the bot answers under it."""
    direct: bool = False
    asked: bool = False
    """It began with `/ask`: on Slack the bot posted the question, on Discord the answer is the first message."""
    said: list[str] = field(default_factory=list)


class Does(StrEnum):
    """What not every place has a way to do."""

    CROWDS = "several people read and write there"
    CHANGES = "messages can be edited and deleted"
    DELIVERIES = "events are delivered by somebody else, who may be late or do it twice"
    SPLITS = "a message has a longest length"
    NOTHING = "somebody can be mentioned without a word"


class Place(Protocol):
    """A platform, for tests that ask the same of each."""

    name: str
    does: frozenset[Does]

    async def mention(self, person: str, text: str, *, channel: str = "general") -> Talk: ...
    async def direct(self, person: str, text: str) -> Talk: ...
    async def ask(self, person: str, text: str, *, channel: str = "general") -> Talk:
        """The person uses `/ask`; returns when the answer has a place."""
        ...

    async def say(self, talk: Talk, person: str, text: str) -> str: ...
    async def send_file(self, person: str, name: str) -> Talk:
        """A direct message that holds a file and no word."""
        ...

    async def edit(self, talk: Talk, person: str, message: str, text: str) -> None: ...
    async def delete(self, talk: Talk, person: str, message: str) -> None: ...
    async def press(self, talk: Talk, person: str, shown: Shown, label: str) -> None: ...
    def replies(self, talk: Talk) -> list[Shown]: ...
    async def wait_for(self, condition: Callable[[], bool]) -> None: ...
    async def again(self) -> None:
        """The next event is delivered twice."""
        ...

    def late(self) -> None:
        """What a person says next is delivered only with `deliver`."""
        ...

    def deliver(self) -> None:
        """What was held back is delivered."""
        ...

    def refusals(self) -> int:
        """How often the platform answered 429."""
        ...


class SlackPlace:
    """The Slack sandbox."""

    name = "slack"
    does = frozenset(Does)

    def __init__(self, sandbox: SlackSandbox) -> None:
        self.sandbox = sandbox

    async def mention(self, person: str, text: str, *, channel: str = "general") -> Talk:
        ts = await self.sandbox.say(person, channel, f"@Parley {text}".strip())
        return Talk(channel=channel, first=ts, said=[ts])

    async def direct(self, person: str, text: str) -> Talk:
        ts = await self.sandbox.say(person, "dm", text)
        return Talk(channel=await self.sandbox.open_dm(person), first=ts, direct=True, said=[ts])

    async def ask(self, person: str, text: str, *, channel: str = "general") -> Talk:
        before = {message.ts for message in self.sandbox.messages(channel)}
        await self.sandbox.command(person, channel, "/ask", text)

        def root() -> str | None:
            new = [m for m in self.sandbox.messages(channel) if m.ts not in before and m.thread_ts is None]
            return new[0].ts if new else None

        first = await self.sandbox.wait_for(root, PATIENCE)
        return Talk(channel=channel, first=first, asked=True)

    async def send_file(self, person: str, name: str) -> Talk:
        ts = await self.sandbox.say(person, "dm", "", files=[SlackUpload(name=name, content=b"data")])
        return Talk(channel=await self.sandbox.open_dm(person), first=ts, direct=True, said=[ts])

    async def say(self, talk: Talk, person: str, text: str) -> str:
        ts = await self.sandbox.say(person, talk.channel, text, thread_ts=talk.first)
        talk.said.append(ts)
        return ts

    async def edit(self, talk: Talk, person: str, message: str, text: str) -> None:
        await self.sandbox.edit(person, talk.channel, message, text)

    async def delete(self, talk: Talk, person: str, message: str) -> None:
        await self.sandbox.delete(person, talk.channel, message)

    async def press(self, talk: Talk, person: str, shown: Shown, label: str) -> None:
        message = self.sandbox.message(talk.channel, shown.id)
        button = next(b for b in _slack_buttons(message) if b["text"]["text"] == label)
        await self.sandbox.click(person, talk.channel, shown.id, button["action_id"])

    def statuses(self, talk: Talk) -> list[str]:
        """What stands under the thread while the bot is at work."""
        return [line.text for (_, thread), line in self.sandbox.statuses.items() if thread == talk.first]

    def replies(self, talk: Talk) -> list[Shown]:
        messages = self.sandbox.messages(talk.channel, talk.first)
        if talk.asked:
            messages = messages[1:]  # the question, which the bot has posted
        return [_slack_shown(m) for m in messages if m.author.id == self.sandbox.bot_user_id]

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        await self.sandbox.wait_for(condition, PATIENCE)

    async def again(self) -> None:
        self.sandbox.faults.duplicate()

    def late(self) -> None:
        self.sandbox.faults.hold(2)  # a mention is two events

    def deliver(self) -> None:
        self.sandbox.faults.release()

    def refusals(self) -> int:
        return sum(call.status == 429 for call in self.sandbox.calls)


def _slack_buttons(message: SlackMessage) -> list[dict[str, Any]]:
    return [element for block in message.blocks if block["type"] == "actions" for element in block["elements"]]


def _slack_shown(message: SlackMessage) -> Shown:
    texts = []
    for block in message.blocks:
        if block["type"] == "markdown":
            texts.append(block["text"])
        elif block["type"] == "context":
            texts.extend(element["text"] for element in block["elements"])
    if not any(block["type"] == "markdown" for block in message.blocks):
        texts.insert(0, message.text)  # what was streamed stands before the blocks; else it is shown nowhere
    growing = ("Stop",) if message.streaming == "streaming" else ()
    return Shown(
        id=message.ts,
        text="\n".join(texts),
        buttons=(*growing, *(str(b["text"]["text"]) for b in _slack_buttons(message))),
        edits=message.edited,
        pings=message.pings,
    )


class DiscordPlace:
    """The Discord sandbox."""

    name = "discord"
    does = frozenset(Does)

    def __init__(self, sandbox: DiscordSandbox) -> None:
        self.sandbox = sandbox

    async def mention(self, person: str, text: str, *, channel: str = "general") -> Talk:
        message = await self.sandbox.say(person, channel, f"@Parley {text}".strip())
        return Talk(channel=channel, first=message, said=[message])

    async def direct(self, person: str, text: str) -> Talk:
        message = await self.sandbox.say(person, "dm", text)
        return Talk(channel=f"@{person}", first=message, direct=True, said=[message])

    async def ask(self, person: str, text: str, *, channel: str = "general") -> Talk:
        used = await self.sandbox.command(person, channel, "ask", {"question": text})
        return Talk(channel=channel, first=str(used.message_id), asked=True)

    async def send_file(self, person: str, name: str) -> Talk:
        message = await self.sandbox.say(person, "dm", "", attachments=[DiscordUpload(name=name, content=b"data")])
        return Talk(channel=f"@{person}", first=message, direct=True, said=[message])

    async def say(self, talk: Talk, person: str, text: str) -> str:
        message = await self.sandbox.say(person, "dm" if talk.direct else self._thread(talk), text)
        talk.said.append(message)
        return message

    async def edit(self, talk: Talk, person: str, message: str, text: str) -> None:
        await self.sandbox.edit(person, self._place_of(talk, message), message, text)

    async def delete(self, talk: Talk, person: str, message: str) -> None:
        await self.sandbox.delete(person, self._place_of(talk, message), message)

    async def press(self, talk: Talk, person: str, shown: Shown, label: str) -> None:
        place = self._thread(talk)
        message = self.sandbox.message(place, shown.id)
        button = next(b for b in _discord_buttons(message) if b["label"] == label)
        await self.sandbox.click(person, "dm" if talk.direct else place, shown.id, str(button["custom_id"]))

    def replies(self, talk: Talk) -> list[Shown]:
        if talk.asked:
            messages = self.sandbox.messages(talk.channel)
            return [_discord_shown(m) for m in messages if m.author.id == self.sandbox.bot_user_id and m.content]
        if not talk.direct and not any(thread.id == talk.first for thread in self.sandbox.threads()):
            return []
        messages = self.sandbox.messages(self._thread(talk))
        return [
            _discord_shown(m)
            for m in messages
            if m.author.id == self.sandbox.bot_user_id and m.content and int(m.id) > int(talk.first)
        ]

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        await self.sandbox.wait_for(condition, PATIENCE)

    async def again(self) -> None:
        self.sandbox.faults.duplicate()

    def late(self) -> None:
        self.sandbox.faults.hold()

    def deliver(self) -> None:
        self.sandbox.faults.release()

    def refusals(self) -> int:
        return self.sandbox.rate_limited

    def _thread(self, talk: Talk) -> str:
        return talk.channel if talk.direct else talk.first

    def _place_of(self, talk: Talk, message: str) -> str:
        if talk.direct:
            return "dm"
        return talk.channel if message == talk.first else talk.first


def _discord_buttons(message: DiscordMessage) -> list[dict[str, Any]]:
    return [button for row in message.components for button in row["components"]]


def _discord_shown(message: DiscordMessage) -> Shown:
    return Shown(
        id=message.id,
        text=message.content,
        buttons=tuple(str(button["label"]) for button in _discord_buttons(message)),
        edits=message.edited,
        pings=tuple(message.pings),
    )
