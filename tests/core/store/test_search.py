"""What was said earlier is found by its words: in this conversation only, newest first, and at a bounded cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit import AuditEntry
from core.conversation import ConversationKey, Role
from core.incoming import Author
from core.privacy import Place, Reach
from core.store import Search, Store, search
from core.turn import Turn
from tests.core.store.scene import ANNA, BEN, KEY, NOW, Worker, accept, assistant, deleted, said


async def exchange(
    store: Store,
    worker: Worker,
    text: str,
    answer: str = "I see",
    *,
    by: Author = ANNA,
    key: ConversationKey = KEY,
) -> None:
    """Somebody said this and was answered."""
    await accept(store, said(text, by=by, key=key))
    await worker.answer(assistant(answer))


async def asking(store: Store, worker: Worker, key: ConversationKey = KEY) -> Turn:
    """The turn that searches."""
    await accept(store, said("what did we say about the budget?", key=key))
    return await worker.claimed()


async def find(store: Store, turn: Turn, *words: str, before: int | None = None, limit: int = 10) -> Search:
    """What the search finds."""
    return await store.search_messages(turn, words, before_seq=before or turn.seq, limit=limit)


def texts(found: Search) -> list[str]:
    """The messages' texts."""
    return [one.text for one in found.found]


async def test_all_words_newest_first(store: Store, worker: Worker) -> None:
    """People's messages and answers that hold every word, with who said it and when; not the question itself."""
    await exchange(store, worker, "the budget is 100", "So the BUDGET of May is 100.")
    await exchange(store, worker, "and May?", by=BEN)
    await exchange(store, worker, "budget of May, please", by=BEN)
    turn = await asking(store, worker)
    found = await find(store, turn, "budget", "may")
    assert texts(found) == ["budget of May, please", "So the BUDGET of May is 100."]
    assert [(one.role, one.author, one.at) for one in found.found] == [
        (Role.USER, "Ben", NOW),
        (Role.ASSISTANT, None, NOW),
    ]
    assert found.whole


async def test_only_this_conversation(store: Store, worker: Worker) -> None:
    """Neither another thread nor another channel nor another workspace is read (law 7)."""
    for key in (replace(KEY, thread="1.1"), replace(KEY, channel="C2"), replace(KEY, workspace="T2")):
        await exchange(store, worker, "secret", key=key)
    assert texts(await find(store, await asking(store, worker), "secret")) == []


@pytest.mark.parametrize("word", ["ÜBERGRÖSSE", "straße", "100%", "snake_case", 'say "hi"', "ﬁne", "日本"])
async def test_letters_of_all_kinds(store: Store, worker: Worker, word: str) -> None:
    """However they are written, and though they mean something to a database or to JSON."""
    text = 'Übergröße, STRASSE, 100%, snake_case, say "hi", fine, 日本語'
    await exchange(store, worker, text)
    await exchange(store, worker, "1000, snakeXcase, ubergrosse")
    assert texts(await find(store, await asking(store, worker), word)) == [text]


async def test_what_a_summary_covers_is_found(store: Store, worker: Worker) -> None:
    """The model does not read it any more; the search does."""
    await exchange(store, worker, "the code word is heron")
    turn = await asking(store, worker)
    assert await store.summarise(turn, "They talked.", through_seq=1, tokens=3, now=NOW)
    assert texts(await find(store, turn, "heron")) == ["the code word is heron"]


async def test_only_before_what_is_read_already(store: Store, worker: Worker) -> None:
    """Turns from that one on are left out."""
    for number in (1, 2, 3):
        await exchange(store, worker, f"note {number}")
    turn = await asking(store, worker)
    assert texts(await find(store, turn, "note", before=3)) == ["note 2", "note 1"]
    assert texts(await find(store, turn, "note", before=99)) == ["note 3", "note 2", "note 1"]


async def test_nothing_that_is_gone(store: Store, worker: Worker) -> None:
    """Neither deleted messages nor forgotten ones are found."""
    first = said("secret one", by=BEN)
    await accept(store, first)
    await worker.answer()
    await exchange(store, worker, "secret two")
    await store.retract(deleted(first), now=NOW)
    reach = Reach(place=Place.of(KEY), person=ANNA.id)
    by = AuditEntry(at=NOW, place=reach.place, actor=ANNA, action="forget.here")
    order = await store.order_erasure(reach, through=(await store.holdings(reach)).through, by=by, now=NOW)
    while (await store.erase(order, now=NOW)).erased:
        pass
    assert texts(await find(store, await asking(store, worker), "secret")) == []


async def test_a_long_conversation_has_its_bound(store: Store, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest messages are looked at, batch by batch, and it is said that there are more."""
    monkeypatch.setattr(search, "BATCH", 3)
    for number in range(8):
        await exchange(store, worker, f"message {number}", "noted")
    turn = await asking(store, worker)
    everything = await find(store, turn, "message", limit=20)
    assert texts(everything) == [f"message {number}" for number in reversed(range(8))]
    assert everything.whole
    few = await find(store, turn, "message", limit=2)
    assert (texts(few), few.whole) == (["message 7", "message 6"], False)
    monkeypatch.setattr(search, "MOST_READ", 6)
    bounded = await find(store, turn, "message")
    assert (texts(bounded), bounded.whole) == (["message 7", "message 6", "message 5"], False)
    monkeypatch.setattr(search, "MOST_CHARACTERS", 1)
    longest = await find(store, turn, "message", limit=1)
    assert (texts(longest), longest.whole) == ([], False)
