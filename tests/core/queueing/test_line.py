"""The line before the model: everybody has their turn, in their own order, and nobody waits for another's crowd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.queueing import SHUT_MOST, Gate, Lane, Line, in_line

LANES = st.builds(Lane, workspace=st.sampled_from(["T1", "T2", "T3"]), person=st.sampled_from(["U1", "U2", "U3"]))
STEPS = st.lists(st.one_of(LANES, st.sampled_from(["take", "leave", "again"])), max_size=80)


def joined(*people: str, workspace: str = "T1") -> Line:
    """These people wait, one after the other."""
    line = Line()
    for number, person in enumerate(people):
        line.join(number, Lane(workspace=workspace, person=person))
    return line


@given(steps=STEPS)
def test_the_line_is_told_as_it_goes(steps: list[Lane | str]) -> None:
    """Whatever happens: the order that people are told is the one in which they are let through, each once, and each
    person's questions in the order in which they were asked."""
    line, waiting, number = Line(), dict[int, Lane](), 0
    for step in steps:
        if isinstance(step, Lane):
            number += 1
            waiting[number] = step
            line.join(number, step)
        elif step == "leave" and waiting:
            gone = min(waiting)
            line.leave(gone)
            del waiting[gone]
        else:
            before = list(line.order())
            taken = line.take()
            assert taken == (before[0] if before else None)
            if taken is None:
                continue
            lane = waiting.pop(taken)
            assert taken not in line
            assert all(other > taken for other, theirs in waiting.items() if theirs == lane)
            if step == "again":
                waiting[taken] = lane
                line.rejoin(taken, lane)
                assert next(line.order()) == taken
            else:
                assert list(line.order()) == before[1:]
        assert sorted(line.order()) == sorted(waiting)
        assert len(line) == len(waiting)


@given(lanes=st.lists(LANES, min_size=1, max_size=40), last=LANES)
def test_nobody_starves(lanes: list[Lane], last: Lane) -> None:
    """Whoever comes to a crowded line with a first question has as many before them, at most, as there are people in
    each workspace, whatever each of them has asked."""
    line = Line()
    crowd = [lane for lane in lanes if lane != last]
    for number, lane in enumerate(crowd):
        line.join(number, lane)
    line.join(-1, last)
    workspaces = {lane.workspace for lane in [*crowd, last]}
    people = {lane.person for lane in [*crowd, last] if lane.workspace == last.workspace}
    assert list(line.order()).index(-1) < len(workspaces) * len(people)


def test_fifty_questions_of_one_person() -> None:
    """Delay another person's by one."""
    line = joined(*["Bob"] * 50, "Ann", "Cleo")
    assert list(line.order())[:4] == [0, 50, 51, 1]


def test_the_gate() -> None:
    """Open until the provider says no; then shut as long as it says, and with each answer one more may ask."""
    gate = Gate()
    assert gate.lets(0.0)
    gate.refused(10.0, 5.0)
    assert not gate.lets(14.9)
    assert gate.lets(15.0)
    gate.asking = 1
    assert not gate.lets(15.0)
    gate.answered(crowded=True)
    assert gate.lets(15.0)
    gate.asking = 2
    assert not gate.lets(15.0)
    gate.answered(crowded=False)
    gate.asking = 100
    assert gate.lets(15.0)


def test_a_provider_that_does_not_say_how_long() -> None:
    """Is asked again after twice as long each time, up to a bound; an answer begins it anew."""
    gate, waits = Gate(), []
    for _ in range(8):
        now = gate.opens_at
        gate.refused(now, None)
        waits.append(gate.opens_at - now)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, SHUT_MOST, SHUT_MOST, SHUT_MOST]
    gate.answered(crowded=True)
    now = gate.opens_at
    gate.refused(now, None)
    assert gate.opens_at - now == 1.0


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_places_are_said_as_people_say_them(place: int, said: str) -> None:
    """First, second, third; eleventh."""
    assert f"{said} in line" in in_line(place)
