"""Asking for a secret until it is the right one, accepted by the platform, or kept in spite of what was found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bots import credentials
from bots.cli.examination import Finding
from bots.cli.setup.draft import Draft
from bots.cli.setup.terminal import Terminal

Look = Callable[[str], Awaitable[Sequence[Finding]]]
"""What the platform says with that secret: first of the secret itself, then of what depends on it."""


def asked(terminal: Terminal, draft: Draft, setting: str, question: str, look: Look | None = None) -> str:
    """The secret that the setting shall have; it stands in the draft. Raises Skipped."""
    present = draft.get(setting)
    while True:
        secret = terminal.secret(question, present=present)
        if wrong := _unfit(setting, secret):
            terminal.say(f"✗ {wrong}")
            continue
        terminal.hide(secret)
        if look is None or _accepted(terminal, setting, secret, look):
            draft.set(setting, secret)
            return secret
        present = secret


def _unfit(setting: str, secret: str) -> str:
    if not secret:
        return f"Nothing was entered. {credentials.found_at(setting)}"
    return credentials.misplaced(setting, secret)


def _accepted(terminal: Terminal, setting: str, secret: str, look: Look) -> bool:
    first, *rest = terminal.found(lambda: look(secret))
    if not first.ok:
        if hint := credentials.resembled(setting, secret):
            terminal.say(f"    → {hint}")
        return terminal.yes("Keep it all the same?", default=False)
    if not all(finding.ok for finding in rest) and terminal.yes("Mend that now, and look again?"):
        terminal.looked(lambda: look(secret))
    return True
