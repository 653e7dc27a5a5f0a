"""The ledger: reserving before a model is asked, settling when a turn has ended, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from core.audit import AuditEntry
from core.conversation import ConversationKey
from core.incoming import Author
from core.privacy import Place
from core.quota.limit import Limit, Measure, Period, Subject, SubjectKind
from core.quota.price import Price
from core.quota.reservation import Ask, OverQuota, Reserved, Terms
from core.store import Store
from core.store.database import Database
from core.store.tables import QuotaCounterRow, QuotaGrantRow, QuotaHoldRow, Row, UsageRow
from core.turn import Outcome, Turn, TurnState, Usage
from tests.core.store.scene import ANNA, BEN, KEY, LATER, NOW, Worker, accept, said

PLACE = Place(platform=KEY.platform, workspace=KEY.workspace)
EACH = Subject(kind=SubjectKind.EACH_USER)
EVERYBODY = Subject(kind=SubjectKind.WORKSPACE)
PRICE = Price(prompt=Decimal("1"), cached=None, completion=Decimal("2"))
"""A thousand nano-units a prompt token, two thousand a completion token."""
TERMS = Terms()


def thread(number: int) -> ConversationKey:
    """One conversation of the channel."""
    return replace(KEY, thread=f"9.{number}")


def limit(amount: int, measure: Measure = Measure.TOKENS, *, subject: Subject = EACH, sliding: bool = False) -> Limit:
    return Limit(subject=subject, measure=measure, period=Period.DAY, amount=amount, sliding=sliding)


def ask(prompt: int = 100, answer: int = 200, *, least: int = 50, price: Price | None = None) -> Ask:
    return Ask(prompt_tokens=prompt, answer_most=answer, answer_least=least, price=price)


def entry(action: str = "quota.set") -> AuditEntry:
    return AuditEntry(at=NOW, place=PLACE, actor=ANNA, action=action, allowed=True, subject="", details={})


async def limited(store: Store, *limits: Limit) -> None:
    for one in limits:
        await store.set_limit(PLACE, one, by=entry())


async def claimed(store: Store, worker: Worker, number: int, *, by: Author = ANNA) -> Turn:
    """A turn in a conversation of its own, in work."""
    await accept(store, replace(said(key=thread(number)), author=by))
    return await worker.claimed()


async def reserve(store: Store, turn: Turn, asked: Ask | None = None, *, terms: Terms = TERMS) -> Reserved | OverQuota:
    return await store.reserve(turn, asked or ask(), persona_id=None, terms=terms, now=NOW)


def may(answer_most: int) -> Reserved:
    """The answer may have so many tokens, and the model is told."""
    return Reserved(answer_most=answer_most, bounded=True)


async def end(store: Store, turn: Turn, prompt: int, completion: int, *, price: Price | None = None) -> None:
    usage = Usage(prompt_tokens=prompt, completion_tokens=completion, model="m")
    outcome = Outcome(state=TurnState.DONE, text="Yes.", usage=usage, price=price, persona_version=0)
    await store.finish(turn, outcome, (), now=LATER)


async def rows(url: str, table: type[Row]) -> Sequence[Row]:
    database = Database(url)
    async with database.reading() as session:
        found = (await session.execute(select(table))).scalars().all()
    await database.close()
    return found


async def balance(url: str) -> tuple[int, int]:
    """Used and reserved on the only counter."""
    (counter,) = await rows(url, QuotaCounterRow)
    assert isinstance(counter, QuotaCounterRow)
    return counter.used, counter.reserved


async def test_without_limits_nothing_is_counted(store: Store, worker: Worker, database_url: str) -> None:
    """The answer may be as long as its persona says; the accounts of use are written all the same."""
    turn = await claimed(store, worker, 1)
    assert await reserve(store, turn) == Reserved(answer_most=200)
    await end(store, turn, 110, 40)
    assert await rows(database_url, QuotaCounterRow) == []
    (account,) = await rows(database_url, UsageRow)
    assert isinstance(account, UsageRow)
    assert (account.tokens, account.requests, account.cost) == (150, 1, None)


async def test_reserved_then_settled(store: Store, worker: Worker, database_url: str) -> None:
    """What may be used is held while the model talks, and what was used stays when it has ended."""
    await limited(store, limit(1_000))
    turn = await claimed(store, worker, 1)
    assert await reserve(store, turn) == may(200)
    assert await balance(database_url) == (0, 300)
    await end(store, turn, 110, 40)
    assert await balance(database_url) == (150, 0)
    assert await rows(database_url, QuotaHoldRow) == []


async def test_the_answer_is_shortened_to_what_is_left(store: Store, worker: Worker) -> None:
    """Somebody with little left gets a shorter answer, and none where it would be of no use."""
    await limited(store, limit(500))
    first, second, third = [await claimed(store, worker, number) for number in (1, 2, 3)]
    assert await reserve(store, first) == may(200)
    assert await reserve(store, second) == may(100)
    over = await reserve(store, third)
    assert isinstance(over, OverQuota)
    assert (over.standing.used, over.standing.reserved, over.standing.left) == (0, 500, 0)
    assert over.resets_at is not None
    assert over.resets_at.hour == 0


async def test_others_have_their_own(store: Store, worker: Worker) -> None:
    """A limit for each user is each user's; one for the workspace is everybody's together, and is named."""
    await limited(store, limit(300), limit(500, subject=EVERYBODY))
    mine, his = await claimed(store, worker, 1), await claimed(store, worker, 2, by=BEN)
    assert await reserve(store, mine) == may(200)
    assert await reserve(store, his) == may(100)
    over = await reserve(store, await claimed(store, worker, 3, by=replace(ANNA, id="U3")))
    assert isinstance(over, OverQuota)
    assert over.standing.limit.subject == EVERYBODY


async def test_a_new_limit_counts_what_was_used_before(store: Store, worker: Worker, database_url: str) -> None:
    """In its window: from the accounts of use, and with the turns that were in work when it was set."""
    before, during = await claimed(store, worker, 1), await claimed(store, worker, 2)
    for turn in (before, during):
        await reserve(store, turn)
    await end(store, before, 100, 50)
    await limited(store, limit(1_000))
    assert await reserve(store, await claimed(store, worker, 3)) == may(200)
    assert await balance(database_url) == (150, 300)
    await end(store, during, 100, 60)
    assert await balance(database_url) == (310, 300)


async def test_a_limit_lowered_in_its_window(store: Store, worker: Worker) -> None:
    """What is used stays used; nothing more is given until the next window."""
    await limited(store, limit(1_000))
    turn = await claimed(store, worker, 1)
    await reserve(store, turn)
    await end(store, turn, 200, 200)
    await limited(store, limit(300))
    over = await reserve(store, await claimed(store, worker, 2))
    assert isinstance(over, OverQuota)
    assert over.standing.left == 0
    await limited(store, limit(700))
    assert await reserve(store, await claimed(store, worker, 3)) == may(200)


async def test_costs(store: Store, worker: Worker, database_url: str) -> None:
    """In nano-units, at the price that is stored with the account; a model without a price is not asked."""
    await limited(store, limit(500_000, Measure.COST))
    first = await claimed(store, worker, 1)
    assert await reserve(store, first, ask(price=PRICE)) == may(200)
    assert await balance(database_url) == (0, 500_000)
    await end(store, first, 100, 50, price=PRICE)
    assert await balance(database_url) == (200_000, 0)
    (account,) = await rows(database_url, UsageRow)
    assert isinstance(account, UsageRow)
    assert account.cost == 200_000
    assert account.price == {"prompt": "1", "cached": None, "completion": "2", "currency": "USD", "source": ""}
    second = await claimed(store, worker, 2)
    assert await reserve(store, second, ask(price=PRICE)) == may(100)
    over = await reserve(store, await claimed(store, worker, 3), ask(price=None))
    assert isinstance(over, OverQuota)
    assert over.unpriced


async def test_a_question_that_never_fits(store: Store, worker: Worker) -> None:
    """Nobody is told to wait for what will not come."""
    await limited(store, limit(120))
    over = await reserve(store, await claimed(store, worker, 1))
    assert isinstance(over, OverQuota)
    assert over.resets_at is None


async def test_little_left_is_told_once(store: Store, worker: Worker) -> None:
    """When four fifths are used, once in the window."""
    await limited(store, limit(10, Measure.REQUESTS))
    told = []
    for number in range(10):
        turn = await claimed(store, worker, number)
        result = await reserve(store, turn)
        assert isinstance(result, Reserved)
        told.append(len(result.near))
        await end(store, turn, 1, 1)
    assert told == [0] * 8 + [1, 0]
    assert isinstance(await reserve(store, await claimed(store, worker, 10)), OverQuota)


async def test_a_grant_is_taken_where_a_limit_is_short(store: Store, worker: Worker, database_url: str) -> None:
    """Once for all limits that are short; what was not used of it comes back."""
    week = replace(limit(320), period=Period.WEEK)
    await limited(store, limit(300), week)
    anna = Subject(kind=SubjectKind.USER, id=ANNA.id)
    await store.grant(PLACE, anna, Measure.TOKENS, 250, until=NOW + timedelta(days=1), by=entry("quota.grant"))
    first, second = await claimed(store, worker, 1), await claimed(store, worker, 2)
    assert await reserve(store, first) == may(200)
    assert await reserve(store, second, ask(answer=150)) == may(150)
    assert await left(database_url) == 0
    await end(store, second, 100, 20)
    assert await left(database_url) == 130
    await end(store, first, 100, 100)
    assert await left(database_url) == 130


async def left(url: str) -> int:
    """Of the only grant."""
    (grant,) = await rows(url, QuotaGrantRow)
    assert isinstance(grant, QuotaGrantRow)
    return grant.left


async def test_a_grant_expires(store: Store, worker: Worker) -> None:
    """Afterwards it is as if there were none."""
    await limited(store, limit(0))
    anna = Subject(kind=SubjectKind.USER, id=ANNA.id)
    await store.grant(PLACE, anna, Measure.TOKENS, 500, until=NOW, by=entry("quota.grant"))
    assert isinstance(await reserve(store, await claimed(store, worker, 1)), OverQuota)


async def test_who_takes_over_accounts_for_the_dead(
    store: Store, worker: Worker, rival: Worker, database_url: str
) -> None:
    """What was held for the first attempt is not, and its prompt counts, for it was sent."""
    await limited(store, limit(1_000))
    turn = await claimed(store, worker, 1)
    await reserve(store, turn)
    taken = await store.claim([KEY.platform], "w2", now=NOW + timedelta(minutes=5), until=NOW + timedelta(minutes=6))
    assert taken is not None
    await reserve(store, taken)
    assert await balance(database_url) == (0, 400)
    await end(store, taken, 100, 50)
    assert await balance(database_url) == (250, 0)
    (account,) = await rows(database_url, UsageRow)
    assert isinstance(account, UsageRow)
    assert (account.prompt_tokens, account.completion_tokens, account.estimated) == (200, 50, True)


async def test_handed_over(store: Store, worker: Worker, database_url: str) -> None:
    """What was held stays while the turn waits for its next owner, for what was used counts at the end."""
    await limited(store, limit(1_000))
    turn = await claimed(store, worker, 1)
    await reserve(store, turn)
    await store.release(turn, now=NOW, used=Usage(prompt_tokens=100, completion_tokens=30))
    assert await balance(database_url) == (0, 300)
    again = await worker.claimed()
    await reserve(store, again)
    await end(store, again, 100, 50)
    assert await balance(database_url) == (280, 0)


async def test_asked_twice_in_one_life(store: Store, worker: Worker, database_url: str) -> None:
    """The second reservation stands for the first: a model that was gone has used nothing."""
    await limited(store, limit(1_000))
    turn = await claimed(store, worker, 1)
    for _ in range(3):
        await reserve(store, turn)
    assert await balance(database_url) == (0, 300)


async def test_refused_or_given_up(store: Store, worker: Worker, database_url: str) -> None:
    """A turn that never asked has no request; one that asked and failed has."""
    await limited(store, limit(5, Measure.REQUESTS))
    refused, failed = await claimed(store, worker, 1), await claimed(store, worker, 2)
    await store.finish(refused, Outcome(state=TurnState.REFUSED, text="", reason="quota"), (), now=LATER)
    await reserve(store, failed)
    await store.finish(failed, Outcome(state=TurnState.FAILED, text="", reason="ModelBusy"), (), now=LATER)
    assert await balance(database_url) == (1, 0)


async def test_sliding_windows(store: Store, worker: Worker) -> None:
    """What was spent comes back bit by bit: the person is told when there is enough."""
    await limited(store, limit(300, sliding=True))
    first = await claimed(store, worker, 1)
    assert await reserve(store, first) == may(200)
    await end(store, first, 100, 50)
    second = await claimed(store, worker, 2)
    later = NOW + timedelta(hours=6)
    assert await store.reserve(second, ask(), persona_id=None, terms=TERMS, now=later) == may(50)
    third = await claimed(store, worker, 3)
    over = await store.reserve(third, ask(), persona_id=None, terms=TERMS, now=later)
    assert isinstance(over, OverQuota)
    assert over.resets_at is not None
    assert timedelta(hours=24) <= over.resets_at - NOW <= timedelta(hours=24, minutes=24)
    free = await store.reserve(third, ask(), persona_id=None, terms=TERMS, now=over.resets_at)
    assert free == may(50)


async def test_defaults_hold_where_nothing_is_set(store: Store, worker: Worker) -> None:
    """The operator's settings, until an admin sets the same."""
    terms = Terms(limits=(limit(250),))
    turn = await claimed(store, worker, 1)
    assert await reserve(store, turn, terms=terms) == may(150)
    await limited(store, limit(1_000))
    assert await reserve(store, turn, terms=terms) == may(200)


