"""What was read of files is kept with its message: counted, told, edited and forgotten with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation import ImagePart, Message
from core.errors import LeaseLost
from core.incoming import Attachment, Incoming
from core.privacy import Place, Reach
from core.reading import PICTURE, ReadAs, Reading
from core.store import Amended, NotOurs, Store
from core.turn import Turn
from tests.core.store.scene import (
    ANNA,
    DONE,
    KEY,
    LATER,
    MINUTE,
    NOW,
    Worker,
    accept,
    assistant,
    deleted,
    edited,
    said,
    texts,
)


def file(name: str, kind: str = "text/plain") -> Attachment:
    """A file that came with a message."""
    return Attachment(id=name, name=f"{name}.txt", media_type=kind, size=9, url=f"https://files.invalid/{name}")


def read(name: str, text: str = "Otters.", *, tokens: int = 7) -> Reading:
    """What was read of it."""
    return Reading(
        id=name, name=f"{name}.txt", media_type="text/plain", kind=ReadAs.TEXT, text=text, mark="ab12", tokens=tokens
    )


async def asked(store: Store, *names: str, text: str = "hello") -> Incoming:
    """A question with files is stored."""
    incoming = said(text, attachments=tuple(file(name) for name in names))
    await accept(store, incoming)
    return incoming


async def message(store: Store, turn: Turn) -> Message:
    """The turn's only one."""
    (found,) = (await store.history(turn, room=10_000)).messages
    return found


async def test_a_message_tells_its_files_before_they_are_read(store: Store, worker: Worker) -> None:
    """So a file that nobody came to read is not left out in silence."""
    await asked(store, "F1", text="")
    assert await texts(store, await worker.claimed()) == ['[Attached file "F1.txt", type "text/plain", was not read]']


async def test_what_was_read_stands_after_the_words(store: Store, worker: Worker) -> None:
    """And is counted among the message's tokens."""
    await asked(store, "F1", "F2")
    turn = await worker.claimed()
    (one,) = await store.enclosed(turn)
    assert [attachment.id for attachment in one.attachments] == ["F1", "F2"]
    assert (one.readings, one.tokens) == ((), 5)
    assert await store.record_readings(turn, one.message, [read("F2", "Fish.", tokens=3), read("F1")])
    found = await message(store, turn)
    assert found.text.startswith("hello\n\n<<<file ab12")
    assert found.text.index("Otters.") < found.text.index("Fish.")
    assert found.tokens == 5 + 7 + 3
    (one,) = await store.enclosed(turn)
    assert {reading.id for reading in one.readings} == {"F1", "F2"}


async def test_what_is_read_anew_takes_the_place_of_what_was(store: Store, worker: Worker) -> None:
    """It counts once."""
    await asked(store, "F1", "F2")
    turn = await worker.claimed()
    (one,) = await store.enclosed(turn)
    await store.record_readings(turn, one.message, [read("F1"), read("F2")])
    await store.record_readings(turn, one.message, [read("F1", "Fish.", tokens=1)])
    found = await message(store, turn)
    assert (found.text.count("Otters."), found.text.count("Fish."), found.tokens) == (1, 1, 5 + 1 + 7)


async def test_who_lost_the_turn_records_nothing(store: Store, worker: Worker) -> None:
    """Its next owner reads by itself."""
    await asked(store, "F1")
    turn = await worker.claimed()
    (one,) = await store.enclosed(turn)
    other = await store.claim([KEY.platform], "w2", now=LATER, until=LATER + MINUTE)
    assert other is not None
    with pytest.raises(LeaseLost):
        await store.record_readings(turn, one.message, [read("F1")])
    assert "Otters." not in (await message(store, other)).text


async def test_what_was_deleted_meanwhile_stays_deleted(store: Store, worker: Worker) -> None:
    """Whoever still reads its file changes nothing."""
    incoming = await asked(store, "F1")
    await accept(store, said("more"))
    turn = await worker.claimed()
    first, _ = await store.enclosed(turn)
    await store.retract(deleted(incoming), now=NOW)
    assert not await store.record_readings(turn, first.message, [read("F1")])
    assert await texts(store, turn) == ["more"]


