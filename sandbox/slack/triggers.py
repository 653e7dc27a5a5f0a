"""Trigger ids: the right to open a modal, given with a command or a press, good for three seconds and one use."""

from collections.abc import Callable

from sandbox.slack.identity import Ids
from sandbox.slack.values import ApiError
from sandbox.slack.world import Person

TRIGGER_SECONDS = 3.0


class Triggers:
    """Every trigger id handed out."""

    def __init__(self, ids: Ids, now: Callable[[], float]) -> None:
        self._ids = ids
        self._now = now
        self._issued: dict[str, tuple[Person, float]] = {}
        self._used: set[str] = set()

    def issue(self, person: Person) -> str:
        trigger = f"{self._ids.numbered('')}.{self._ids.numbered('')}.sandbox"
        self._issued[trigger] = (person, self._now())
        return trigger

    def exchange(self, trigger: str) -> Person:
        """Whose screen it opens; the trigger is used up. An ApiError when it is unknown, used or too old."""
        if trigger not in self._issued:
            raise ApiError("invalid_trigger_id")
        if trigger in self._used:
            raise ApiError("exchanged_trigger_id")
        person, at = self._issued[trigger]
        if self._now() - at > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        self._used.add(trigger)
        return person
