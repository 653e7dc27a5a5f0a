"""`parley doctor`: looks at everything Parley needs and prints the exact fix for what is wrong. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from bots import logs
from bots.loading import Survey, survey
from bots.settings import SettingsError

if TYPE_CHECKING:
    from adapters.chat_completions.endpoints import Endpoint

_CORRECT = "    → Correct .env or the environment, or run `parley setup`; .env.example explains each setting."


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

    try:
        found = survey()
    except SettingsError as error:
        return _settings(error.problems)
    models, problems = _models(found)
    healthy = _settings([*found.problems, *problems])
    secrets = (*found.settings.secret_values(), *(secret for model in models for secret in model.secrets()))
    # What the parts log of their tries is said here in a sentence.
    logs.configure(level="critical", form="text", secrets=secrets)
    redaction = logs.Redaction(secrets)
    async for finding in findings(found.settings, models, found):
        mark, said = ("✓" if finding.ok else "✗"), (f": {finding.problem}" if finding.problem else "")
        typer.echo(redaction.text(f"{mark} {finding.name}{said}"))
        if not finding.ok and finding.fix:
            typer.echo(redaction.text(f"    → {finding.fix}"))
        healthy = healthy and finding.ok
    return healthy


def _settings(problems: Sequence[str]) -> bool:
    """Told; whether there are none."""
    for problem in problems:
        typer.echo(f"✗ settings: {problem}")
    typer.echo(_CORRECT if problems else "✓ settings")
    return not problems


def _models(found: Survey) -> tuple[tuple[Endpoint, ...], list[str]]:
    """The models that can be asked, and what is wrong in the file that describes more."""
    from bots.endpoints import endpoints

    if not found.model:
        return (), []
    try:
        return endpoints(found.settings), []
    except SettingsError as error:
        return (), error.problems
