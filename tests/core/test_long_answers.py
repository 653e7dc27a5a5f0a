"""An answer too long for the chat: its beginning stands there, and all of it in a file; or all of it in messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.enclosure import CAPTION
from core.errors import (
    LeaseLost,
    PostGone,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
)
from core.page import IN_THE_FILE, TO_COME
from core.ports import Control, Ending, SurfaceLimits
from core.reply import FILE_TRIES
from core.splitting import split
from core.turn import Lease, MessageRef
from tests.core.replies import ENDING, FREE, Scene, StrictSurface, scene, settled, turn
from tests.core.test_reply_laws import GrowingSurface, chunks, numbered
from tests.doubles import START, FastClock, ManualClock

LONG = numbered([5] * 100)
NEEDS = len(split(LONG, limit=100, measure=len))


def said(place: Scene) -> list[str]:
    """What the messages without a file show."""
    return [
        shown.draft.text
        for name, shown in place.surface.posts.items()
        if name not in place.surface.files and not shown.deleted
    ]


def files(place: Scene) -> list[str]:
    """What the files hold that people see."""
    return [text for name, text in place.surface.files.items() if not place.surface.posts[name].deleted]


async def test_the_chat_shows_the_beginning_and_a_file_all() -> None:
    """While it is written the answer stops at its last message with a line that says why; at its end the file follows
    once, and what stands under an answer stands there. The file's message is recorded like any other."""
    place = scene(length=100, most=3)
    reply = place.reply()
    for piece in chunks(LONG, [7]):
        reply.add(piece)
        await settled()
    assert len(place.surface.posts) == 3
    growing = place.surface.visible[-1]
    assert (growing.notice, growing.controls) == (TO_COME, (Control.STOP,))
    written = sum(len(shown.drafts) for shown in place.surface.posts.values())
    reply.add(" and more")
    await settled()
    assert sum(len(shown.drafts) for shown in place.surface.posts.values()) == written
    await reply.finish(ENDING)
    last = place.surface.visible[2]
    assert (last.notice, last.controls) == (f"{IN_THE_FILE} {ENDING.notice}", ENDING.controls)
    assert last.text == growing.text
    assert place.texts[3:] == [CAPTION]
    assert files(place) == [LONG + " and more"]
    assert (LONG + " and more").startswith(" ".join(said(place)))
    assert sorted(place.record.posts) == [0, 1, 2, 3]
    assert reply.text == LONG + " and more"


async def test_an_answer_that_just_fits_has_no_file() -> None:
    """The number is what the chat shows at most, and to reach it is not too much."""
    place = scene(length=100, most=NEEDS)
    reply = place.reply()
    reply.add(LONG)
    await reply.finish(ENDING)
    assert len(place.texts) == NEEDS
    assert place.words() == LONG.split()
    assert files(place) == []


async def test_an_answer_that_comes_at_once_is_sent_the_same_way() -> None:
    """The file follows the beginning, also where nothing was shown before the end."""
    place = scene(length=100, most=2)
    reply = place.reply()
    reply.add(LONG)
    await reply.finish(Ending())
    assert len(said(place)) == 2
    assert list(place.surface.posts)[2] in place.surface.files
    assert place.surface.visible[1].notice == IN_THE_FILE


@pytest.mark.parametrize("refusal", [SurfaceForbidden("missing_scope"), PostTooLong("413")])
async def test_a_refused_file_becomes_messages(refusal: SurfaceError) -> None:
    """All of the text is posted, each word once, and no line speaks of a file."""
    place = scene(length=100, most=2)
    place.surface.file_failures.append(refusal)
    reply = place.reply()
    for piece in chunks(LONG, [50]):
        reply.add(piece)
        await settled()
    await reply.finish(ENDING)
    assert place.words() == LONG.split()
    assert files(place) == []
    assert [draft.notice for draft in place.surface.visible if draft.notice] == [ENDING.notice]
    assert all(Control.STOP not in draft.controls for draft in place.surface.visible)


