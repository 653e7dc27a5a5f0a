"""A message becomes a turn, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from core.conversation import Platform, TextPart
from core.incoming import Attachment, IncomingKind, ReplyTarget
from core.store import Duplicate, NotOurs, Store
from core.turn import MessageRef, TurnState
from tests.core.store.scene import ANNA, BEN, KEY, LATER, NOW, POST, Worker, accept, said, texts


async def test_message_becomes_a_turn(store: Store) -> None:
    """What was said is stored, and a turn waits that knows who asked and where to answer."""
    incoming = said("What time is it?")
    accepted = await accept(store, incoming)
    turn = accepted.turn
    assert not accepted.joined
    assert (turn.key, turn.seq, turn.state, turn.queued_at) == (KEY, 1, TurnState.QUEUED, NOW)
    assert (turn.asker, turn.target) == (ANNA, incoming.target)
    assert (turn.attempt, turn.lease, turn.posts, turn.replaces) == (0, None, (), None)
    assert await store.turn(turn.id) == turn
    (asked,) = await store.asks(turn.id)
    assert (asked.text, asked.author, asked.author_id, asked.tokens) == ("What time is it?", "Anna", "U1", 5)


async def test_delivered_twice_has_one_effect(store: Store) -> None:
    """The same event again changes nothing, even as an event of another kind with other words (law 1)."""
    incoming = said()
    accepted = await accept(store, incoming)
    again = replace(incoming, kind=IncomingKind.FOLLOW_UP, text="the same, as another event tells it")
    assert await store.accept(incoming, tokens=5, now=NOW) == Duplicate()
    assert await store.accept(again, tokens=5, now=NOW) == Duplicate()
    assert [message.text for message in await store.asks(accepted.turn.id)] == ["hello"]
    assert (await store.open_turns([Platform.SLACK])).queued == 1


async def test_same_event_id_elsewhere_is_another_event(store: Store) -> None:
    """Ids are unique in their channel only; in another one the same id is another thing done."""
    incoming = said()
    await accept(store, incoming)
    for key in (
        replace(KEY, channel="C2"),
        replace(KEY, workspace="T2"),
        replace(KEY, platform=Platform.DISCORD),
    ):
        assert not (await accept(store, replace(incoming, key=key))).joined


async def test_follow_up_needs_a_conversation(store: Store) -> None:
    """Talk that Parley takes no part in leaves no trace; where it takes part, it is answered."""
    talk = said("lunch?", kind=IncomingKind.FOLLOW_UP)
    assert await store.accept(talk, tokens=5, now=NOW) == NotOurs()
    # Had it left a trace, the mention that Slack tells as a second event would be a duplicate.
    await accept(store, replace(talk, kind=IncomingKind.MENTION))
    await accept(store, said("and you?", kind=IncomingKind.FOLLOW_UP))


async def test_quick_messages_are_answered_together(store: Store, worker: Worker) -> None:
    """What one person writes in a row joins the waiting turn, which answers where the newest was written."""
    first = await accept(store, said("one"))
    newest = said("two")
    second = await accept(store, newest)
    assert second.joined
    assert second.turn == replace(first.turn, target=newest.target)
    turn = await worker.claimed()
    assert [message.text for message in await store.asks(turn.id)] == ["one", "two"]
    assert await worker.claim() is None


async def test_messages_while_an_answer_is_made_wait_for_the_next(store: Store, worker: Worker) -> None:
    """A live turn takes nothing in; what comes meanwhile is answered together by the next one, after it."""
    await accept(store, said("one"))
    turn = await worker.claimed()
    assert not (await accept(store, said("two"))).joined
    assert (await accept(store, said("three"))).joined
    assert await texts(store, turn) == ["one"]
    assert await worker.claim() is None


@pytest.mark.parametrize("kind", [IncomingKind.COMMAND, IncomingKind.MENTION])
async def test_commands_are_answered_alone(store: Store, kind: IncomingKind) -> None:
    """A command joins no turn, and nothing joins a command's, in whichever order they come."""
    other = IncomingKind.MENTION if kind is IncomingKind.COMMAND else IncomingKind.COMMAND
    await accept(store, said(kind=kind))
    assert not (await accept(store, said(kind=other))).joined


