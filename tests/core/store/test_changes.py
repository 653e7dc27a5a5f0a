"""Edits, deletions, signals and other answers: what people do after they have asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation import Platform
from core.incoming import ReplyTarget
from core.store import Accepted, Amended, AmendKind, Duplicate, NotOurs, Retracted, Store
from core.turn import Outcome, Signal, TurnState
from tests.core.store.scene import (
    ANNA,
    BEN,
    KEY,
    LATER,
    NOW,
    POST,
    SECOND,
    Worker,
    accept,
    assistant,
    deleted,
    edited,
    pressed,
    said,
    state,
    texts,
)

ELSEWHERE = [
    replace(KEY, workspace="T2"),
    replace(KEY, channel="C2"),
    replace(KEY, platform=Platform.DISCORD),
]


async def test_edit_before_the_answer_changes_the_question(store: Store, worker: Worker) -> None:
    """Nobody has begun: the model will read the new text, with its new size."""
    asked = said("wrnog")
    accepted = await accept(store, asked)
    amended = await store.amend(edited(asked, "wrong"), tokens=7, now=NOW)
    assert amended == Amended(kind=AmendKind.QUEUED, turn=accepted.turn)
    (message,) = await store.asks((await worker.claimed()).id)
    assert (message.text, message.tokens) == ("wrong", 7)


async def test_edit_during_the_answer_restarts_it(store: Store, worker: Worker) -> None:
    """The owner of the turn learns it with the next renewal, and the model then reads the new text."""
    asked = said("wrnog")
    await accept(store, asked)
    turn = await worker.claimed()
    amended = await store.amend(edited(asked, "wrong"), tokens=7, now=NOW)
    assert isinstance(amended, Amended)
    assert amended.kind is AmendKind.RESTARTED
    assert await store.signal_of(turn) is Signal.RESTART
    assert await store.renew([turn.id], worker.owner, now=NOW, until=LATER) == {turn.id: Signal.RESTART}
    assert await texts(store, turn) == ["wrong"]


async def test_a_restart_is_told_once(store: Store, worker: Worker) -> None:
    """A new answer that takes longer than a renewal is not begun again; the next edit is told anew."""
    asked = said("one")
    await accept(store, asked)
    turn = await worker.claimed()
    for text, at in (("two", NOW + SECOND), ("three", NOW + 2 * SECOND)):
        await store.amend(edited(asked, text, at=at), tokens=7, now=NOW)
        assert await store.renew([turn.id], worker.owner, now=NOW, until=LATER) == {turn.id: Signal.RESTART}
        assert await store.renew([turn.id], worker.owner, now=NOW, until=LATER) == {turn.id: None}
        assert await store.signal_of(turn) is None


async def test_edit_while_stopping_does_not_restart(store: Store, worker: Worker) -> None:
    """Who asked for an end gets one; the new text is only noted."""
    asked = said()
    await accept(store, asked)
    turn = await worker.claimed()
    await store.signal(turn.id, KEY, Signal.STOP, now=NOW)
    amended = await store.amend(edited(asked, "other"), tokens=7, now=NOW)
    assert isinstance(amended, Amended)
    assert amended.kind is AmendKind.NOTED
    assert await store.signal_of(turn) is Signal.STOP


async def test_edit_of_the_last_answered_message_offers_a_new_answer(store: Store, worker: Worker) -> None:
    """The answer stands; a new one can be offered, until the conversation goes on."""
    asked = said("one")
    await accept(store, asked)
    await worker.answer()
    offered = await store.amend(edited(asked, "two"), tokens=7, now=NOW)
    await accept(store, said("next"))
    noted = await store.amend(edited(asked, "three", at=NOW + 2 * SECOND), tokens=7, now=NOW)
    assert isinstance(offered, Amended)
    assert isinstance(noted, Amended)
    assert (offered.kind, noted.kind) == (AmendKind.OFFERED, AmendKind.NOTED)
    assert await texts(store, await worker.claimed()) == ["three", "an answer", "next"]


async def test_edit_that_changes_no_text_is_not_ours(store: Store) -> None:
    """Platforms call an unfurled link an edit. It leaves no trace."""
    asked = said("the same")
    await accept(store, asked)
    assert await store.amend(edited(asked, "the same"), tokens=7, now=NOW) == NotOurs()
    assert isinstance(await store.amend(edited(asked, "another"), tokens=7, now=NOW), Amended)


async def test_edit_has_one_effect(store: Store, worker: Worker) -> None:
    """The same edit delivered again neither changes nor restarts anything."""
    asked = said("one")
    await accept(store, asked)
    edit = edited(asked, "two")
    await store.amend(edit, tokens=7, now=NOW)
    turn = await worker.claimed()
    assert await store.amend(edit, tokens=7, now=NOW) == Duplicate()
    assert await store.signal_of(turn) is None


async def test_edits_in_the_wrong_order(store: Store) -> None:
    """The later edit wins, whichever comes first."""
    asked = said("one")
    accepted = await accept(store, asked)
    await store.amend(edited(asked, "three", at=NOW + 2 * SECOND), tokens=7, now=NOW)
    assert await store.amend(edited(asked, "two", at=NOW + SECOND), tokens=7, now=NOW) == NotOurs()
    assert [message.text for message in await store.asks(accepted.turn.id)] == ["three"]


@pytest.mark.parametrize("key", ELSEWHERE, ids=str)
async def test_changes_from_elsewhere_find_nothing(store: Store, worker: Worker, key: object) -> None:
    """The same message id in another channel or workspace is another message (law 7)."""
    asked = said()
    await accept(store, asked)
    foreign = replace(asked, key=key)  # type: ignore[arg-type]  # parametrize loses the type
    assert await store.amend(edited(foreign, "mine now"), tokens=5, now=NOW) == NotOurs()
    assert await store.retract(deleted(foreign), now=NOW) == NotOurs()
    turn = await worker.answer()
    assert await store.again(turn.id, pressed(key=foreign.key), now=NOW) == NotOurs()


async def test_deleted_message_leaves_the_conversation(store: Store, worker: Worker) -> None:
    """It is not in the history any more, and the turn answers what is left."""
    first, second = said("one"), said("two")
    accepted = await accept(store, first)
    await accept(store, second)
    retracted = await store.retract(deleted(first), now=NOW)
    assert isinstance(retracted, Retracted)
    assert not retracted.stopped
    assert retracted.turn is not None
    assert retracted.turn.id == accepted.turn.id
    assert await store.retract(deleted(first), now=NOW) == Duplicate()
    assert await texts(store, await worker.claimed()) == ["two"]


async def test_waiting_turn_without_a_question_is_cancelled(store: Store, worker: Worker) -> None:
    """Nothing is left to answer, and nobody had begun."""
    asked = said()
    await accept(store, asked)
    retracted = await store.retract(deleted(asked), now=NOW)
    assert isinstance(retracted, Retracted)
    assert retracted.stopped
    assert retracted.turn is not None
    assert retracted.turn.state is TurnState.CANCELLED
    assert await worker.claim() is None


async def test_live_turn_without_a_question_is_told_to_stop(store: Store, worker: Worker) -> None:
    """Its owner puts in order what people see already."""
    asked = said()
    await accept(store, asked)
    turn = await worker.claimed()
    retracted = await store.retract(deleted(asked), now=NOW)
    assert isinstance(retracted, Retracted)
    assert retracted.stopped
    assert await store.signal_of(turn) is Signal.STOP
    assert await state(store, turn) is TurnState.RUNNING


async def test_deleting_an_answered_message(store: Store, worker: Worker) -> None:
    """The question goes, its answer stays, and no turn is concerned."""
    asked = said("one")
    await accept(store, asked)
    await worker.answer()
    assert await store.retract(deleted(asked), now=NOW) == Retracted(turn=None, stopped=False)
    await accept(store, said("two"))
    assert await texts(store, await worker.claimed()) == ["an answer", "two"]


async def test_stop_cancels_a_waiting_turn_at_once(store: Store, worker: Worker) -> None:
    """Nobody has begun it, so nobody need tidy up; the next in the conversation is ready."""
    first = await accept(store, said(by=ANNA))
    second = await accept(store, said(by=BEN))
    stopped = await store.signal(first.turn.id, KEY, Signal.STOP, now=NOW)
    assert stopped is not None
    assert stopped.state is TurnState.CANCELLED
    assert (await worker.claimed()).id == second.turn.id


async def test_stop_reaches_the_owner_of_a_live_turn(store: Store, worker: Worker) -> None:
    """It stays live until its owner ends it."""
    await accept(store, said())
    turn = await worker.claimed()
    signalled = await store.signal(turn.id, KEY, Signal.STOP, now=NOW)
    assert signalled == turn
    assert await store.renew([turn.id], worker.owner, now=NOW, until=LATER) == {turn.id: Signal.STOP}


async def test_stop_of_a_turn_handed_back_waits_for_its_next_owner(store: Store, worker: Worker) -> None:
    """People see its beginning already: whoever takes it over learns at once that it is to end."""
    await accept(store, said())
    turn = await worker.claimed()
    await store.record_post(turn, 0, POST, now=NOW)
    await store.release(turn, now=NOW)
    signalled = await store.signal(turn.id, KEY, Signal.STOP, now=NOW)
    assert signalled is not None
    assert signalled.state is TurnState.QUEUED
    assert await store.signal_of(await worker.claimed()) is Signal.STOP


@pytest.mark.parametrize("key", ELSEWHERE, ids=str)
async def test_signals_from_elsewhere_reach_nobody(store: Store, worker: Worker, key: object) -> None:
    """A turn's number from another channel or workspace is worth nothing (law 7)."""
    await accept(store, said())
    turn = await worker.claimed()
    assert await store.signal(turn.id, key, Signal.STOP, now=NOW) is None  # type: ignore[arg-type]  # as above
    assert await store.signal_of(turn) is None


