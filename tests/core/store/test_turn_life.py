"""From a message to its stored answer."""

from __future__ import annotations

from dataclasses import replace

from core.conversation import Message, Role, text_message
from core.incoming import IncomingKind
from core.store import Duplicate, NotOurs, Store
from core.turn import MessageRef, Outcome, TurnState, Usage
from tests.core.store.scene import KEY, MINUTE, NOW, Worker, accept, said


def answer(text: str = "hi") -> list[Message]:
    return [replace(text_message(Role.ASSISTANT, text), tokens=3)]


async def test_message_is_answered(store: Store, worker: Worker) -> None:
    """A message becomes a turn, and its answer stands after it in the history of the next one."""
    first = await accept(store, said("hello"))
    turn = await worker.claimed()
    assert turn.id == first.turn.id
    await store.record_post(turn, 0, MessageRef(channel="C1", message="9.9"), now=NOW)
    await store.finish(turn, Outcome(state=TurnState.DONE, text="hi", usage=Usage(prompt_tokens=3)), answer(), now=NOW)
    assert await store.accept(said("x", event_id=first.turn.target.details["ts"]), tokens=1, now=NOW) == Duplicate()
    await accept(store, said("more"))
    second = await worker.claimed(at=NOW + MINUTE)
    history = await store.history(second, room=100)
    assert [m.text for m in history.messages] == ["hello", "hi", "more"]
    assert history.whole
    assert (
        await store.accept(said("x", key=replace(KEY, thread="other"), kind=IncomingKind.FOLLOW_UP), tokens=1, now=NOW)
        == NotOurs()
    )
