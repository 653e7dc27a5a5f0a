"""A growing answer on its way to people: shown once and whole, whatever the platform does in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversation import ConversationKey, Platform
from core.errors import (
    LeaseLost,
    PostGone,
    PostSealed,
    PostTooLong,
    SurfaceBusy,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
    Undelivered,
)
from core.incoming import Author, ReplyTarget
from core.pacing import Pacing
from core.ports import Clock, Control, Draft, SurfaceLimits
from core.reply import PLACEHOLDER_AFTER, THINKING, TRIES, Ending, Reply
from core.scheduling import EditBudget
from core.turn import MessageRef, Turn, TurnState
from tests.doubles import START, FastClock, ManualClock, RecordingSurface

KEY = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="C1", thread="1.5")
FREE = EditBudget(name="test", burst=1_000_000, interval=0.0)
"""Writes as fast as they return."""
ENDING = Ending(notice="The end.", controls=(Control.TRY_AGAIN,))


def turn(*posts: str, attempt: int = 1) -> Turn:
    """A claimed turn whose answer so far stands in these messages."""
    return Turn(
        id=7,
        key=KEY,
        seq=1,
        state=TurnState.RUNNING,
        asker=Author(id="U1", name="Ann"),
        target=ReplyTarget(key=KEY, kind="thread"),
        queued_at=START,
        attempt=attempt,
        posts=tuple(MessageRef(channel="C1", message=post) for post in posts),
    )


@dataclass
class Record:
    """Remembers where the reply stands, until the lease is lost."""

    posts: dict[int, MessageRef] = field(default_factory=dict)
    lost: bool = False

    async def posted(self, position: int, ref: MessageRef) -> None:
        self._check()
        self.posts[position] = ref

    async def dropped(self, position: int) -> None:
        self._check()
        self.posts.pop(position, None)

    def _check(self) -> None:
        if self.lost:
            raise LeaseLost("turn 7")


class StrictSurface(RecordingSurface):
    """As platforms do, takes no empty message and none beyond its limit."""

    async def _show(self, name: str, draft: Draft) -> None:
        assert draft.text.strip() or draft.notice, "an empty message"
        assert self.measure(draft.text) <= self._limits.length, "a message beyond the limit"
        await super()._show(name, draft)


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


@dataclass
class Scene:
    """One reply between a clock, a platform and its record."""

    surface: RecordingSurface
    clock: Clock
    record: Record = field(default_factory=Record)

    def reply(self, of: Turn | None = None) -> Reply:
        """The reply begins."""
        return Reply(
            of or turn(),
            surface=self.surface,
            pacing=Pacing(self.clock),
            clock=self.clock,
            recorder=self.record,
        )

    @property
    def texts(self) -> list[str]:
        """What people read, in order."""
        return [draft.text for draft in self.surface.visible]

    def words(self) -> list[str]:
        """What people read, without the blanks at which it may have been cut."""
        return " ".join(self.texts).split()


def scene(*, length: int = 2_000) -> Scene:
    """A platform whose messages can be edited, and a clock that a test owns."""
    limits = SurfaceLimits(length=length)
    return Scene(surface=StrictSurface(limits=limits, budget=FREE), clock=ManualClock())


async def settled() -> None:
    """Every task has come as far as it can at this time."""
    for _ in range(30):
        await asyncio.sleep(0)


async def pass_time(clock: Clock, seconds: float) -> None:
    """That much of a manual clock's time passes, and what is due happens."""
    assert isinstance(clock, ManualClock)
    await settled()
    clock.advance(seconds)
    await settled()


# ── before the first text ──


async def test_a_placeholder_comes_after_a_while_and_makes_way() -> None:
    """Without text for some seconds there is a message to stop; the first text takes its place."""
    place = scene()
    reply = place.reply()
    await pass_time(place.clock, PLACEHOLDER_AFTER - 0.1)
    assert place.surface.visible == []
    assert place.surface.works == 1
    await pass_time(place.clock, 0.2)
    (draft,) = place.surface.visible
    assert (draft.text, draft.notice, draft.controls, draft.turn) == ("", THINKING, (Control.STOP,), 7)
    reply.add("Here it is.")
    await settled()
    assert place.surface.visible == [Draft(text="Here it is.", controls=(Control.STOP,), turn=7)]
    await reply.finish(Ending())
    assert place.surface.visible == [Draft(text="Here it is.", turn=7)]


async def test_an_early_text_needs_no_placeholder() -> None:
    """Nobody reads that we think where text is there already, and the sign of work is not renewed."""
    place = scene()
    reply = place.reply()
    await settled()
    reply.add("Quick.")
    await pass_time(place.clock, 60)
    await reply.finish(Ending())
    assert all(draft.notice != THINKING for shown in place.surface.posts.values() for draft in shown.drafts)
    assert place.surface.works == 1


async def test_the_sign_of_work_is_renewed() -> None:
    """As long as nothing is shown, people see that we are at work."""
    place = scene()
    reply = place.reply()
    place.surface.failures.extend([SurfaceForbidden("no")])
    for _ in range(4):
        await pass_time(place.clock, 8)
    await asyncio.gather(reply.broken, return_exceptions=True)
    assert place.surface.works >= 3
    await reply.abandon()


# ── the end ──


async def test_the_ending_stands_under_the_last_message_alone() -> None:
    """A long answer's other messages carry neither notice nor buttons."""
    place = scene(length=100)
    reply = place.reply()
    for number in range(60):
        reply.add(f"word{number} ")
    await reply.finish(ENDING)
    *before, last = place.surface.visible
    assert before
    assert all((draft.notice, draft.controls) == ("", ()) for draft in before)
    assert (last.notice, last.controls) == (ENDING.notice, ENDING.controls)
    assert place.words() == [f"word{number}" for number in range(60)]
    assert sorted(place.record.posts) == list(range(len(place.texts)))