async def test_many_at_once_never_overspend(store: Store, worker: Worker, database_url: str) -> None:
    """Two stores on one database reserve side by side: just as many as fit may ask."""
    await limited(store, limit(37, Measure.REQUESTS))
    turns = [await claimed(store, worker, number) for number in range(60)]
    other = await Store.open(database_url)
    results = await asyncio.gather(*(reserve((store, other)[n % 2], turn) for n, turn in enumerate(turns)))
    await other.close()
    assert sum(isinstance(result, Reserved) for result in results) == 37
    assert await balance(database_url) == (0, 37)


async def test_a_sliding_limit_that_was_away_for_a_while(store: Store, worker: Worker) -> None:
    """What was used meanwhile counts when it is set again, as it would for a new one."""
    sliding = limit(1_000, sliding=True)
    await limited(store, sliding)
    for number, away in ((1, False), (2, True)):
        if away:
            await store.clear_limits(PLACE, EACH, measure=None, period=None, by=entry("quota.clear"))
        at = NOW + timedelta(hours=number)
        await accept(store, replace(said(key=thread(number)), author=ANNA), at=at)
        turn = await worker.claimed(at=at)
        assert isinstance(await store.reserve(turn, ask(), persona_id=None, terms=TERMS, now=at), Reserved)
        usage = Usage(prompt_tokens=300, completion_tokens=100, model="m")
        await store.finish(turn, Outcome(state=TurnState.DONE, text="Yes.", usage=usage, persona_version=0), (), now=at)
    await limited(store, sliding)
    at = NOW + timedelta(hours=3)
    await accept(store, replace(said(key=thread(3)), author=ANNA), at=at)
    turn = await worker.claimed(at=at)
    reserved = await store.reserve(turn, ask(answer=500), persona_id=None, terms=TERMS, now=at)
    assert isinstance(reserved, Reserved)
    assert reserved.answer_most == 100


