"""chat.startStream, appendStream and stopStream; what a stream may do is in `streams`."""

from collections.abc import Sequence

from sandbox.slack import blocks as block_kit
from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_2, TIER_4
from sandbox.slack.sessions import SESSION_STATUSES
from sandbox.slack.streams import Content, Streams, content
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace


class Streaming:
    """Streams as the bot starts, feeds and ends them."""

    def __init__(self, workspace: Workspace, streams: Streams) -> None:
        self._workspace = workspace
        self._streams = streams

    def methods(self) -> Sequence[Method]:
        write = "chat:write"
        return (
            Method(name="chat.startStream", limit=TIER_2, handler=self.start, scope=write),
            Method(name="chat.appendStream", limit=TIER_4, handler=self.append, scope=write),
            Method(name="chat.stopStream", limit=TIER_2, handler=self.stop, scope=write),
        )

    def start(self, args: Arguments) -> Json:
        place = places.joined(self._workspace, args.required("channel"))
        thread_ts = places.parent(self._workspace, place, args)
        if thread_ts is None:
            raise ApiError("invalid_thread_ts")
        self._check_recipient(args)
        first = _content(args)
        message = self._workspace.post(
            self._workspace.world.bot,
            place,
            first.text if first else "",
            blocks=first.blocks if first else (),
            thread_ts=thread_ts,
            format="markdown",
            streaming="streaming",
        )
        self._streams.start(message, first)
        if self._workspace.manifest.agent:
            self._workspace.sessions.set_status((place.id, thread_ts), "processing")
        return {"channel": place.id, "ts": message.ts}

    def append(self, args: Arguments) -> Json:
        message = self._message(args)
        brought = _content(args)
        if brought is None:
            raise ApiError("no_text")
        self._streams.append(message, brought)
        return {"channel": message.channel, "ts": message.ts}

    def stop(self, args: Arguments) -> Json:
        message = self._message(args)
        status = args.text("session_status") or "active"
        if status not in SESSION_STATUSES:
            raise ApiError("invalid_arguments")
        blocks = block_kit.check(args.given_list("blocks") or [])
        self._streams.stop(message, _content(args), blocks, args.object("metadata"))
        if self._workspace.manifest.agent and message.thread_ts:
            self._workspace.sessions.set_status((message.channel, message.thread_ts), status)
        return {"channel": message.channel, "ts": message.ts}

    def _message(self, args: Arguments) -> Message:
        place = places.known(self._workspace, args.required("channel"))
        self._streams.expire()
        message = places.message(self._workspace, place, args.required("ts"))
        if message.author.id != self._workspace.world.bot.id:
            raise ApiError("message_not_owned_by_app")
        return message

    def _check_recipient(self, args: Arguments) -> None:
        """Documented as needed outside direct messages; in practice both were needed everywhere."""
        if args.text("recipient_user_id") not in self._workspace.world.people:
            raise ApiError("missing_recipient_user_id")
        if args.text("recipient_team_id") != self._workspace.world.team_id:
            raise ApiError("missing_recipient_team_id")


def _content(args: Arguments) -> Content | None:
    return content(args.text("markdown_text"), args.given_list("chunks"))
