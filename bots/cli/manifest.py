"""`parley manifest`: the description of Parley's app, from which Slack makes it with nothing entered by hand."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer(help="Print what an app is made from.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def manifest() -> None:
    """Print what an app is made from."""


@app.command("slack")
def slack(
    url: Annotated[str, typer.Option("--url", help="Parley's public address, https://…: HTTP, not Socket Mode")] = "",
    name: Annotated[str, typer.Option("--name", help="What the app and its bot are called")] = "Parley",
    agent: Annotated[
        bool, typer.Option("--agent", help="Declare an agent: a Stop button of Slack's own; paid plans, no guests")
    ] = False,
    link: Annotated[bool, typer.Option("--link", help="Print a link that makes the app, instead")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print what each scope and event is for, instead")] = False,
) -> None:
    """Print the manifest of Parley's Slack app, as JSON: scopes, events, commands, tabs and Socket Mode.

    Paste it at api.slack.com/apps, Create New App, From a manifest, or open what --link prints. For an app that is
    there already: App Manifest in its menu; where scopes changed, install it again afterwards.
    """
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from adapters.slack.manifest import creation_link
    from adapters.slack.manifest import manifest as made

    try:
        document = made(name=name, url=url, agent=agent)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if explain:
        typer.echo(_explained(agent=agent))
    elif link:
        typer.echo(creation_link(document))
    else:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _explained(*, agent: bool) -> str:
    from adapters.slack.declarations import AGENT_SCOPE, APP_SCOPE, EVENTS, SCOPES

    scopes = [(scope.name, scope.reason if scope.needed else f"{scope.reason} (optional)") for scope in SCOPES]
    if agent:
        scopes.append((AGENT_SCOPE, "be one of Slack's agents"))
    events = [(event.name, event.reason) for event in EVENTS if agent or not event.agents_only]
    width = max(len(name) for name, _ in (*scopes, *events)) + 2
    return "\n".join(
        [
            "Scopes of the bot's token. Parley needs them to:",
            *(f"  {name.ljust(width)}{reason}" for name, reason in scopes),
            "Scope of the app-level token, for Socket Mode:",
            f"  {APP_SCOPE.ljust(width)}receive events without a public address",
            "Events:",
            *(f"  {name.ljust(width)}{reason}" for name, reason in events),
        ]
    )
