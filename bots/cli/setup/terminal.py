"""Talking to whoever sits at the terminal: questions with the present value as the default, secrets unseen.

What is said never holds a secret that was asked for here.
"""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Iterable, Sequence
from getpass import getpass
from typing import TypeVar

import typer

from bots import credentials, logs
from bots.cli.examination import Finding, seen

SKIP = "skip"
Known = TypeVar("Known")


class Skipped(Exception):
    """The person leaves this part as it was."""


class Terminal:
    """One conversation. Every question raises typer.Abort where it is interrupted."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = {secret for secret in secrets if secret}

    def hide(self, *secrets: str) -> None:
        """These are never said from now on."""
        self._secrets.update(secret for secret in secrets if secret)

    def say(self, text: str = "") -> None:
        """A line, or several."""
        typer.echo(logs.Redaction(self._secrets).text(text))

    def heading(self, text: str) -> None:
        """A new part begins."""
        self.say(f"\n── {text} ──")

    def tell(self, finding: Finding) -> None:
        """As the doctor tells it."""
        self.say(f"{'✓' if finding.ok else '✗'} {finding.name}{f': {finding.problem}' if finding.problem else ''}")
        if not finding.ok and finding.fix:
            self.say(f"    → {finding.fix}")

    def yes(self, question: str, *, default: bool = True) -> bool:
        """Whether the person agrees."""
        return typer.confirm(question, default=default)

    def text(self, question: str, *, default: str = "") -> str:
        """One line; Enter takes the default, which may be empty. Raises Skipped."""
        return _taken(str(typer.prompt(question, default=default, show_default=bool(default))))

    def secret(self, question: str, *, present: str = "") -> str:
        """One line that the terminal does not show; Enter keeps the present one. Raises Skipped."""
        kept = f" [{credentials.tail(present)}]" if present else ""
        try:
            # Not typer's prompt, which asks before it has switched the echo off.
            return credentials.cleaned(_taken(getpass(f"{question}{kept}: "))) or present
        except EOFError:
            raise typer.Abort from None

    def choice(self, question: str, options: Sequence[str], *, default: str) -> str:
        """One of those words, or its beginning. Raises Skipped."""
        while True:
            given = self.text(f"{question} ({', '.join(options)})", default=default).lower()
            found = [option for option in options if option.startswith(given)] if given else []
            if len(found) == 1 or given in found:
                return given if given in found else found[0]
            self.say(f"Please answer with one of: {', '.join(options)}.")

    def opened(self, link: str) -> bool:
        """Whether the person wanted the link in a browser, and there is one."""
        return _has_browser() and self.yes("Open it in the browser now?") and webbrowser.open(link)

    def looked(self, look: Callable[[], Awaitable[Sequence[Finding]]]) -> tuple[Finding, ...]:
        """What was found, told, and looked at anew as often as the person wants while something is wrong."""
        while True:
            found = self.found(look)
            if all(finding.ok for finding in found) or not self.yes("Look again?"):
                return found

    def found(self, look: Callable[[], Awaitable[Sequence[Finding]]]) -> tuple[Finding, ...]:
        """What was found, told."""
        found = tuple(run(lambda: seen("this", look())))
        for finding in found:
            self.tell(finding)
        return found


def _has_browser() -> bool:
    """Not where this is a server: a browser in the terminal would take it over."""
    on_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    try:
        return on_screen and bool(webbrowser.get())
    except webbrowser.Error:
        return False


def run(work: Callable[[], Awaitable[Known]]) -> Known:
    """What comes of it. Each look has a loop of its own: the questions between them wait for a person."""

    async def awaited() -> Known:
        return await work()

    return asyncio.run(awaited())


def _taken(given: str) -> str:
    given = given.strip()
    if given.lower() == SKIP:
        raise Skipped
    return given
