"""Which MCP servers there are: those of the operator's TOML file, and the key for tokens of those that admins add.

[[server]]
name = "tickets"
command = "uvx"                          # a program that we start; or url = "https://…/mcp"
args = ["tickets-mcp"]
env = { TICKETS_URL = "https://tickets.example" }
env_from = ["TICKETS_TOKEN"]             # variables, here or in .env, to hand on: a file is no place for secrets
# also: folder; for a url: token_env (the variable with a bearer token), headers;
# and for both: trusted, admins_only, seconds, enabled, workspaces = ["slack:T024BE7LD", "discord:197038439483310086"]
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr

from adapters.mcp.declarations import SECONDS, SERVER_NAME, Program, Server, Site
from adapters.mcp.sealing import BadKey, Seal
from adapters.mcp.servers import Entries, McpServers
from bots.settings import ENV_FILE, Settings, SettingsError
from bots.tables import Table, named, read
from core.conversation import Platform
from core.ports import Clock

SETTING = "PARLEY_MCP_FILE"
Variables = Mapping[str, str | None]
BAD_KEY = (
    "PARLEY_SECRET_KEY: a key is 32 random bytes in URL-safe base64, 44 characters; make one with "
    'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())".'
)
_HEADER, _VALUE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"), re.compile(r"[ -~]*")
"""What HTTP carries as the name and as the value of a header (RFC 9110, section 5)."""
_OF_PROGRAM, _OF_SITE = ("args", "env", "env_from", "folder"), ("headers", "token_env")


class _ServerTable(Table):
    name: str
    command: str | None = Field(None, min_length=1)
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    env_from: tuple[str, ...] = ()
    folder: str | None = None
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    token_env: str | None = None
    admins_only: bool = False
    trusted: bool = False
    seconds: float = Field(SECONDS, ge=1, le=300)
    enabled: bool = False
    workspaces: tuple[str, ...] | None = None


class _File(Table):
    server: list[_ServerTable] = Field(default_factory=list)


def open_servers(settings: Settings, entries: Entries, clock: Clock, *, env_file: Path = ENV_FILE) -> McpServers:
    """The servers, none of them connected yet; to be closed. Raises SettingsError with all that is wrong."""
    problems: list[str] = []
    found: Sequence[Server] = ()
    seal: Seal | None = None
    try:
        found = declared(settings, env_file=env_file)
    except SettingsError as error:
        problems += error.problems
    try:
        seal = _seal(settings.parley_secret_key)
    except BadKey:
        problems.append(BAD_KEY)
    if problems:
        raise SettingsError(problems)
    return McpServers(found, entries=entries, clock=clock, seal=seal)


def declared(settings: Settings, *, env_file: Path = ENV_FILE) -> tuple[Server, ...]:
    """The operator's servers. Raises SettingsError with all that is wrong in the file."""
    path = settings.parley_mcp_file
    if path is None:
        return ()
    tables, variables = read(path, _File, setting=SETTING).server, dotenv_values(env_file) | os.environ
    problems, found = list[str](), list[Server]()
    for place, table in enumerate(tables, 1):
        wrong = _problems(table, variables)
        problems += [f"{named(path, SETTING)}, server {place} ({table.name}): {problem}." for problem in wrong]
        if not wrong:
            found.append(_server(table, variables))
    names = [table.name for table in tables]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [f"{named(path, SETTING)}: two servers are called {name!r}." for name in twice]
    if problems:
        raise SettingsError(problems)
    return tuple(found)


def _seal(key: SecretStr | None) -> Seal | None:
    keys = [] if key is None else [one.strip() for one in key.get_secret_value().split(",") if one.strip()]
    return Seal(keys) if keys else None


# ── the file ──


def _problems(table: _ServerTable, variables: Variables) -> list[str]:
    problems = []
    if not SERVER_NAME.fullmatch(table.name):
        problems.append("a name has at most 24 small letters, digits and single hyphens")
    if (table.command is None) == (table.url is None):
        problems.append("either command or url is needed, and not both")
    elif table.url is not None:
        problems += _problems_of_url(table.url)
    other = _OF_PROGRAM if table.command is None else _OF_SITE
    stray = [name for name in other if name in table.model_fields_set]
    if stray and (table.command is None) != (table.url is None):
        problems.append(f"{', '.join(stray)} cannot stand beside {'url' if table.command is None else 'command'}")
    odd = [name for name, value in table.headers.items() if not (_HEADER.fullmatch(name) and _VALUE.fullmatch(value))]
    problems += [f"headers: HTTP cannot carry {name!r} with its value" for name in odd]
    wanted = [*table.env_from, *([] if table.token_env is None else [table.token_env])]
    problems += [f"the variable {name} is not set" for name in wanted if not variables.get(name)]
    if table.token_env is not None and not _VALUE.fullmatch(_token(table, variables)):
        problems.append(f"HTTP cannot carry the token in {table.token_env}")
    problems += [
        f"workspaces: {workspace!r} is none; write slack:T024BE7LD or discord:197038439483310086"
        for workspace in table.workspaces or ()
        if not _workspace(workspace)
    ]
    return problems


def _problems_of_url(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        fit = False
    return [] if fit else ["url: an address that begins with http:// or https://, without a name and a password"]


def _workspace(text: str) -> tuple[str, str] | None:
    platform, _, workspace = text.partition(":")
    return (platform, workspace) if platform in set(Platform) and workspace else None


def _server(table: _ServerTable, variables: Variables) -> Server:
    workspaces = None if table.workspaces is None else [_workspace(one) for one in table.workspaces]
    return Server(
        name=table.name,
        reach=_program(table, variables) if table.command is not None else _site(table, variables),
        admins_only=table.admins_only,
        trusted=table.trusted,
        seconds=table.seconds,
        enabled=table.enabled,
        workspaces=None if workspaces is None else frozenset(one for one in workspaces if one is not None),
    )


def _program(table: _ServerTable, variables: Variables) -> Program:
    handed_on = {name: variables.get(name) or "" for name in table.env_from}
    return Program(
        command=table.command or "",
        args=table.args,
        env={**table.env, **handed_on},
        folder=table.folder,
        hidden=frozenset(handed_on),
    )


def _site(table: _ServerTable, variables: Variables) -> Site:
    headers = dict(table.headers)
    if table.token_env is not None:
        headers["Authorization"] = f"Bearer {_token(table, variables)}"
    return Site(url=table.url or "", headers=headers)


def _token(table: _ServerTable, variables: Variables) -> str:
    return (variables.get(table.token_env or "") or "").strip()
