"""A terminal shows what the other places show: the real adapter on a real pseudo-terminal, seen through an emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.chat_completions.script import Answer, Failure, Stall
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.contract.conftest import Town, opened_town
from tests.contract.consoles import ConsolePlace
from tests.contract.places import Talk
from tests.ptys import CLEAR, CTRL_C, CTRL_D, ENTER, SEVERAL_END


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


async def typed(console: ConsolePlace, line: str) -> None:
    """A line, and Enter."""
    console.pty.paste(line)
    console.pty.type(ENTER)


async def test_a_refused_form_comes_back_with_its_reason(here: Town, console: ConsolePlace) -> None:
    """Who wrote something that cannot be saved reads why, and is asked again."""
    await typed(console, "/persona create Pirate")
    for label, words in (("Name: Pirate", ""), ("Description:", "One"), ("Prompt (", "You are {boss}."), ("file", "")):
        await console.pty.sees(label)
        console.pty.paste(words)
        console.pty.type(SEVERAL_END if label == "Prompt (" else ENTER)
    await console.pty.sees("Welcome line (")
    console.pty.type(SEVERAL_END)
    await console.pty.sees("nothing is known of {boss}")
    await console.pty.until(lambda: console.pty.text.count("New persona (Ctrl-C leaves it)") == 2)


async def test_what_was_decided_cannot_be_pressed_again(here: Town, console: ConsolePlace) -> None:
    """A confirmation is used up by its answer."""
    await here.answered(await console.mention("bob", "remember this"))
    await here.recorded()
    await typed(console, "/forget everywhere")
    await console.wait_for(lambda: "Forget" in console.labels())
    number = console.labels()["Forget"]
    await typed(console, f"/{number}")
    await console.pty.sees("Forgotten: your 1 message")
    await typed(console, f"/{number}")
    await console.pty.sees(f"Nothing has the number {number}.")


async def test_commands_are_proposed_while_one_types(here: Town, console: ConsolePlace) -> None:
    """Names with what they do, then verbs with theirs, then the values that an option takes."""
    console.pty.type("/per")
    await console.pty.sees("Assistants of your own")
    console.pty.type("sona hist")
    await console.pty.sees("Who changed a persona when")
    console.pty.type(f"{CLEAR}/quota set 1 t")
    await console.pty.sees("tokens")


async def test_a_button_of_direct_messages_is_pressed_from_a_channel(here: Town, console: ConsolePlace) -> None:
    """Where a conversation is decides what it is, not where the person sits meanwhile."""
    await here.answered(await console.direct("bob", "hello"))
    seen = len(here.model.requests)
    await typed(console, "/channel general")
    (reply,) = console.replies(Talk(channel="dm", first="", direct=True))
    assert reply.settled
    here.model.script(Failure(status=401, body={"error": {"message": "bad key", "code": "invalid_api_key"}}))
    talk = await console.direct("bob", "and again")
    failed = (await here.answered(talk, 2))[-1]
    await typed(console, "/channel general")
    await console.press(talk, "bob", failed, "Try again")
    await here.model.wait_for(lambda requests: len(requests) == seen + 2, within=20)