async def test_a_busy_platform_gets_the_file_later() -> None:
    """What waiting mends is waited for; the message that was posted although its answer was lost is found again."""
    surface = StrictSurface(limits=SurfaceLimits(length=100), budget=FREE)
    place = Scene(surface=surface, clock=FastClock(speed=10_000), most=2)
    surface.file_failures.extend([SurfaceBusy("429", retry_after=5.0), SurfaceUnavailable("500")])
    surface.lose_files = 1
    reply = place.reply()
    reply.add(LONG)
    await reply.finish(Ending())
    assert files(place) == [LONG]
    assert place.texts.count(CAPTION) == 1


async def test_a_platform_without_its_file_host_gets_messages() -> None:
    """After some tries nobody waits for the file any longer."""
    surface = StrictSurface(limits=SurfaceLimits(length=100), budget=FREE)
    place = Scene(surface=surface, clock=FastClock(speed=10_000), most=2)
    surface.file_failures.extend([SurfaceUnavailable("503")] * FILE_TRIES)
    reply = place.reply()
    reply.add(LONG)
    await reply.finish(Ending())
    assert not surface.file_failures
    assert place.words() == LONG.split()


# ── another attempt, another answer ──


def recorded(place: Scene) -> list[str]:
    """The names of the reply's messages."""
    return [place.record.posts[position].message for position in sorted(place.record.posts)]


async def test_another_process_replaces_the_file_of_the_one_that_died() -> None:
    """Its answer is another one, and so is the file, in the same message."""
    place = scene(length=100, most=2)
    first = place.reply()
    first.add(LONG)
    await first.finish(Ending())
    second = place.reply(turn(*recorded(place), attempt=2))
    second.add(LONG.upper())
    await second.finish(Ending())
    assert files(place) == [LONG.upper()]
    assert [shown.deleted for shown in place.surface.posts.values()] == [False] * 3


async def test_a_file_that_was_sent_but_not_recorded_is_found() -> None:
    """The process died between the two: the file is found by its key, and holds the new answer."""
    place = scene(length=100, most=2)
    first = place.reply()
    first.add(LONG)
    await first.finish(Ending())
    begun = replace(turn(*recorded(place)[:2], attempt=2), lease=Lease(owner="b", until=START, number=2))
    second = place.reply(begun)
    second.add(LONG.upper())
    await second.finish(Ending())
    assert files(place) == [LONG.upper()]
    assert place.texts.count(CAPTION) == 1


async def test_a_shorter_answer_takes_the_file_away() -> None:
    """Neither its message nor the file is left below the new answer."""
    place = scene(length=100, most=2)
    first = place.reply()
    first.add(LONG)
    await first.finish(Ending())
    second = place.reply(turn(*recorded(place), attempt=2))
    second.add("Short.")
    await second.finish(Ending())
    assert place.texts == ["Short."]
    assert place.surface.files == {}
    assert sorted(place.record.posts) == [0]


async def test_where_a_new_file_is_refused_the_old_one_goes() -> None:
    """Its message takes the text that goes on, in order."""
    place = scene(length=100, most=2)
    first = place.reply()
    first.add(LONG)
    await first.finish(Ending())
    place.surface.file_failures.append(SurfaceForbidden("missing_scope"))
    second = place.reply(turn(*recorded(place), attempt=2))
    second.add(LONG.upper())
    await second.finish(Ending())
    assert place.surface.files == {}
    assert place.words() == LONG.upper().split()


async def test_a_deleted_file_is_sent_anew() -> None:
    """Somebody took the message away meanwhile."""
    place = scene(length=100, most=2)
    first = place.reply()
    first.add(LONG)
    await first.finish(Ending())
    place.surface.posts[recorded(place)[2]].deleted = True
    second = place.reply(turn(*recorded(place), attempt=2))
    second.add(LONG)
    await second.finish(Ending())
    assert files(place) == [LONG]
    assert place.texts.count(CAPTION) == 1


async def test_a_reply_that_is_given_up_sends_no_file() -> None:
    """It is the next owner's affair."""
    place = scene(length=100, most=2)
    reply = place.reply()
    reply.add(LONG)
    await settled()
    await reply.abandon()
    assert files(place) == []


