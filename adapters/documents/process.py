"""One question to the program that opens files: a process that is given bytes, answers, and is killed if it does not.

No shell, no file and no name of one: the content goes through a pipe. The process knows none of our secrets, since it
gets nothing of our environment but what Python needs to start.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-P", "-m", "adapters.documents.program")
_ROOT = Path(__file__).parents[2]
_HANDED_ON = {"PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH"}
_CHUNK = 256 * 1024


class NoAnswer(Exception):
    """The program died, was too slow, or said something else than an answer. The text is for the log."""


async def asked(
    question: Mapping[str, object], content: bytes, *, within: float, longest: int, program: Sequence[str] = PROGRAM
) -> dict[str, Any]:
    """The program's answer, no longer than so many bytes. Afterwards no process is left, however this ends. Raises
    NoAnswer."""
    try:
        process = await asyncio.create_subprocess_exec(
            *program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment()
        )
    except OSError as error:
        raise NoAnswer(type(error).__name__) from error
    try:
        async with asyncio.timeout(within):
            said = await _exchanged(process, json.dumps(question).encode() + b"\n" + content, longest)
            code = await process.wait()
    except TimeoutError:
        raise NoAnswer(f"no answer within {within:g} s") from None
    finally:
        await _ended(process)
    return _answer(said, code)


async def _exchanged(process: Process, given: bytes, longest: int) -> bytes:
    writing = asyncio.create_task(_written(process, given))
    try:
        return await _read(process, longest)
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def _written(process: Process, given: bytes) -> None:
    """All of it is on its way, or the process has stopped listening: then its answer says why."""
    assert process.stdin is not None
    try:
        for start in range(0, len(given), _CHUNK):
            process.stdin.write(given[start : start + _CHUNK])
            await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return


async def _read(process: Process, longest: int) -> bytes:
    assert process.stdout is not None
    said = bytearray()
    while piece := await process.stdout.read(_CHUNK):
        said += piece
        if len(said) > longest:
            raise NoAnswer(f"an answer of more than {longest} bytes")
    return bytes(said)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    # Before the wait, which ends only when every pipe has: one that was not read to its end never would. Public since
    # 3.13 at the earliest.
    process._transport.close()  # type: ignore[attr-defined]
    await process.wait()


def _answer(said: bytes, code: int) -> dict[str, Any]:
    try:
        answer = json.loads(said)
    except ValueError:
        raise NoAnswer(f"exit code {code}") from None
    if not isinstance(answer, dict):
        raise NoAnswer("no object")
    return answer


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _HANDED_ON or name.startswith("PYTHON")}
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
