"""`/link` and `/unlink`: one person on several platforms, with one quota. How it is counted: store/links.py."""

from __future__ import annotations

from core.audit import entry
from core.incoming import Incoming
from core.interaction import Answer
from core.linking import LIVES, LinkEnd, code_hash, new_code
from core.ports import Clock
from core.privacy import Place
from core.store import Store

MINUTES = int(LIVES.total_seconds() // 60)
SHOWN = (
    "Your code is `{code}`. Use `/link` with it where you are known too, such as on the other platform, within "
    f"{MINUTES} minutes; it works once. From then on all that you use counts together. Show it to nobody: whoever "
    "enters it shares your limits."
)
_ENDS = {
    LinkEnd.DONE: "You are linked: what you use in both places counts together now. `/unlink` undoes it.",
    LinkEnd.UNKNOWN: "I do not know this code, or not any more. `/link` shows a new one.",
    LinkEnd.OWN: "This is your own code. Enter it where you are known too, such as on the other platform.",
    LinkEnd.ALREADY: "You are linked to others in both places already. Use `/unlink` in one of them first.",
    LinkEnd.BUSY: "I am still writing an answer for you. Please try again when it is there.",
    LinkEnd.TOO_MANY: "These were too many wrong codes. Please try again in an hour.",
}
_UNDONE = {
    LinkEnd.DONE: "You are no longer linked: what you use here counts by itself.",
    LinkEnd.UNKNOWN: "You are not linked to anybody.",
    LinkEnd.BUSY: _ENDS[LinkEnd.BUSY],
}


class LinkCommand:
    """Links people to themselves."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def link(self, incoming: Incoming) -> Answer:
        """A code, or what came of entering one."""
        place, now, typed = Place.of(incoming.key).whole, self._clock.now(), incoming.options.get("code", "").strip()
        if not typed:
            code = new_code()
            await self._store.show_link_code(place, incoming.author, code_hash(code), now=now)
            return Answer(text=SHOWN.format(code=code))
        end = await self._store.enter_link_code(place, incoming.author, code_hash(typed), now=now)
        await self._record(incoming, "link.enter", end)
        return Answer(text=_ENDS[end])

    async def unlink(self, incoming: Incoming) -> Answer:
        """The person counts by themselves again."""
        end = await self._store.unlink(Place.of(incoming.key).whole, incoming.author)
        await self._record(incoming, "link.undo", end)
        return Answer(text=_UNDONE[end])

    async def _record(self, incoming: Incoming, action: str, end: LinkEnd) -> None:
        """The log says who tried, and what came of it; no code."""
        place = Place.of(incoming.key).whole
        tried = entry(incoming, action, now=self._clock.now(), allowed=end is LinkEnd.DONE, place=place, end=end.value)
        await self._store.record_audit(tried)
