"""`/forget`: people take back what they told Parley, and admins empty a channel.

Nothing goes before a person has read in private what will go and pressed a button. The button carries how far its
figures reached, so exactly what was shown goes, once, however often it is pressed; it opens nothing by itself: whose
it is and where it was pressed are looked at again. Erasing goes on in the background where it takes longer than a
person should wait for an answer (housekeeping.py), also when this process ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import structlog

from core.audit import entry
from core.commands.catalogue import FORGET
from core.commands.settings import CHANNEL_ADMINS_ONLY
from core.errors import StoreUnavailable
from core.incoming import Incoming
from core.interaction import Answer, Button, Style
from core.ports import Clock
from core.privacy import Holdings, Place, Reach
from core.store import Store

log = structlog.get_logger()

CONFIRM = "forget.confirm"
KEEP = "forget.keep"
PATIENCE = 1.0
"""Seconds that a person waits for all to be gone: platforms want an answer within three."""
NOTHING = "Nothing of that is stored."
GONE = "Nothing of that is stored any more."
KEPT = "Nothing was forgotten."
NOT_YOURS = "This button belongs to somebody else."
UNCLEAR = "I no longer know what this button was for. Please use `/forget` again."
AGAIN = (
    "My memory could not be reached, so I cannot say that all of it is gone. "
    "Please use `/forget` again in a moment: what is left will be shown."
)
NOT_HERE = "I take no part in a conversation here. `/forget here` is about the whole channel."


class Verb(StrEnum):
    """What is to be forgotten."""

    HERE = "here"
    THREAD = "thread"
    EVERYWHERE = "everywhere"
    CHANNEL = "channel"


_WHERE = {
    Verb.HERE: "in this channel",
    Verb.THREAD: "in this conversation",
    Verb.EVERYWHERE: "everywhere in this workspace",
    Verb.CHANNEL: "in this channel, of everybody",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """What a button carries."""

    verb: Verb
    through: int
    conversation: int | None
    person: str

    def __str__(self) -> str:
        return f"{self.verb.value}:{self.through}:{self.conversation or 0}:{self.person}"


def _token(value: str) -> _Token | None:
    verb, _, rest = value.partition(":")
    through, _, rest = rest.partition(":")
    conversation, _, person = rest.partition(":")
    if verb not in set(Verb) or not (_number(through) and _number(conversation) and person):
        return None
    return _Token(verb=Verb(verb), through=int(through), conversation=int(conversation) or None, person=person)


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


class ForgetCommand:
    """Forgetting, from the question to the answer."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def call(self, incoming: Incoming) -> Answer:
        """The person reads what would go, with a button to have it go. Nothing is gone yet."""
        verb = (incoming.command or "").partition(" ")[2]
        if verb not in set(Verb):
            return Answer(text=_usage())
        return await self._shown(Verb(verb), incoming)

    async def _shown(self, verb: Verb, incoming: Incoming) -> Answer:
        if verb is Verb.CHANNEL and not incoming.author.runs_channel:
            await self._refused(incoming)
            return Answer(text=CHANNEL_ADMINS_ONLY)
        number = await self._store.conversation_number(incoming.key) if verb is Verb.THREAD else None
        if verb is Verb.THREAD and number is None:
            return Answer(text=NOT_HERE)
        holdings = await self._store.holdings(_reach(verb, incoming, number))
        if not holdings:
            return Answer(text=NOTHING)
        token = _Token(verb=verb, through=holdings.through, conversation=number, person=incoming.author.id)
        return Answer(text=_question(verb, holdings, incoming), buttons=_buttons(token))

    async def pressed(self, incoming: Incoming) -> Answer:
        """What the button showed is gone, or is going."""
        token = _token(incoming.options.get("value", ""))
        if token is None:
            return Answer(text=UNCLEAR)
        if token.person != incoming.author.id:
            return Answer(text=NOT_YOURS)
        if incoming.text == KEEP:
            return Answer(text=KEPT, replaces=True)
        if incoming.text != CONFIRM:
            return Answer(text=UNCLEAR)
        if token.verb is Verb.CHANNEL and not incoming.author.runs_channel:
            await self._refused(incoming)
            return Answer(text=CHANNEL_ADMINS_ONLY)
        try:
            return await self._forgotten(token, incoming)
        except StoreUnavailable as error:
            log.error("cannot forget", action="forget.store_away", detail=error.detail)
            return Answer(text=AGAIN)

    async def _forgotten(self, token: _Token, incoming: Incoming) -> Answer:
        reach = _reach(token.verb, incoming, token.conversation)
        holdings = await self._store.holdings(reach, through=token.through)
        if not holdings:
            return Answer(text=GONE, replaces=True)
        by = entry(
            incoming,
            f"forget.{token.verb.value}",
            now=self._clock.now(),
            place=reach.place,
            messages=holdings.messages,
            answers=holdings.answers,
            notes=holdings.notes,
        )
        order = await self._store.order_erasure(reach, through=token.through, by=by, now=self._clock.now())
        done = await self._erase(order)
        log.info("forgetting", action="forget.ordered", order=order, verb=token.verb.value, done=done)
        return Answer(text=_told(token.verb, holdings, incoming, done=done), replaces=True)

    async def _erase(self, order: int) -> bool:
        until = self._clock.monotonic() + PATIENCE
        while True:
            progress = await self._store.erase(order, now=self._clock.now())
            if progress.done:
                await self._store.scrub()
                return True
            if not progress.erased or self._clock.monotonic() >= until:
                return False

    async def _refused(self, incoming: Incoming) -> None:
        now = self._clock.now()
        await self._store.record_audit(entry(incoming, "forget.channel", now=now, allowed=False))


