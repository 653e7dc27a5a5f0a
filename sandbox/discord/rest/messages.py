"""Messages with the bot's token: create, read, edit, delete, and the typing indicator."""

from collections.abc import Sequence

from sandbox.discord import drafts, refusals
from sandbox.discord.drafts import Draft
from sandbox.discord.forms import Form
from sandbox.discord.happenings import Happenings
from sandbox.discord.mentions import BY_MESSAGES
from sandbox.discord.messages import Message, MessageType, Reference
from sandbox.discord.permissions import Permission
from sandbox.discord.publishing import Publishing
from sandbox.discord.rest import places
from sandbox.discord.rest.route import NO_CONTENT, Answer, Call, Route
from sandbox.discord.values import ApiError, Json
from sandbox.discord.world import Channel

NONCE_SECONDS = 300.0
"""Discord says "the past few minutes"."""
_MESSAGES = "/channels/{channel}/messages"
_MESSAGE = "/channels/{channel}/messages/{message}"


class Messages:
    """The bot writes and reads."""

    def __init__(self, happenings: Happenings, publishing: Publishing) -> None:
        self._happenings = happenings
        self._publishing = publishing
        self._nonces: dict[tuple[str, str], Message] = {}
        """The newest message of a channel with each nonce."""

    def routes(self) -> Sequence[Route]:
        return (
            Route(name="create_message", method="POST", path=_MESSAGES, handler=self.create, limit="message.create"),
            Route(name="list_messages", method="GET", path=_MESSAGES, handler=self.list, limit="message.read"),
            Route(name="get_message", method="GET", path=_MESSAGE, handler=self.get, limit="message.read"),
            Route(name="edit_message", method="PATCH", path=_MESSAGE, handler=self.edit, limit="message.edit"),
            Route(name="delete_message", method="DELETE", path=_MESSAGE, handler=self.delete, limit="message.delete"),
            Route(name="typing", method="POST", path="/channels/{channel}/typing", handler=self.type, limit="typing"),
        )

    def create(self, call: Call) -> Answer:
        place = places.channel(self._happenings, call)
        self._need_to_write(place)
        draft = drafts.of_new(call.json, call.files, drafts.BY_BOTS)
        self._need_for(draft, place)
        if draft.enforce_nonce and (before := self._same_nonce(place, draft.nonce)):
            return Answer(body=self._happenings.wire.message(before))
        reference = self._reference(place, draft)
        message = self._publishing.post(
            draft,
            place,
            parsed=BY_MESSAGES,
            reference=reference,
            type=MessageType.REPLY if reference else MessageType.DEFAULT,
        )
        if draft.nonce is not None:
            self._nonces[place.id, draft.nonce] = message
        return Answer(body=self._happenings.wire.message(message))

    def list(self, call: Call) -> Answer:
        """Newest first. Without the right to read the history there is nothing to read, which is no error."""
        place = places.channel(self._happenings, call)
        world = self._happenings.world
        if not world.may(world.bot, place, Permission.READ_MESSAGE_HISTORY):
            return Answer(body=[])
        seen = [one for one in self._happenings.book.in_channel(place.id) if one.ephemeral_for is None]
        return Answer(body=[self._happenings.wire.message(one) for one in _page(seen, call)])

    def get(self, call: Call) -> Answer:
        place = places.channel(self._happenings, call)
        places.need(self._happenings, place, Permission.READ_MESSAGE_HISTORY)
        return Answer(body=self._happenings.wire.message(places.message(self._happenings, call, place)))

    def edit(self, call: Call) -> Answer:
        place = places.channel(self._happenings, call)
        message = places.message(self._happenings, call, place)
        if message.author.id != self._happenings.world.bot.id:
            raise ApiError(refusals.NOT_YOURS)
        if message.type in (MessageType.THREAD_CREATED, MessageType.THREAD_STARTER):
            raise ApiError(refusals.SYSTEM_MESSAGE)
        places.need_open(place)
        draft = drafts.of_edit(call.json, call.files, message)
        self._publishing.edit(message, draft, parsed=BY_MESSAGES)
        return Answer(body=self._happenings.wire.message(message))

    def delete(self, call: Call) -> Answer:
        place = places.channel(self._happenings, call)
        message = places.message(self._happenings, call, place)
        if message.author.id != self._happenings.world.bot.id:
            places.need(self._happenings, place, Permission.MANAGE_MESSAGES)
        self._happenings.delete(message)
        return NO_CONTENT

    def type(self, call: Call) -> Answer:
        place = places.channel(self._happenings, call)
        self._need_to_write(place)
        self._happenings.type(self._happenings.world.bot, place)
        return NO_CONTENT

    def _need_to_write(self, place: Channel) -> None:
        world = self._happenings.world
        if not world.may_write(world.bot, place):
            raise ApiError(refusals.MISSING_PERMISSIONS)
        if place.recipient_id is not None:
            recipient = world.people[place.recipient_id]
            if recipient.bot or recipient.id in world.closed_dms:
                raise ApiError(refusals.NO_DIRECT_MESSAGES)
        locked = place.thread is not None and place.thread.archived and place.thread.locked
        if locked and not world.may(world.bot, place, Permission.MANAGE_THREADS):
            raise ApiError(refusals.ARCHIVED)

    def _need_for(self, draft: Draft, place: Channel) -> None:
        if draft.embeds:
            places.need(self._happenings, place, Permission.EMBED_LINKS)
        if draft.uploads:
            places.need(self._happenings, place, Permission.ATTACH_FILES)

    def _same_nonce(self, place: Channel, nonce: str | None) -> Message | None:
        before = self._nonces.get((place.id, nonce or ""))
        fresh = before is not None and self._happenings.now() - before.at <= NONCE_SECONDS
        return before if fresh else None

    def _reference(self, place: Channel, draft: Draft) -> Reference | None:
        given: Json = draft.reference or {}
        if not given.get("message_id"):
            return None
        world, message_id = self._happenings.world, str(given["message_id"])
        if not world.may(world.bot, place, Permission.READ_MESSAGE_HISTORY):
            raise ApiError(refusals.NO_HISTORY_TO_REPLY)
        if self._happenings.book.get(place.id, message_id) is not None:
            return Reference(message_id=message_id, channel_id=place.id)
        if given.get("fail_if_not_exists", True):
            form = Form()
            form.wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.check()
        return None


def _page(messages: Sequence[Message], call: Call) -> list[Message]:
    limit = _limit(call)
    if "around" in call.query:
        around = int(call.query["around"])
        older = [one for one in messages if int(one.id) < around][-(limit // 2) :] if limit > 1 else []
        newer = [one for one in messages if int(one.id) >= around][: limit - len(older)]
        return [*older, *newer][::-1]
    if "after" in call.query:
        after = int(call.query["after"])
        return [one for one in messages if int(one.id) > after][:limit][::-1]
    before = int(call.query.get("before") or 2**63)
    return [one for one in messages if int(one.id) < before][-limit:][::-1]


def _limit(call: Call) -> int:
    given = call.query.get("limit", "50")
    if not given.isdigit() or not 1 <= int(given) <= 100:
        form = Form()
        form.wrong("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        form.check()
    return int(given)
