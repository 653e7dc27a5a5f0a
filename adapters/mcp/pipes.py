"""Speaks with a server that we started, through its pipes.

The `mcp` library has such a transport, but it keeps as much of a line as a server likes to send. This one forgets a
line that is too long, tells whoever waits for it, and goes on. What the server writes to its standard error is dropped:
nobody knows what is in it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import structlog
from anyio.abc import Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.os.posix.utilities import terminate_posix_process_tree
from mcp.shared.message import SessionMessage
from mcp_types import INTERNAL_ERROR, ErrorData, JSONRPCError
from mcp_types.jsonrpc import jsonrpc_message_adapter

from adapters.mcp.declarations import Program
from adapters.mcp.failures import NotStarted
from adapters.mcp.lines import TOO_LONG, Lines, TooLong

log = structlog.get_logger()

GRACE = 2.0
"""Seconds in which a server ends by itself when its input ends, and again when it is told to."""
_GLANCE = 0.01
_BROKEN = (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError)

Incoming = MemoryObjectSendStream[SessionMessage | Exception]
Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


@asynccontextmanager
async def piped(program: Program) -> AsyncIterator[Streams]:
    """The program runs, and nothing of it is left afterwards. Raises NotStarted."""
    process = await _started(program)
    arriving, arrived = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    leaving, left = anyio.create_memory_object_stream[SessionMessage](0)
    with arriving, arrived, leaving, left:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read, process, arriving)
            tasks.start_soon(_write, process, left, arriving)
            try:
                yield arrived, leaving
            finally:
                with anyio.CancelScope(shield=True):
                    arrived.close()
                    await _ended(process)
                tasks.cancel_scope.cancel()


async def _started(program: Program) -> Process:
    try:
        with anyio.CancelScope(shield=True):  # who is cut off here would leave a program behind
            process = await anyio.open_process(
                [program.command, *program.args],
                env=get_default_environment() | dict(program.env),
                cwd=program.folder,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    except (OSError, ValueError):
        # The error's text would tell the command line.
        raise NotStarted from None
    return process


async def _read(process: Process, arriving: Incoming) -> None:
    """Ends with the server's output; the session sees that as the connection's end."""
    assert process.stdout is not None
    lines = Lines()
    with suppress(*_BROKEN):
        async with arriving:
            while True:
                for line in lines.feed(await process.stdout.receive()):
                    message = _message(line)
                    if message is not None:
                        await arriving.send(message)
    with suppress(*_BROKEN):
        while True:  # a server whose output nobody takes never gets to its end
            await process.stdout.receive()


def _message(line: bytes | TooLong) -> SessionMessage | None:
    if isinstance(line, TooLong):
        log.warning("an answer was too long", action="mcp.too_long")
        if line.answers is None:
            return None
        error = ErrorData(code=INTERNAL_ERROR, message=TOO_LONG)
        return SessionMessage(JSONRPCError(jsonrpc="2.0", id=line.answers, error=error))
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError:
        log.debug("not a message", action="mcp.garbled")
        return None


async def _write(process: Process, left: MemoryObjectReceiveStream[SessionMessage], arriving: Incoming) -> None:
    assert process.stdin is not None
    try:
        async with left:
            async for message in left:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(text.encode() + b"\n")
    except _BROKEN:
        await arriving.aclose()


async def _ended(process: Process) -> None:
    """First the input ends, then the program is told to, then it has to; and so have all that it started."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(*_BROKEN):
        await process.stdin.aclose()
    await _exited(process)
    if sys.platform == "win32":
        if process.returncode is None:
            process.kill()
    else:
        await terminate_posix_process_tree(process, GRACE)
    await _exited(process)
    with suppress(*_BROKEN):
        await process.stdout.aclose()
    _let_go(process)


async def _exited(process: Process) -> None:
    """Not `wait`: that waits for the pipes too, which a grandchild may hold."""
    with anyio.move_on_after(GRACE):
        while process.returncode is None:  # noqa: ASYNC110 - asyncio tells of an end with the pipes only
            await anyio.sleep(_GLANCE)


def _let_go(process: Process) -> None:
    """A pipe that a survivor holds would keep asyncio's transport open, and anyio has no name for it."""
    transport = getattr(getattr(process, "_process", None), "_transport", None)
    if transport is not None:
        with suppress(PermissionError):
            transport.close()
