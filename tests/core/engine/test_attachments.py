"""Files on their way into a model's question: read once, within bounds, and never in the way of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from core import attachments
from core.context import divide, size
from core.conversation import ImagePart, Message
from core.documents import Picture, ReadText, Unreadable
from core.errors import PostGone, SurfaceUnavailable
from core.incoming import Attachment
from core.store import Store
from tests.core.engine.conftest import PERSONA, THREAD, House
from tests.doubles import LetterCounter, RecordingSurface, Script, ScriptedModel

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class ScriptedReader:
    """Reads everything as UTF-8, when its gate is open."""

    began: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event | None = None

    async def read(self, content: bytes, *, name: str, media_type: str, most: int) -> ReadText:
        self.began.set()
        if self.gate is not None:
            await self.gate.wait()
        text = content.decode()
        return ReadText(text=text[:most], cut="" if len(text) <= most else "the end was left out")

    async def picture(self, content: bytes) -> Picture:
        if content == PNG:
            raise Unreadable("it is damaged.")
        return Picture(url=f"data:image/png;base64,{content[8:].decode()}", width=320, height=320)


class FlakySurface(RecordingSurface):
    """Counts what is fetched, and fails as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.broken: list[Exception] = []

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        self.fetched.append(attachment.id)
        if self.broken:
            raise self.broken.pop(0)
        return await super().fetch(attachment, most=most)


@dataclass
class Office(House):
    """A house where people send files."""

    surface: FlakySurface = field(default_factory=FlakySurface)
    reader: ScriptedReader = field(default_factory=ScriptedReader)

    async def send(self, text: str, *files: bytes, kind: str = "text/plain") -> None:
        """A person sends these files."""
        sent = []
        for content in files:
            number = f"F{len(self.surface.uploads) + 1}"
            self.surface.uploads[number] = content
            name = f"{number}.txt"
            sent.append(Attachment(id=number, name=name, media_type=kind, size=len(content), url=""))
        await self.reception.receive(replace(self.incoming(text), attachments=tuple(sent)))

    def given(self) -> list[Message]:
        """What the model was asked last, without what it is told about itself."""
        return list(self.model.requests[-1].messages[1:])

    @property
    def notice(self) -> str:
        """What stands under the newest answer."""
        return self.surface.visible[-1].notice


def pictures(message: Message) -> list[str]:
    """Those that the model was given with it."""
    return [part.url for part in message.parts if isinstance(part, ImagePart)]


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    """A process that is up."""
    office = Office(store)
    office.start()
    yield office
    await office.stop()


async def test_a_file_is_read_once(office: Office) -> None:
    """Later questions find it in the conversation."""
    await office.send("one", b"Otters.")
    await office.ended()
    await office.say("two")
    await office.ended(2)
    assert "Otters." in office.given()[0].text
    assert office.surface.fetched == ["F1"]


async def test_a_process_that_takes_over_does_not_read_again(store: Store) -> None:
    """What was read is stored before the model is asked."""
    surface, reader = FlakySurface(), ScriptedReader()
    first = Office(store, surface=surface, reader=reader, owner="w1")
    never = asyncio.Event()
    first.play(Script(steps=[never]))
    first.start()
    await first.send("one", b"Otters.")
    await first.model.asked(1)
    await first.worker.drain(0)  # hands over
    second = Office(store, surface=surface, reader=reader, owner="w2")
    second.start()
    await second.ended()
    assert "Otters." in second.given()[0].text
    assert surface.fetched == ["F1"]
    await second.stop()
    await first.stop()


async def test_what_is_asked_fits_the_window(store: Store) -> None:
    """However long the files are, with what was said before (law 4); short files are whole."""
    house = Office(store, model=ScriptedModel(window=2_000))
    house.start()
    await house.say("hello " * 100)
    await house.ended()
    await house.send("read", b"short one", b"x" * 90_000, b"y" * 90_000)
    await house.ended(2)
    room = divide(2_000, PERSONA, summary_tokens=0, counter=LetterCounter()).history
    text = house.given()[-1].text
    assert "short one" in text
    assert 400 < text.count("x") < 4_000
    assert abs(text.count("x") - text.count("y")) < 200
    counted = sum(LetterCounter().count(message.text) + 4 for message in house.given())
    assert counted <= size(house.given(), LetterCounter()) <= room
    assert "F2.txt`: " in house.notice
    await house.stop()


