"""Who asks the model next, while its provider limits us: a fair line, and a gate that it stands at.

`Line` and `Gate` only decide: they are told the time, neither wait nor call. Turns stand in line by workspace and,
within it, by person, and are let through turn and turn about: fifty questions of one person delay another's by one. The
gate is open until the provider says that it has enough; then it is shut for as long as the provider asks for, lets one
through to try, and with each answer one more. Telling people where they stand is reply.py's part, waiting waiting.py's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

SHUT_LEAST, SHUT_MOST = 1.0, 30.0
"""Seconds that the gate is shut where the provider does not say how long: doubled with each refusal in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Whose question it is."""

    workspace: str
    person: str


class Line:
    """Those who wait. Numbers are names of turns."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, deque[int]]] = {}
        """By workspace and person; the one at the front is served next, and goes to the back."""
        self._lanes: dict[int, Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    def __contains__(self, number: int) -> bool:
        return number in self._lanes

    def join(self, number: int, lane: Lane) -> None:
        """It waits after the person's other questions."""
        self._lanes[number] = lane
        self._waiting.setdefault(lane.workspace, {}).setdefault(lane.person, deque()).append(number)

    def rejoin(self, number: int, lane: Lane) -> None:
        """It was let through in vain, and is the next one again."""
        self._lanes[number] = lane
        people = self._waiting.pop(lane.workspace, {})
        questions = people.pop(lane.person, deque())
        questions.appendleft(number)
        self._waiting = {lane.workspace: {lane.person: questions, **people}, **self._waiting}

    def leave(self, number: int) -> None:
        """It waits no more, if it did."""
        lane = self._lanes.pop(number, None)
        if lane is not None:
            people = self._waiting[lane.workspace]
            people[lane.person].remove(number)
            self._tidy(lane)

    def take(self) -> int | None:
        """The next one, which waits no more; none where nobody waits."""
        number = next(self.order(), None)
        if number is None:
            return None
        lane = self._lanes.pop(number)
        people = self._waiting.pop(lane.workspace)
        questions = people.pop(lane.person)
        questions.popleft()
        people[lane.person] = questions
        self._waiting[lane.workspace] = people
        self._tidy(lane)
        return number

    def order(self) -> Iterator[int]:
        """All in the order in which they will be let through, if nobody joins or leaves."""
        workspaces = deque(deque(map(deque, people.values())) for people in self._waiting.values())
        while workspaces:
            people = workspaces.popleft()
            questions = people.popleft()
            yield questions.popleft()
            if questions:
                people.append(questions)
            if people:
                workspaces.append(people)

    def _tidy(self, lane: Lane) -> None:
        """Whoever waits for nothing has no place."""
        people = self._waiting[lane.workspace]
        if not people[lane.person]:
            del people[lane.person]
        if not people:
            del self._waiting[lane.workspace]


@dataclass(slots=True)
class Gate:
    """How many may ask, and from when on. Times are monotonic seconds."""

    asking: int = 0
    opens_at: float = 0.0
    _most: int | None = None
    """May ask at once; None while nobody limits us."""
    _refusals: int = field(default=0)

    def lets(self, now: float) -> bool:
        """Whether one more may ask."""
        return self._most is None or (now >= self.opens_at and self.asking < self._most)

    def answered(self, *, crowded: bool) -> None:
        """The provider has begun to answer one: one more may try. With nobody left in line it is open again."""
        self._refusals = 0
        if self._most is not None:
            self._most = self._most + 1 if crowded else None

    def refused(self, now: float, retry_after: float | None) -> None:
        """The provider has enough, for so many seconds where it says so."""
        told = retry_after if retry_after is not None else min(SHUT_LEAST * 2.0**self._refusals, SHUT_MOST)
        self._refusals += 1
        self._most = 1
        self.opens_at = max(self.opens_at, now + told)


def in_line(place: int) -> str:
    """What who waits there is told: "You are 3rd in line"."""
    tens, units = divmod(place, 10)
    ending = "th" if tens % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(units, "th")
    return f"The model is busy. You are {place}{ending} in line…"
