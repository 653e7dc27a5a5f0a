"""How a running turn is told to stop, to begin anew or to let go."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from core.control import Interruption, TurnControl
from core.turn import Signal


@pytest.mark.parametrize("order", list(itertools.permutations([*Interruption][1:], 3)))
def test_the_strongest_word_wins(order: tuple[Interruption, ...]) -> None:
    """Whatever the order in which they come, the strongest interruption stands."""
    control = TurnControl()
    for interruption in order:
        control.interrupt(interruption)
    assert control.interruption is max(order)


@pytest.mark.parametrize(
    ("signal", "interruption"), [(Signal.STOP, Interruption.STOP), (Signal.RESTART, Interruption.RESTART)]
)
def test_signals_of_people_are_interruptions(signal: Signal, interruption: Interruption) -> None:
    """What a person asked for through the database means the same here."""
    control = TurnControl()
    control.signal(signal)
    assert control.interruption is interruption


async def test_whoever_waits_hears_of_it() -> None:
    """The wait ends with the interruption, and so does one that begins afterwards."""
    control = TurnControl()
    waiting = asyncio.create_task(control.interrupted())
    await asyncio.sleep(0)
    assert not waiting.done()
    control.interrupt(Interruption.STOP)
    assert await waiting is Interruption.STOP
    assert await control.interrupted() is Interruption.STOP


async def test_an_obeyed_restart_is_forgotten() -> None:
    """The next wait goes on until something new comes, such as another restart."""
    control = TurnControl()
    control.signal(Signal.RESTART)
    control.restarted()
    assert control.interruption is Interruption.NONE
    waiting = asyncio.create_task(control.interrupted())
    await asyncio.sleep(0)
    assert not waiting.done()
    control.signal(Signal.RESTART)
    assert await waiting is Interruption.RESTART


@pytest.mark.parametrize("stronger", [Interruption.STOP, Interruption.HAND_OVER, Interruption.LOST])
async def test_obeying_a_restart_forgets_nothing_stronger(stronger: Interruption) -> None:
    """A stop that came while the restart was being obeyed still stands."""
    control = TurnControl()
    control.signal(Signal.RESTART)
    control.interrupt(stronger)
    control.restarted()
    assert await control.interrupted() is stronger
