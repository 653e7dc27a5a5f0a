"""Messages that are posted once and edited in place, and finding one whose answer was lost.

Slack has no key that would keep a post from happening twice (slack.md, section 9), so each message carries ours in its
metadata and is looked for there.
"""

from __future__ import annotations

from adapters.recency import Recent
from adapters.slack import blocks, rates
from adapters.slack.web import Json, Web
from core.errors import PostGone, SurfaceForbidden
from core.turn import MessageRef

PAGE, PAGES = 200, 10
"""Messages of a thread that are read at once, and how often, when one is looked for."""
LOOK_BACK = 100
"""Messages of a channel among which one is looked for."""


class Posts:
    """The bot's ordinary messages."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._posted: Recent[str, MessageRef] = Recent()
        """By key."""

    async def open(
        self, team: str, channel: str, thread: str | None, body: Json, *, key: str, seek: bool
    ) -> MessageRef:
        """The message is there, once. Raises SurfaceError."""
        known = await self.find(channel, thread, key) if seek else None
        if known is None:
            return await self.post(team, channel, thread, body, key)
        await self.update(team, known, body)
        return known

    async def find(self, channel: str, thread: str | None, key: str) -> MessageRef | None:
        """The message that was posted under the key, by this process or another. Raises SurfaceError."""
        known = self._posted.get(key) or await self._found(channel, thread, key)
        if known is not None:
            self._posted.put(key, known)
        return known

    async def post(self, team: str, channel: str, thread: str | None, body: Json, key: str) -> MessageRef:
        """A new message is there, marked with the key. Raises SurfaceError."""
        answer = await self._web.write(
            rates.POST,
            budget=rates.name(team, rates.POST, channel),
            channel=channel,
            thread_ts=thread,
            **{"metadata": blocks.metadata(key), **body},
            **blocks.QUIET,
        )
        ref = MessageRef(channel=channel, message=str(answer["ts"]))
        self._posted.put(key, ref)
        return ref

    async def update(self, team: str, ref: MessageRef, body: Json) -> None:
        """The message shows the body. Raises SurfaceError."""
        await self._web.write(
            rates.UPDATE,
            budget=rates.name(team, rates.UPDATE, ref.channel),
            channel=ref.channel,
            ts=ref.message,
            **body,
        )

    async def delete(self, ref: MessageRef) -> None:
        """The message is gone, if it was there. Raises SurfaceError."""
        try:
            await self._web.write("chat.delete", channel=ref.channel, ts=ref.message)
        except PostGone:
            return

    async def _found(self, channel: str, thread: str | None, key: str) -> MessageRef | None:
        for message in await self.read(channel, thread):
            if blocks.key_of(message) == key:
                return MessageRef(channel=channel, message=str(message["ts"]))
        return None

    async def read_one(self, ref: MessageRef, thread: str | None) -> Json | None:
        """That message as it stands, with its metadata, as far as the bot may read it."""
        named = {"channel": ref.channel, "oldest": ref.message, "latest": ref.message, "inclusive": "true", "limit": 2}
        try:
            answer = await self._web.read(
                "conversations.replies", ts=thread or ref.message, include_all_metadata="true", **named
            )
        except (PostGone, SurfaceForbidden):
            return None
        return next((one for one in answer.get("messages") or () if one.get("ts") == ref.message), None)

    async def read(self, channel: str, thread: str | None) -> list[Json]:
        """The thread's messages, or the channel's last ones, as far as the bot may read them."""
        try:
            if thread is not None:
                return await self._replies(channel, thread)
            answer = await self._web.read(
                "conversations.history", channel=channel, limit=LOOK_BACK, include_all_metadata="true"
            )
        except (PostGone, SurfaceForbidden):
            return []
        return list(answer.get("messages") or ())

    async def _replies(self, channel: str, thread: str) -> list[Json]:
        found: list[Json] = []
        cursor: str | None = None
        for _ in range(PAGES):
            answer = await self._web.read(
                "conversations.replies",
                channel=channel,
                ts=thread,
                limit=PAGE,
                cursor=cursor,
                include_all_metadata="true",
            )
            found += answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
        return found