async def test_signals_to_ended_turns_reach_nobody(store: Store, worker: Worker) -> None:
    """There is nothing left to stop."""
    await accept(store, said())
    turn = await worker.answer()
    assert await store.signal(turn.id, KEY, Signal.STOP, now=NOW) is None
    assert await store.signal(turn.id + 1, KEY, Signal.STOP, now=NOW) is None


async def test_restart_says_nothing_to_a_waiting_turn(store: Store, worker: Worker) -> None:
    """It begins with the newest question anyway."""
    accepted = await accept(store, said())
    assert await store.signal(accepted.turn.id, KEY, Signal.RESTART, now=NOW) == accepted.turn
    assert await store.signal_of(await worker.claimed()) is None


async def test_signal_that_came_too_late_is_told_at_the_end(store: Store, worker: Worker) -> None:
    """The question changed after the model had read it: whoever finishes the turn learns so."""
    asked = said()
    await accept(store, asked)
    turn = await worker.claimed()
    await store.amend(edited(asked, "other"), tokens=5, now=NOW)
    done = Outcome(state=TurnState.DONE, text="an answer")
    assert await store.finish(turn, done, [assistant()], now=NOW) is Signal.RESTART


async def test_another_answer_in_the_same_messages(store: Store, worker: Worker) -> None:
    """The new turn answers the same messages for the same person, in the posts that are there; the old answer is no
    longer part of the conversation."""
    await accept(store, said("one"))
    await worker.answer(assistant("first answer"))
    asked = said("two", by=BEN, target=ReplyTarget(key=KEY, kind="thread", details={"a": "b"}))
    await accept(store, asked)
    old = await worker.claimed()
    await store.record_post(old, 0, POST, now=NOW)
    await store.finish(old, Outcome(state=TurnState.FAILED, text="half"), [assistant("half")], now=NOW)
    again = await store.again(old.id, pressed(by=ANNA), now=LATER)
    assert isinstance(again, Accepted)
    new = again.turn
    assert (new.seq, new.replaces, new.posts, new.queued_at) == (3, old.id, (POST,), LATER)
    assert (new.asker, new.target, new.state) == (BEN, asked.target, TurnState.QUEUED)
    turn = await worker.claimed(at=LATER)
    assert await texts(store, turn) == ["one", "first answer", "two"]
    assert [message.text for message in await store.asks(turn.id)] == ["two"]
    assert await store.asks(old.id) == ()


