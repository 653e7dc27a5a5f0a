"""Personas: every change is a version, nobody overwrites anybody, and the nearest one answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit import AuditEntry
from core.conversation import ConversationKey, Platform
from core.persona import Persona, PersonaVersion
from core.privacy import Place
from core.store import Conflict, NameTaken, PersonaScope, PersonaUse, Store
from core.turn import Turn
from tests.core.store.scene import ANNA, BEN, KEY, NOW, Worker, accept, said

TEAM = Place(platform=Platform.SLACK, workspace="T1")
SUPPORT = Persona(name="Support", prompt="You help customers.")
OTHER_THREAD = replace(KEY, thread="5.5")
DIRECT = ConversationKey(platform=Platform.SLACK, workspace="T1", channel="D1", thread="7.7")


def entry(action: str = "persona.edit") -> AuditEntry:
    return AuditEntry(at=NOW, place=TEAM, actor=ANNA, action=action)


async def created(store: Store, persona: Persona = SUPPORT, place: Place = TEAM) -> PersonaVersion:
    result = await store.create_persona(place, persona, by=ANNA, note="created", entry=entry(), now=NOW)
    assert isinstance(result, PersonaVersion)
    return result


async def changed(store: Store, of: PersonaVersion, prompt: str) -> PersonaVersion | Conflict | NameTaken | None:
    persona = replace(of.persona, prompt=prompt)
    return await store.change_persona(
        TEAM, of.id, persona, based_on=of.version, by=BEN, note="edited", entry=entry(), now=NOW
    )


async def use(store: Store, persona: PersonaVersion | None, scope: PersonaScope, channel: str | None = None) -> None:
    place = replace(TEAM, channel=channel)
    found = PersonaUse(place=place, scope=scope, persona_id=persona.id if persona else None)
    await store.use_persona(found, entry=entry("persona.use"), now=NOW)


async def asked(store: Store, key: ConversationKey, *, shared: bool = True) -> Turn:
    """Somebody asks there, and a process takes the turn."""
    await accept(store, said(key=key, shared=shared))
    return await Worker(store, "w1").claimed()


async def answers(store: Store, key: ConversationKey, *, shared: bool = True) -> str:
    """The prompt with which a turn there is answered; empty for the built-in persona."""
    found = await store.answering_persona(await asked(store, key, shared=shared))
    return found.persona.prompt if found else ""


async def test_a_persona_is_found_by_its_name_however_it_is_written(store: Store) -> None:
    """Case and spaces do not matter; another workspace has personas of its own."""
    first = await created(store)
    assert await store.persona(TEAM, " sUPPORT ") == first
    assert await store.persona(replace(TEAM, workspace="T2"), "Support") is None
    assert await store.personas(TEAM) == (first,)
    taken = await store.create_persona(TEAM, SUPPORT, by=BEN, note="", entry=entry(), now=NOW)
    assert taken == NameTaken(name="Support")
    assert len(await store.audit(TEAM)) == 1, "what did not happen is not in the log"
    await created(store, place=replace(TEAM, workspace="T2"))


async def test_every_change_is_a_version(store: Store) -> None:
    """The history tells who made which, newest first, and each can be read again."""
    first = await created(store)
    second = await changed(store, first, "You help patiently.")
    assert isinstance(second, PersonaVersion)
    history = await store.persona_revisions(TEAM, first.id)
    assert [(each.of.version, each.author.name, each.note) for each in history] == [
        (2, "Ben", "edited"),
        (1, "Anna", "created"),
    ]
    old = await store.persona_revision(TEAM, first.id, 1)
    assert old is not None
    assert old.of == first
    assert await store.persona_revision(TEAM, first.id, 3) is None


async def test_two_admins_at_once_do_not_overwrite_each_other(store: Store) -> None:
    """The second is told what the first has made, and nothing of theirs happens."""
    first = await created(store)
    await changed(store, first, "Ben's")
    conflict = await changed(store, first, "Anna's")
    assert isinstance(conflict, Conflict)
    assert conflict.newest.of.persona.prompt == "Ben's"
    assert conflict.newest.author == BEN
    found = await store.persona(TEAM, "Support")
    assert found is not None
    assert found.version == 2


async def test_a_new_name_must_be_free(store: Store) -> None:
    """A persona cannot take another's name, but its own in other letters; an archived one leaves its name."""
    first, second = await created(store), await created(store, replace(SUPPORT, name="Sales"))
    renamed = replace(second.persona, name="support")
    result = await store.change_persona(TEAM, second.id, renamed, based_on=1, by=ANNA, note="", entry=entry(), now=NOW)
    assert result == NameTaken(name="support")
    await store.archive_persona(TEAM, first.id, entry=entry("persona.archive"), now=NOW)
    result = await store.change_persona(TEAM, second.id, renamed, based_on=1, by=ANNA, note="", entry=entry(), now=NOW)
    assert isinstance(result, PersonaVersion)


