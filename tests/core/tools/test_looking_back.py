"""What models read of earlier messages and of notes, and what they are told where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.conversation import ConversationKey, Role, text_message
from core.incoming import Author
from core.notes import LONGEST, MOST
from core.store import Store
from core.tools.catalogue import built_in
from core.tools.searching import excerpt
from core.tools.tool import Scene, Tool, ToolFailed
from core.turn import Outcome, TurnState
from tests.core.tools.conftest import ANNA, BEN, KEY, NOW, Asking
from tests.core.tools.pages import NoDocuments


def tool(store: Store, name: str) -> Tool:
    """The tool of that name."""
    (found,) = [one for one in built_in(store, documents=NoDocuments()) if one.name == name]
    return found


async def call(store: Store, scene: Scene, name: str, **arguments: object) -> str:
    """What the tool gives."""
    return (await tool(store, name).handler(scene, arguments)).text


async def kept(store: Store, scene: Scene, text: str, scope: str) -> int:
    """A note is kept; its number."""
    told = await call(store, scene, "remember", text=text, scope=scope)
    whose = "for Anna." if scope == "person" else "for this channel."
    number, _, rest = told.removeprefix("Kept as note ").partition(", ")
    assert rest == whose
    return int(number)


async def ended(store: Store, scene: Scene, answer: str = "fine") -> None:
    """The turn has been answered so."""
    message = replace(text_message(Role.ASSISTANT, answer), tokens=2)
    await store.finish(scene.turn, Outcome(state=TurnState.DONE, text=answer), [message], now=NOW)


async def exchange(
    store: Store,
    asking: Asking,
    text: str,
    answer: str = "fine",
    *,
    by: Author = ANNA,
    key: ConversationKey = KEY,
) -> None:
    """Somebody said this and was answered."""
    await ended(store, await asking(text, by=by, key=key), answer)


# ── earlier messages ──


async def test_earlier_messages(store: Store, asking: Asking) -> None:
    """Who said it and when on the asker's clock, the newest first."""
    await exchange(store, asking, "the budget is 100", "A budget of 100, noted.", by=BEN)
    scene = replace(await asking("what was the budget?"), time_zone="Asia/Tokyo")
    assert await call(store, scene, "search_messages", words="BUDGET 100") == (
        "[2026-03-01 21:30, you]\nA budget of 100, noted.\n\n[2026-03-01 21:30, Ben]\nthe budget is 100"
    )


async def test_what_is_read_already_is_left_out(store: Store, asking: Asking) -> None:
    """And the model is told so, where nothing else is found."""
    await exchange(store, asking, "budget one")
    await exchange(store, asking, "budget two")
    scene = await asking()
    assert "budget two" not in await call(store, replace(scene, first_read=2), "search_messages", words="budget")
    none = await call(store, replace(scene, first_read=1), "search_messages", words="budget")
    assert none == "No earlier message holds budget. What you read already was not searched."


async def test_a_search_needs_words(store: Store, asking: Asking) -> None:
    """Spaces are none."""
    with pytest.raises(ToolFailed, match="at least one word"):
        await call(store, await asking(), "search_messages", words="   ")


async def test_more_than_asked_for_is_told(store: Store, asking: Asking) -> None:
    """That there may be more."""
    for number in range(3):
        await exchange(store, asking, f"budget {number}")
    found = await call(store, await asking(), "search_messages", words="budget", limit=2)
    assert "budget 0" not in found
    assert "there may be more" in found


def test_an_excerpt_shows_the_word() -> None:
    """Of a long message the part around the first word, and dots for the rest."""
    text = "a " * 1_000 + "the needle is here" + " b" * 1_000
    found = excerpt(text, ["NEEDLE"])
    assert "the needle is here" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) < 500
    assert excerpt("short\n\ntext", ["text"]) == "short text"


# ── notes ──


async def test_a_note_is_kept_and_read_again(store: Store, asking: Asking) -> None:
    """By its person in another channel and by everybody in its channel, with by whom and when."""
    scene = await asking("remember that I like tea")
    tea = await kept(store, scene, "Anna likes\n tea", "person")
    ships = await kept(store, scene, "We ship on Thursday", "channel")
    await ended(store, scene)
    elsewhere = await asking(key=replace(KEY, channel="C2"))
    assert await call(store, elsewhere, "recall") == (
        f"Notes, as people had them kept:\n- note {tea}, for Anna, by Anna on 2026-03-01 12:30: Anna likes tea"
    )
    await ended(store, elsewhere)
    bens = await asking(by=BEN)
    assert await call(store, bens, "recall") == (
        "Notes, as people had them kept:\n"
        f"- note {ships}, for this channel, by Anna on 2026-03-01 12:30: We ship on Thursday"
    )


async def test_notes_are_picked_by_words_and_scope(store: Store, asking: Asking) -> None:
    """However their letters are written."""
    scene = await asking()
    hers = await kept(store, scene, "Größe: 42", "person")
    everybodys = await kept(store, scene, "Größe des Raums: 20", "channel")
    assert f"note {hers}," in await call(store, scene, "recall", words="GRÖSSE 42")
    assert f"note {everybodys}," not in await call(store, scene, "recall", words="GRÖSSE 42")
    assert f"note {hers}," not in await call(store, scene, "recall", scope="channel")
    assert await call(store, scene, "recall", words="tea") == "There is no such note."


async def test_a_note_is_deleted(store: Store, asking: Asking) -> None:
    """After a person was asked, since it cannot be undone; also when the turn has ended meanwhile."""
    scene = await asking()
    number = await kept(store, scene, "old", "channel")
    await ended(store, scene)
    assert tool(store, "forget_note").changes
    assert not tool(store, "remember").changes
    assert await call(store, scene, "forget_note", number=number) == f"Note {number} is deleted. It said: old"
    assert await call(store, scene, "recall") == "There are no notes yet."
    with pytest.raises(ToolFailed, match=f"no note {number} here"):
        await call(store, scene, "forget_note", number=number)


async def test_notes_have_bounds(store: Store, asking: Asking) -> None:
    """Of length and of number; the model is told which."""
    scene = await asking()
    with pytest.raises(ToolFailed, match="empty"):
        await call(store, scene, "remember", text=" \n", scope="person")
    with pytest.raises(ToolFailed, match=f"at most {LONGEST}"):
        await call(store, scene, "remember", text="x" * (LONGEST + 1), scope="person")
    for number in range(MOST):
        await call(store, scene, "remember", text=f"note {number}", scope="person")
    with pytest.raises(ToolFailed, match=f"this person has {MOST} notes"):
        await call(store, scene, "remember", text="one more", scope="person")


async def test_no_note_for_who_lost_the_turn(store: Store, asking: Asking) -> None:
    """Another process answers it by now."""
    scene = await asking()
    await ended(store, scene)
    with pytest.raises(ToolFailed, match="no longer answered here"):
        await call(store, scene, "remember", text="late", scope="person")
