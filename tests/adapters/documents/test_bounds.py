"""Whatever the bytes are: bounded time and memory, nothing left behind, and nothing of a library in our process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # psutil ships no types
import pytest

from adapters.documents.reader import FileProgram
from core.documents import Unreadable
from tests.adapters.documents.conftest import Refused
from tests.samples import archive, laughing, lying_bomb, pdf, pixel_bomb, word, zip_bomb


def children() -> list[psutil.Process]:
    """Processes of ours that open files."""
    found = psutil.Process().children()
    return [one for one in found if any("documents" in word or "sleep" in word for word in _line(one))]


def _line(process: psutil.Process) -> list[str]:
    """How it was called; nothing of one that ends while we look, of which psutil says that it is a zombie."""
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:
        return []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zip_bomb(), "unpacks to more"),
        (zip_bomb("xl/workbook.xml"), "unpacks to more"),
        (lying_bomb(), "damaged"),
        (archive({f"{n}.xml": b"" for n in range(6_000)}), "unpacks to more"),
        (laughing(), "damaged"),
    ],
)
async def test_bombs_are_refused(refused: Refused, content: bytes, why: str) -> None:
    """Before anything of them is opened, and quickly."""
    began = time.monotonic()
    assert why in await refused(content, "plan.docx")
    assert time.monotonic() - began < 10


async def test_a_picture_with_too_many_pixels_is_refused(files: FileProgram) -> None:
    """It is never unpacked."""
    with pytest.raises(Unreadable, match="pixels"):
        await files.picture(pixel_bomb())


async def test_a_reader_that_does_not_end_is_killed() -> None:
    """On the clock, and no process is left."""
    sleeping = (sys.executable, "-c", "import time; time.sleep(600)  # documents")
    with pytest.raises(Unreadable, match="too long"):
        await FileProgram(within=0.5, program=sleeping).read(b"x" * 1_000_000, name="a", media_type="", most=10)
    assert children() == []


async def test_an_endless_page_is_ended() -> None:
    """A page of a PDF that unpacks to a billion operations takes no longer than is allowed."""
    body = pdf("x" * 40_000_000)
    began = time.monotonic()
    with pytest.raises(Unreadable):
        await FileProgram(within=2).read(body, name="a.pdf", media_type="", most=10)
    assert time.monotonic() - began < 10
    assert children() == []


async def test_a_reader_that_takes_too_much_memory_is_ended() -> None:
    """It gets no more than it may have, and says so."""
    big = word("Otters", ["They hold hands. " * 4_000] * 300)
    with pytest.raises(Unreadable, match=r"more than I can take in|too much memory"):
        await FileProgram(memory=64 * 1024 * 1024).read(big, name="a.docx", media_type="", most=100)


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.stdout.write('{' * 10_000_000)",
        "print('no JSON')",
        "print('[1, 2]')",
        "import os; os._exit(3)",
        "import sys; sys.stdin.close(); print('{}')",
        'print(\'{"text": 5, "cut": []}\')',
    ],
)
async def test_a_reader_that_was_taken_over_tells_nothing(program: str) -> None:
    """Whatever it says that is no answer is a file that could not be read."""
    with pytest.raises(Unreadable):
        await FileProgram(program=(sys.executable, "-c", program)).read(b"x" * 100, name="a", media_type="", most=10)
    assert children() == []


async def test_a_missing_interpreter_is_a_file_not_read() -> None:
    """And no fault of the bot's."""
    with pytest.raises(Unreadable):
        await FileProgram(program=("/nowhere/python",)).read(b"x", name="a", media_type="", most=10)


async def test_a_turn_that_is_stopped_leaves_no_process() -> None:
    """Who no longer waits for a file does not leave it being read."""
    sleeping = (sys.executable, "-c", "import time; time.sleep(600)  # documents")
    reading = asyncio.create_task(FileProgram(program=sleeping).read(b"x", name="a", media_type="", most=10))
    async with asyncio.timeout(20):
        while not children():  # noqa: ASYNC110 - a process tells nobody that it has begun
            await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert children() == []


async def test_no_more_are_open_than_may_be() -> None:
    """Others wait."""
    files = FileProgram(program=(sys.executable, "-c", "import time; time.sleep(0.3); print('{}')  # documents"))
    readings = [asyncio.create_task(files.read(b"x", name="a", media_type="", most=10)) for _ in range(5)]
    most = 0
    while not all(one.done() for one in readings):
        most = max(most, len(children()))
        await asyncio.sleep(0.02)
    results = await asyncio.gather(*readings, return_exceptions=True)
    assert all(isinstance(result, Unreadable) for result in results)
    assert most == 2


async def test_it_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment has no token, no proxy and no address in it."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    program = "import os, json; print(json.dumps({'text': ' '.join(sorted(os.environ)), 'cut': ''}))"
    told = await FileProgram(program=(sys.executable, "-c", program)).read(b"x", name="a", media_type="", most=10_000)
    assert "PATH" in told.text
    assert "TOKEN" not in told.text


def test_no_library_is_loaded_beside_the_bot() -> None:
    """What opens documents is found in no process that only asks for it."""
    libraries = ["pypdf", "docx", "pptx", "openpyxl", "trafilatura", "lxml"]
    code = f"import sys, bots.runtime; print([name for name in {libraries} if name in sys.modules])"
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, check=True, text=True, env=os.environ | {"PYTHONPATH": root}
    )
    assert done.stdout.strip() == "[]"
