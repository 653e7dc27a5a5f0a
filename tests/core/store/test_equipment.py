"""What workspaces say of servers that bring tools."""

from __future__ import annotations

from dataclasses import replace

from core.audit import AuditEntry
from core.conversation import Platform
from core.equipment import ServerEntry
from core.incoming import Author
from core.privacy import Place
from core.store import Store
from tests.core.store.scene import KEY, NOW

PLACE = Place.of(KEY).whole
WIKI = ServerEntry(name="wiki", enabled=True, address="https://wiki.example/mcp", token="sealed")


def by(verb: str) -> AuditEntry:
    return AuditEntry(at=NOW, place=PLACE, actor=Author(id="U9", name="Cleo"), action=f"tools.{verb}")


async def test_a_server_is_added_changed_and_removed(store: Store) -> None:
    """Adding again puts the new one in its place; turning it off keeps its address and token; the log tells all."""
    assert await store.server_entries(PLACE) == ()
    assert await store.add_server(PLACE, WIKI, most=1, by=by("add"))
    moved = replace(WIKI, address="https://other.example/mcp", token="")
    assert await store.add_server(PLACE, moved, most=1, by=by("add"))
    await store.enable_server(PLACE, "wiki", on=False, by=by("disable"))
    assert await store.server_entries(PLACE) == (replace(moved, enabled=False),)
    assert await store.remove_server(PLACE, "wiki", by=by("remove"))
    assert await store.server_entries(PLACE) == ()
    told = [one.action for one in await store.audit(PLACE)]
    assert told == ["tools.remove", "tools.disable", "tools.add", "tools.add"]


async def test_not_more_than_so_many(store: Store) -> None:
    """What an admin says of the operator's servers does not count; nothing is logged of what did not happen."""
    await store.enable_server(PLACE, "tickets", on=True, by=by("enable"))
    assert await store.add_server(PLACE, WIKI, most=1, by=by("add"))
    assert not await store.add_server(PLACE, replace(WIKI, name="more"), most=1, by=by("add"))
    assert [one.name for one in await store.server_entries(PLACE)] == ["tickets", "wiki"]
    assert len(await store.audit(PLACE)) == 2


async def test_only_what_was_added_is_removed(store: Store) -> None:
    """What is said of a server of the operator's stays."""
    await store.enable_server(PLACE, "tickets", on=True, by=by("enable"))
    assert not await store.remove_server(PLACE, "tickets", by=by("remove"))
    assert not await store.remove_server(PLACE, "nobody", by=by("remove"))
    assert await store.server_entries(PLACE) == (ServerEntry(name="tickets", enabled=True),)


async def test_each_workspace_has_its_own(store: Store) -> None:
    """Of the other workspaces and platforms nothing is read, changed or removed (law 7)."""
    others = [replace(PLACE, workspace="T9"), replace(PLACE, platform=Platform.DISCORD)]
    await store.add_server(PLACE, WIKI, most=1, by=by("add"))
    for other in others:
        assert await store.server_entries(other) == ()
        await store.enable_server(other, "wiki", on=False, by=by("disable"))
        assert not await store.remove_server(other, "wiki", by=by("remove"))
    assert await store.server_entries(PLACE) == (WIKI,)
