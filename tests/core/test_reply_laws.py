"""A reply is seen once and whole whatever the platform does, also where messages can only grow."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import (
    PostGone,
    PostSealed,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceUnavailable,
)
from core.incoming import ReplyTarget
from core.ports import Clock, Control, Draft, Ending, SurfaceLimits
from core.reply import TRIES
from core.turn import MessageRef
from tests.core.replies import ENDING, FREE, Scene, StrictSurface, pass_time, settled
from tests.doubles import FastClock, ManualClock


class GrowingSurface(StrictSurface):
    """Text can only be added to a message, and only for as long as it lives."""

    def __init__(self, clock: Clock, *, length: int = 300, lifetime: float | None = None) -> None:
        super().__init__(limits=SurfaceLimits(length=length, grows=True, lifetime=lifetime), budget=FREE)
        self._clock = clock
        self._born: dict[str, float] = {}

    async def _show(self, name: str, draft: Draft) -> None:
        shown = self.posts[name]
        if shown.drafts:
            before = shown.draft.text.rstrip()
            assert not shown.finished, "a finished message was written to"
            assert draft.text.startswith(before), f"{before!r} became {draft.text!r}"
        born = self._born.setdefault(name, self._clock.monotonic())
        lifetime = self._limits.lifetime
        if lifetime is not None and self._clock.monotonic() - born > lifetime and draft.text != shown.draft.text:
            shown.finished = True  # by the platform
            raise PostSealed(name)
        await super()._show(name, draft)


# ── whatever the platform does ──


class FaultySurface(StrictSurface):
    """Fails as it is told, and what fails may have taken effect all the same."""

    def __init__(self, faults: Sequence[tuple[SurfaceError | None, bool]], *, length: int) -> None:
        super().__init__(limits=SurfaceLimits(length=length), budget=FREE)
        self._faults = list(faults)

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        error, effect = self._next()
        if isinstance(error, PostGone):
            error = None  # there is nothing yet to be gone
        if error is not None and not effect:
            raise error
        ref = await super().open(target, draft, key=key, seek=seek)
        if error is not None:
            raise error
        return ref

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        error, effect = self._next()
        if isinstance(error, PostGone):
            self.posts[ref.message].deleted = True
        if error is None or effect:
            await super().edit(target, ref, draft)
        if error is not None:
            raise error

    def _next(self) -> tuple[SurfaceError | None, bool]:
        return self._faults.pop(0) if self._faults else (None, False)


GOOD: tuple[SurfaceError | None, bool] = (None, False)
FAULTS = st.sampled_from(
    [
        GOOD,
        GOOD,
        (SurfaceBusy("429", retry_after=0.5), False),
        (SurfaceBusy("429"), False),
        (SurfaceUnavailable("500"), False),
        (SurfaceUnavailable("reset"), True),
        (PostGone("deleted"), False),
    ]
)
TOO_LONG: tuple[SurfaceError | None, bool] = (PostTooLong("counted otherwise"), False)
WORDS = st.lists(st.integers(1, 14), min_size=1, max_size=120)


def numbered(lengths: Sequence[int]) -> str:
    """Words that differ, so that a lost or doubled one is seen."""
    return " ".join(f"{number}{'x' * length}" for number, length in enumerate(lengths))


def chunks(text: str, sizes: Sequence[int]) -> list[str]:
    """The text in pieces of these sizes, over and over."""
    pieces, start, turn_of = [], 0, 0
    while start < len(text):
        size = sizes[turn_of % len(sizes)]
        pieces.append(text[start : start + size])
        start, turn_of = start + size, turn_of + 1
    return pieces


@settings(max_examples=80, deadline=None)
@given(
    WORDS,
    st.lists(st.integers(1, 90), min_size=1, max_size=8),
    st.lists(FAULTS, max_size=TRIES - 1),  # one more may say that it is too long
    st.booleans(),
    st.lists(st.booleans(), min_size=1, max_size=5),
)
async def test_the_text_is_shown_once_and_whole(
    lengths: list[int],
    sizes: list[int],
    faults: list[tuple[SurfaceError | None, bool]],
    too_long: bool,
    rests: list[bool],
) -> None:
    """Whatever pieces the text comes in and whatever the platform does: people read the model's words, each once, in
    messages within the limit, and no Stop button is left. No message is written twice at once."""
    text = numbered(lengths)
    surface = FaultySurface([TOO_LONG, *faults] if too_long else faults, length=300)
    place = Scene(surface=surface, clock=FastClock(speed=100_000))
    reply = place.reply()
    for number, piece in enumerate(chunks(text, sizes)):
        reply.add(piece)
        if rests[number % len(rests)]:
            await settled()
    await reply.finish(ENDING)
    assert sorted(place.words()) == sorted(text.split())
    assert all(Control.STOP not in draft.controls for draft in surface.visible)
    assert [draft.notice for draft in surface.visible if draft.notice] == [ENDING.notice]
    recorded = [place.record.posts[position].message for position in sorted(place.record.posts)]
    assert " ".join(surface.posts[name].draft.text for name in recorded).split() == text.split()


# ── messages that only grow ──


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(WORDS.map(numbered), st.text(alphabet="ab `*\n-_~", min_size=1, max_size=700)),
    st.lists(st.integers(1, 90), min_size=1, max_size=8),
    st.one_of(st.none(), st.floats(0.5, 4)),
    st.lists(st.floats(0, 3), min_size=1, max_size=5),
)
@example("~~~a", [2], 2.0, [1.0])
async def test_growing_messages_only_grow(
    text: str, sizes: list[int], lifetime: float | None, rests: list[float]
) -> None:
    """Where text can only be added, each draft of a message extends the one before; a message that lives no longer is
    followed by the next, and nothing is lost or doubled."""
    clock = ManualClock()
    place = Scene(surface=GrowingSurface(clock, lifetime=lifetime), clock=clock)
    reply = place.reply()
    for number, piece in enumerate(chunks(text, sizes)):
        reply.add(piece)
        await pass_time(clock, rests[number % len(rests)])
    await reply.finish(ENDING)
    letters = [letter for letter in "".join(place.texts) if letter.isalnum()]
    assert letters == [letter for letter in text if letter.isalnum()]
    assert all(shown.finished for shown in place.surface.posts.values())


async def test_a_growing_message_has_no_placeholder() -> None:
    """What was shown once can not be taken back there."""
    clock = ManualClock()
    place = Scene(surface=GrowingSurface(clock), clock=clock)
    reply = place.reply()
    await pass_time(clock, 60)
    assert place.surface.visible == []
    reply.add("Text")
    await reply.finish(Ending())
    assert place.texts == ["Text"]


async def test_a_growing_message_that_lived_its_time_is_followed_by_another() -> None:
    """The first keeps what it shows, the second goes on, and both are finished."""
    clock = ManualClock()
    place = Scene(surface=GrowingSurface(clock, lifetime=300.0), clock=clock)
    reply = place.reply()
    reply.add("Before five minutes. ")
    await pass_time(clock, 301)
    reply.add("After them. ")
    await settled()
    assert [text.strip() for text in place.texts] == ["Before five minutes.", "After them."]
    await reply.finish(Ending())
    assert [shown.finished for shown in place.surface.posts.values()] == [True, True]


async def test_a_growing_message_that_the_platform_seals_is_followed_by_another() -> None:
    """A platform that ends a message before we expect it loses nothing either."""
    clock = ManualClock()
    place = Scene(surface=GrowingSurface(clock), clock=clock)
    reply = place.reply()
    reply.add("One ")
    await settled()
    place.surface.failures.append(PostSealed("ended by the platform"))
    reply.add("two")
    await reply.finish(Ending())
    assert place.words() == ["One", "two"]
