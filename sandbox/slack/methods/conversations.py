"""conversations.replies, history, info, open, members and list."""

from collections.abc import Sequence

from sandbox.slack import wire
from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_2, TIER_3, TIER_4
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import HISTORY_SCOPES, READ_SCOPES, Channel

MOST = 1_000


class Conversations:
    """Reading channels as the bot may."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def methods(self) -> Sequence[Method]:
        return (
            Method(name="conversations.replies", limit=TIER_3, handler=self.replies),
            Method(name="conversations.history", limit=TIER_3, handler=self.history),
            Method(name="conversations.info", limit=TIER_3, handler=self.info),
            Method(name="conversations.open", limit=TIER_3, handler=self.open, scope="im:write"),
            Method(name="conversations.members", limit=TIER_4, handler=self.members),
            Method(name="conversations.list", limit=TIER_2, handler=self.list),
        )

    def replies(self, args: Arguments) -> Json:
        place = self._readable(args)
        parent = self._workspace.book.get(place.id, args.required("ts"))
        if parent is None or parent.ephemeral_for is not None:
            raise ApiError("thread_not_found")
        replies = self._within(self._workspace.book.replies(parent), args)
        return self._page([parent, *replies], args)

    def history(self, args: Arguments) -> Json:
        place = self._readable(args)
        shown = [
            message
            for message in self._workspace.book.in_channel(place.id)
            if message.thread_ts is None and message.ephemeral_for is None
        ]
        return self._page(self._within(shown, args)[::-1], args, default=100)

    def info(self, args: Arguments) -> Json:
        place = places.known(self._workspace, args.required("channel"))
        places.need_scope(self._workspace, READ_SCOPES[place.kind])
        return {"channel": wire.channel(self._workspace.world, place)}

    def open(self, args: Arguments) -> Json:
        user = args.required("users")
        person = self._workspace.world.people.get(user)
        if person is None:
            raise ApiError("user_not_found")
        if person.is_bot:
            raise ApiError("cannot_dm_bot")
        place = places.known(self._workspace, user)
        return {"no_op": True, "already_open": True, "channel": {"id": place.id}}

    def members(self, args: Arguments) -> Json:
        place = places.known(self._workspace, args.required("channel"))
        places.need_scope(self._workspace, READ_SCOPES[place.kind])
        return {"members": sorted(place.members), "response_metadata": {"next_cursor": ""}}

    def list(self, args: Arguments) -> Json:
        wanted = (args.text("types") or "public_channel").split(",")
        kinds = {"public_channel": "channel", "private_channel": "private", "im": "dm"}
        shown = []
        for place in self._workspace.world.channels.values():
            member = self._workspace.world.bot.id in place.members
            if place.kind in [kinds.get(name) for name in wanted] and (member or place.kind == "channel"):
                places.need_scope(self._workspace, READ_SCOPES[place.kind])
                shown.append(wire.channel(self._workspace.world, place))
        return {"channels": shown, "response_metadata": {"next_cursor": ""}}

    def _readable(self, args: Arguments) -> Channel:
        place = places.known(self._workspace, args.required("channel"))
        places.need_scope(self._workspace, HISTORY_SCOPES[place.kind])
        if self._workspace.world.bot.id not in place.members:
            raise ApiError("not_in_channel")
        return place

    def _within(self, messages: Sequence[Message], args: Arguments) -> Sequence[Message]:
        """Those between `oldest` and `latest`, compared as text: a ts has a fixed width."""
        oldest, latest = args.text("oldest") or "", args.text("latest") or "9"
        inclusive = args.flag("inclusive")
        return [
            message
            for message in messages
            if oldest < message.ts < latest or (inclusive and message.ts in (oldest, latest))
        ]

    def _page(self, messages: Sequence[Message], args: Arguments, default: int = MOST) -> Json:
        limit = max(1, min(args.number("limit", default), MOST))
        start = self._start(args)
        page = messages[start : start + limit]
        metadata = args.flag("include_all_metadata")
        world, book = self._workspace.world, self._workspace.book
        shown = [wire.message(world, book, message, metadata=metadata) for message in page]
        more = start + limit < len(messages)
        answer: Json = {"messages": shown, "has_more": more}
        return answer | ({"response_metadata": {"next_cursor": f"next:{start + limit}"}} if more else {})

    def _start(self, args: Arguments) -> int:
        cursor = args.text("cursor")
        if cursor is None:
            return 0
        name, _, number = cursor.partition(":")
        if name != "next" or not number.isdigit():
            raise ApiError("invalid_cursor")
        return int(number)
