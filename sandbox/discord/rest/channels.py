"""Channels, threads and direct messages, as far as a bot opens and reads them."""

from collections.abc import Sequence

from sandbox.discord import refusals
from sandbox.discord.forms import Form
from sandbox.discord.happenings import Happenings
from sandbox.discord.messages import Message
from sandbox.discord.permissions import Permission
from sandbox.discord.rest import places
from sandbox.discord.rest.route import NO_CONTENT, Answer, Call, Route
from sandbox.discord.values import ApiError, Json
from sandbox.discord.world import Channel

_CHANNEL = "/channels/{channel}"
_MINUTES = (60, 1440, 4320, 10080)


class Channels:
    """Where the bot talks."""

    def __init__(self, happenings: Happenings) -> None:
        self._happenings = happenings

    def routes(self) -> Sequence[Route]:
        return (
            Route(name="get_channel", method="GET", path=_CHANNEL, handler=self.get),
            Route(name="edit_channel", method="PATCH", path=_CHANNEL, handler=self.edit),
            Route(name="open_dm", method="POST", path="/users/@me/channels", handler=self.open_dm),
            Route(
                name="start_thread_from_message",
                method="POST",
                path=_CHANNEL + "/messages/{message}/threads",
                handler=self.start_from_message,
                limit="thread",
            ),
            Route(name="start_thread", method="POST", path=_CHANNEL + "/threads", handler=self.start, limit="thread"),
            Route(name="join_thread", method="PUT", path=_CHANNEL + "/thread-members/@me", handler=self.join),
            Route(name="leave_thread", method="DELETE", path=_CHANNEL + "/thread-members/@me", handler=self.leave),
            Route(name="add_thread_member", method="PUT", path=_CHANNEL + "/thread-members/{user}", handler=self.join),
        )

    def get(self, call: Call) -> Answer:
        return Answer(body=self._happenings.wire.channel(places.channel(self._happenings, call)))

    def edit(self, call: Call) -> Answer:
        """A thread is renamed, archived or locked; the bot may do so with its own, or with the right to manage."""
        place = places.channel(self._happenings, call)
        if place.thread is None:
            raise ApiError(refusals.WRONG_CHANNEL_TYPE)
        own = place.thread.owner_id == self._happenings.world.bot.id
        if not own or "locked" in call.json:
            places.need(self._happenings, place, Permission.MANAGE_THREADS)
        if "name" in call.json:
            _check_name(call.json)
            place.name = call.json["name"]
        archived = bool(call.json.get("archived", place.thread.archived))
        self._happenings.archive(place, archived=archived, locked=call.json.get("locked"))
        return Answer(body=self._happenings.wire.channel(place))

    def open_dm(self, call: Call) -> Answer:
        recipient = self._happenings.world.people.get(str(call.json.get("recipient_id")))
        if recipient is None:
            raise ApiError(refusals.UNKNOWN_USER)
        if recipient.bot:
            raise ApiError(refusals.NO_DIRECT_MESSAGES)
        return Answer(body=self._happenings.wire.channel(self._happenings.world.dm(recipient)))

    def start_from_message(self, call: Call) -> Answer:
        place = self._parent(call)
        starter = places.message(self._happenings, call, place)
        if starter.thread_id in self._happenings.world.channels:
            raise ApiError(refusals.HAS_A_THREAD)
        return self._open(call.json, place, starter)

    def start(self, call: Call) -> Answer:
        place = self._parent(call)
        if call.json.get("type") not in (None, 10, 11):
            raise ApiError(refusals.WRONG_CHANNEL_TYPE)
        return self._open(call.json, place, None)

    def join(self, call: Call) -> Answer:
        thread = self._thread(call)
        assert thread.thread is not None
        thread.thread.members.add(call.params.get("user", self._happenings.world.bot.id))
        self._happenings.update_thread(thread)
        return NO_CONTENT

    def leave(self, call: Call) -> Answer:
        thread = self._thread(call)
        assert thread.thread is not None
        thread.thread.members.discard(self._happenings.world.bot.id)
        self._happenings.update_thread(thread)
        return NO_CONTENT

    def _parent(self, call: Call) -> Channel:
        place = places.channel(self._happenings, call)
        if place.kind != "text":
            raise ApiError(refusals.WRONG_CHANNEL_TYPE)
        places.need(self._happenings, place, Permission.CREATE_PUBLIC_THREADS)
        return place

    def _thread(self, call: Call) -> Channel:
        place = places.channel(self._happenings, call)
        if place.thread is None:
            raise ApiError(refusals.WRONG_CHANNEL_TYPE)
        places.need_open(place)
        return place

    def _open(self, body: Json, place: Channel, starter: Message | None) -> Answer:
        _check_name(body)
        minutes = body.get("auto_archive_duration") or 1440
        thread = self._happenings.open_thread(
            self._happenings.world.bot, place, body["name"], starter=starter, minutes=minutes
        )
        return Answer(body=self._happenings.wire.channel(thread), status=201)


def _check_name(body: Json) -> None:
    form = Form()
    form.length("name", body.get("name"), 100, least=1)
    if body.get("auto_archive_duration") not in (None, *_MINUTES):
        form.wrong("auto_archive_duration", "BASE_TYPE_CHOICES", f"Value must be one of {_MINUTES}.")
    form.check()
