"""`/tutor remind`: yes, when, and no more."""

from __future__ import annotations

from core.commands.tutoring.learning import Learning
from core.incoming import Incoming
from core.interaction import Answer
from core.privacy import Place
from core.tutoring.reminding import Wishes, read_hours

QUIET = "tutor.quiet"
OFF = "I do not remind you of anything. `/tutor remind 17-20` changes that, with hours of your own."
STOPPED = "No more reminders. `/tutor remind 17-20` brings them back."
ON = "When something is due for review, I write to you once a day at most, between {hours} ({zone})."


class Reminding:
    """The wishes of learners."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def call(self, incoming: Incoming) -> Answer:
        """The wish is kept, or told."""
        direct = await self._learning.direct(incoming)
        store, person, place = self._learning.store, incoming.author.id, Place.of(direct.key).whole
        said = incoming.options.get("when", "").strip().lower()
        wishes = await store.reminder_wishes(place, person)
        if not said:
            return Answer(text=_told(wishes))
        if said in ("off", "no", "never", "stop"):
            await store.set_reminders(place, person, on=False)
            return Answer(text=STOPPED)
        try:
            hours = wishes.hours if said in ("on", "yes") else read_hours(said)
        except ValueError as error:
            return Answer(text=str(error))
        names = await self._learning.outlets[incoming.key.platform].names(incoming.key, person=incoming.author)
        await store.set_reminders(place, person, on=True, hours=str(hours), zone=names.time_zone, target=direct.target)
        return Answer(text=ON.format(hours=str(hours), zone=names.time_zone))

    async def quiet(self, incoming: Incoming) -> Answer:
        """The button under a reminder was pressed."""
        place = await self._learning.place(incoming)
        await self._learning.store.set_reminders(place, incoming.author.id, on=False)
        return Answer(text=STOPPED)


def _told(wishes: Wishes) -> str:
    return ON.format(hours=str(wishes.hours), zone=wishes.zone) if wishes.on else OFF
