"""The terminal with a person before it: the line that is typed stays at the bottom, growing replies are redrawn above
it in place, and what is whole moves up into the terminal's own history. Drawn by prompt_toolkit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.application.current import set_app
from prompt_toolkit.completion import Completer, DummyCompleter
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output

from adapters.console.completing import Commands
from adapters.console.drawing import clean, drawn
from adapters.console.screen import Interrupted, Question, Suggest
from adapters.console.shown import Shown
from core.conversation import ConversationKey

_DIM, _BOLD, _OFF = "\x1b[2m", "\x1b[1m", "\x1b[0m"
_KEPT_ROWS = 5
"""Rows below a growing reply: the line that is typed, its menu and the status."""
_HINT = "Ctrl-D leaves; /help says what can be done."
_SEVERAL = "Esc, then Enter, ends it"


class PromptScreen:
    """A terminal that can be drawn on. `source` and `out` are those of the process unless given."""

    def __init__(self, *, source: Input | None = None, out: Output | None = None) -> None:
        self._live: dict[str, str] = {}
        """Growing messages as they are drawn now."""
        self._printed: dict[str, str] = {}
        self._doing: dict[ConversationKey, str] = {}
        self._label = ""
        self._interrupted: Callable[[], bool] = lambda: False
        self._completer: Completer = DummyCompleter()
        self._asking = False
        self._session: PromptSession[str] = PromptSession(
            input=source, output=out, erase_when_done=True, key_bindings=self._keys(), bottom_toolbar=self._toolbar
        )
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._printing = asyncio.create_task(self._print_all(), name="console output")

    # ── what is seen ──

    def draw(self, shown: Shown) -> None:
        """See Screen."""
        if shown.growing:
            self._live[shown.id] = drawn(shown, self._columns())
            self._session.app.invalidate()
            return
        self._live.pop(shown.id, None)
        text = drawn(shown, self._columns())
        if self._printed.get(shown.id) != text:
            self._printed[shown.id] = text
            self._lines.put_nowait(f"{text}\n")
        self._session.app.invalidate()

    def forget(self, message: str) -> None:
        """See Screen."""
        self._live.pop(message, None)
        self._session.app.invalidate()

    def status(self, key: ConversationKey, words: str) -> None:
        """See Screen."""
        if words:
            self._doing[key] = clean(words)
        else:
            self._doing.pop(key, None)
        self._session.app.invalidate()

    def note(self, text: str) -> None:
        """See Screen."""
        self._lines.put_nowait(f"{_DIM}{clean(text)}{_OFF}")

    # ── what is read ──

    async def read(self, label: str) -> str | None:
        """See Screen."""
        self._label = f"{label} › "
        self._session.multiline = False
        self._session.completer = self._completer
        try:
            line = await self._session.prompt_async(self._message, handle_sigint=False)
        except EOFError:
            return None
        self._lines.put_nowait(f"{_BOLD}{self._label}{_OFF}{clean(line)}")
        return line

    async def ask(self, question: Question) -> str:
        """See Screen."""
        self._label = f"{question.label}{f' ({_SEVERAL})' if question.several_lines else ''}: "
        self._session.multiline = question.several_lines
        self._session.completer = DummyCompleter()
        self._asking = True
        try:
            line = await self._session.prompt_async(self._message, default=question.default, handle_sigint=False)
        except EOFError:
            raise Interrupted from None
        finally:
            self._asking = False
        self._lines.put_nowait(f"{_DIM}{question.label}:{_OFF} {clean(line)}")
        return line

    def on_interrupt(self, told: Callable[[], bool]) -> None:
        """See Screen."""
        self._interrupted = told

    def suggest(self, suggested: Suggest) -> None:
        """See Screen."""
        self._completer = Commands(suggested)

    async def close(self) -> None:
        """See Screen."""
        self._lines.put_nowait(None)
        await self._printing

    # ── inside ──

    def _message(self) -> ANSI:
        rows = max(3, self._session.output.get_size().rows - _KEPT_ROWS)
        lines = [line for text in self._live.values() for line in text.split("\n")]
        above = "\n".join(lines[-rows:])
        return ANSI(f"{above}\n{_BOLD}{self._label}{_OFF}" if above else f"{_BOLD}{self._label}{_OFF}")

    def _toolbar(self) -> str:
        return " · ".join(["/help", "Ctrl-C stops", "Ctrl-D leaves", *dict.fromkeys(self._doing.values())])

    def _columns(self) -> int:
        return self._session.output.get_size().columns

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c")
        def interrupted(event: KeyPressEvent) -> None:
            if self._asking:
                event.app.exit(exception=EOFError)
            elif event.app.current_buffer.text:
                event.app.current_buffer.reset()
            elif not self._interrupted():
                self.note(_HINT)

        return keys

    async def _print_all(self) -> None:
        while (text := await self._lines.get()) is not None:
            if self._session.app.is_running:
                with set_app(self._session.app):
                    await run_in_terminal(lambda text=text: self._write(text))  # type: ignore[misc]
            else:
                self._write(text)

    def _write(self, text: str) -> None:
        out = self._session.output
        out.write_raw(text.replace("\n", "\r\n") + "\r\n")
        out.flush()
