"""A real pseudo-terminal with a real emulator (pyte) on its other side: what one types, and what the screen shows."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import termios
import threading
from collections.abc import Callable
from typing import TextIO

import pyte
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

ROWS, COLUMNS = 40, 100
PATIENCE = 20.0
ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"
CLEAR = "\x15"
"""Ctrl-U: the line that is typed is gone."""
SEVERAL_END = "\x1b\r"
"""Esc, then Enter: the end of several lines."""
_WHERE = b"\x1b[6n"
_PASTED, _PASTED_END = "\x1b[200~", "\x1b[201~"


class Pty:
    """To be made inside a running loop, which reads what is drawn."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._in: TextIO = os.fdopen(slave, encoding="utf-8")
        self._out: TextIO = os.fdopen(os.dup(slave), "w", encoding="utf-8")
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=5_000)
        self._stream = pyte.ByteStream(self.screen)
        self._loop = asyncio.get_running_loop()
        self._drawn = asyncio.Event()
        # A thread of its own, as the emulator is another program: who draws waits until it was read.
        self._reader = threading.Thread(target=self._read_all, daemon=True, name="pty")
        self._reader.start()
        self.source = Vt100Input(self._in)
        self.out = Vt100_Output.from_pty(self._out, term="xterm-256color", default_color_depth=ColorDepth.DEPTH_8_BIT)

    def type(self, keys: str) -> None:
        """As if these keys were pressed."""
        os.write(self._master, keys.encode())

    def paste(self, text: str) -> None:
        """The text comes at once, as a terminal pastes it."""
        self.type(f"{_PASTED}{text}{_PASTED_END}")

    @property
    def text(self) -> str:
        """All that was ever shown and is still there: the history, then the screen."""
        past = ["".join(line[column].data for column in range(COLUMNS)).rstrip() for line in self.screen.history.top]
        return "\n".join([*past, *(line.rstrip() for line in self.screen.display)]).rstrip()

    @property
    def shown(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    async def until(self, holds: Callable[[], bool], within: float = PATIENCE) -> None:
        """Returns when that is true of the screen."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    await self._drawn.wait()
        except TimeoutError:
            raise AssertionError(f"not seen; the terminal shows:\n{self.text}") from None

    async def sees(self, words: str) -> None:
        """Returns when the words stand there."""
        await self.until(lambda: words in self.text)

    def touch(self) -> None:
        """Whoever waits looks again."""
        waiting, self._drawn = self._drawn, asyncio.Event()
        waiting.set()

    def close(self) -> None:
        """Nothing is read any more."""
        self._in.close()
        self._out.close()
        self._reader.join(PATIENCE)
        os.close(self._master)

    def _read_all(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # the other side was closed
                return
            if not data:
                return
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._feed, data)

    def _feed(self, data: bytes) -> None:
        *before, last = data.split(_WHERE)
        for part in before:
            self._stream.feed(part)
            cursor = self.screen.cursor
            self.type(f"\x1b[{cursor.y + 1};{cursor.x + 1}R")
        self._stream.feed(last)
        self.touch()