def _reach(verb: Verb, incoming: Incoming, conversation: int | None) -> Reach:
    """Never beyond the workspace and, but for one verb, the channel in which somebody asks."""
    place = Place.of(incoming.key)
    match verb:
        case Verb.EVERYWHERE:
            return Reach(place=place.whole, person=incoming.author.id)
        case Verb.HERE:
            return Reach(place=place, person=incoming.author.id)
        case Verb.THREAD:
            return Reach(place=place, person=incoming.author.id, conversation=conversation)
        case Verb.CHANNEL:
            return Reach(place=place, person=None)


def _buttons(token: _Token) -> tuple[Button, ...]:
    return (
        Button(label="Forget", action=CONFIRM, value=str(token), style=Style.DANGER),
        Button(label="Keep", action=KEEP, value=str(token)),
    )


# ── sentences ──


def _usage() -> str:
    lines = [f"- `/forget {verb.name}`: {verb.summary}" for verb in FORGET.verbs]
    return "Say what I shall forget:\n" + "\n".join(lines)


def _question(verb: Verb, holdings: Holdings, incoming: Incoming) -> str:
    platform = incoming.key.platform.value.capitalize()
    lines = [
        "Answers that are being written for these messages stop.",
        f"What stands in {platform} stays there until it is deleted there.",
        "What remains are accounts of use (who, when, how many tokens, which model) without any words: "
        "limits and bills must add up.",
    ]
    if verb is not Verb.CHANNEL:
        lines.append("What others wrote, and the answers to them, are theirs and stay.")
    points = "\n".join(f"- {line}" for line in lines)
    return f"I would forget {_counted(verb, holdings)} {_WHERE[verb]}. This cannot be undone.\n\n{points}"


def _told(verb: Verb, holdings: Holdings, incoming: Incoming, *, done: bool) -> str:
    platform = incoming.key.platform.value.capitalize()
    what = f"{_counted(verb, holdings)} {_WHERE[verb]}"
    stays = f"What stands in {platform} stays there until it is deleted there."
    if done:
        return f"Forgotten: {what}. {stays}"
    return f"I am forgetting {what}. All of it will be gone in a few minutes, even if I am restarted. {stays}"


def _counted(verb: Verb, holdings: Holdings) -> str:
    whose = "" if verb is Verb.CHANNEL else "your "
    parts = [
        f"{whose}{_number_of(holdings.messages, 'message')}"
        if holdings.messages or not (holdings.notes or holdings.sessions)
        else "",
        f"{_number_of(holdings.answers, 'answer')} to them" if holdings.answers else "",
        f"{_number_of(holdings.summaries, 'summary', 'summaries')} that may repeat them" if holdings.summaries else "",
        f"{whose}{_number_of(holdings.notes, 'note')}" if holdings.notes else "",
        f"{whose}{_number_of(holdings.sessions, 'tutoring session')}" if holdings.sessions else "",
    ]
    said = [part for part in parts if part]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _number_of(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"