async def test_a_sliding_limit_set_while_somebody_was_answered(store: Store, worker: Worker) -> None:
    """Whoever asked before there was any limit counts when they have ended, also where the limit's counters begin
    after that: in the first slice that is counted."""
    before = await claimed(store, worker, 1)
    assert await reserve(store, before, ask(answer=500)) == Reserved(answer_most=500)
    await limited(store, limit(1_000, sliding=True))
    later = NOW + timedelta(hours=1)
    other = await claimed(store, worker, 2)
    assert await store.reserve(other, ask(), persona_id=None, terms=TERMS, now=later) == may(200)
    usage = Usage(prompt_tokens=100, completion_tokens=500, model="m")
    outcome = Outcome(state=TurnState.DONE, text="Yes.", usage=usage, persona_version=0)
    await store.finish(before, outcome, (), now=later)
    third = await claimed(store, worker, 3)
    over = await store.reserve(third, ask(answer=500), persona_id=None, terms=TERMS, now=later)
    assert isinstance(over, OverQuota)
    assert (over.standing.used, over.standing.reserved) == (600, 300)


async def test_edited_again_and_again_within_the_limit(store: Store, worker: Worker, database_url: str) -> None:
    """What was generated before a question was edited takes its room: nobody gets beyond a limit by editing."""
    await limited(store, limit(600))
    turn = await claimed(store, worker, 1)
    assert await reserve(store, turn) == may(200)
    await store.set_aside(turn, Usage(prompt_tokens=100, completion_tokens=200))
    assert await balance(database_url) == (0, 300)
    assert await reserve(store, turn, ask(answer=400)) == may(200)
    await store.set_aside(turn, Usage(prompt_tokens=100, completion_tokens=200))
    assert isinstance(await reserve(store, turn), OverQuota)
    assert await balance(database_url) == (0, 600)
    assert isinstance(await reserve(store, await claimed(store, worker, 2)), OverQuota)
    await store.finish(turn, Outcome(state=TurnState.REFUSED, text="", persona_version=0), (), now=LATER)
    assert await balance(database_url) == (600, 0)


