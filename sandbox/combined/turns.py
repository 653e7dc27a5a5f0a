"""What Parley's own log says of its turns, for the page; and each line as a person reads it in the terminal.

Parley writes JSON lines when it is told to. They carry no one's words and no secret, so the page may show them.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]
KEPT = 60
"""Turns remembered for a page that is opened later."""
_STATES = {
    "engine.accepted": "waiting",
    "worker.claimed": "running",
    "engine.posted": "streaming",
    "model.answered": "answered",
    "engine.let_go": "let go",
    "engine.lease_lost": "lost",
}
_SHOWN = ("reason", "error", "detail", "tool", "limit", "used", "why", "seconds", "result")
_ORDER = ("timestamp", "level", "event", "action")


@dataclass(slots=True, kw_only=True)
class TurnSeen:
    """One turn, as far as the log tells of it."""

    id: int
    conversation: str = ""
    kind: str = ""
    state: str = "waiting"
    attempt: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: str = ""
    reason: str = ""
    steps: list[Json] = field(default_factory=list)
    """What happened to it, in order: `at`, `action`, and what else the line said."""


class TurnLog:
    """Reads Parley's lines. Those about a turn are told to the page; all are given back as text."""

    def __init__(self, tell: Callable[[Json], None]) -> None:
        self._tell = tell
        self._turns: OrderedDict[int, TurnSeen] = OrderedDict()

    def read(self, line: str) -> str:
        """The line as a person reads it; one that is no JSON stays as it is."""
        try:
            said = json.loads(line)
        except ValueError:
            return line
        if not isinstance(said, dict):
            return line
        if isinstance(said.get("turn"), int) and isinstance(said.get("action"), str):
            self._happened(said["turn"], said["action"], said)
        return as_text(said)

    def all(self) -> list[Json]:
        """Every turn remembered, the oldest first."""
        return [_told(turn) for turn in self._turns.values()]

    def _happened(self, id: int, action: str, said: Json) -> None:
        turn = self._turns.setdefault(id, TurnSeen(id=id))
        while len(self._turns) > KEPT:
            self._turns.popitem(last=False)
        turn.conversation = str(said.get("conversation") or turn.conversation)
        turn.kind = str(said.get("kind") or turn.kind)
        turn.attempt = int(said.get("attempt") or turn.attempt)
        turn.state = _STATES.get(action, turn.state)
        if action == "engine.ended":
            turn.state, turn.reason = str(said.get("state", "ended")), str(said.get("reason") or "")
            turn.prompt_tokens, turn.completion_tokens = said.get("prompt_tokens"), said.get("completion_tokens")
            turn.cost = str(said.get("cost") or "")
        details = {name: said[name] for name in _SHOWN if said.get(name) not in (None, "")}
        turn.steps.append({"at": said.get("timestamp", ""), "action": action, **details})
        self._tell(_told(turn))


def _told(turn: TurnSeen) -> Json:
    return {"type": "turn", "turn": asdict(turn)}


def as_text(said: Json) -> str:
    """`time level event action=… other=…`, and a traceback below."""
    trace = said.get("exception")
    rest = [f"{name}={value}" for name, value in said.items() if name not in (*_ORDER, "exception", "logger")]
    head = f"{str(said.get('timestamp', ''))[11:19]} {said.get('level', ''):<7} {said.get('event', '')}"
    action = [f"action={said['action']}"] if "action" in said else []
    return " ".join([head, *action, *rest]) + (f"\n{trace}" if trace else "")
