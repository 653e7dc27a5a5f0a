"""`parley export`: what is stored of a person, for an operator who was asked for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bots.cli.memory import PersonOption, PlatformOption, WorkspaceOption, with_store

if TYPE_CHECKING:
    from core.store import Store

STANDARD_OUTPUT = 1
OWNER_ALONE = 0o600
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
"""Never over another file."""


def export(
    platform: PlatformOption,
    workspace: WorkspaceOption,
    person: PersonOption,
    out: Annotated[Path | None, typer.Option("--out", help="A new file to write; otherwise it is printed")] = None,
) -> None:
    """Write everything that is stored of a person in a workspace as JSON (see docs/privacy.md)."""
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from bots.clock import SystemClock
    from core.commands.mydata import document
    from core.privacy import Place, Reach

    reach = Reach(place=Place(platform=platform, workspace=workspace), person=person)

    async def write(store: Store) -> int:
        try:
            descriptor = os.dup(STANDARD_OUTPUT) if out is None else os.open(out, NEW, OWNER_ALONE)
        except OSError as error:
            typer.echo(f"{out} cannot be written: {error.strerror}.", err=True)
            return 1
        with os.fdopen(descriptor, "wb") as file:
            async for piece in document(store, reach, now=SystemClock().now()):
                file.write(piece)
        return 0

    with_store(write)