async def test_a_file_for_which_there_is_no_room_is_said_so(store: Store) -> None:
    """And the question is answered."""
    house = Office(store, model=ScriptedModel(window=600))
    house.start()
    await house.send("a" * 1_200, b"x" * 9_000)
    await house.ended()
    assert "I did not read `F1.txt`: there is no room left" in house.notice
    await house.stop()


async def test_a_file_that_is_gone_is_said_so(office: Office) -> None:
    """Once, without a second try."""
    office.surface.broken = [PostGone("file")]
    await office.send("read", b"Otters.")
    await office.ended()
    assert office.notice == "I did not read `F1.txt`: it is not there any more."
    assert office.surface.fetched == ["F1"]


async def test_sound_and_films_are_not_fetched(office: Office) -> None:
    """They are named, and why nothing came of them."""
    await office.send("listen", b"RIFF", kind="audio/wav")
    await office.ended()
    assert office.notice == "I did not read `F1.txt`: I cannot listen to sound or watch films."
    assert office.surface.fetched == []


async def test_a_platform_that_is_busy_is_asked_again(office: Office) -> None:
    """After a moment; and where that fails too, with the next question about it."""
    office.surface.broken = [SurfaceUnavailable("file")]
    await office.send("read", b"Otters.")
    await office.ended()
    assert (office.notice, office.surface.fetched) == ("", ["F1", "F1"])
    office.surface.broken = [SurfaceUnavailable("file"), SurfaceUnavailable("file")]
    await office.send("read", b"Fish.")
    await office.ended(2)
    assert office.notice == "I did not read `F2.txt`: it could not be fetched. Asking again may help."


async def test_what_takes_too_long_is_left_out(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question is answered without it."""
    monkeypatch.setattr(attachments, "WITHIN", 0.05)
    office.reader.gate = asyncio.Event()
    await office.send("read", b"Otters.")
    await office.ended()
    assert "it took too long" in office.notice
    assert "it took too long" in office.given()[-1].text


async def test_stopping_ends_the_reading(office: Office) -> None:
    """Nobody waits for a file that nobody wants any more."""
    office.reader.gate = asyncio.Event()
    await office.send("read", b"Otters.")
    await asyncio.wait_for(office.reader.began.wait(), 20)
    turn = await office.store.open_turn(THREAD)
    assert turn is not None
    await office.press("stop", turn.id)
    await office.idle()
    assert office.model.requests == []


async def test_pictures_are_shown_and_counted(office: Office) -> None:
    """Each where it stands in the message, and at most so many of them."""
    files = [PNG + str(n).encode() for n in range(6)]
    await office.send("look", *files, kind="image/png")
    await office.ended()
    shown = office.given()[-1]
    assert pictures(shown) == [f"data:image/png;base64,{n}" for n in range(2, 6)]
    assert shown.text.count("This picture is not shown to you") == 2
    assert shown.tokens is not None
    assert shown.tokens >= 4 * attachments.picture_tokens(Picture(url="", width=320, height=320))
    assert office.notice == "The answer was made without `F1.txt`, `F2.txt`: there was no room for them."


async def test_older_pictures_are_shown_again_without_being_fetched(office: Office) -> None:
    """For some minutes; the newest first where there are many."""
    for n in range(5):
        await office.send("look", PNG + str(n).encode(), kind="image/png")
        await office.ended(n + 1)
    asked = [message for message in office.given() if message.author_id]
    assert [len(pictures(message)) for message in asked] == [0, 1, 1, 1, 1]
    assert len(office.surface.fetched) == 5


async def test_a_model_that_does_not_see_is_given_none(office: Office) -> None:
    """Nor are they fetched; when one that sees answers later, they are."""
    office.blind.add(PERSONA.model)
    await office.send("look", PNG + b"0", kind="image/png")
    await office.ended()
    assert (pictures(office.given()[-1]), office.surface.fetched) == ([], [])
    assert "cannot look at pictures" in office.notice
    office.blind.clear()
    await office.say("and now?")
    await office.ended(2)
    assert pictures(office.given()[0]) == ["data:image/png;base64,0"]
    assert office.notice == ""


async def test_a_broken_picture_is_said_so(office: Office) -> None:
    """Whatever it is called and said to be, its bytes tell that it is one."""
    await office.send("look", PNG)
    await office.ended()
    assert office.notice == "I did not read `F1.txt`: it is damaged."
