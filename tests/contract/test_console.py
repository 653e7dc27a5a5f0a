"""A terminal shows what the other places show: the real adapter on a real pseudo-terminal, seen through an emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.chat_completions.script import Answer, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.consoles import ConsolePlace
from tests.ptys import CTRL_C, CTRL_D, ENTER


@pytest.fixture
async def console() -> AsyncIterator[ConsolePlace]:
    """A terminal."""
    place = ConsolePlace()
    yield place
    place.close()


@pytest.fixture
async def here(
    console: ConsolePlace, model: ChatCompletionsSandbox, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Parley draws on it."""
    async with opened_town(console, model, database_url, monkeypatch) as opened:
        yield opened


async def test_a_reply_grows_on_the_screen_and_stays(here: Town, console: ConsolePlace) -> None:
    """Drawn in place while it is written, with the line that is typed below it; drawn once in the end."""
    gate = asyncio.Event()
    here.model.script(Answer(deltas=("Some **bold** words. ", "The last."), stalls=(Stall(until=gate, after=1),)))
    talk = await console.mention("bob", "tell me")
    await console.pty.sees("Some bold words.")
    assert "Ctrl-C stops" in console.pty.shown
    console.pty.type("typed meanwhile")
    await console.pty.sees("typed meanwhile")
    gate.set()
    await here.answered(talk)
    await console.pty.until(lambda: console.pty.text.count("Some bold words. The last.") == 1)
    await console.pty.until(lambda: console.pty.shown.count("typed meanwhile") == 1)


async def test_control_characters_of_a_model_do_nothing(here: Town, console: ConsolePlace) -> None:
    """Nobody's screen is cleared, and nobody's title is changed, by what a model writes."""
    here.model.script(Answer(text="before \x1b[2J\x1b]0;owned\x07 after"))
    await console.mention("bob", "clear it")
    await console.pty.sees("before [2J]0;owned after")
    assert "clear it" in console.pty.text


async def test_a_form_is_asked_field_by_field(here: Town, console: ConsolePlace) -> None:
    """What is wrong is said at once; Ctrl-C leaves a form and sends nothing."""
    console.pty.paste("/persona create Pirate")
    console.pty.type(ENTER)
    await console.pty.sees("Name: Pirate")
    console.pty.type(ENTER)
    await console.pty.sees("Description:")
    console.pty.type(CTRL_C)
    await console.pty.sees("The form was left; nothing was sent.")


async def test_the_person_leaves(here: Town, console: ConsolePlace) -> None:
    """Ctrl-D at an empty line ends the reading."""
    app = console.app
    console.pty.type(CTRL_C)
    await console.pty.sees("Ctrl-D leaves; /help says")
    console.pty.type(CTRL_D)
    await asyncio.wait_for(app.left.wait(), 10)
