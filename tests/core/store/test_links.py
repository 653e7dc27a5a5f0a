"""One person on several platforms has one quota, whoever of them asks; and how that comes to be and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.audit import AuditEntry
from core.conversation import ConversationKey, Platform
from core.incoming import Author
from core.linking import LIVES, TRIES, LinkEnd, code_hash, new_code
from core.privacy import Place, Reach
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.reservation import Ask, OverQuota, Reserved, Terms
from core.store import Store
from core.turn import Outcome, Turn, TurnState, Usage
from tests.core.store.scene import ANNA, BEN, KEY, LATER, NOW, accept, said

ABROAD = replace(KEY, platform=Platform.DISCORD, workspace="G1")
ANNE = Author(id="771", name="Anne")
"""Anna on Discord."""
LIMIT = Limit(subject=Subject(kind=SubjectKind.EACH_USER), measure=Measure.TOKENS, period=Period.DAY, amount=600)
TERMS = Terms(limits=(LIMIT,))
ASK = Ask(prompt_tokens=100, answer_most=100, answer_least=50, price=None)


def place(key: ConversationKey) -> Place:
    return Place.of(key).whole


async def asks(store: Store, key: ConversationKey, by: Author, number: int) -> tuple[Turn, Reserved | OverQuota]:
    """Somebody asks there."""
    await accept(store, said(by=by, key=replace(key, thread=f"9.{number}")))
    turn = await store.claim([key.platform], "w", now=NOW, until=LATER)
    assert turn is not None
    return turn, await store.reserve(turn, ASK, persona_id=None, terms=TERMS, now=NOW)


async def answered(store: Store, key: ConversationKey, by: Author, number: int) -> None:
    """A question of 100 tokens, and an answer of as many."""
    turn, result = await asks(store, key, by, number)
    assert isinstance(result, Reserved)
    used = Usage(prompt_tokens=100, completion_tokens=100)
    await store.finish(turn, Outcome(state=TurnState.DONE, text="", usage=used), (), now=NOW)


async def linked(store: Store, *, at: datetime = NOW) -> LinkEnd:
    """Anna shows a code on Slack and enters it on Discord."""
    hashed = code_hash(new_code())
    await store.show_link_code(place(KEY), ANNA, hashed, now=NOW)
    return await store.enter_link_code(place(ABROAD), ANNE, hashed, now=at)


async def used(store: Store, key: ConversationKey, by: Author) -> int:
    (standing,) = await store.standings(Place.of(key), by, persona_id=None, terms=TERMS, now=NOW)
    return standing.used


async def test_one_quota(store: Store) -> None:
    """What was used before counts together too, in the same window; others keep their own."""
    await answered(store, KEY, ANNA, 1)
    await answered(store, ABROAD, ANNE, 2)
    assert (await used(store, KEY, ANNA), await used(store, ABROAD, ANNE)) == (200, 200)
    assert await linked(store) is LinkEnd.DONE
    assert (await used(store, KEY, ANNA), await used(store, ABROAD, ANNE)) == (400, 400)
    _, over = await asks(store, ABROAD, ANNE, 3)
    assert isinstance(over, Reserved)
    _, over = await asks(store, KEY, ANNA, 4)
    assert isinstance(over, OverQuota)
    _, other = await asks(store, KEY, BEN, 5)
    assert isinstance(other, Reserved)


async def test_a_grant_is_the_persons_wherever_they_got_it(store: Store) -> None:
    """Taken from on the other platform, and what is left of it is told in both places."""
    by = AuditEntry(at=NOW, place=place(ABROAD), actor=BEN, action="quota.grant")
    anne = Subject(kind=SubjectKind.USER, id=ANNE.id)
    await store.grant(place(ABROAD), anne, Measure.TOKENS, 300, until=NOW + timedelta(days=1), by=by)
    await linked(store)
    for number in range(4):
        await answered(store, KEY, ANNA, number)
    for key, person in ((KEY, ANNA), (ABROAD, ANNE)):
        (extra,) = await store.extras(Place.of(key), person, persona_id=None, now=NOW)
        assert extra.left == 100
    assert await used(store, ABROAD, ANNE) == 800


async def test_unlinked(store: Store) -> None:
    """Each counts by themselves again, with what they used there."""
    await answered(store, KEY, ANNA, 1)
    await linked(store)
    await answered(store, ABROAD, ANNE, 2)
    assert await store.unlink(place(ABROAD), ANNE) is LinkEnd.DONE
    assert (await used(store, KEY, ANNA), await used(store, ABROAD, ANNE)) == (200, 200)
    assert await store.unlink(place(KEY), ANNA) is LinkEnd.UNKNOWN


async def test_not_while_an_answer_is_written(store: Store) -> None:
    """Whatever is held must have one account; afterwards the same code still opens."""
    turn, _ = await asks(store, ABROAD, ANNE, 1)
    hashed = code_hash(new_code())
    await store.show_link_code(place(KEY), ANNA, hashed, now=NOW)
    assert await store.enter_link_code(place(ABROAD), ANNE, hashed, now=NOW) is LinkEnd.BUSY
    await store.finish(turn, Outcome(state=TurnState.CANCELLED, text=""), (), now=NOW)
    assert await store.enter_link_code(place(ABROAD), ANNE, hashed, now=NOW) is LinkEnd.DONE


async def test_codes(store: Store) -> None:
    """Each opens once, for ten minutes, until a newer one is shown, and nobody for themselves."""
    old, code = code_hash(new_code()), new_code()
    await store.show_link_code(place(KEY), ANNA, old, now=NOW)
    await store.show_link_code(place(KEY), ANNA, code_hash(code), now=NOW)
    enter = store.enter_link_code
    assert await enter(place(ABROAD), ANNE, old, now=NOW) is LinkEnd.UNKNOWN
    assert await enter(place(KEY), ANNA, code_hash(code), now=NOW) is LinkEnd.OWN
    assert await enter(place(ABROAD), ANNE, code_hash(code), now=NOW + LIVES) is LinkEnd.UNKNOWN
    typed = code.lower().replace("-", " ")
    assert await enter(place(ABROAD), ANNE, code_hash(typed), now=NOW) is LinkEnd.DONE
    assert await enter(place(ABROAD), BEN, code_hash(code), now=NOW) is LinkEnd.UNKNOWN


async def test_a_third_place(store: Store) -> None:
    """Joins the others, from whichever of them the code came; two people who are linked each are not joined."""
    await linked(store)
    third, hashed = replace(KEY, workspace="T3"), code_hash("one")
    await store.show_link_code(place(ABROAD), ANNE, hashed, now=NOW)
    assert await store.enter_link_code(place(third), ANNA, hashed, now=NOW) is LinkEnd.DONE
    await answered(store, third, ANNA, 1)
    assert await used(store, KEY, ANNA) == 200
    await store.show_link_code(place(KEY), BEN, code_hash("two"), now=NOW)
    assert await store.enter_link_code(place(third), BEN, code_hash("two"), now=NOW) is LinkEnd.DONE
    await store.show_link_code(place(KEY), BEN, code_hash("three"), now=NOW)
    assert await store.enter_link_code(place(KEY), ANNA, code_hash("three"), now=NOW) is LinkEnd.ALREADY


async def test_guessing(store: Store) -> None:
    """After some wrong codes not even a right one opens, for an hour."""
    for number in range(TRIES):
        wrong = code_hash(f"{number}")
        assert await store.enter_link_code(place(ABROAD), ANNE, wrong, now=NOW) is LinkEnd.UNKNOWN
    assert await linked(store) is LinkEnd.TOO_MANY
    hour = NOW + timedelta(hours=1)
    await store.show_link_code(place(KEY), ANNA, code_hash("right"), now=hour)
    assert await store.enter_link_code(place(ABROAD), ANNE, code_hash("right"), now=hour) is LinkEnd.DONE


async def test_old_codes_are_not_kept(store: Store) -> None:
    """Housekeeping takes them with what else has ended; a code that still opens stays."""
    await store.show_link_code(place(KEY), ANNA, code_hash("old"), now=NOW - timedelta(days=8))
    await store.show_link_code(place(KEY), BEN, code_hash("new"), now=NOW)
    await store.purge_counters(before=NOW - timedelta(days=7))
    enter = store.enter_link_code
    before = NOW - timedelta(days=8)
    assert await enter(place(ABROAD), ANNE, code_hash("old"), now=before) is LinkEnd.UNKNOWN
    assert await enter(place(ABROAD), ANNE, code_hash("new"), now=NOW) is LinkEnd.DONE


@pytest.mark.parametrize(("key", "person"), [(KEY, ANNA), (ABROAD, ANNE)])
async def test_told_and_forgotten(store: Store, key: ConversationKey, person: Author) -> None:
    """`/mydata` tells of it, and `/forget everywhere` takes it away, on either side."""
    await linked(store)
    reach = Reach(place=place(key), person=person.id)
    told = [one async for kind, one in store.told(reach) if kind == "links"]
    assert [other["person"] for one in told for other in one["with"]] == [({ANNA.id, ANNE.id} - {person.id}).pop()]
    by = AuditEntry(at=NOW, place=place(key), actor=person, action="forget.everywhere")
    order = await store.order_erasure(reach, through=0, by=by, now=NOW)
    while (await store.erase(order, now=NOW)).erased:
        pass
    assert await store.erasures() == ()
    assert await store.unlink(place(KEY), ANNA) is LinkEnd.UNKNOWN
    assert await store.unlink(place(ABROAD), ANNE) is LinkEnd.UNKNOWN
