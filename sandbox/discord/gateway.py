"""The Gateway v10: connections that say hello, identify or resume, beat, and carry a session's events.

Frames are plain text JSON whatever compression the client asks for; discord.py takes them. Which events a session
hears is `dispatch`. Nothing is closed for a missing heartbeat.
"""

import json
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.changes import Changes
from sandbox.discord import intents
from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.intents import Intent, Portal
from sandbox.discord.link import Link
from sandbox.discord.sessions import Session
from sandbox.discord.values import Json
from sandbox.discord.wire import Wire
from sandbox.discord.world import World

HEARTBEAT_MS = 41_250
FRAMES_PER_MINUTE = 120
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, WRONG_TOKEN, ALREADY_AUTHENTICATED = 4001, 4002, 4003, 4004, 4005
INVALID_SEQUENCE, TOO_FAST, INVALID_SHARD, WRONG_VERSION, INVALID_INTENTS = 4007, 4008, 4010, 4012, 4013
DISALLOWED_INTENTS = 4014
RECONNECT, INVALID_SESSION = 7, 9


class Gateway:
    """Every connection of the bot."""

    def __init__(
        self,
        *,
        world: World,
        wire: Wire,
        dispatcher: Dispatcher,
        portal: Portal,
        changes: Changes,
        now: Callable[[], float],
        token: Callable[[], str],
        url: Callable[[], str],
    ) -> None:
        self._world = world
        self._wire = wire
        self._dispatcher = dispatcher
        self._portal = portal
        self._changes = changes
        self._now = now
        self._token = token
        self._url = url
        self.heartbeat_ms = HEARTBEAT_MS
        self.links: list[Link] = []
        self.recommended_shards = 1
        self.refused_handshakes = 0
        """So many of the next connections are answered 503 instead."""
        self.identified = 0
        self.resumed = 0

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """The connection is served until either side closes it."""
        if self.refused_handshakes > 0:
            self.refused_handshakes -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        link = Link(socket, request)
        self.links.append(link)
        try:
            async with link.writing():
                await self._serve(link, request.query.get("v", "10"))
        finally:
            self._forget(link)
        return socket

    def reconnect(self) -> None:
        """Op 7 on every connection: please come back and resume."""
        for link in self.links:
            link.send_json({"op": RECONNECT, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Op 9 on every connection; unless resumable, the sessions are gone."""
        for link in self.links:
            if link.session is not None and not resumable:
                self._dispatcher.sessions.pop(link.session.id, None)
            link.send_json({"op": INVALID_SESSION, "d": resumable, "s": None, "t": None})

    def drop(self, code: int | None = None, *, shard: int | None = None) -> None:
        """Every connection, or that of one shard, is closed with the code, or cut as by a broken network; sessions
        stay resumable."""
        for link in [one for one in self.links if shard is None or (one.session and one.session.shard[0] == shard)]:
            self._forget(link)
            if code is None:
                link.cut()
            else:
                link.close(code)

    def freeze(self) -> None:
        """Every connection stays open and silent, heartbeats included; what happens is kept for a resume."""
        for link in self.links:
            link.flowing.clear()

    def send_raw(self, frame: str) -> None:
        """The frame as it is, to every connection; it need not be JSON."""
        for link in self.links:
            link.send(frame)

    async def stop(self) -> None:
        for link in list(self.links):
            self._forget(link)
            await link.finish(1001)

    async def _serve(self, link: Link, version: str) -> None:
        if version not in ("9", "10"):
            return link.close(WRONG_VERSION)
        link.send_json({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        sent: deque[float] = deque(maxlen=FRAMES_PER_MINUTE)
        async for message in link.socket:
            if len(sent) == FRAMES_PER_MINUTE and self._now() - sent[0] < 60:
                return link.close(TOO_FAST)
            sent.append(self._now())
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                self._read(link, message.data)
        return None

    def _read(self, link: Link, text: str | bytes) -> None:
        try:
            frame: Any = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, TypeError, KeyError):
            return link.close(DECODE_ERROR)
        match op:
            case 1:
                link.send_json({"op": 11, "d": None, "s": None, "t": None})
            case 2 | 6 if link.session is not None:
                link.close(ALREADY_AUTHENTICATED)
            case 2 | 6 if not isinstance(data, dict):
                link.close(DECODE_ERROR)
            case 2:
                self._identify(link, data)
            case 6:
                self._resume(link, data)
            case 3 | 4 | 8 | 31 if link.session is None:
                link.close(NOT_AUTHENTICATED)
            case 8:
                self._request_members(link.session, data)
            case 3 | 4 | 31:
                return None  # presence, voice and soundboards change nothing here
            case _:
                link.close(UNKNOWN_OPCODE)
        return None

    def _identify(self, link: Link, data: Json) -> None:
        shard, wanted = tuple(data.get("shard") or (0, 1)), data.get("intents")
        if data.get("token", "").removeprefix("Bot ") != self._token():
            return link.close(WRONG_TOKEN)
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            return link.close(INVALID_SHARD)
        if not isinstance(wanted, int) or wanted & ~intents.KNOWN:
            return link.close(INVALID_INTENTS)
        if self._portal.disallowed(wanted):
            return link.close(DISALLOWED_INTENTS)
        session = Session(secrets.token_hex(16), wanted, shard)
        self._dispatcher.sessions[session.id] = session
        self.identified += 1
        self._attach(link, session)
        self._greet(session, sharded="shard" in data)
        return self._tell("identify", session)

    def _greet(self, session: Session, *, sharded: bool) -> None:
        guilds = [
            one
            for one in self._world.guilds.values()
            if self._world.bot.id in one.members and session.hears_guild(one.id)
        ]
        ready: Json = {
            "v": 10,
            "user": self._wire.user(self._world.bot) | {"verified": True, "mfa_enabled": False, "flags": 0},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "private_channels": [],
            "session_id": session.id,
            "resume_gateway_url": self._url(),
            "application": {"id": self._world.application_id, "flags": self._portal.flags},
        }
        session.dispatch("READY", ready | ({"shard": list(session.shard)} if sharded else {}))
        for guild in guilds:
            if session.intents & Intent.GUILDS:
                session.dispatch("GUILD_CREATE", self._wire.guild_create(guild))

    def _resume(self, link: Link, data: Json) -> None:
        self._dispatcher.forget_the_lost()
        session = self._dispatcher.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq") or 0
        if data.get("token", "").removeprefix("Bot ") != self._token():
            return link.close(WRONG_TOKEN)
        if session is None or not isinstance(sequence, int):
            return link.send_json({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
        if sequence > session.sequence:
            return link.close(INVALID_SEQUENCE)
        if not session.can_resume(sequence):
            return link.send_json({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
        self._attach(link, session)
        self.resumed += 1
        session.replay(sequence)
        session.dispatch("RESUMED", {})
        return self._tell("resume", session)

    def _request_members(self, session: Session | None, data: Json) -> None:
        guild = self._world.guilds.get(str(data.get("guild_id")))
        if session is None or guild is None:
            return
        wanted = data.get("user_ids") or []
        ids = {str(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
        start = str(data.get("query", "")).lower()
        people = self._world.people
        found = [m for m in guild.members.values() if not ids or m.person_id in ids]
        found = [m for m in found if ids or people[m.person_id].name.startswith(start)][: data.get("limit") or None]
        chunk: Json = {"guild_id": guild.id, "members": [self._wire.member(m) for m in found]}
        chunk |= {"chunk_index": 0, "chunk_count": 1, "not_found": sorted(ids - set(guild.members)), "presences": []}
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk | ({"nonce": data["nonce"]} if "nonce" in data else {}))

    def _attach(self, link: Link, session: Session) -> None:
        for other in self.links:
            if other is not link and other.session is session:
                other.session = None
        link.session = session
        session.sink, session.lost_at = link, None

    def _forget(self, link: Link) -> None:
        if link in self.links:
            self.links.remove(link)
        session, link.session = link.session, None
        if session is None:
            return
        session.sink, session.lost_at = None, self._now()
        if link.socket.close_code in (1000, 1001):
            # The client ended the session by closing so; any other code keeps it for a resume.
            self._dispatcher.sessions.pop(session.id, None)
        self._tell("disconnect", session)

    def _tell(self, kind: str, session: Session) -> None:
        self._changes.tell({"type": "event", "kind": kind, "shard": list(session.shard)})