async def test_others_and_other_ways_to_answer_do_not_join(store: Store) -> None:
    """Another person's message has its own turn, and so has one that is to be answered in another way."""
    await accept(store, said())
    assert (await accept(store, said(by=BEN))).turn.seq == 2
    elsewhere = said(by=BEN, target=ReplyTarget(key=KEY, kind="slash"))
    assert (await accept(store, elsewhere)).turn.seq == 3


async def test_a_turn_handed_back_takes_messages_in(store: Store, worker: Worker) -> None:
    """One that a stopping process gave back waits like any other; one that a process has died over does not: whatever
    it was asked may have been the reason."""
    await accept(store, said("one"))
    await store.release(await worker.claimed(), now=NOW)
    assert (await accept(store, said("two"))).joined
    await worker.claimed()
    await store.release(await worker.claimed(at=LATER), now=LATER)
    assert not (await accept(store, said("three"))).joined


@pytest.mark.parametrize("named", ["900.1", "900.0"])
async def test_answering_a_post_goes_on_with_its_conversation(store: Store, worker: Worker, named: str) -> None:
    """A reply to a message of ours, or to the one it was posted under, belongs where we posted it."""
    first = await accept(store, said())
    turn = await worker.claimed()
    await store.record_post(turn, 0, MessageRef(channel="C1", message="900.1", root="900.0"), now=NOW)
    reply = said(key=replace(KEY, thread="900.0"), continues=named, kind=IncomingKind.FOLLOW_UP)
    accepted = await accept(store, reply)
    assert (accepted.turn.key, accepted.turn.seq) == (first.turn.key, 2)
    assert accepted.turn.target == reply.target


async def test_unknown_post_falls_back_to_the_key(store: Store) -> None:
    """What continues a message that is none of ours belongs to its own place."""
    key = replace(KEY, thread="777.7")
    assert (await accept(store, said(key=key, continues="900.1"))).turn.key == key


async def test_post_of_another_workspace_is_not_found(store: Store, worker: Worker) -> None:
    """The same message id in another workspace or channel opens no way into a conversation (law 7)."""
    await accept(store, said())
    await store.record_post(await worker.claimed(), 0, POST, now=NOW)
    for key in (replace(KEY, workspace="T2"), replace(KEY, channel="C2"), replace(KEY, platform=Platform.DISCORD)):
        follow_up = said(key=key, continues=POST.message, kind=IncomingKind.FOLLOW_UP)
        assert await store.accept(follow_up, tokens=5, now=NOW) == NotOurs()


async def test_odd_words_are_kept(store: Store) -> None:
    """NUL, halves of surrogate pairs and names of any kind stop no message: what JSON can say is kept as it was."""
    text = "zero \x00, half \ud83d, \u2028 whole \N{PILE OF POO}"
    person = replace(ANNA, name="A\x00\udc00")
    attachment = Attachment(id="F1", name="\x00.png", media_type="image/png", size=2**40, url="https://files.invalid")
    accepted = await accept(store, said(text, by=person, attachments=(attachment,)))
    (asked,) = await store.asks(accepted.turn.id)
    assert asked.parts[0] == TextPart(text=text)
    assert asked.author == "A\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


async def test_times_are_kept_in_utc(store: Store, worker: Worker) -> None:
    """The same moment, told in another zone, is the same moment, and leases end by moments."""
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    accepted = await accept(store, said(), at=NOW.astimezone(elsewhere))
    found = await store.turn(accepted.turn.id)
    assert found is not None
    assert (found.queued_at, found.queued_at.tzinfo) == (NOW, UTC)
    await worker.claimed(at=NOW.astimezone(elsewhere))
    assert await worker.claim(at=NOW) is None
    assert await worker.claim(at=LATER.astimezone(elsewhere)) is not None


async def test_naive_times_are_refused(store: Store) -> None:
    """A time without a zone is a mistake and never stored."""
    with pytest.raises(Exception, match="naive"):
        await store.accept(said(), tokens=5, now=NOW.replace(tzinfo=None))
    assert (await store.open_turns([Platform.SLACK])).queued == 0


@pytest.mark.parametrize("turn_id", [0, -1, 2**63, 10**30])
async def test_ids_nobody_was_given_name_no_turn(store: Store, turn_id: int) -> None:
    """A button's number comes from outside; a senseless one is just unknown."""
    assert await store.turn(turn_id) is None
