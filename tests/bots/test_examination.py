"""What `parley doctor` finds and advises, one kind of mistake after the other, at real servers and databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.secret import Secret
from bots.cli import examination, models
from bots.settings import Settings
from migrations.upgrade import head, upgrade
from sandbox.chat_completions.failures import FAILURES
from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.postgres import execute
from tests.bots.conftest import KEY

# ── the database ──


async def test_a_database_that_is_well(database_url: str) -> None:
    """Its kind and its revision are told."""
    found = await examination.database(database_url)
    assert found.ok, found
    assert str(head()) in found.problem


async def test_an_empty_postgresql(empty_postgresql_url: str) -> None:
    """The release step has not run."""
    found = await examination.database(empty_postgresql_url)
    assert (found.ok, found.fix) == (False, "Run `parley migrate`.")
    assert "has no tables" in found.problem


async def test_a_replica(empty_postgresql_url: str) -> None:
    """A server that takes no changes answers every question and keeps no message."""
    await upgrade(empty_postgresql_url)
    name = _name(empty_postgresql_url)
    await execute(empty_postgresql_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    found = await examination.database(empty_postgresql_url)
    assert not found.ok
    assert "takes no changes" in found.problem
    assert "primary" in found.fix


async def test_tables_of_somebody_else(postgresql_url: str) -> None:
    """A user without rights is told which are missing."""
    await execute(postgresql_url, "CREATE ROLE stranger LOGIN PASSWORD 'stranger-password'")
    try:
        found = await examination.database(_as(postgresql_url, "stranger", "stranger-password"))
    finally:
        await execute(postgresql_url, "DROP ROLE stranger")
    assert not found.ok
    assert "The user stranger may not use Parley's tables." in found.problem


async def test_postgresql_that_lets_nobody_in(empty_postgresql_url: str) -> None:
    """A user that it does not know, and a database that is not there."""
    found = await examination.database(_as(empty_postgresql_url, "nobody", "not-the-password"))
    assert not found.ok
    assert "does not let the user nobody in" in found.problem
    assert "not-the-password" not in f"{found}"
    name = _name(empty_postgresql_url)
    missing = await examination.database(empty_postgresql_url.replace(name, "not_there"))
    assert missing.fix.startswith("Make it (createdb not_there)")


async def test_postgresql_that_is_down() -> None:
    """Where it should be is told."""
    found = await examination.database("postgresql://parley:the-password@127.0.0.1:9/parley")
    assert not found.ok
    assert "127.0.0.1:9 cannot be reached" in found.problem
    assert "Start it" in found.fix
    assert "the-password" not in f"{found}"


async def test_sqlite_that_is_not_there_yet(folder: Path) -> None:
    """It is well, and looking has not made it."""
    found = await examination.database(f"sqlite:///{folder / 'new' / 'parley.db'}")
    assert found.ok
    assert not (folder / "new").exists()


async def test_sqlite_without_tables_mends_itself(empty_sqlite_url: str) -> None:
    """The start brings it up to date."""
    await upgrade(empty_sqlite_url, "base")
    assert (await examination.database(empty_sqlite_url)).ok


async def test_sqlite_in_a_place_that_is_no_folder(folder: Path) -> None:
    """A file where the folder should be."""
    (folder / "file").write_text("")
    found = await examination.database(f"sqlite:///{folder / 'file' / 'parley.db'}")
    assert not found.ok
    assert "no folder" in found.problem


async def test_a_file_that_is_no_database(folder: Path) -> None:
    """It is left as it was."""
    file = folder / "letter.txt"
    file.write_text("Dear reader, " * 100)
    found = await examination.database(f"sqlite:///{file}")
    assert not found.ok
    assert "no SQLite database" in found.problem
    assert file.read_text() == "Dear reader, " * 100


async def test_a_folder_for_a_database(folder: Path) -> None:
    """The reason is told."""
    found = await examination.database(f"sqlite:///{folder}")
    assert not found.ok
    assert "cannot be opened" in found.problem


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _as(url: str, user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@{url.partition('@')[2]}"


# ── the model ──


def endpoint(server: ChatCompletionsSandbox, /, **fields: object) -> Endpoint:
    given = {"name": "default", "base_url": server.base_url, "model": server.model, "api_key": Secret(KEY)} | fields
    return Endpoint(**given)  # type: ignore[arg-type]  # a test gives any field


async def test_a_model_that_is_well(model: ChatCompletionsSandbox) -> None:
    """Nothing is said but its name and place."""
    found = await models.examine(endpoint(model))
    assert (found.ok, found.name, found.problem) == (True, "model parley-demo at 127.0.0.1", "")


async def test_a_model_that_ends_soon(model: ChatCompletionsSandbox) -> None:
    """It is well, and the day is told."""
    found = await models.examine(endpoint(model, model="gpt-4.1-mini"))
    assert found.ok
    assert "2027-01-14" in found.problem


@pytest.mark.parametrize(
    ("fields", "problem", "fix"),
    [
        ({"api_key": Secret("sk-wrong-0123456789")}, "does not accept the API key.", "set OPENAI_API_KEY."),
        ({"api_key": Secret()}, "wants an API key, and none is set.", "set OPENAI_API_KEY."),
        ({"model": "gpt-6-lunar"}, "has no model gpt-6-lunar.", "close to it: gpt-6-luna"),
        ({"model": "x"}, "has no model x.", "such as "),
        ({"base_url": "http://127.0.0.1:9/v1"}, "http://127.0.0.1:9/v1 cannot be reached", "correct OPENAI_BASE_URL."),
    ],
)
async def test_a_mistake_with_the_model(
    model: ChatCompletionsSandbox, fields: dict[str, object], problem: str, fix: str
) -> None:
    """Each has its own sentence, and the setting to be changed."""
    found = await models.examine(endpoint(model, **fields))
    assert not found.ok
    assert problem in found.problem
    assert fix in found.fix
    assert "sk-wrong" not in f"{found}"


async def test_an_address_that_is_no_api(model: ChatCompletionsSandbox) -> None:
    """A server is there and does not know the path."""
    found = await models.examine(endpoint(model, base_url=model.base_url.removesuffix("/v1")))
    assert "but not as an OpenAI-compatible API" in found.problem
    assert found.fix == "Correct OPENAI_BASE_URL; most addresses end in /v1."


async def test_an_empty_account(model: ChatCompletionsSandbox) -> None:
    """Waiting does not help against that; paying does."""
    model.script(FAILURES["insufficient_quota"])
    found = await models.examine(endpoint(model))
    assert "no credit left" in found.problem


async def test_a_mistake_in_the_file(model: ChatCompletionsSandbox) -> None:
    """The place in the file is named instead of a setting."""
    found = await models.examine(endpoint(model, name="backup", model="gpt-6-lunar"), file=Path("some/models.toml"))
    assert "Set model of [[endpoint]] backup in models.toml" in found.fix


# ── all together ──


async def test_a_server_that_is_not_discord() -> None:
    """Whatever answers there, the finding says so, names the setting, and is never a traceback."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        settings = Settings(
            _env_file=None,
            discord_token="a-token",
            discord_api_url=str(server.make_url("/api/v10")),
            database_url="sqlite://",
        )
        *_, last = [finding async for finding in examination.findings(settings, [])]
    assert not last.ok
    assert last.name == "Discord api"
    assert "not as Discord's API" in last.problem
    assert "DISCORD_API_URL" in last.fix


async def test_without_any_platform(model: ChatCompletionsSandbox, sqlite_url: str) -> None:
    """Everything else is looked at all the same."""
    settings = Settings(_env_file=None, openai_model=model.model, database_url=sqlite_url)
    found = [finding async for finding in examination.findings(settings, [endpoint(model)])]
    assert [(one.name.split()[0], one.ok) for one in found] == [
        ("platforms", False),
        ("database", True),
        ("model", True),
    ]
