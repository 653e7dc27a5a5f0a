"""How turns end, and what is kept of their answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation import ImagePart, Message, Role, TextPart, ToolCall
from core.errors import IllegalMove
from core.store import Store
from core.turn import Outcome, TurnState, Usage
from tests.core.store.scene import DONE, LATER, NOW, POST, Worker, accept, assistant, said, state, texts


@pytest.mark.parametrize("ending", [TurnState.DONE, TurnState.FAILED, TurnState.CANCELLED, TurnState.REFUSED])
async def test_turn_ends(store: Store, worker: Worker, ending: TurnState) -> None:
    """Whatever the end, the lease is given back and nobody claims it any more."""
    await accept(store, said())
    turn = await worker.claimed()
    outcome = Outcome(state=ending, text="t", reason="r", usage=Usage(prompt_tokens=1, model="m", estimated=True))
    assert await store.finish(turn, outcome, [], now=NOW) is None
    assert await store.turn(turn.id) == replace(turn, state=ending, lease=None)
    assert await worker.claim(at=LATER) is None


async def test_turn_cannot_end_where_the_table_forbids(store: Store, worker: Worker) -> None:
    """The quota cannot refuse what is being shown, and no end is a beginning. The turn is as it was."""
    await accept(store, said())
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=NOW)
    for ending in (TurnState.REFUSED, TurnState.QUEUED, TurnState.RUNNING):
        with pytest.raises(IllegalMove):
            await store.finish(turn, Outcome(state=ending, text=""), [assistant()], now=NOW)
    assert await texts(store, turn) == ["hello"]
    await store.finish(turn, DONE, [], now=NOW)


async def test_whole_messages_come_back(store: Store, worker: Worker) -> None:
    """Tool calls with their odd fields, results, pictures: what the model said is read again as it was."""
    call = ToolCall(id="c1", name="look", arguments='{"broken', extra={"signature": "x\x00", "n": {"a": [1, None]}})
    spoken = (
        Message(role=Role.ASSISTANT, tool_calls=(call,), tokens=3),
        Message(role=Role.TOOL, parts=(TextPart(text="found"),), tool_call_id="c1", tokens=2),
        Message(
            role=Role.ASSISTANT,
            parts=(TextPart(text="see"), ImagePart(url="https://i.invalid", detail="low")),
            tokens=9,
        ),
    )
    await accept(store, said())
    await worker.answer(*spoken)
    await accept(store, said("and?"))
    history = await store.history(await worker.claimed(), room=1_000)
    assert history.messages[1:4] == spoken


async def test_numbers_that_json_lacks_become_null(store: Store, worker: Worker) -> None:
    """A server's NaN must not make an answer impossible to store."""
    call = ToolCall(id="c1", name="look", arguments="{}", extra={"score": float("nan"), "kept": 1})
    await accept(store, said())
    await worker.answer(Message(role=Role.ASSISTANT, tool_calls=(call,), tokens=3))
    await accept(store, said("and?"))
    history = await store.history(await worker.claimed(), room=1_000)
    assert history.messages[1].tool_calls[0].extra == {"score": None, "kept": 1}


async def test_messages_are_counted_before_they_are_stored(store: Store, worker: Worker) -> None:
    """Without its size a message could never be left out again; nothing is stored of such an answer."""
    await accept(store, said())
    turn = await worker.claimed()
    with pytest.raises(ValueError, match="count"):
        await store.finish(turn, DONE, [assistant(), replace(assistant(), tokens=None)], now=NOW)
    assert await texts(store, turn) == ["hello"]
    assert await state(store, turn) is TurnState.RUNNING


async def test_answer_can_be_read_once_the_turn_has_ended(store: Store, worker: Worker) -> None:
    """What the model wrote; nothing before, and nothing for a turn that nobody knows."""
    await accept(store, said())
    turn = await worker.claimed()
    assert await store.answer(turn.id) == ""
    await store.finish(turn, replace(DONE, text="half a \x00"), [], now=NOW)
    assert await store.answer(turn.id) == "half a \N{REPLACEMENT CHARACTER}"
    assert await store.answer(turn.id + 1) == await store.answer(10**30) == ""
