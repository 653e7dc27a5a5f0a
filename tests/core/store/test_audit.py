"""The audit log and the accounts of use: written with what they tell of, read by whom they concern."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import StatementError

from core.audit import AuditEntry
from core.channel import ChannelSettings
from core.conversation import Platform
from core.errors import IllegalMove
from core.privacy import Place, Reach
from core.store import Store
from core.turn import Outcome, TurnState, Usage
from tests.core.store.scene import ANNA, BEN, DONE, KEY, NOW, Worker, accept, said

PLACE = Place.of(KEY)
ENTRY = AuditEntry(
    at=NOW, place=PLACE, actor=ANNA, action="settings.set", subject="answer_in", details={"before": None, "after": 3}
)
MINE = Reach(place=PLACE.whole, person=ANNA.id)


async def test_an_entry_comes_back_as_it_was(store: Store) -> None:
    """Of a channel and of the workspace as such, allowed and refused."""
    entries = (replace(ENTRY, place=PLACE.whole, allowed=False), ENTRY)
    for entry in reversed(entries):
        await store.record_audit(entry)
    assert await store.audit(PLACE.whole) == entries
    assert await store.audit(PLACE) == (ENTRY,)


async def test_the_newest_come_first_and_can_be_chosen(store: Store) -> None:
    """By how the action begins, which is text and no pattern, and by who did it."""
    for n, (actor, action) in enumerate([(ANNA, "a.set"), (BEN, "a.set"), (ANNA, "a_show"), (ANNA, "b.set")]):
        await store.record_audit(replace(ENTRY, at=NOW + n * timedelta(seconds=1), actor=actor, action=action))
    assert [one.action for one in await store.audit(PLACE.whole, limit=2)] == ["b.set", "a_show"]
    assert [one.actor for one in await store.audit(PLACE.whole, action="a.")] == [BEN, ANNA]
    assert [one.action for one in await store.audit(PLACE.whole, action="a_")] == ["a_show"]
    assert await store.audit(PLACE.whole, action="%") == ()
    assert [one.action for one in await store.audit(PLACE.whole, actor=ANNA.id)] == ["b.set", "a_show", "a.set"]


async def test_the_log_of_one_workspace_is_nobody_elses(store: Store) -> None:
    """Law 7, for what admins did."""
    await store.record_audit(ENTRY)
    assert await store.audit(replace(PLACE, workspace="T2", channel=None)) == ()
    assert await store.audit(replace(PLACE, platform=Platform.DISCORD, channel=None)) == ()


async def test_a_change_and_its_entry_are_one(store: Store) -> None:
    """Where the change cannot be made, the log does not say that it was."""
    changed = ChannelSettings(mention_needed=True)
    await store.set_channel_settings(KEY, changed, now=NOW, by=ENTRY)
    assert await store.audit(PLACE) == (ENTRY,)
    with pytest.raises(StatementError, match="naive"):
        await store.set_channel_settings(KEY, ChannelSettings(), now=NOW.replace(tzinfo=None), by=ENTRY)
    assert await store.channel_settings(KEY) == changed
    assert len(await store.audit(PLACE)) == 1


# ── accounts of use ──


async def accounts(store: Store, reach: Reach = MINE) -> list[dict[str, object]]:
    """What is on that person's account."""
    return [one async for kind, one in store.told(reach) if kind == "usage"]


@pytest.mark.parametrize("state", [TurnState.DONE, TurnState.FAILED, TurnState.CANCELLED, TurnState.REFUSED])
async def test_each_turn_that_ends_is_on_an_account_once(store: Store, worker: Worker, state: TurnState) -> None:
    """However it ended, with what it used, in the commit that ends it."""
    usage = Usage(prompt_tokens=4, completion_tokens=3, cached_tokens=2, reasoning_tokens=1, estimated=True, model="m")
    await accept(store, said())
    assert await accounts(store) == []
    await worker.answer(outcome=Outcome(state=state, text="", usage=usage))
    (account,) = await accounts(store)
    assert account == {
        "at": NOW.isoformat(),
        "channel": "C1",
        "model": "m",
        "prompt_tokens": 4,
        "completion_tokens": 3,
        "cached_tokens": 2,
        "reasoning_tokens": 1,
        "estimated": True,
        "persona": None,
        "persona_version": None,
    }
    assert await accounts(store, replace(MINE, person=BEN.id)) == []


async def test_an_end_that_is_refused_is_on_no_account(store: Store, worker: Worker) -> None:
    """Nothing was ended, so nothing is counted; the end that follows is."""
    await accept(store, said())
    turn = await worker.claimed()
    with pytest.raises(IllegalMove):
        await store.finish(turn, replace(DONE, state=TurnState.QUEUED), [], now=NOW)
    assert await accounts(store) == []
    await store.finish(turn, DONE, [], now=NOW)
    assert len(await accounts(store)) == 1


async def test_everything_is_told_however_much_it_is(store: Store, worker: Worker) -> None:
    """Pages follow each other without a gap or a doubled entry, also within one moment."""
    for n in range(120):
        await accept(store, said(f"q{n}", key=replace(KEY, channel=f"C{n % 3}", thread=None)))
        await worker.answer()
        await store.record_audit(replace(ENTRY, details={"n": n}))
    told = [one async for one in store.told(MINE)]
    asked = [one["messages"][0]["text"] for kind, one in told if kind == "exchanges"]
    assert sorted(asked) == sorted(f"q{n}" for n in range(120))
    assert len([one for kind, one in told if kind == "usage"]) == 120
    assert sorted(one["details"]["n"] for kind, one in told if kind == "audit") == list(range(120))
