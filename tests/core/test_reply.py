"""A growing answer on its way to people: shown once and whole, whatever the platform does in between."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import (
    LeaseLost,
    PostGone,
    SurfaceError,
    SurfaceForbidden,
    SurfaceUnavailable,
    Undelivered,
)
from core.page import THINKING
from core.ports import Control, Draft, Ending
from core.presence import PLACEHOLDER_AFTER
from core.reply import TRIES
from tests.core.replies import ENDING, FREE, Scene, StrictSurface, pass_time, scene, settled, turn
from tests.doubles import FastClock, ManualClock, RecordingSurface

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
