"""What `parley doctor` looks at, one after the other: the platforms named, the database, each model, each platform.

The platforms' adapters know what may be wrong with a platform; the database's faults are put into words by storage.py.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from adapters.chat_completions.endpoints import Endpoint
from bots.cli.models import examine as examine_model
from bots.loading import Survey, configured_platforms
from bots.settings import Settings
from bots.storage import explained, kind, sqlite_file
from core.conversation import Platform
from core.errors import StoreUnavailable
from core.store import Store
from migrations.upgrade import NewerDatabase, current, head, pending

PATIENCE = 20.0
"""Seconds for the database. One that is being upgraded answers when that is done."""
MIGRATE = "Run `parley migrate`."
"""What is to be done about tables that are missing or behind."""


class Finding(Protocol):
    """One thing that was looked at, by whichever part."""

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
    """A finding of our own, or of a platform with its name in front."""

    name: str
    ok: bool
    problem: str = ""
    """Where it is well, what there is to know."""
    fix: str = ""


async def findings(
    settings: Settings, models: Sequence[Endpoint], found: Survey | None = None
) -> AsyncIterator[Finding]:
    """Each as soon as it is known; what the survey found wrong is left out."""
    platforms = configured_platforms(settings) if found is None else found.platforms
    if not platforms and (found is None or not found.any_token):
        problem = "No platform has a token."
        yield Looked(name="platforms", ok=False, problem=problem, fix="Set SLACK_BOT_TOKEN or DISCORD_TOKEN, or both.")
    if found is None or found.database:
        for finding in await seen("database", _database(settings.database_url)):
            yield finding
    for model in models:
        for finding in await seen(f"model {model.model}", _model(model, settings.parley_endpoints)):
            yield finding
    for platform in platforms:
        for finding in await seen(platform.value, _platform(platform, settings)):
            yield finding


async def seen(part: str, looking: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    """What was found of that part; where looking itself broke, that."""
    try:
        return await looking
    except Exception as error:  # a fault of our own in one part must not hide what the others find
        problem = f"This could not be examined ({type(error).__name__}: {error})."
        return [Looked(name=part, ok=False, problem=problem, fix="This is a fault of Parley's own: please report it.")]


async def _database(url: str) -> Sequence[Finding]:
    return [await database(url)]


async def _model(endpoint: Endpoint, file: Path | None) -> Sequence[Finding]:
    return [await examine_model(endpoint, file=file)]


async def _platform(platform: Platform, settings: Settings) -> Sequence[Finding]:
    return titled(platform, await (slack(settings) if platform is Platform.SLACK else discord(settings)))


def titled(platform: Platform, found: Sequence[Finding]) -> Sequence[Finding]:
    """The same findings, each with the platform's name in front."""
    return [Looked(name=_title(platform, one.name), ok=one.ok, problem=one.problem, fix=one.fix) for one in found]


def _title(platform: Platform, name: str) -> str:
    return name if name.lower().startswith(platform.value) else f"{platform.value.capitalize()} {name}"


async def slack(settings: Settings) -> Sequence[Finding]:
    """What the Slack adapter finds."""
    # Here, since only a Slack bot needs Slack's library, and loading it takes a while.
    from adapters.slack.doctor import examine

    return await examine(
        token=_revealed(settings.slack_bot_token),
        app_token=_revealed(settings.slack_app_token) or None,
        signing_secret=_revealed(settings.slack_signing_secret) or None,
        api_url=str(settings.slack_api_url),
    )


async def discord(settings: Settings) -> Sequence[Finding]:
    """What the Discord adapter finds."""
    from adapters.discord.doctor import examine

    return await examine(
        token=_revealed(settings.discord_token),
        api_url=str(settings.discord_api_url) if settings.discord_api_url else None,
        gateway_url=str(settings.discord_gateway_url) if settings.discord_gateway_url else None,
    )


async def database(url: str) -> Finding:
    """Whether it can be reached, has this release's tables, and takes changes."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return _not_there_yet(file.parent)
    try:
        async with asyncio.timeout(PATIENCE):
            return await _opened(url)
    except StoreUnavailable as error:
        fault = explained(url, error)
    except TimeoutError:
        fault = explained(url, StoreUnavailable(f"TimeoutError: no answer in {PATIENCE:g} s"))
    return Looked(name="database", ok=False, problem=fault.problem, fix=fault.fix)


def _not_there_yet(folder: os.PathLike[str]) -> Finding:
    place = os.path.abspath(folder)
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    if os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):
        return Looked(name="database", ok=True, problem="SQLite; the file will be made at the first start")
    return Looked(
        name="database",
        ok=False,
        problem=f"The file cannot be made: {place} is no folder that Parley's user may write to.",
        fix="Name a file in another folder in DATABASE_URL.",
    )


async def _opened(url: str) -> Finding:
    revision = await current(url)
    try:
        waiting = await pending(url)
    except NewerDatabase as error:
        return Looked(name="database", ok=False, problem="It is newer than this release.", fix=str(error))
    if waiting:
        return _pending(url, revision)
    store = await Store.open(url)
    try:
        now = datetime.now(UTC)
        # Writes where nothing is: there is no turn 0. A replica or a read-only file refuses it.
        await store.renew((0,), "doctor", now=now, until=now)
    finally:
        await store.close()
    return Looked(name="database", ok=True, problem=f"{kind(url)}, at revision {revision}")


def _pending(url: str, revision: str | None) -> Finding:
    if kind(url) == "SQLite":
        return Looked(name="database", ok=True, problem="SQLite; the tables will be brought up to date at the start")
    has = f"is at revision {revision}" if revision else "has no tables"
    problem = f"The PostgreSQL database {has}; this release needs revision {head()}."
    return Looked(name="database", ok=False, problem=problem, fix=MIGRATE)


def _revealed(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
