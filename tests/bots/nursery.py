"""A process that has loaded Parley's libraries once, and forks each program that a test starts.

Loading them takes most of a short program's life. A forked program is otherwise what `python -m` makes: a process of
its own with its own folder, environment and streams, which is killed, paused and ended like any other. What only a
start from nothing shows (that a module imports what it uses) is left to the tests that start one so.

The one who asks sends a socket; over it goes what to run, and back come the process's number and how it ended.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADED = (
    "adapters.discord.app",
    "adapters.discord.doctor",
    "adapters.slack.app",
    "adapters.slack.doctor",
    "adapters.slack.manifest",
    "aiosqlite",
    "anyio._backends._asyncio",
    "asyncpg",
    "bots.both",
    "bots.cli",
    "bots.discord_bot",
    "bots.slack_bot",
    "h11",
    "httpcore",
    "mako.template",
    "migrations.upgrade",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
)
_MOST = 1 << 20


class Forked:
    """A program that the nursery runs, in the shape of asyncio's Process as far as it is used here."""

    def __init__(
        self, pid: int, ending: asyncio.Task[int], out: asyncio.StreamReader, err: asyncio.StreamReader
    ) -> None:
        self.pid = pid
        self.stdout, self.stderr = out, err
        self._ending = ending

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._ending.result() if self._ending.done() else None

    async def wait(self) -> int:
        """How it ended."""
        return await asyncio.shield(self._ending)

    def terminate(self) -> None:
        """SIGTERM was sent."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL was sent."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if not self._ending.done():
            os.kill(self.pid, number)


class Nursery:
    """The process that forks. It ends with the one who started it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "tests.bots.nursery", str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                pass_fds=(theirs.fileno(),),
            )

    async def start(self, module: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Forked:
        """That module runs as the main one, in that folder, with that environment and no other."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"."], [theirs.fileno()])
        (out, for_out), (err, for_err) = os.pipe(), os.pipe()
        asked = {"module": module, "arguments": arguments, "cwd": str(cwd), "env": dict(env)}
        socket.send_fds(ours, [json.dumps(asked).encode()], [for_out, for_err])
        os.close(for_out)
        os.close(for_err)
        told, writer = await asyncio.open_connection(sock=ours)
        pid = int(await told.readline())
        return Forked(pid, asyncio.create_task(_ended(told, writer)), await _read(out), await _read(err))

    def stop(self) -> None:
        """It has ended."""
        self._control.close()
        self._process.wait()


async def _ended(told: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    code = int(await told.readline())
    writer.close()
    return code


async def _read(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    opened = os.fdopen(pipe, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), opened)
    return reader


# ── in the process that forks ──


def serve(control: socket.socket) -> None:
    """Returns in each forked program, ready to run it; the process itself ends when nobody can ask any more."""
    for module in LOADED:
        importlib.import_module(module)
    assert threading.active_count() == 1, "a fork would lose these threads"
    gc.freeze()  # a collection would touch, and so copy, every page
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while asked := socket.recv_fds(control, 1, 1)[1]:
        with socket.socket(fileno=asked[0]) as caller:
            if not os.fork():
                control.close()
                _keep(caller)
                return
    raise SystemExit


def _keep(caller: socket.socket) -> None:
    """Returns in the program; beside it a process waits for its end, to tell how it was."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said, streams, _, _ = socket.recv_fds(caller, _MOST, 2)
    if pid := os.fork():
        for number in (*streams, 1, 2):
            os.close(number)
        caller.sendall(b"%d\n" % pid)
        caller.sendall(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        os._exit(0)
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    asked = json.loads(said)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = [asked["module"], *asked["arguments"]]


def _run() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control)
    module = sys.argv[0]
    if not hasattr(sys.modules.get(module), "__path__"):
        sys.modules.pop(module, None)  # loaded above, and now to be run
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _run()
