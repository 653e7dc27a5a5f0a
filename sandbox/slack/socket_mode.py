"""Socket Mode: tickets, up to ten connections, envelopes and their acknowledgements.

A payload goes to any one connection, in turn; what is not acknowledged in time is given back to `delivery`, which
sends it again on whatever connection there is. Frames are those of docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import contextlib
import json
import secrets
import uuid
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from sandbox.changes import Changes
from sandbox.slack.delivery import Delivery, Outcome
from sandbox.slack.values import Json

MOST_CONNECTIONS = 10
PING_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Connection:
    """One open socket and the envelopes that wait for its acknowledgement."""

    socket: web.WebSocketResponse
    request: web.Request
    number: int
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)

    def lost(self) -> None:
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionResetError("the connection closed"))
        self.waiting.clear()


class SocketMode:
    """The sockets of one app."""

    def __init__(self, *, app_id: str, changes: Changes, ack_seconds: float = 3.0) -> None:
        self._app_id = app_id
        self._changes = changes
        self.ack_seconds = ack_seconds
        self.connections: list[Connection] = []
        self.opened = 0
        """How many connections were ever made."""
        self.late_acks: list[str] = []
        """Envelope ids acknowledged after their time, or never sent."""
        self._tickets: set[str] = set()

    @property
    def ready(self) -> bool:
        return bool(self.connections)

    def ticket(self) -> str:
        """A ticket that opens one connection."""
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """The socket is served until either side closes it. 403 for a ticket that is unknown or used."""
        if request.query.get("ticket") not in self._tickets:
            return web.Response(status=403, text="invalid ticket")
        self._tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS)
        await socket.prepare(request)
        if len(self.connections) >= MOST_CONNECTIONS:
            await socket.send_json(self._farewell("too_many_websockets"))
            await socket.close()
            return socket
        await self._serve(socket, request)
        return socket

    async def send(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        """The outcome of one envelope: acknowledged within `ack_seconds`, or to be sent again."""
        connection = self.connections.pop(0)
        self.connections.append(connection)
        envelope_id = str(uuid.uuid4())
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        try:
            await connection.socket.send_json(_envelope(envelope_id, delivery, number, reason))
            async with asyncio.timeout(self.ack_seconds):
                return Outcome(acked=True, answer=(await answer).get("payload"))
        except (TimeoutError, ConnectionError):
            return Outcome(acked=False, reason="timeout")
        finally:
            connection.waiting.pop(envelope_id, None)
            answer.cancel()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Every open connection is asked to go; a new one may come before the old ones close."""
        for connection in list(self.connections):
            await connection.socket.send_json(self._farewell(reason))

    async def drop(self, *, clean: bool = False) -> None:
        """Every connection is gone: closed politely, or cut as by a broken network."""
        for connection in list(self.connections):
            self._forget(connection)
            if clean:
                await connection.socket.close()
            elif connection.request.transport is not None:
                connection.request.transport.abort()

    async def send_raw(self, frame: str) -> None:
        """The frame as it is, to every connection; it need not be JSON."""
        for connection in list(self.connections):
            await connection.socket.send_str(frame)

    async def stop(self) -> None:
        for connection in list(self.connections):
            self._forget(connection)
            with contextlib.suppress(ConnectionError):
                await connection.socket.close()

    async def _serve(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.opened += 1
        connection = Connection(socket, request, self.opened)
        await socket.send_json(self._hello())
        self.connections.append(connection)
        self._changes.tell({"type": "connection", "open": len(self.connections)})
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledge(connection, frame.data)
        finally:
            self._forget(connection)

    def _acknowledge(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
            envelope_id = frame["envelope_id"]
        except (ValueError, TypeError, KeyError):
            return
        answer = connection.waiting.get(envelope_id)
        if answer is None or answer.done():
            self.late_acks.append(envelope_id)
            self._changes.tell()
        else:
            answer.set_result(frame)

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
            self._changes.tell({"type": "connection", "open": len(self.connections)})
        connection.lost()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections) + 1,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 3600},
        }

    def _farewell(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}


def _envelope(envelope_id: str, delivery: Delivery, number: int, reason: str) -> Json:
    shared = {"envelope_id": envelope_id, "type": delivery.type, "payload": delivery.payload}
    if delivery.type == "events_api":
        retry = {"retry_attempt": number, "retry_reason": reason}
        return shared | retry | {"accepts_response_payload": False}
    return shared | {"accepts_response_payload": True}
