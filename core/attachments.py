"""The files of a turn's questions: read before the model is asked, stored as text, and said where they were not whole.

Once for each file: what was read is stored with the message and counted among its tokens, so that a restart, a
take-over and all later turns find it there. Pictures are not stored: those of the question, and of older ones the
newest few, are put into the request where the model sees; elsewhere a word stands for them. How one file is opened is
fetching.py's part, and what the model reads of it stands in reading.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.context import MESSAGE_OVERHEAD, divide, size
from core.conversation import ConversationKey, ImagePart, Message, Part, TextPart
from core.documents import Picture
from core.fetching import SLOW, Fetching, Found, unread
from core.incoming import Attachment
from core.persona import Persona
from core.ports import ChatModel, TokenCounter
from core.reading import NOT_SHOWN, PICTURE, ReadAs, Reading, notice, reading_tokens
from core.store import Enclosed, History, Store
from core.turn import Turn

FILES_MOST = 8
"""Read for one answer."""
PICTURES_MOST = 4
"""Shown to the model at once."""
WITHIN = 60.0
"""Seconds for all files of an answer."""
TOKENS_MOST = 60_000
"""Of all files of an answer, however large the window: they are paid for again with each further question."""
SHARE = 0.75
"""Of the room beside the question that its files may fill."""
SUMMARY_SHARE, SUMMARY_MOST = 4, 1_024
"""What a summary of older talk may take of the window (compaction.py)."""
CHARACTERS_MOST = 400_000
"""Asked of a reader."""
CHARACTERS_A_TOKEN = 8
"""Rather too many: what is over is cut by the count."""
PATCH, PATCH_TOKENS, PICTURE_TOKENS = 32, 1.2, 85
"""Newer models count pictures by patches of that many pixels a side (chat-completions.md, section 7)."""
TOO_MANY = f"I read at most {FILES_MOST} files for one answer."
NO_ROOM = "there is no room left for it in what the model can read at once."
BLIND = "This model cannot look at pictures, so it answered without them."


class Sight(Protocol):
    """Who knows whether a model looks at pictures."""

    def sees(self, model: str) -> bool:
        """As set, as its server told in a refusal, or by the model's name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The files of a turn's questions, read."""

    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """To be shown, by the attachments' ids."""
    tokens: int = 0
    """Of these pictures: they are not counted among the messages'."""
    notice: str = ""
    """What people should know of it; empty where all went well."""


NOTHING = Opened()


