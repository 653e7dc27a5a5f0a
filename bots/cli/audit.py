"""`parley audit`: what admins changed, and what was refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from bots.cli.memory import PlatformOption, WorkspaceOption, with_store

if TYPE_CHECKING:
    from core.audit import AuditEntry
    from core.store import Store


def audit(
    platform: PlatformOption,
    workspace: WorkspaceOption,
    action: Annotated[str, typer.Option("--action", help="Only actions that begin so, such as retention")] = "",
    person: Annotated[str | None, typer.Option("--person", help="Only what this person did")] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=100_000, help="How many of the newest entries")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Read a workspace's audit log, newest first."""
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from core.privacy import Place

    place = Place(platform=platform, workspace=workspace)

    async def read(store: Store) -> int:
        for entry in await store.audit(place, action=action, actor=person, limit=count):
            typer.echo(json.dumps(_document(entry), ensure_ascii=False) if as_json else _line(entry))
        return 0

    with_store(read)


def _document(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "channel": entry.place.channel,
        "actor": {"id": entry.actor.id, "name": entry.actor.name},
        "action": entry.action,
        "allowed": entry.allowed,
        "subject": entry.subject,
        "details": dict(entry.details),
    }


def _line(entry: AuditEntry) -> str:
    """Control characters that somebody put into a name do nothing to a terminal."""
    cells = (
        f"{entry.at:%Y-%m-%d %H:%M:%S}Z",
        "allowed" if entry.allowed else "REFUSED",
        entry.action,
        entry.subject or "-",
        entry.place.channel or "(workspace)",
        f"{entry.actor.id} {entry.actor.name}",
        json.dumps(dict(entry.details), ensure_ascii=False) if entry.details else "",
    )
    return "  ".join("".join(letter for letter in cell if letter.isprintable()) for cell in cells).rstrip()