async def test_leftovers_of_a_longer_answer_go_away() -> None:
    """An answer that is given anew in fewer messages leaves none of the old ones."""
    place = scene(length=50)
    first = place.reply()
    first.add("An old answer in many words. " * 8)
    await first.finish(Ending())
    old = list(place.record.posts.values())
    assert len(old) > 2
    second = place.reply(turn(*(ref.message for ref in old)))
    second.add("Short.")
    await second.finish(Ending())
    assert place.texts == ["Short."]
    assert place.record.posts == {0: old[0]}


async def test_a_restart_begins_in_the_same_messages() -> None:
    """Nothing of the text before is left, and messages that are not needed go."""
    place = scene(length=50)
    reply = place.reply()
    reply.add("The first try was about cats. " * 4)
    await settled()
    first = next(iter(place.surface.posts))
    reply.restart()
    reply.add("Dogs.")
    await reply.finish(Ending())
    assert place.texts == ["Dogs."]
    assert not place.surface.posts[first].deleted
    assert reply.text == "Dogs."


async def test_a_message_gone_while_the_answer_began_anew_is_not_mistaken_for_the_first() -> None:
    """A refusal that concerns the second message says nothing of the first one, into which the new answer goes."""
    place = scene(length=50)
    gate = HeldSurface(place.surface)
    reply = Scene(surface=gate, clock=place.clock, record=place.record).reply()
    reply.add("The first try was about cats. " * 2)
    await settled()
    assert len(gate.posts) == 2
    gate.hold(PostGone("deleted by a person"))
    reply.add("More.")
    await settled()
    reply.restart()
    reply.add("Dogs.")
    gate.release()
    await reply.finish(Ending())
    assert [draft.text for draft in gate.visible if not draft.text.startswith("The first")] == ["Dogs."]
    assert gate.posts["m1"].draft.text == "Dogs."


class HeldSurface(StrictSurface):
    """A write can be held in flight, and then fails."""

    def __init__(self, like: RecordingSurface) -> None:
        super().__init__(limits=like._limits, budget=FREE)
        self._held: asyncio.Event | None = None
        self._error: SurfaceError | None = None

    def hold(self, error: SurfaceError | None = None) -> None:
        """The next write waits, and raises the error where there is one."""
        self._held, self._error = asyncio.Event(), error

    def release(self) -> None:
        """The write goes on."""
        assert self._held is not None
        self._held.set()

    async def _show(self, name: str, draft: Draft) -> None:
        held, error, self._error = self._held, self._error, None
        if held is not None and not held.is_set():
            await held.wait()
            if error is not None:
                raise error
        await super()._show(name, draft)


async def test_a_write_in_flight_is_never_cancelled() -> None:
    """Who abandons a reply waits until the write has returned; afterwards there is no other."""
    surface = HeldSurface(scene().surface)
    reply = Scene(surface=surface, clock=ManualClock()).reply()
    surface.hold()
    reply.add("Some text")
    await settled()
    leaving = asyncio.create_task(reply.abandon())
    await settled()
    assert not leaving.done()
    surface.release()
    await leaving
    assert [draft.text for draft in surface.visible] == ["Some text"]


async def test_an_abandoned_reply_never_writes_again() -> None:
    """Text that comes later is kept, and nobody sees it."""
    place = scene()
    reply = place.reply()
    reply.add("Seen.")
    await settled()
    await reply.abandon()
    reply.add(" Unseen.")
    await pass_time(place.clock, 100)
    assert place.texts == ["Seen."]
    assert reply.text == "Seen. Unseen."


async def test_abandoning_does_not_wait_for_a_platform_that_is_away() -> None:
    """A pause before the next try is cut short: a process that goes down has no time for it."""
    place = scene()
    reply = place.reply()
    place.surface.failures.append(SurfaceUnavailable("500"))
    reply.add("Text")
    await settled()
    await asyncio.wait_for(reply.abandon(), timeout=5)
    assert place.texts == []


async def test_a_lost_lease_surfaces_in_finish() -> None:
    """Whoever finishes hears that another process has the turn, and nothing more is written."""
    place = scene(length=100)
    place.record.lost = True
    reply = place.reply()
    reply.add("words " * 100)
    await asyncio.wait({reply.broken}, timeout=5)
    with pytest.raises(LeaseLost):
        await reply.finish(Ending())
    assert len(place.surface.posts) == 1


async def test_a_refusal_for_good_is_told_with_what_is_owed() -> None:
    """Finish says what people have not seen, and its text stays out of the error's own."""
    place = scene()
    reply = place.reply()
    place.surface.failures.append(SurfaceForbidden("not_in_channel"))
    reply.add("Private words")
    with pytest.raises(Undelivered) as caught:
        await reply.finish(Ending())
    assert caught.value.owed == "Private words"
    assert "Private" not in str(caught.value)


async def test_a_platform_that_stays_away_is_given_up() -> None:
    """After so many tries in a row the rest is owed."""
    clock = FastClock(speed=100_000)
    surface = StrictSurface(budget=FREE)
    reply = Scene(surface=surface, clock=clock).reply()
    surface.failures.extend([SurfaceUnavailable("503")] * (TRIES + 1))
    reply.add("Text")
    with pytest.raises(Undelivered):
        await reply.finish(Ending())


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
    st.lists(FAULTS, max_size=TRIES),
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
    reply.add("After them.")
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
