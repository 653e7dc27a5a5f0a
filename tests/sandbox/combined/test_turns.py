"""Parley's log lines become turns on the page and readable lines in the terminal."""

from __future__ import annotations

import json
from typing import Any

from sandbox.combined.turns import KEPT, TurnLog

AT = "2026-11-24T01:02:03.456789Z"


def line(action: str, turn: int = 1, **more: Any) -> str:
    """As Parley writes it."""
    said = {"action": action, "turn": turn, "event": "something", "level": "info", "timestamp": AT, "logger": "x"}
    return json.dumps(said | more)


def test_a_turn_from_its_event_to_its_end() -> None:
    """Each line moves the turn on, and the page is told each time."""
    told: list[Any] = []
    log = TurnLog(told.append)
    place = "slack:T1:C1:1.2"
    log.read(line("engine.accepted", conversation=place, kind="mention", result="Accepted"))
    log.read(line("worker.claimed", attempt=2))
    log.read(line("engine.posted", position=0))
    log.read(line("model.answered", seconds=1.5))
    log.read(line("engine.ended", state="done", reason="stop", prompt_tokens=3, completion_tokens=4, cost="0.1 USD"))
    states = [one["turn"]["state"] for one in told]
    assert states == ["waiting", "running", "streaming", "answered", "done"]
    last = told[-1]["turn"]
    assert (last["conversation"], last["kind"], last["attempt"]) == (place, "mention", 2)
    assert (last["prompt_tokens"], last["completion_tokens"], last["cost"]) == (3, 4, "0.1 USD")
    assert [step["action"] for step in last["steps"]][-1] == "engine.ended"


def test_lines_are_readable_whatever_they_are() -> None:
    """Time, level, event, action, the rest; a traceback below; what is no JSON stays as it is."""
    log = TurnLog(lambda _: None)
    assert (
        log.read(line("worker.claimed", attempt=1))
        == "01:02:03 info    something action=worker.claimed turn=1 attempt=1"
    )
    assert log.read("Traceback (most recent call last):") == "Traceback (most recent call last):"
    assert log.read('["a", "list"]') == '["a", "list"]'
    assert log.read(json.dumps({"event": "broke", "exception": "Traceback\n  x"})).endswith("broke\nTraceback\n  x")
    assert not log.all()[1:]


def test_it_does_not_grow_for_ever() -> None:
    """The oldest turns are forgotten."""
    log = TurnLog(lambda _: None)
    for number in range(KEPT + 10):
        log.read(line("worker.claimed", turn=number))
    assert [one["turn"]["id"] for one in log.all()] == list(range(10, KEPT + 10))
