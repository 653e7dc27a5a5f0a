"""A follow-up that is stored before the message it follows is answered all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from core.early import PAUSES, YOUNG
from core.incoming import Author, Incoming, IncomingKind
from core.store import Store
from tests.core.engine.processes import Process, StillClock, eventually
from tests.doubles import says

BEN = Author(id="U2", name="Ben")


def follow_up(process: Process, *, age: timedelta = timedelta(seconds=1)) -> Incoming:
    """Ben goes on in a thread that began so long ago."""
    said = process.incoming("and you?", by=BEN, kind=IncomingKind.FOLLOW_UP)
    return replace(said, thread_began_at=process.clock.now() - age)


async def passed(process: Process, seconds: float) -> None:
    """That much time passes, a little at a time, and what is due happens."""
    assert isinstance(process.clock, StillClock)
    for _ in range(int(seconds)):
        process.clock.advance(1)
        await asyncio.sleep(0.01)  # tries are short transactions in a thread of the database's own


async def none_waits(process: Process) -> bool:
    """Nothing early is waited for."""
    return process.reception.early == 0


async def test_it_is_answered_when_the_first_message_has_come(store: Store) -> None:
    """Platforms deliver again what was not acknowledged, so the first message may come last."""
    process = Process(store)
    process.play(says("first"), says("second"))
    process.start()
    await process.reception.receive(follow_up(process))
    await process.say("hi")
    await process.ended(1)
    await passed(process, PAUSES[0])
    assert await process.ended(2) == ["first", "second"]
    await process.stop()


async def test_old_threads_are_not_waited_for(store: Store) -> None:
    """People talk in threads that are none of ours; only in a young one may we be about to be named."""
    process = Process(store)
    await process.reception.receive(follow_up(process, age=YOUNG))
    assert process.reception.early == 0
    await process.reception.receive(follow_up(process))
    assert process.reception.early == 1
    await passed(process, sum(PAUSES) + len(PAUSES))
    await eventually(lambda: none_waits(process))
    await process.stop()