async def test_a_lost_lease_keeps_the_file_unsent() -> None:
    """Whoever lost the turn before the first message was recorded sends nothing more."""
    place = scene(length=100, most=1)
    place.record.lost = True
    reply = place.reply()
    reply.add(LONG)
    with pytest.raises(LeaseLost):
        await reply.finish(Ending())
    assert files(place) == []


# ── beside threads of our own ──


async def test_the_file_stands_in_the_thread_that_we_made() -> None:
    """Where the question had no thread, the file goes into the one of the answer."""

    class Rooted(StrictSurface):
        async def open(self, *args: object, **more: object) -> MessageRef:
            return replace(await super().open(*args, **more), root="9.5")  # type: ignore[arg-type]  # passed on as given

    place = Scene(surface=Rooted(limits=SurfaceLimits(length=100), budget=FREE), clock=ManualClock(), most=1)
    reply = place.reply()
    reply.add(LONG)
    await reply.finish(Ending())
    (name,) = place.surface.files
    assert place.surface.posts[name].target.key.thread == "9.5"


# ── whatever happens ──

FAULTS = st.sampled_from(
    [None, None, SurfaceBusy("429", retry_after=0.5), SurfaceUnavailable("500"), PostGone("x"), SurfaceForbidden("x")]
)
WORDS = st.lists(st.integers(1, 14), min_size=1, max_size=150)


@settings(max_examples=80, deadline=None)
@given(
    WORDS,
    st.lists(st.integers(1, 90), min_size=1, max_size=8),
    st.integers(1, 4),
    st.lists(FAULTS, max_size=FILE_TRIES),
    st.integers(0, 2),
    st.lists(st.booleans(), min_size=1, max_size=5),
)
@example([1] * 28 + [12] + [14] * 5, [1], 1, [None, PostGone("x")], 1, [False])
async def test_the_text_is_there_whole(
    lengths: list[int],
    sizes: list[int],
    most: int,
    faults: Sequence[SurfaceError | None],
    lost: int,
    rests: list[bool],
) -> None:
    """Either the chat shows the model's words, each once; or it shows their beginning in as many messages as it may,
    and one file holds the text to the letter."""
    text = numbered(lengths)
    surface = StrictSurface(limits=SurfaceLimits(length=200), budget=FREE)
    surface.file_failures.extend(faults)
    surface.lose_files = lost
    place = Scene(surface=surface, clock=FastClock(speed=100_000), most=most)
    reply = place.reply()
    for number, piece in enumerate(chunks(text, sizes)):
        reply.add(piece)
        if rests[number % len(rests)]:
            await settled()
            assert len(surface.posts) <= most
    await reply.finish(ENDING)
    _whole(place, text, most)
    assert all(Control.STOP not in draft.controls for draft in surface.visible)


def _whole(place: Scene, text: str, most: int) -> None:
    """A file whose sending seemed to fail may stand there although the chat has taken all of the text since."""
    shown = " ".join(" ".join(said(place)).replace(f"*{TO_COME}*", "").split())
    if place.surface.files:
        assert files(place) == [text]
    if letters(shown) != letters(text):
        assert place.surface.files
        assert len(said(place)) == most
        assert letters(text).startswith(letters(shown))


def letters(text: str) -> str:
    """Without the blanks at which it may have been cut."""
    return "".join(text.split())


@settings(max_examples=60, deadline=None)
@given(WORDS, st.lists(st.integers(1, 90), min_size=1, max_size=8), st.integers(1, 4))
async def test_where_messages_only_grow(lengths: list[int], sizes: list[int], most: int) -> None:
    """The line that says that a file comes is added to the text, nothing is taken back, and the file is there."""
    text, clock = numbered(lengths), ManualClock()
    place = Scene(surface=GrowingSurface(clock, length=200), clock=clock, most=most)
    reply = place.reply()
    for piece in chunks(text, sizes):
        reply.add(piece)
        await settled()
    await reply.finish(ENDING)
    _whole(place, text, most)
    assert all(shown.finished for name, shown in place.surface.posts.items() if name not in place.surface.files)
