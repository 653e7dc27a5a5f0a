"""`parley migrate`: the release step for PostgreSQL, and for SQLite where one wants to do it by hand."""

from __future__ import annotations

import asyncio

import typer

from bots.settings import Settings, SettingsError, load
from core.errors import StoreUnavailable
from migrations.upgrade import current, head, upgrade


def migrate() -> None:
    """Bring the database to the newest revision."""
    try:
        settings = Settings()
    except ValueError:
        settings = _complete()
    try:
        before = asyncio.run(current(settings.database_url))
        asyncio.run(upgrade(settings.database_url))
    except StoreUnavailable as error:
        typer.echo(f"The database cannot be reached: {error.detail}. Check DATABASE_URL.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"The database is at revision {head()}" + (", as before." if before == head() else "."))


def _complete() -> Settings:
    try:
        return load()
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from None