async def test_an_edit_keeps_what_was_read(store: Store, worker: Worker) -> None:
    """The new words, the same file, and the tokens of both; a newly signed address changes nothing."""
    incoming = await asked(store, "F1")
    turn = await worker.claimed()
    (one,) = await store.enclosed(turn)
    await store.record_readings(turn, one.message, [read("F1")])
    anew = tuple(replace(attachment, url="https://files.invalid/new") for attachment in incoming.attachments)
    unchanged = replace(edited(incoming, "hello"), attachments=anew)
    assert await store.amend(unchanged, tokens=5, now=NOW) == NotOurs()
    assert isinstance(await store.amend(edited(incoming, "changed"), tokens=6, now=NOW), Amended)
    found = await message(store, turn)
    assert found.text.startswith("changed\n\n<<<file")
    assert found.tokens == 6 + 7


async def test_a_file_that_is_taken_out_is_forgotten(store: Store, worker: Worker) -> None:
    """What was read of it goes with it, and the rest stays."""
    incoming = await asked(store, "F1", "F2")
    turn = await worker.claimed()
    (one,) = await store.enclosed(turn)
    await store.record_readings(turn, one.message, [read("F1"), read("F2", "Fish.", tokens=3)])
    left = replace(edited(incoming, "hello"), attachments=incoming.attachments[1:])
    assert isinstance(await store.amend(left, tokens=4, now=NOW), Amended)
    found = await message(store, turn)
    assert "Otters." not in found.text
    assert "Fish." in found.text
    assert found.tokens == 4 + 3
    (one,) = await store.enclosed(turn)
    assert [attachment.id for attachment in one.attachments] == ["F2"]


async def test_pictures_are_found_again(store: Store, worker: Worker) -> None:
    """The newest first, of the turns that are asked for, and nothing but pictures."""
    for name in ("F1", "F2", "F3"):
        await accept(store, said(attachments=(file(name, "image/png"), file(f"{name}-text"))))
        turn = await worker.claimed()
        (one,) = await store.enclosed(turn)
        picture = replace(read(name), kind=ReadAs.PICTURE, text="", mark="")
        await store.record_readings(turn, one.message, [picture, read(f"{name}-text")])
        await _ended(store, turn)
    await accept(store, said("and now?"))
    turn = await worker.claimed()
    assert [one.id for one in await store.pictures(turn, since=1, most=4)] == ["F3", "F2", "F1"]
    assert [one.id for one in await store.pictures(turn, since=1, most=2)] == ["F3", "F2"]
    assert [one.id for one in await store.pictures(turn, since=3, most=4)] == ["F3"]
    parts = [part for one in (await store.history(turn, room=9_999)).messages for part in one.parts]
    pictures = [part.url for part in parts if isinstance(part, ImagePart)]
    assert pictures == [f"{PICTURE}F1", f"{PICTURE}F2", f"{PICTURE}F3"]


async def _ended(store: Store, turn: Turn) -> None:
    await store.finish(turn, DONE, [assistant()], now=NOW)


async def test_mydata_tells_what_was_read(store: Store, worker: Worker) -> None:
    """Name, text and what was left out; the person's words alone are their text."""
    await asked(store, "F1")
    turn = await worker.claimed()
    (one,) = await store.enclosed(turn)
    await store.record_readings(turn, one.message, [replace(read("F1"), cut="page 2 was left out")])
    reach = Reach(place=Place.of(KEY).whole, person=ANNA.id)
    (told,) = [entry async for kind, entry in store.told(reach) if kind == "exchanges"]
    assert told["messages"][0]["text"] == "hello"
    assert told["messages"][0]["read"] == [
        {"name": "F1.txt", "text": "Otters.", "cut": "page 2 was left out", "problem": ""}
    ]
