"""A platform that is busy, seals messages, or is short of room: nothing is shown twice, left over or too long."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

import pytest

from core.errors import LeaseLost, PostSealed, SurfaceBusy, SurfaceError, SurfaceForbidden
from core.fencing import fenced
from core.incoming import ReplyTarget
from core.pacing import Pacing
from core.page import THINKING
from core.ports import Ending, SurfaceLimits
from core.presence import PLACEHOLDER_AFTER
from core.reply import REST_MOST, Reply
from core.scheduling import EditBudget
from core.turn import MessageRef
from tests.core.replies import FREE, Record, Scene, StrictSurface, pass_time, scene, settled, turn
from tests.doubles import FastClock, ManualClock


class StubbornSurface(StrictSurface):
    """Refuses to delete, as often as it is told."""

    def __init__(self, *refusals: SurfaceError) -> None:
        super().__init__(limits=SurfaceLimits(length=50), budget=FREE)
        self.refusals = deque(refusals)

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        if self.refusals:
            raise self.refusals.popleft()
        await super().delete(target, ref)


async def test_who_has_slept_beyond_the_lease_writes_no_more() -> None:
    """The fence is asked before each write: what was still to be shown is another process's affair."""
    place, held = scene(), True

    def check() -> None:
        if not held:
            raise LeaseLost("turn 7")

    with fenced(check):
        reply = place.reply()
    reply.add("The beginning, ")
    await settled()
    held = False
    reply.add("and more.")
    with pytest.raises(LeaseLost):
        await reply.finish(Ending())
    assert [shown.text for shown in place.surface.visible] == ["The beginning, "]


async def test_a_sealed_message_is_shown_once() -> None:
    """Where a message takes no more edits the whole text is posted anew, and the old one goes."""
    place = scene()
    reply = place.reply()
    reply.add("The beginning, ")
    await settled()
    place.surface.failures.append(PostSealed("archived"))
    reply.add("and the end.")
    await settled()
    await reply.finish(Ending())
    assert place.texts == ["The beginning, and the end."]
    assert len(place.surface.posts) == 2


async def test_leftovers_go_also_when_the_platform_is_busy() -> None:
    """A message that could not be deleted at once is deleted a little later."""
    surface = StubbornSurface()
    place = Scene(surface=surface, clock=FastClock(speed=10_000))
    first = place.reply()
    first.add("An old answer in many words. " * 4)
    await first.finish(Ending())
    second = place.reply(turn(*(ref.message for ref in place.record.posts.values())))
    second.add("Short.")
    surface.refusals.extend([SurfaceBusy("429", retry_after=3.0), SurfaceBusy("429")])
    await second.finish(Ending())
    assert place.texts == ["Short."]


async def test_a_leftover_that_may_not_go_stays() -> None:
    """A refusal for good holds nothing up."""
    surface = StubbornSurface()
    place = Scene(surface=surface, clock=ManualClock())
    first = place.reply()
    first.add("An old answer in so many words that two are needed.")
    await first.finish(Ending())
    second = place.reply(turn(*(ref.message for ref in place.record.posts.values())))
    second.add("Short.")
    surface.refusals.append(SurfaceForbidden("not ours"))
    await asyncio.wait_for(second.finish(Ending()), 5)
    assert place.texts[0] == "Short."
    assert list(place.record.posts) == [0]


async def test_closing_marks_never_push_a_message_over_its_limit() -> None:
    """Growing text that just fits is shown without the marks that would close it, for which there is no room."""
    place = scene(length=40)
    reply = place.reply()
    text = "**bold and *leaning `code " + "x" * 14
    assert len(text) == 40
    reply.add(text)  # the surface takes nothing beyond its limit
    await settled()
    assert place.texts == [text]
    await reply.finish(Ending())


async def test_the_placeholder_comes_at_its_time_whatever_the_sign_needs() -> None:
    """A sign that is renewed every second does not make the message come sooner."""
    surface = StrictSurface(limits=SurfaceLimits(length=2_000, working_every=1.0), budget=FREE)
    place = Scene(surface=surface, clock=ManualClock())
    reply = place.reply()
    for _ in range(3):
        await pass_time(place.clock, 1.0)
    assert (surface.works, place.texts) == (4, [])
    await pass_time(place.clock, PLACEHOLDER_AFTER - 3.0)
    assert [draft.notice for draft in surface.visible] == [THINKING]
    await reply.abandon()


async def test_all_who_wait_show_it_at_once() -> None:
    """When more replies begin than can be opened, each gives its sign, which costs no edit."""
    clock, surface = ManualClock(), StrictSurface(budget=EditBudget(name="one", burst=1, interval=60.0))
    pacing = Pacing(clock)
    turns = [replace(turn(), id=number) for number in range(50)]
    replies = [Reply(one, surface=surface, pacing=pacing, clock=clock, recorder=Record()) for one in turns]
    for reply in replies:
        reply.add("Text.")
    await settled()
    assert surface.works == 50
    assert len(surface.visible) == 1
    await asyncio.gather(*(reply.abandon() for reply in replies))


async def test_text_may_gather_until_the_next_write() -> None:
    """A reader need not hurry while nothing can be written, but must before the first text and at the end."""
    clock, surface = ManualClock(), StrictSurface(budget=EditBudget(name="slow", burst=2, interval=10.0))
    place = Scene(surface=surface, clock=clock)
    reply = place.reply()
    reply.add("First ")
    assert reply.rest() == 0.0
    await settled()
    for _ in range(3):
        reply.add("more ")
        await settled()
    assert reply.rest() == REST_MOST
    await reply.abandon()
