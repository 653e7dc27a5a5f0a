"""`parley quota`: the limits of a workspace, without its chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bots.cli.memory import PlatformOption, WorkspaceOption, with_store
from core.conversation import Platform

if TYPE_CHECKING:
    from core.audit import AuditEntry
    from core.privacy import Place
    from core.quota.limit import Subject
    from core.store import Store

app = typer.Typer(help="See and set the limits of a workspace.", no_args_is_help=True, rich_markup_mode=None)
Read = TypeVar("Read")

# Core is imported where it is used, since loading it takes a moment that `parley --help` shall not take.


class ForOption(StrEnum):
    """As core.quota.limit.SubjectKind, which takes a moment to load."""

    EACH_USER = "each_user"
    USER = "user"
    ROLE = "role"
    CHANNEL = "channel"
    WORKSPACE = "workspace"
    PERSONA = "persona"


For = Annotated[ForOption, typer.Option("--for", help="For whom")]
Id = Annotated[str, typer.Option("--id", help="The platform's id of the user, role or channel; a persona's number")]


@app.command("show")
def show(platform: PlatformOption, workspace: WorkspaceOption) -> None:
    """Every limit, a line each."""
    from core.quota.limit import written

    place, currency = _place(platform, workspace), _currency()

    async def read(store: Store) -> int:
        for limit in await store.limits(place):
            typer.echo(written(limit, currency))
        return 0

    with_store(read)


@app.command("set")
def set_limit(
    limit: Annotated[str, typer.Argument(help="Such as: 50 requests a day for each user")],
    platform: PlatformOption,
    workspace: WorkspaceOption,
) -> None:
    """Set limits, several with semicolons between; "for the user U1" and the like name one."""
    from core.quota.limit import written
    from core.quota.saying import parse_limits

    place, currency = _place(platform, workspace), _currency()
    limits = _read(lambda: parse_limits(limit, currency))

    async def change(store: Store) -> int:
        for one in limits:
            told = written(one, currency)
            await store.set_limit(place, one, by=_entry(place, "set", limit=told))
            typer.echo(f"set: {told}")
        return 0

    with_store(change)


@app.command("clear")
def clear(platform: PlatformOption, workspace: WorkspaceOption, kind: For, number: Id = "") -> None:
    """Take all limits of one subject away."""
    place, subject = _place(platform, workspace), _subject(kind, number)

    async def change(store: Store) -> int:
        by = _entry(place, "clear", **{"for": subject.kind.value, "id": subject.id})
        cleared = await store.clear_limits(place, subject, measure=None, period=None, by=by)
        typer.echo(f"{cleared} cleared")
        return 0 if cleared else 1

    with_store(change)


@app.command("grant")
def grant(
    amount: Annotated[str, typer.Argument(help="Such as: 20k tokens, 5 requests, USD 3.50")],
    platform: PlatformOption,
    workspace: WorkspaceOption,
    kind: For,
    number: Id = "",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="When it expires")] = 7,
) -> None:
    """Give a user, a channel, a persona or the workspace something extra, once."""
    from core.quota.amount import amount_text, parse_amount
    from core.quota.saying import measure_of

    place, currency, subject = _place(platform, workspace), _currency(), _subject(kind, number)
    if kind in (ForOption.EACH_USER, ForOption.ROLE):
        typer.echo("Something extra is for one: a user, a channel, a persona or the workspace.", err=True)
        raise typer.Exit(2)
    measure = measure_of(amount)
    extra = _read(lambda: parse_amount(amount, measure, currency if measure == "cost" else ""))
    until = datetime.now(UTC) + timedelta(days=days)

    async def change(store: Store) -> int:
        told = amount_text(extra, measure, currency)
        what = {"for": subject.kind.value, "id": subject.id, "amount": told, "until": until.isoformat()}
        await store.grant(place, subject, measure, extra, until=until, by=_entry(place, "grant", **what))
        typer.echo(f"granted: {told}, until {until:%Y-%m-%d %H:%M} UTC")
        return 0

    with_store(change)


def _place(platform: Platform, workspace: str) -> Place:
    from core.privacy import Place

    return Place(platform=platform, workspace=workspace)


def _currency() -> str:
    from bots.loading import load
    from bots.settings import SettingsError

    try:
        return load(model=False).parley_currency
    except SettingsError:
        return ""  # opening the store will say what is wrong


def _read(read: Callable[[], Read]) -> Read:
    """What was said; ends the process with a sentence where it cannot be meant."""
    from core.quota.amount import QuotaMistake

    try:
        return read()
    except QuotaMistake as mistake:
        typer.echo(str(mistake), err=True)
        raise typer.Exit(2) from None


def _subject(kind: ForOption, number: str) -> Subject:
    from core.quota.limit import Subject, SubjectKind

    if (kind in (ForOption.EACH_USER, ForOption.WORKSPACE)) == bool(number):
        typer.echo("--id names the user, role, channel or persona, and nothing else needs one.", err=True)
        raise typer.Exit(2)
    return Subject(kind=SubjectKind(kind.value), id=number)


def _entry(place: Place, verb: str, **details: object) -> AuditEntry:
    from core.audit import AuditEntry
    from core.incoming import Author

    by = Author(id="operator", name="Operator")
    return AuditEntry(at=datetime.now(UTC), place=place, actor=by, action=f"quota.{verb}", details=details)
