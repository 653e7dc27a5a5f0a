"""What happens in the workspace: messages come, change and go, and the app hears of what it subscribed to.

The one place where a change of a message becomes events and notices, whoever caused it: a person (`acting`) or an
app (`methods`). Whether the change is allowed has been decided before.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from sandbox.changes import Changes
from sandbox.slack import blocks as block_kit
from sandbox.slack import events, notices
from sandbox.slack.delivery import Deliveries, Delivery
from sandbox.slack.faults import Faults
from sandbox.slack.identity import Timestamps
from sandbox.slack.manifest import Manifest
from sandbox.slack.messages import Message, MessageBook, Shown
from sandbox.slack.sessions import Sessions
from sandbox.slack.values import Json, SandboxError
from sandbox.slack.world import EVENT_NAMES, Channel, Person, World

MentionOrder = Literal["mention_first", "message_first"]
_TOMBSTONE: Json = {"subtype": "tombstone", "blocks": (), "files": (), "attachments": (), "metadata": None}


class Workspace:
    """The state of the workspace and the ways to change it."""

    def __init__(
        self,
        *,
        world: World,
        manifest: Manifest,
        now: Callable[[], float],
        changes: Changes,
        faults: Faults,
        deliveries: Deliveries,
        mention_order: MentionOrder = "message_first",
    ) -> None:
        self.world = world
        self.manifest = manifest
        self.now = now
        self.changes = changes
        self.faults = faults
        self.deliveries = deliveries
        self.mention_order = mention_order
        self.book = MessageBook()
        self.sessions = Sessions(now)
        self.timestamps = Timestamps(now)

    def post(
        self, author: Person, place: Channel, text: str, *, blocks: Sequence[Json] = (), **details: Any
    ) -> Message:
        """A new message stands in the channel; the app hears of it, unless only one person sees it."""
        ts, at = self.timestamps.next(), self.now()
        message = Message(
            ts=ts,
            channel=place.id,
            author=author,
            text=text,
            at=at,
            blocks=self._named(blocks),
            history=(Shown(text=text, at=at),),
            **details,
        )
        self.book.put(message)
        self._end_status(message)
        self._tell(message)
        if message.ephemeral_for is None:
            self._announce_post(place, message)
        return message

    def change(self, message: Message, text: str, *, silent: bool = False, **details: Any) -> Message:
        """The message shows this text now. `silent` spares the event: a stream that grows sends none."""
        if "blocks" in details:
            details["blocks"] = self._named(details["blocks"])
        changed = replace(self.book.shown(message, text, self.now()), **details)
        self.book.put(changed)
        self._tell(changed)
        if not silent and message.ephemeral_for is None:
            self._announce_change(changed, message)
        return changed

    def edit(self, message: Message, text: str, **details: Any) -> Message:
        """As `change`, and marked as edited."""
        marks: dict[str, Any] = {"edited": message.edited + 1, "edited_ts": self.timestamps.next()}
        return self.change(message, text, **(marks | details))

    def delete(self, message: Message) -> None:
        """The message is gone; a parent with replies leaves a tombstone."""
        if self.book.has_replies(message) and not message.is_tombstone:
            gone: dict[str, Any] = {
                "subtype": "tombstone",
                "blocks": (),
                "files": (),
                "attachments": (),
                "metadata": None,
            }
            self.change(message, "This message was deleted.", **gone)
        else:
            self.book.remove(message)
            place = self.world.channels[message.channel]
            if message.ephemeral_for is None and self._hears(place):
                ts = self.timestamps.next()
                self.emit(events.deleted(self.world, self.book, place, message, ts))
        self.changes.tell(notices.deleted(message))

    def react(self, person: Person, message: Message, name: str) -> None:
        """The reaction stands under the message. The caller has made sure that it did not before."""
        who = (*message.reactions.get(name, ()), person.id)
        self._put(replace(message, reactions={**message.reactions, name: who}))
        place = self.world.channels[message.channel]
        if self.world.bot.id in place.members and self.manifest.hears("reaction_added"):
            self.emit(events.reaction_added(person, message, name, self.timestamps.next()))

    def unreact(self, person: Person, message: Message, name: str) -> None:
        left = tuple(one for one in message.reactions.get(name, ()) if one != person.id)
        others = {key: who for key, who in message.reactions.items() if key != name}
        self._put(replace(message, reactions=others | ({name: left} if left else {})))

    def set_status(self, channel: str, thread_ts: str, text: str, loading: tuple[str, ...] = ()) -> None:
        self.sessions.set_line((channel, thread_ts), text, loading)
        self.changes.tell(notices.status(channel, thread_ts, text))

    def emit(self, event: Json) -> Delivery:
        """The event is on its way to the app, whatever it subscribed to."""
        body = events.callback(self.world, event, self.world.ids.numbered("Ev"), self.now())
        kind = event.get("subtype") if event["type"] == "message" else None
        return self.deliveries.send(kind or event["type"], "events_api", body)

    def find(self, place: Channel, ts: str) -> Message:
        """The message with this ts. SandboxError when there is none."""
        if found := self.book.get(place.id, ts):
            return found
        raise SandboxError(f"{place.name} has no message {ts}")

    def _named(self, blocks: Sequence[Json]) -> tuple[Json, ...]:
        return block_kit.named(blocks, lambda: self.world.ids.numbered("b"))

    def _put(self, message: Message) -> None:
        self.book.put(message)
        self._tell(message)

    def _announce_post(self, place: Channel, message: Message) -> None:
        sent = []
        if self._hears(place):
            sent.append(events.posted(self.world, self.book, place, message))
        if self._mentions_bot(place, message):
            sent.append(events.mentioned(self.world, self.book, place, message))
        if (self.mention_order == "mention_first") != (len(sent) == 2 and self.faults.take_swap()):
            sent.reverse()
        for event in sent:
            self.emit(event)

    def _announce_change(self, now: Message, before: Message) -> None:
        place = self.world.channels[now.channel]
        if self._hears(place):
            ts = now.edited_ts or self.timestamps.next()
            self.emit(events.changed(self.world, self.book, place, now, before, ts))

    def _hears(self, place: Channel) -> bool:
        return self.world.bot.id in place.members and self.manifest.hears(EVENT_NAMES[place.kind])

    def _mentions_bot(self, place: Channel, message: Message) -> bool:
        bot = self.world.bot
        named = f"@{bot.id}" in message.pings and message.author.id != bot.id
        return named and place.kind != "dm" and bot.id in place.members and self.manifest.hears("app_mention")

    def _end_status(self, message: Message) -> None:
        thread = message.thread_ts or message.ts
        if message.author.is_bot and self.sessions.clear_line((message.channel, thread)):
            self.changes.tell(notices.status(message.channel, thread, ""))

    def _tell(self, message: Message) -> None:
        self.changes.tell(notices.message(message))
