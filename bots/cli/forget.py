"""`parley forget`: what a person told Parley is erased, by an operator who was asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bots.cli.memory import PersonOption, PlatformOption, WorkspaceOption, with_store

if TYPE_CHECKING:
    from core.privacy import Reach
    from core.store import Store


def forget(
    platform: PlatformOption,
    workspace: WorkspaceOption,
    person: PersonOption,
    channel: Annotated[str | None, typer.Option("--channel", help="This channel alone; otherwise everywhere")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Erase what a person wrote to Parley in a workspace, and the answers.

    Accounts of use and the audit log stay until they are old; what stands in Slack or Discord stays there.
    """
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from core.privacy import Place, Reach

    reach = Reach(place=Place(platform=platform, workspace=workspace, channel=channel), person=person)

    async def work(store: Store) -> int:
        return await _forgotten(store, reach, ask=not yes)

    with_store(work)


async def _forgotten(store: Store, reach: Reach, *, ask: bool) -> int:
    holdings = await store.holdings(reach)
    if not holdings:
        typer.echo("Nothing of that is stored.")
        return 0
    what = (
        f"{holdings.messages} messages, {holdings.answers} answers, {holdings.summaries} summaries, "
        f"{holdings.notes} notes"
    )
    if ask and not typer.confirm(f"Erase {what}? This cannot be undone."):
        typer.echo("Nothing was erased.")
        return 1
    if await _erased(store, reach, through=holdings.through):
        typer.echo(f"Erased: {what}.")
    else:
        typer.echo(f"Erased: {what}. An answer is still being stopped; the running bot erases the rest of it.")
    return 0


async def _erased(store: Store, reach: Reach, *, through: int) -> bool:
    from bots.clock import SystemClock
    from core.audit import AuditEntry
    from core.incoming import Author

    clock = SystemClock()
    operator = Author(id="operator", name="Operator")
    by = AuditEntry(at=clock.now(), place=reach.place, actor=operator, action="forget.operator")
    order = await store.order_erasure(reach, through=through, by=by, now=clock.now())
    while (progress := await store.erase(order, now=clock.now())).erased:
        pass
    await store.scrub()
    return progress.done