async def test_the_nearest_persona_answers(store: Store) -> None:
    """The channel's goes before the workspace's, that of direct messages too; without any it is the built-in one."""
    assert await answers(store, KEY) == ""
    personas = {name: await created(store, Persona(name=name, prompt=name)) for name in ("team", "room", "private")}
    await use(store, personas["team"], PersonaScope.WORKSPACE)
    await use(store, personas["private"], PersonaScope.DMS)
    assert await answers(store, OTHER_THREAD) == "team"
    await use(store, personas["room"], PersonaScope.CHANNEL, "C1")
    assert await answers(store, replace(KEY, thread="6.6")) == "room"
    assert await answers(store, DIRECT, shared=False) == "private"
    await use(store, None, PersonaScope.CHANNEL, "C1")
    assert await answers(store, replace(KEY, thread="8.8")) == "team"


async def test_a_thread_keeps_what_it_began_with(store: Store) -> None:
    """Neither a new version nor another persona for the channel changes a running thread; an admin can move it."""
    first = await created(store)
    await use(store, first, PersonaScope.CHANNEL, "C1")
    turn = await asked(store, KEY)
    assert (await store.answering_persona(turn)) == first
    second = await changed(store, first, "newer")
    assert isinstance(second, PersonaVersion)
    assert await store.answering_persona(turn) == first
    assert await answers(store, OTHER_THREAD) == "newer"
    await store.move_thread(KEY, second, shared=True, entry=entry("persona.use"), now=NOW)
    assert await store.answering_persona(turn) == second
    await store.move_thread(KEY, None, shared=True, entry=entry("persona.use"), now=NOW)
    assert await store.answering_persona(turn) is None


async def test_a_channel_that_is_one_conversation_follows_its_persona(store: Store) -> None:
    """Direct messages without threads never end, so they have the newest version at every turn."""
    first, key = await created(store), replace(DIRECT, thread=None)
    await use(store, first, PersonaScope.DMS)
    turn = await asked(store, key, shared=False)
    assert await store.answering_persona(turn) == first
    await changed(store, first, "newer")
    found = await store.answering_persona(turn)
    assert found is not None
    assert found.persona.prompt == "newer"


async def test_an_archived_persona_finishes_its_threads(store: Store) -> None:
    """It answers on where it began, and nowhere else; where it was used is told."""
    first = await created(store)
    await use(store, first, PersonaScope.CHANNEL, "C1")
    turn = await asked(store, KEY)
    await store.answering_persona(turn)
    places = await store.archive_persona(TEAM, first.id, entry=entry("persona.archive"), now=NOW)
    assert [each.place.channel for each in places] == ["C1"]
    found = await store.answering_persona(turn)
    assert found is not None
    assert found.archived
    assert await answers(store, OTHER_THREAD) == ""
    assert await store.persona(TEAM, "Support") is None
    assert await changed(store, first, "late") is None


@pytest.mark.parametrize("database_engine", ["sqlite"], indirect=True)
async def test_hostile_prompts_are_kept_as_they_are(store: Store) -> None:
    """Markup, quotes, four-byte characters and 12,000 characters come back unchanged."""
    prompt = "<!channel> \"quoted\" 'and' `code` 🦜\U00020000 " * 300
    first = await created(store, replace(SUPPORT, prompt=prompt))
    found = await store.persona(TEAM, "Support")
    assert found == first
    assert found.persona.prompt == prompt


STEPS = st.lists(
    st.one_of(st.tuples(st.just("edit"), st.text(min_size=1)), st.tuples(st.just("back"), st.integers(1, 12))),
    max_size=12,
)


@settings(deadline=None, max_examples=40)
@given(steps=STEPS)
async def test_history_is_linear_and_its_newest_version_answers(steps: list[tuple[str, str | int]]) -> None:
    """Whatever is edited and rolled back: versions count up without a gap, none is ever changed, and the model is given
    the newest."""
    store = await Store.open("sqlite://")
    try:
        current = await created(store)
        await use(store, current, PersonaScope.CHANNEL, "C1")
        made = [current.persona.prompt]
        for kind, value in steps:
            prompt = str(value) if kind == "edit" else made[(int(value) - 1) % len(made)]
            result = await changed(store, current, prompt)
            assert isinstance(result, PersonaVersion)
            current = result
            made.append(current.persona.prompt)
        history = await store.persona_revisions(TEAM, current.id, limit=100)
        assert [each.of.version for each in reversed(history)] == list(range(1, len(made) + 1))
        assert [each.of.persona.prompt for each in reversed(history)] == made
        assert await answers(store, KEY) == made[-1]
    finally:
        await store.close()


async def test_a_version_that_would_not_be_taken_any_more(store: Store) -> None:
    """Rules may change after a version was stored: it is still read, and still answers."""
    version = await created(store, Persona(name="Old", prompt=" {gone}\r"))
    assert version.persona.prompt == " {gone}\r"
    assert await store.persona(TEAM, "old") == version
