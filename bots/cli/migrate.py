"""`parley migrate`: the release step for PostgreSQL, and for SQLite where one wants to do it by hand."""

from __future__ import annotations

import asyncio

import typer

from bots.loading import load
from bots.settings import SettingsError


def migrate() -> None:
    """Bring the database to the newest revision. Needs DATABASE_URL alone; safe to run again."""
    try:
        url = load(model=False).database_url
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(asyncio.run(_migrated(url)))


async def _migrated(url: str) -> int:
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from bots.storage import explained, kind
    from core.errors import StoreUnavailable
    from migrations.upgrade import NewerDatabase, current, head, upgrade

    try:
        before = await current(url)
        await upgrade(url)
    except StoreUnavailable as error:
        fault = explained(url, error)
        typer.echo(f"{fault.problem}\n    → {fault.fix}", err=True)
        return 1
    except NewerDatabase as error:
        typer.echo(str(error), err=True)
        return 1
    told = "as before" if before == head() else f"it was at {before}" if before else "it was empty"
    typer.echo(f"The {kind(url)} database is at revision {head()}; {told}.")
    return 0
