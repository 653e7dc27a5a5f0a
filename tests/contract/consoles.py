"""A terminal as a person sees it, in the words of places.py: the real adapter on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from adapters.console.app import ConsoleApp
from adapters.console.places import Spot, is_direct
from adapters.console.prompting import PromptScreen
from adapters.console.shown import Shown as Drawn
from adapters.console.surface import ConsoleSurface
from adapters.console.terminal import Terminal
from bots.runtime import Runtime
from core.conversation import Platform
from tests.contract.places import PATIENCE, Does, Shown, Talk
from tests.ptys import CTRL_C, ENTER, Pty

LOOK = 0.02


class ConsolePlace:
    """A pseudo-terminal, and Parley drawing on it."""

    name = "console"
    does: frozenset[Does] = frozenset()

    def __init__(self) -> None:
        self.pty = Pty()
        self._folder = tempfile.TemporaryDirectory()
        self._app: ConsoleApp
        self._surface: ConsoleSurface | None = None
        self._past: list[Drawn] = []
        """What stood there before a restart."""
        self._spot = Spot(person="bob")
        self._typing = asyncio.Lock()

    def terminal(self) -> Terminal:
        """What Parley is given: as after a restart, the person goes on where they were."""
        screen = PromptScreen(source=self.pty.source, out=self.pty.out)
        return Terminal(screen=screen, spot=self._spot, folder=Path(self._folder.name))

    def joined(self, runtime: Runtime) -> None:
        """Parley runs."""
        app = runtime.apps[Platform.CONSOLE]
        assert isinstance(app, ConsoleApp)
        if self._surface is not None:
            self._past += self._surface.book.messages.values()
        self._app, self._surface = app, app.surface

    def close(self) -> None:
        """The terminal is gone."""
        self.pty.close()
        self._folder.cleanup()

    async def mention(self, person: str, text: str, *, channel: str = "general") -> Talk:
        async with self._typing:
            await self._enter(f"/channel {channel}")
            return await self._begun(text, channel)

    async def direct(self, person: str, text: str) -> Talk:
        await self._enter("/dm")
        await self._enter(text)
        return Talk(channel="dm", first="", direct=True)

    async def ask(self, person: str, text: str, *, channel: str = "general") -> Talk:
        await self._enter(f"/channel {channel}")
        before = set(self._messages)
        await self._enter(f"/ask {text}")
        await self.wait_for(lambda: bool(set(self._messages) - before))
        new = next(one for id, one in self._messages.items() if id not in before)
        return Talk(channel=channel, first=new.key.thread or "", asked=True)

    async def say(self, talk: Talk, person: str, text: str) -> str:
        await self._enter(text)
        return ""

    async def send_file(self, person: str, name: str) -> Talk:
        path = Path(self._folder.name) / name
        path.write_bytes(b"data")
        await self._enter("/dm")
        await self._enter(f"/attach {path}")
        await self._enter("")
        return Talk(channel="dm", first="", direct=True)

    async def press(self, talk: Talk, person: str, shown: Shown, label: str) -> None:
        if label == "Stop":
            self.pty.type(CTRL_C)
            return
        presses = self._messages[shown.id].presses
        await self._enter(f"/{next(number for number, one in presses.items() if one.label == label)}")

    def replies(self, talk: Talk) -> list[Shown]:
        found = [one for one in (*self._past, *self._messages.values()) if self._within(one, talk)]
        return [_shown(one) for one in found if one.answers and (one.text or one.notes)]

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - nobody tells of everything that is waited for
                await asyncio.sleep(LOOK)

    async def edit(self, talk: Talk, person: str, message: str, text: str) -> None:
        raise AssertionError(Does.CHANGES)

    async def delete(self, talk: Talk, person: str, message: str) -> None:
        raise AssertionError(Does.CHANGES)

    async def again(self) -> None:
        raise AssertionError(Does.DELIVERIES)

    def late(self) -> None:
        raise AssertionError(Does.DELIVERIES)

    def deliver(self) -> None:
        raise AssertionError(Does.DELIVERIES)

    def refusals(self) -> int:
        return 0

    def labels(self) -> dict[str, int]:
        """What can be pressed, and by which number."""
        return {one.label: number for shown in self._messages.values() for number, one in shown.presses.items()}

    @property
    def app(self) -> ConsoleApp:
        """The half that reads."""
        return self._app

    @property
    def _messages(self) -> dict[str, Drawn]:
        assert self._surface is not None
        return self._surface.book.messages

    async def _begun(self, text: str, channel: str) -> Talk:
        await self._enter(text)
        await self.wait_for(lambda: self._app.spot.thread is not None)
        self._spot = self._app.spot
        return Talk(channel=channel, first=self._app.spot.thread or "")

    async def _enter(self, line: str) -> None:
        """Typed, and taken: the app waits for the next line."""
        taken = self._app.taken
        if line:
            self.pty.paste(line)
        self.pty.type(ENTER)
        await self.wait_for(lambda: self._app.taken > taken)

    def _within(self, one: Drawn, talk: Talk) -> bool:
        return is_direct(one.key) if talk.direct else one.key.thread == talk.first


def _shown(one: Drawn) -> Shown:
    stop = ("Stop",) if one.growing else ()
    return Shown(
        id=one.id,
        text="\n".join([one.text, *one.notes]),
        buttons=(*stop, *(press.label for press in one.presses.values())),
        edits=0,
        pings=(),
    )
