"""chat.postMessage, postEphemeral, update, delete and getPermalink."""

import re
from collections.abc import Sequence
from typing import Any

from sandbox.slack import blocks as block_kit
from sandbox.slack import wire
from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import POSTING_IN_WORKSPACE, TIER_3, TIER_4
from sandbox.slack.streams import Streams
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Channel

CUT_AT = 40_000
MOST_IN_UPDATE = 4_000
MOST_MARKDOWN = 12_000
MOST_ATTACHMENTS = 100
_CROWD = re.compile(r"(?<![\w<!])@(here|channel|everyone)\b")


class Chat:
    """Posting as the bot, and changing what it posted."""

    def __init__(self, workspace: Workspace, streams: Streams) -> None:
        self._workspace = workspace
        self._streams = streams

    def methods(self) -> Sequence[Method]:
        write = "chat:write"
        return (
            Method(
                name="chat.postMessage",
                limit=POSTING_IN_WORKSPACE,
                handler=self.post_message,
                scope=write,
                posts=True,
            ),
            Method(name="chat.postEphemeral", limit=TIER_4, handler=self.post_ephemeral, scope=write),
            Method(name="chat.update", limit=TIER_3, handler=self.update, scope=write),
            Method(name="chat.delete", limit=TIER_3, handler=self.delete, scope=write),
            Method(name="chat.getPermalink", limit=TIER_4, handler=self.permalink),
        )

    def post_message(self, args: Arguments) -> Json:
        place = places.joined(self._workspace, args.required("channel"))
        thread_ts = places.parent(self._workspace, place, args)
        body = content(args)
        message = self._workspace.post(
            self._workspace.world.bot,
            place,
            body.pop("text")[:CUT_AT],
            thread_ts=thread_ts,
            metadata=args.object("metadata"),
            unfurl=args.flag("unfurl_links", default=True) or args.flag("unfurl_media", default=True),
            **body,
        )
        return {"channel": place.id, "ts": message.ts, "message": self._wire(message)}

    def post_ephemeral(self, args: Arguments) -> Json:
        place = places.joined(self._workspace, args.required("channel"))
        if (user := args.required("user")) not in place.members:
            raise ApiError("user_not_in_channel")
        body, thread_ts = content(args), places.parent(self._workspace, place, args)
        if thread_ts is not None and not self._is_active(place, thread_ts):
            return {"message_ts": self._workspace.timestamps.next()}  # taken, and shown to nobody
        message = self._workspace.post(
            self._workspace.world.bot,
            place,
            body.pop("text")[:CUT_AT],
            thread_ts=thread_ts,
            ephemeral_for=user,
            **body,
        )
        return {"message_ts": message.ts}

    def _is_active(self, place: Channel, thread_ts: str) -> bool:
        """Slack shows ephemeral messages only in threads that have begun
        (docs.slack.dev/reference/methods/chat.postEphemeral)."""
        parent = self._workspace.book.get(place.id, thread_ts)
        return parent is not None and self._workspace.book.has_replies(parent)

    def update(self, args: Arguments) -> Json:
        place = places.known(self._workspace, args.required("channel"))
        self._streams.expire()
        message = self._own(places.message(self._workspace, place, args.required("ts")), "cant_update_message")
        if message.streaming == "streaming":
            raise ApiError("streaming_state_conflict")
        if len(args.text("text") or "") > MOST_IN_UPDATE:
            raise ApiError("msg_too_long")
        body = content(args)
        for kept in ("blocks", "attachments"):  # what is not mentioned stays as it was
            if args.given_list(kept) is None and not args.text("markdown_text"):
                del body[kept]
        if "blocks" not in body and message.blocks:
            del body["format"]
        if (metadata := args.object("metadata")) is not None:
            body["metadata"] = metadata or None
        changed = self._workspace.edit(message, body.pop("text"), **body)
        return {"channel": place.id, "ts": changed.ts, "text": changed.text, "message": self._wire(changed)}

    def delete(self, args: Arguments) -> Json:
        place = places.known(self._workspace, args.required("channel"))
        message = places.message(self._workspace, place, args.required("ts"))
        self._workspace.delete(self._own(message, "cant_delete_message"))
        return {"channel": place.id, "ts": message.ts}

    def permalink(self, args: Arguments) -> Json:
        place = places.known(self._workspace, args.required("channel"))
        message = places.message(self._workspace, place, args.required("message_ts"))
        domain = self._workspace.world.domain
        name = f"p{message.ts.replace('.', '')}"
        return {"channel": place.id, "permalink": f"https://{domain}.slack.com/archives/{place.id}/{name}"}

    def _own(self, message: Message, error: str) -> Message:
        if message.author.id != self._workspace.world.bot.id:
            raise ApiError(error)
        return message

    def _wire(self, message: Message) -> Json:
        return wire.message(self._workspace.world, self._workspace.book, message, metadata=True)


def content(args: Arguments) -> dict[str, Any]:
    """What a call wants shown: `text`, `format`, `blocks` and `attachments`. An ApiError for what Slack refuses."""
    text, markdown = args.text("text"), args.text("markdown_text")
    blocks, attachments = args.given_list("blocks"), args.given_list("attachments")
    if markdown is not None and (text is not None or blocks):
        raise ApiError("markdown_text_conflict")
    if len(markdown or "") > MOST_MARKDOWN:
        raise ApiError("msg_too_long")
    if len(attachments or ()) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    checked = block_kit.check(blocks or [])
    if not (markdown or text or checked or attachments):
        raise ApiError("no_text")
    links = args.text("parse") == "full" or args.flag("link_names")
    shown = markdown if markdown is not None else text or ""
    return {
        "text": _CROWD.sub(r"<!\1>", shown) if links else shown,
        "format": "markdown" if markdown is not None or _is_markdown(checked) else "mrkdwn",
        "blocks": checked,
        "attachments": tuple(attachments or ()),
    }


def _is_markdown(blocks: Sequence[Json]) -> bool:
    return any(block["type"] == "markdown" for block in blocks)