async def test_only_the_last_ended_answer_is_given_again(store: Store, worker: Worker) -> None:
    """Not one that is still being made, not one after which the conversation went on, and not twice."""
    await accept(store, said())
    live = await worker.claimed()
    assert await store.again(live.id, pressed(), now=NOW) == NotOurs()
    await store.finish(live, Outcome(state=TurnState.FAILED, text=""), [], now=NOW)
    press = pressed()
    again = await store.again(live.id, press, now=NOW)
    assert isinstance(again, Accepted)
    assert await store.again(live.id, press, now=NOW) == Duplicate()
    assert await store.again(live.id, pressed(), now=NOW) == NotOurs()


async def test_nothing_is_answered_again_once_its_question_is_gone(store: Store, worker: Worker) -> None:
    """A deleted question is not asked again."""
    asked = said()
    await accept(store, asked)
    turn = await worker.answer()
    await store.retract(deleted(asked), now=NOW)
    assert await store.again(turn.id, pressed(), now=NOW) == NotOurs()


async def test_nothing_joins_an_answer_given_again(store: Store, worker: Worker) -> None:
    """It goes into the old messages; what is said after the button has its own turn."""
    await accept(store, said())
    turn = await worker.answer()
    await store.again(turn.id, pressed(), now=NOW)
    accepted = await accept(store, said("next"))
    assert (accepted.joined, accepted.turn.seq) == (False, 3)
