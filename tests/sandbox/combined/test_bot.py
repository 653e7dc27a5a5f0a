"""The bot's process is stopped in order, killed on request, and never restarted in silence."""

from __future__ import annotations

import asyncio
import sys

from sandbox.combined.bot import BotProcess, BotState

POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("goodbye"), sys.exit(0)))
print("hello"); sys.stdout.flush()
while True: time.sleep(60)
"""
STUBBORN = POLITE.replace('lambda *_: (print("goodbye"), sys.exit(0))', "signal.SIG_IGN")


class Heard:
    """The lines that were passed on, and a way to wait for one."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._more.set()
        self._more = asyncio.Event()

    async def until(self, text: str, times: int = 1) -> None:
        """Returns when lines with the text have come so many times."""
        async with asyncio.timeout(20):
            while sum(text in line for line in self.lines) < times:
                await self._more.wait()


def bot(code: str, heard: Heard, stop_seconds: float = 15.0) -> BotProcess:
    """A bot that is a few lines of Python."""
    return BotProcess((sys.executable, "-u", "-c", code), {"PATH": ""}, say=heard, stop_seconds=stop_seconds)


async def test_it_is_asked_to_stop_and_its_last_words_are_heard() -> None:
    """SIGTERM comes first, and every line is passed on."""
    heard = Heard()
    child = bot(POLITE, heard)
    await child.start()
    await heard.until("hello")
    assert (child.status.state, child.status.pid is not None) == (BotState.RUNNING, True)
    await child.stop()
    assert heard.lines == ["hello", "goodbye"]
    assert (child.status.state, child.status.exit_code) == (BotState.STOPPED, 0)


async def test_it_is_killed_when_it_does_not_stop_in_time() -> None:
    """One that ignores SIGTERM is gone after the time allowed, and that is said."""
    heard = Heard()
    child = bot(STUBBORN, heard, stop_seconds=0.2)
    await child.start()
    await heard.until("hello")
    await child.stop()
    assert child.status.exit_code == -9
    assert "did not stop within 0.2 s" in heard.lines[-1]


async def test_an_exit_of_its_own_is_told_with_its_code() -> None:
    """The lines before it are there, the code is named, and nothing is started again."""
    heard = Heard()
    child = bot("print('bad settings'); raise SystemExit(2)", heard)
    await child.start()
    await asyncio.wait_for(child.ended(), 20)
    assert heard.lines[0] == "bad settings"
    assert "exit code 2" in heard.lines[1]
    assert (child.status.state, child.status.exit_code, child.status.starts) == (BotState.EXITED, 2, 1)


async def test_kill_and_restart() -> None:
    """A killed bot stays dead until it is restarted; a restart of a running one stops it in order first."""
    heard = Heard()
    child = bot(POLITE, heard)
    await child.start()
    await heard.until("hello")
    await child.kill()
    assert (child.status.state, child.status.exit_code) == (BotState.KILLED, -9)
    await child.restart()
    await heard.until("hello", times=2)
    await child.restart()
    await heard.until("hello", times=3)
    assert (heard.lines.count("goodbye"), child.status.starts) == (1, 3)
    await child.stop()


async def test_a_second_start_changes_nothing_and_stop_without_a_child_is_fine() -> None:
    """There is one child at a time."""
    heard = Heard()
    child = bot(POLITE, heard)
    await child.stop()
    await child.start()
    await child.start()
    assert child.status.starts == 1
    await heard.until("hello")
    await child.stop()
    await child.stop()


async def test_a_monstrous_line_does_not_stop_the_rest() -> None:
    """A line over a megabyte is left out, and the next one is heard."""
    heard = Heard()
    child = bot("print('x' * 3_000_000); print('after')", heard)
    await child.start()
    await asyncio.wait_for(child.ended(), 20)
    assert "after" in heard.lines
    assert max(map(len, heard.lines)) < 1024 * 1024