async def test_stopped_after_its_first_owner_died(store: Store, worker: Worker, database_url: str) -> None:
    """The dead one's prompt is charged, although nobody asked again."""
    await limited(store, limit(1_000))
    turn = await claimed(store, worker, 1)
    await reserve(store, turn)
    taken = await store.claim([KEY.platform], "w2", now=NOW + timedelta(minutes=5), until=NOW + timedelta(minutes=6))
    assert taken is not None
    await store.finish(taken, Outcome(state=TurnState.CANCELLED, text=""), (), now=LATER)
    assert await balance(database_url) == (100, 0)


async def test_costs_in_several_currencies_are_not_mixed(store: Store, worker: Worker, database_url: str) -> None:
    """A limit in one counts nothing that was charged in another: nobody here knows what that is worth."""
    for number, currency in ((1, "USD"), (2, "EUR")):
        turn = await claimed(store, worker, number)
        price = replace(PRICE, currency=currency)
        await reserve(store, turn, ask(price=price))
        await end(store, turn, 100, 50 * number, price=price)
    await limited(store, limit(5_000_000, Measure.COST))
    euros = Terms(currency="EUR")
    (before,) = await store.standings(PLACE, ANNA, persona_id=None, terms=euros, now=NOW)
    await reserve(store, await claimed(store, worker, 3), ask(price=replace(PRICE, currency="EUR")), terms=euros)
    used, _ = await balance(database_url)
    assert used == before.used == 300_000
