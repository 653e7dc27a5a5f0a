"""`parley doctor`: looks at everything Parley needs and prints the exact fix for what is wrong. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import typer

from adapters.chat_completions import probe as model_probe
from adapters.chat_completions.client import ChatCompletionsModel
from adapters.discord import doctor as discord_doctor
from adapters.slack import doctor as slack_doctor
from bots.clock import SystemClock
from bots.endpoints import endpoints
from bots.settings import Settings, SettingsError, configured_platforms, load
from core.conversation import Platform
from core.errors import StoreUnavailable
from core.store import Store
from migrations.upgrade import current, head


class Finding(Protocol):
    """One thing that was looked at, by whichever adapter."""

    @property
    def name(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def problem(self) -> str: ...
    @property
    def fix(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A finding of our own."""

    name: str
    ok: bool
    problem: str = ""
    fix: str = ""


def doctor() -> None:
    """Check tokens, scopes, intents, the database and the model, and say how to mend what is wrong."""
    healthy = asyncio.run(_examine_all())
    typer.echo("\nAll is well." if healthy else "\nMend what is marked ✗ and run `parley doctor` again.")
    raise typer.Exit(0 if healthy else 1)


async def _examine_all() -> bool:
    try:
        settings = load()
        settings = load(*configured_platforms(settings))
    except SettingsError as error:
        for problem in error.problems:
            _print(Looked(name="settings", ok=False, problem=problem, fix="Set it in .env or the environment."))
        return False
    healthy = True
    async for finding in _findings(settings):
        _print(finding)
        healthy = healthy and finding.ok
    return healthy


def _print(finding: Finding) -> None:
    typer.echo(f"{'✓' if finding.ok else '✗'} {finding.name}" + (f": {finding.problem}" if finding.problem else ""))
    if not finding.ok and finding.fix:
        typer.echo(f"    → {finding.fix}")


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    platforms = configured_platforms(settings)
    yield Looked(
        name="platforms",
        ok=bool(platforms),
        problem=", ".join(platforms) if platforms else "no platform has a token",
        fix="Set SLACK_BOT_TOKEN or DISCORD_TOKEN.",
    )
    yield await _database(settings.database_url)
    async for finding in _models(settings):
        yield finding
    if Platform.SLACK in platforms:
        for found in await slack_doctor.examine(
            bot_token=_revealed(settings.slack_bot_token),
            app_token=_revealed(settings.slack_app_token) or None,
            signing_secret=_revealed(settings.slack_signing_secret) or None,
            api_url=str(settings.slack_api_url),
        ):
            yield found
    if Platform.DISCORD in platforms:
        for seen in await discord_doctor.examine(
            token=_revealed(settings.discord_token),
            api_url=_text(settings.discord_api_url),
            gateway_url=_text(settings.discord_gateway_url),
        ):
            yield seen


async def _database(url: str) -> Finding:
    sqlite = url.startswith("sqlite")
    try:
        revision = await current(url)
        store = await Store.open(url)
        try:
            await store.ping()
        finally:
            await store.close()
    except (StoreUnavailable, ValueError) as error:
        fix = "Check DATABASE_URL, that the server runs, and that its user may sign in."
        return Looked(name="database", ok=False, problem=str(error), fix=fix)
    if revision == head() or (sqlite and revision is None):
        return Looked(name="database", ok=True, problem="SQLite" if sqlite else "PostgreSQL")
    return Looked(
        name="database", ok=False, problem=f"at revision {revision}, not {head()}", fix="Run `parley migrate`."
    )


async def _models(settings: Settings) -> AsyncIterator[Finding]:
    for endpoint in endpoints(settings):
        model = ChatCompletionsModel(endpoint, clock=SystemClock())
        try:
            found = await model_probe.probe(model)
        finally:
            await model.aclose()
        yield Looked(
            name=f"model {found.model or endpoint.model} at {endpoint.host}",
            ok=found.good,
            problem="" if found.good else found.error,
            fix=found.advice,
        )


def _revealed(secret: object) -> str:
    reveal = getattr(secret, "get_secret_value", None)
    return str(reveal()) if reveal is not None else ""


def _text(url: object | None) -> str | None:
    return None if url is None else str(url)
