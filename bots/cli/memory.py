"""What the verbs that look into Parley's memory share: opening it, and saying in words why it cannot be opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bots.loading import load
from bots.settings import SettingsError
from core.conversation import Platform

if TYPE_CHECKING:
    from core.store import Store

PlatformOption = Annotated[Platform, typer.Option("--platform", help="Where people talk to Parley")]
WorkspaceOption = Annotated[
    str, typer.Option("--workspace", help="Slack's team, Discord's server, or @me for Discord's direct messages")
]
PersonOption = Annotated[str, typer.Option("--person", help="The person's id on the platform")]


def with_store(work: Callable[[Store], Awaitable[int]]) -> None:
    """The work was done with the store that DATABASE_URL names, and the process ends with its exit code."""
    try:
        url = load(model=False).database_url
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(asyncio.run(_done(url, work)))


async def _done(url: str, work: Callable[[Store], Awaitable[int]]) -> int:
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from bots.storage import explained
    from core.errors import StoreUnavailable
    from core.store import Store
    from migrations.upgrade import NewerDatabase, pending

    try:
        if await pending(url):
            typer.echo("The database is not at this release's revision: run `parley migrate` first.", err=True)
            return 1
        store = await Store.open(url)
        try:
            return await work(store)
        finally:
            await store.close()
    except StoreUnavailable as error:
        fault = explained(url, error)
        typer.echo(f"{fault.problem}\n    → {fault.fix}", err=True)
        return 1
    except NewerDatabase as error:
        typer.echo(str(error), err=True)
        return 1
