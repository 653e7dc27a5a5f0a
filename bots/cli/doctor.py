"""`parley doctor`: looks at everything Parley needs and prints the exact fix for what is wrong. Changes nothing."""

from __future__ import annotations

import asyncio

import typer

from bots import logs
from bots.loading import load_configured
from bots.settings import SettingsError


def doctor() -> None:
    """Check everything and tell the exact fixes.

    Settings, database, migrations, models, tokens, scopes and intents. Exits with 1 where something is wrong.
    """
    healthy = asyncio.run(examined())
    typer.echo("\nAll is well." if healthy else "\nMend what is marked ✗ and run `parley doctor` again.")
    raise typer.Exit(0 if healthy else 1)


async def examined() -> bool:
    """Each finding was printed; whether nothing is wrong."""
    # Here, since loading the platforms' libraries takes a second that `parley --help` shall not take.
    from bots.cli.examination import findings
    from bots.endpoints import endpoints

    try:
        settings = load_configured(at_least_one=False)
        models = endpoints(settings)
    except SettingsError as error:
        for problem in error.problems:
            typer.echo(f"✗ settings: {problem}")
        typer.echo("    → Correct .env or the environment; .env.example explains each setting.")
        return False
    typer.echo("✓ settings")
    secrets = (*settings.secret_values(), *(secret for model in models for secret in model.secrets()))
    # What the parts log of their tries is said here in a sentence.
    logs.configure(level="critical", form="text", secrets=secrets)
    redaction = logs.Redaction(secrets)
    healthy = True
    async for finding in findings(settings, models):
        mark, said = ("✓" if finding.ok else "✗"), (f": {finding.problem}" if finding.problem else "")
        typer.echo(redaction.text(f"{mark} {finding.name}{said}"))
        if not finding.ok and finding.fix:
            typer.echo(redaction.text(f"    → {finding.fix}"))
        healthy = healthy and finding.ok
    return healthy
