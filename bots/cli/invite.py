"""`parley invite`: the link by which somebody who manages a server adds Parley to it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bots import credentials
from bots.loading import load
from bots.settings import Settings, SettingsError

app = typer.Typer(help="Print the link that invites Parley.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def invite() -> None:
    """Print the link that invites Parley."""


@app.command("discord")
def discord(
    client_id: Annotated[
        str, typer.Option("--client-id", help="The application's id; otherwise found out with DISCORD_TOKEN")
    ] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Tell what each permission and intent is for")] = False,
) -> None:
    """Print the link that adds Parley to a Discord server, with just the permissions that it needs.

    Whoever opens it needs Manage Server there. It can be opened again at any time; nothing is lost.
    """
    # Here, since loading it takes a moment that `parley --help` shall not take.
    from adapters.discord.declarations import invitation

    if client_id and credentials.application_id(client_id) is None:
        typer.echo("The application's id has 17 to 20 digits; it is on its General Information page.", err=True)
        raise typer.Exit(2)
    typer.echo(invitation(client_id.strip() or _found_out()))
    if explain:
        typer.echo(_explained())


def _found_out() -> str:
    try:
        settings = load(model=False)
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from None
    if settings.discord_token is None:
        typer.echo(
            "DISCORD_TOKEN is not set. Set it, or name the application with --client-id: its Application ID is on "
            "discord.com/developers/applications, your application, General Information.",
            err=True,
        )
        raise typer.Exit(2)
    return asyncio.run(_asked(settings, settings.discord_token.get_secret_value()))


async def _asked(settings: Settings, token: str) -> str:
    from adapters.discord.doctor import application
    from adapters.discord.failures import TokenRefused
    from core.errors import SurfaceError

    try:
        found = await application(
            token=token, api_url=str(settings.discord_api_url) if settings.discord_api_url else None
        )
    except TokenRefused as error:
        typer.echo(credentials.resembled("DISCORD_TOKEN", token) or error.sentence, err=True)
        raise typer.Exit(1) from None
    except SurfaceError as error:
        told = credentials.application(token)
        if not told:
            typer.echo(f"Discord cannot be reached ({error.detail}): name the application with --client-id.", err=True)
            raise typer.Exit(1) from None
        typer.echo("Discord cannot be reached; the application's id is taken from the token.", err=True)
        return told
    return str(found["id"])


def _explained() -> str:
    from adapters.discord.declarations import INTENTS, PERMISSIONS, SCOPES

    permissions = [(asked.title, f"{asked.reason} (bit {asked.permission.bit_length() - 1})") for asked in PERMISSIONS]
    intents = [
        (intent.name, f"{intent.reason}{f'; privileged: switch on {intent.portal}' if intent.portal else ''}")
        for intent in INTENTS
    ]
    width = max(len(name) for name, _ in (*permissions, *intents, *SCOPES.items())) + 2
    parts = (("Scopes", SCOPES.items()), ("Permissions", permissions), ("Intents of the gateway", intents))
    lines = [f"\n{title}:\n" + "\n".join(f"  {name.ljust(width)}{why}" for name, why in rows) for title, rows in parts]
    portal = "Privileged intents are no part of the link: discord.com/developers/applications, your application, Bot."
    return "\n".join([*lines, portal])