class Attachments:
    """Files on their way into a model's question."""

    def __init__(
        self, *, store: Store, model: ChatModel, sight: Sight, fetching: Fetching, counter: TokenCounter
    ) -> None:
        self._store = store
        self._model = model
        self._sight = sight
        self._fetching = fetching
        self._counter = counter

    async def opened(self, turn: Turn, persona: Persona) -> Opened:
        """What was not read yet of the turn's files is read and stored. Raises LeaseLost, StoreUnavailable."""
        enclosed = await self._store.enclosed(turn)
        if not any(one.attachments for one in enclosed):
            return NOTHING
        sees = self._sight.sees(persona.model)
        room = self._room(persona) - sum(one.tokens + MESSAGE_OVERHEAD for one in enclosed)
        found = await self._found(turn, enclosed, room=room, sees=sees)
        pictures = await self._pictures(turn, enclosed, found, room=room) if sees else {}
        tokens = sum(picture_tokens(picture) for picture in pictures.values())
        budget = min(TOKENS_MOST, int(max(0, room - tokens) * SHARE))
        new = await self._fitted({key: one.reading for key, one in found.items()}, budget)
        await self._record(turn, enclosed, new)
        readings = [reading for one in enclosed for reading in _readings(one, new)]
        return Opened(pictures=pictures, tokens=tokens, notice=notice(readings, sees=sees, shown=pictures))

    async def shown(
        self, messages: Sequence[Message], turn: Turn, opened: Opened, *, model: str, history: History, room: int
    ) -> list[Message]:
        """The messages with the pictures that there is room for, and a word in the place of others. `room` is what they
        may take in all."""
        named = [name for message in messages for name in _named(message)]
        if not named:
            return list(messages)
        pictures = dict(opened.pictures)
        if self._sight.sees(model):
            left = room - size(history.messages, self._counter) - opened.tokens
            pictures |= await self._older(turn, [name for name in named if name not in pictures], history, opened, left)
        return [_with(message, pictures) for message in messages]

    def notice(self, opened: Opened, model: str) -> str:
        """What is to stand under the answer, now that the model was asked: its server may just have told that it takes
        no pictures."""
        if opened.pictures and not self._sight.sees(model):
            return f"{opened.notice} {BLIND}".strip()
        return opened.notice

    # ── reading ──

    def _room(self, persona: Persona) -> int:
        window = self._model.window(persona.model)
        summary = min(SUMMARY_MOST, window // SUMMARY_SHARE)
        return divide(window, persona, summary_tokens=summary, counter=self._counter).history

    async def _found(self, turn: Turn, enclosed: Sequence[Enclosed], *, room: int, sees: bool) -> dict[str, Found]:
        """What was not read yet, by the attachments' ids."""
        waiting = [attachment for one in enclosed for attachment in _waiting(one)]
        found = {one.id: Found(reading=unread(one, TOO_MANY)) for one in waiting[FILES_MOST:]}
        most = min(CHARACTERS_MOST, max(0, room) * CHARACTERS_A_TOKEN)
        if not most:
            return {one.id: Found(reading=unread(one, NO_ROOM)) for one in waiting}
        tasks = {
            asyncio.create_task(self._fetching.found(turn.key, one, most=most, sees=sees)): one
            for one in waiting[:FILES_MOST]
        }
        if not tasks:
            return found
        try:
            await asyncio.wait(tasks, timeout=WITHIN)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task, one in tasks.items():
            late = task.cancelled()
            found[one.id] = Found(reading=unread(one, SLOW, passing=True)) if late else task.result()
        return found

    async def _fitted(self, readings: dict[str, Reading], budget: int) -> dict[str, Reading]:
        """Together no longer than that many tokens: short ones whole, and what they leave goes to the longer ones."""
        counts = {key: await self._count(reading.text) for key, reading in readings.items() if reading.text}
        fitted = dict(readings)
        for number, key in enumerate(sorted(counts, key=lambda key: counts[key])):
            share = budget // (len(counts) - number)
            if counts[key] > share:
                fitted[key] = await self._shortened(readings[key], share)
                budget -= share
            else:
                budget -= counts[key]
        return fitted

    async def _shortened(self, reading: Reading, most: int) -> Reading:
        text = await asyncio.to_thread(beginning, reading.text, most, self._counter)
        if not text:
            return replace(reading, kind=ReadAs.NOTHING, text="", mark="", cut="", problem=NO_ROOM)
        whole = f"{reading.cut}; of these the first {len(text):,}" if reading.cut else ""
        fits = whole or f"only the first {len(text):,} of its {len(reading.text):,} characters"
        return replace(reading, text=text, cut=f"{fits} fit what the model can read")

    async def _count(self, text: str) -> int:
        return await asyncio.to_thread(self._counter.count, text)

    async def _record(self, turn: Turn, enclosed: Sequence[Enclosed], new: Mapping[str, Reading]) -> None:
        for one in enclosed:
            counted = [
                replace(new[file.id], tokens=reading_tokens(new[file.id], file, self._counter))
                for file in one.attachments
                if file.id in new
            ]
            if counted:
                await self._store.record_readings(turn, one.message, counted)

    # ── pictures ──

    async def _pictures(
        self, turn: Turn, enclosed: Sequence[Enclosed], found: Mapping[str, Found], *, room: int
    ) -> dict[str, Picture]:
        """Those of the turn's own messages that are shown: the last ones, where there are too many."""
        new = {key: one.reading for key, one in found.items()}
        files = {file.id: file for one in enclosed for file in one.attachments}
        seen = [one.id for part in enclosed for one in _readings(part, new) if one.kind is ReadAs.PICTURE]
        known = {key: one.picture for key, one in found.items() if one.picture is not None}
        return await self._fitting(turn.key, [files[key] for key in reversed(seen)], PICTURES_MOST, room // 2, known)

    async def _older(
        self, turn: Turn, named: Sequence[str], history: History, opened: Opened, left: int
    ) -> dict[str, Picture]:
        most = PICTURES_MOST - len(opened.pictures)
        if not named or most <= 0:
            return {}
        files = await self._store.pictures(turn, since=history.oldest_seq, most=PICTURES_MOST)
        wanted = [file for file in files if file.id in named]
        return await self._fitting(turn.key, wanted, most, left, {})

    async def _fitting(
        self, key: ConversationKey, files: Iterable[Attachment], most: int, room: int, known: Mapping[str, Picture]
    ) -> dict[str, Picture]:
        """The first so many of these files that fit."""
        chosen: dict[str, Picture] = {}
        for file in list(files)[:most]:
            picture = known.get(file.id) or await self._fetching.picture(key, file)
            if picture is None or picture_tokens(picture) > room:
                continue
            room -= picture_tokens(picture)
            chosen[file.id] = picture
        return chosen


class Unopened:
    """Where nobody reads files: a word stands for each."""

    async def opened(self, _turn: Turn, _persona: Persona) -> Opened:
        """Nothing was read."""
        return NOTHING

    async def shown(
        self, messages: Sequence[Message], _turn: Turn, _opened: Opened, *, model: str, history: History, room: int
    ) -> list[Message]:
        """Without pictures."""
        return [_with(message, {}) for message in messages]

    def notice(self, _opened: Opened, _model: str) -> str:
        """The model knows what it did not get."""
        return ""


def _waiting(one: Enclosed) -> list[Attachment]:
    """Files that were not read, or not because of something that may have passed."""
    done = {reading.id for reading in one.readings if not reading.passing}
    return [attachment for attachment in one.attachments if attachment.id not in done]


def _readings(one: Enclosed, new: Mapping[str, Reading]) -> list[Reading]:
    """In the order of the files."""
    read = {**{reading.id: reading for reading in one.readings}, **new}
    return [read[attachment.id] for attachment in one.attachments if attachment.id in read]


def picture_tokens(picture: Picture) -> int:
    """What a model counts for it, about."""
    patches = -(-picture.width // PATCH) * -(-picture.height // PATCH)
    return PICTURE_TOKENS + int(patches * PATCH_TOKENS)


def beginning(text: str, most: int, counter: TokenCounter) -> str:
    """As much of the text's beginning as has no more tokens than that."""
    count = counter.count(text)
    while text and count > most:
        text = text[: int(len(text) * most / count * 0.98)]
        count = counter.count(text)
    return text


def _named(message: Message) -> list[str]:
    """The pictures that stand in it by name."""
    pictures = [part.url for part in message.parts if isinstance(part, ImagePart)]
    return [url.removeprefix(PICTURE) for url in pictures if url.startswith(PICTURE)]


def _with(message: Message, pictures: Mapping[str, Picture]) -> Message:
    """The message as it is sent, with what its pictures count."""
    names = _named(message)
    if not names:
        return message
    parts = tuple(_sent(part, pictures) for part in message.parts)
    more = sum(picture_tokens(pictures[name]) for name in names if name in pictures)
    return replace(message, parts=parts, tokens=None if message.tokens is None else message.tokens + more)


def _sent(part: Part, pictures: Mapping[str, Picture]) -> Part:
    if not isinstance(part, ImagePart) or not part.url.startswith(PICTURE):
        return part
    picture = pictures.get(part.url.removeprefix(PICTURE))
    return TextPart(text=NOT_SHOWN) if picture is None else ImagePart(url=picture.url)
