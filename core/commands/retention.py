"""`/retention`: admins see and set for how long things are kept, in a channel and in the workspace."""

from __future__ import annotations

from core.audit import entry
from core.commands.catalogue import RETENTION
from core.commands.settings import ADMINS_ONLY, CHANNEL_ADMINS_ONLY
from core.incoming import Incoming
from core.interaction import Answer
from core.ports import Clock
from core.privacy import DEFAULT_AGES, FOR_EVER, Ages, Kept, Place
from core.store import Store

LONGEST = 36_500
"""Days: a hundred years."""
EVER = frozenset({"forever", "ever", "0"})
INHERITED = frozenset({"default", "inherit", "-"})
WHERE = ("here", "workspace")
_KINDS = {
    Kept.CONVERSATIONS: "what was asked and answered",
    Kept.NOTES: "notes that people had me keep",
    Kept.TUTORING: "tutoring sessions, with what was asked and answered in them",
    Kept.USAGE: "accounts of tokens used",
    Kept.AUDIT: "the log of what admins did",
}


class RetentionCommand:
    """Ages, seen and set from the chat. `ages` hold where nobody has set others."""

    def __init__(self, store: Store, clock: Clock, ages: Ages = DEFAULT_AGES) -> None:
        self._store = store
        self._clock = clock
        self._ages = ages.within(DEFAULT_AGES)

    async def call(self, incoming: Incoming) -> Answer:
        """The ages are shown, or one is set and all are shown."""
        match (incoming.command or "").partition(" ")[2]:
            case "show" | "" if not incoming.options:
                return await self._shown(incoming)
            case "set":
                return await self._set(incoming)
            case _:
                return Answer(text=f"Write it so: `{RETENTION.usage}`.")

    async def _set(self, incoming: Incoming) -> Answer:
        options = incoming.options
        what, said, where = options.get("what", ""), options.get("days", ""), options.get("where", "here")
        place = Place.of(incoming.key) if where != "workspace" else Place.of(incoming.key).whole
        if not (incoming.author.admin if where == "workspace" else incoming.author.runs_channel):
            refused = entry(incoming, "retention.set", now=self._clock.now(), allowed=False, place=place)
            await self._store.record_audit(refused)
            return Answer(text=ADMINS_ONLY if where == "workspace" else CHANNEL_ADMINS_ONLY)
        if what not in set(Kept):
            return Answer(text=f"I keep {', '.join(f'`{kept}`' for kept in Kept)}: name one of them.")
        if where not in WHERE:
            return Answer(text="Say `here` for this channel or `workspace` for all channels.")
        days = read_days(said)
        if isinstance(days, str):
            return Answer(text=days)
        await self._change(incoming, place, Kept(what), days)
        return await self._shown(incoming)

    async def _change(self, incoming: Incoming, place: Place, kept: Kept, days: int | None) -> None:
        now = self._clock.now()
        before = (await self._store.ages(place)).of(kept)
        by = entry(incoming, "retention.set", now=now, subject=kept.value, place=place, before=before, after=days)
        await self._store.set_age(place, kept, days, by=by, now=now)

    async def _shown(self, incoming: Incoming) -> Answer:
        here = Place.of(incoming.key)
        channel, workspace = await self._store.ages(here), await self._store.ages(here.whole)
        lines = [_line(kept, channel, workspace, self._ages) for kept in Kept]
        return Answer(
            text="How long I keep things in this channel:\n" + "\n".join(lines) + "\n\n"
            "What is older is deleted within a few hours. An admin changes it with `/retention set conversations 30`, "
            "for all channels with `workspace` behind it; `forever` and `default` are ages too."
        )


def _line(kept: Kept, channel: Ages, workspace: Ages, operator: Ages) -> str:
    days = channel.within(workspace).within(operator).of(kept)
    if channel.of(kept) is not None:
        source = "set for this channel"
    elif workspace.of(kept) is not None:
        source = "set for the workspace"
    else:
        source = "set by my operator"
    return f"- `{kept.value}` ({_KINDS[kept]}): {_age(days)}, {source}"


def _age(days: int | None) -> str:
    if days is None or days == FOR_EVER:
        return "for ever"
    return f"{days} day{'' if days == 1 else 's'}"


def read_days(said: str) -> int | str | None:
    """The age that was meant; None for the wider place's; or a sentence that says what would have been right."""
    word = said.strip().lower()
    if word in EVER:
        return FOR_EVER
    if word in INHERITED:
        return None
    if word.isascii() and word.isdecimal() and len(word) < 6 and 1 <= int(word) <= LONGEST:
        return int(word)
    return f"An age is a number of days from 1 to {LONGEST}, `forever`, or `default` for what holds around it."
