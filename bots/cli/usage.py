"""`parley usage`: what a workspace has used, as a table or for other programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bots.cli.memory import PlatformOption, WorkspaceOption, with_store

if TYPE_CHECKING:
    from core.store import Store
    from core.store.reports import Total

_HEADINGS = ("requests", "prompt", "completion", "tokens", "cost", "cost unknown")


class ByOption(StrEnum):
    """As core.store.reports.By, which takes a moment to load."""

    DAY = "day"
    PERSON = "person"
    CHANNEL = "channel"
    PERSONA = "persona"
    MODEL = "model"


def usage(
    platform: PlatformOption,
    workspace: WorkspaceOption,
    by: Annotated[ByOption, typer.Option("--by", help="What is added up")] = ByOption.DAY,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, UTC: 30 days ago")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, UTC: today")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only what this person used")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Tell what a workspace used: requests, tokens, and costs where prices are known."""
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from bots.loading import load
    from core.privacy import Place
    from core.store.reports import By

    if as_csv and as_json:
        typer.echo("Choose one of --csv and --json.", err=True)
        raise typer.Exit(2)
    place = Place(platform=platform, workspace=workspace)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = since.replace(tzinfo=UTC) if since else today - timedelta(days=30)
    end = (until.replace(tzinfo=UTC) if until else today) + timedelta(days=1)

    async def read(store: Store) -> int:
        currency = load(model=False).parley_currency
        found = await store.usage_totals(
            place, By(by.value), since=first, until=end, person=person, currency=currency, limit=1_000_000
        )
        for line in _lines(found, by.value, currency, as_csv=as_csv, as_json=as_json):
            typer.echo(line, nl=not as_csv)
        return 0

    with_store(read)


def _lines(found: tuple[Total, ...], by: str, currency: str, *, as_csv: bool, as_json: bool) -> list[str]:
    from core.commands.figures import as_csv as table

    if as_json:
        return [json.dumps(_document(total, by), ensure_ascii=False) for total in found]
    if as_csv:
        return [table(found, {total.name: total.called or total.name for total in found}, currency).decode()]
    rows = [(by, *_HEADINGS), *(_cells(total) for total in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [_row(row, widths) for row in rows]


def _document(total: Total, by: str) -> dict[str, object]:
    return {
        by: total.name,
        **({"name": total.called} if total.called else {}),
        "requests": total.requests,
        "prompt_tokens": total.prompt_tokens,
        "cached_tokens": total.cached_tokens,
        "completion_tokens": total.completion_tokens,
        "tokens": total.tokens,
        "cost_nano": total.cost,
        "cost_unknown": total.unpriced,
    }


def _cells(total: Total) -> tuple[str, ...]:
    from core.quota.amount import money_text

    figures = (total.requests, total.prompt_tokens, total.completion_tokens, total.tokens)
    cost = "-" if total.cost is None else money_text(total.cost)
    name = f"{total.called} ({total.name})" if total.called else total.name
    return (name or "-", *(f"{figure:,}" for figure in figures), cost, f"{total.unpriced:,}")


def _row(row: tuple[str, ...], widths: list[int]) -> str:
    """Control characters that a provider put into a model's name do nothing to a terminal."""
    name, *figures = ("".join(letter for letter in cell if letter.isprintable()) for cell in row)
    return "  ".join(
        [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=True))]
    )
