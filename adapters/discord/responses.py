"""Answers to slash commands: the deferred response, follow-ups, and the channel once the token has run out.

A token lives 15 minutes (discord.md, section 4). The response that was deferred must be edited first; further messages
follow it. After that the same messages are edited, and new ones posted, as any of the channel's, where the bot may.
Everything but the waiting for our own defer works from the stored target alone, in any process.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from adapters.discord import payloads, snowflakes
from adapters.discord.failures import TokenGone
from adapters.discord.rest import Json, Rest
from adapters.discord.targets import BySlash
from adapters.recency import Recent
from core.errors import PostGone, SurfaceError, SurfaceUnavailable
from core.ports import Clock

TOKEN_LIFE = timedelta(minutes=14, seconds=30)
"""A little less than Discord's, so that no write is under way when it ends."""
DEFER_WITHIN = 5.0
"""Seconds after which our own first response has been given or never will be."""
LOOK_BACK = 20
"""Messages of the channel among which one is looked for whose answer was lost."""


class Responses:
    """Which interactions wait for their first message. Told by interactions.py, used by the surface."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._deferring: dict[str, asyncio.Event] = {}
        self._first: Recent[str, bool] = Recent()
        """By interaction: whether the deferred response still waits for its text."""
        self._over: Recent[str, None] = Recent()
        """Interactions whose token Discord refused before its time."""
        self._tried: Recent[str, str] = Recent()
        """By key: the text of a follow-up that is on its way, or whose answer was lost."""

    # ── what interactions.py says ──

    def deferring(self, interaction: str) -> None:
        """Nothing may be written before the first response is given."""
        self._deferring[interaction] = asyncio.Event()

    def deferred(self, interaction: str, *, waits: bool) -> None:
        """The first response was given, or refused; `waits`: it is one that waits for its text."""
        if waits:
            self._first.put(interaction, True)
        event = self._deferring.pop(interaction, None)
        if event is not None:
            event.set()

    # ── what the surface asks ──

    def alive(self, way: BySlash) -> bool:
        """Whether the token may still be used."""
        age = self._clock.now() - snowflakes.made_at(way.interaction)
        return age < TOKEN_LIFE and way.interaction not in self._over

    def answered(self, way: BySlash) -> bool:
        """Whether messages may follow by the token: it lives, and the first response is not ours to give any more."""
        return self.alive(way) and way.interaction not in self._deferring

    async def open(self, way: BySlash, body: Json, *, key: str, seek: bool) -> Json:
        """A new message answers the command. Raises TokenGone when that is over, or another SurfaceError."""
        await self._until_deferred(way)
        try:
            if await self._is_first(way):
                message = await self._rest.edit_response(way.application, way.token, body)
                self._first.put(way.interaction, False)
                return message
            return await self._follow_up(way, body, key=key, seek=seek)
        except TokenGone as error:
            raise self._judged(way, error) from error

    async def whisper(self, way: BySlash, body: Json) -> None:
        """The person alone reads the body. What was deferred for everybody goes first: the message that takes its place
        would be everybody's too. Raises TokenGone or another SurfaceError."""
        await self._until_deferred(way)
        if await self._is_first(way):
            await self._rest.delete_response(way.application, way.token)
            self._first.put(way.interaction, False)
        await self._rest.follow_up(way.application, way.token, body)

    async def edit(self, way: BySlash, message: str, body: Json) -> None:
        """The message shows the body. Raises TokenGone or another SurfaceError."""
        try:
            await self._rest.edit_response(way.application, way.token, body, message)
        except TokenGone as error:
            raise self._judged(way, error) from error

    def _judged(self, way: BySlash, error: TokenGone) -> SurfaceError:
        """Another process may be about to give the first response; otherwise the token is of no more use."""
        if self._clock.now() - snowflakes.made_at(way.interaction) < timedelta(seconds=DEFER_WITHIN):
            return SurfaceUnavailable(error.detail)
        self._over.put(way.interaction, None)
        return error

    async def _until_deferred(self, way: BySlash) -> None:
        event = self._deferring.get(way.interaction)
        if event is not None:
            await event.wait()

    async def _is_first(self, way: BySlash) -> bool:
        known = self._first.get(way.interaction)
        if known is None:
            known = await self._still_loading(way)
            self._first.put(way.interaction, known)
        return known

    async def _still_loading(self, way: BySlash) -> bool:
        try:
            response = await self._rest.response(way.application, way.token)
        except PostGone:  # somebody deleted it
            return False
        return bool(int(response.get("flags") or 0) & payloads.LOADING)

    async def _follow_up(self, way: BySlash, body: Json, *, key: str, seek: bool) -> Json:
        """Follow-ups know no nonce, so after a lost answer the one that may have come is looked for by its text."""
        tried = self._tried.get(key)
        if seek and tried is not None and (found := await self._posted(way, tried)) is not None:
            return await self._rest.edit_response(way.application, way.token, body, str(found["id"]))
        self._tried.put(key, str(body["content"]))
        message = await self._rest.follow_up(way.application, way.token, body)
        self._tried.drop(key)
        return message

    async def _posted(self, way: BySlash, content: str) -> Json | None:
        try:
            messages = await self._rest.recent(way.channel, LOOK_BACK)
        except SurfaceError:  # a channel that we may not read
            return None
        ours = (one for one in messages if one.get("webhook_id") == way.application or _is_own(one, way))
        return next((one for one in ours if one.get("content") == content), None)


def _is_own(message: Json, way: BySlash) -> bool:
    return message.get("application_id") == way.application
