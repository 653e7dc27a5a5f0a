"""Which model answers: the endpoint of the settings, and more from a TOML file, tried in order.

[[endpoint]]
name = "backup"
base_url = "https://openrouter.ai/api/v1"
model = "openai/gpt-6-luna"
api_key_env = "OPENROUTER_API_KEY"     # the variable, here or in .env, that holds the key; a file is no place for one
# also: key_header, headers, query, window, vision, aliases, user_field,
# and [endpoint.timeouts] connect, first_token, silence, whole
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field

from adapters.chat_completions.endpoints import Endpoint, Timeouts
from adapters.chat_completions.secret import Secret
from bots.settings import ENV_FILE, Settings, SettingsError
from bots.tables import Table, named, read
from core.persona import DEFAULT_PROMPT, ModelParameters, Persona

SETTING = "PARLEY_ENDPOINTS"
FIRST = "default"
"""The name of the endpoint that the settings describe."""
_PATIENCE = Timeouts()
_SEES = {"auto": None, "yes": True, "no": False}


class _TimeoutsTable(Table):
    connect: float = Field(_PATIENCE.connect, gt=0)
    first_token: float = Field(_PATIENCE.first_token, gt=0)
    silence: float = Field(_PATIENCE.silence, gt=0)
    whole: float = Field(_PATIENCE.whole, gt=0)


class _EndpointTable(Table):
    name: str = Field(min_length=1)
    base_url: str
    model: str = Field(min_length=1)
    api_key_env: str | None = None
    key_header: str = "authorization"
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    window: int | None = Field(None, ge=512)
    vision: bool | None = None
    aliases: dict[str, str] = Field(default_factory=dict)
    user_field: str | None = None
    timeouts: _TimeoutsTable = _TimeoutsTable()


class _File(Table):
    endpoint: list[_EndpointTable] = Field(default_factory=list)


def persona(settings: Settings) -> Persona:
    """Who answers where no channel says otherwise."""
    return Persona(
        prompt=settings.parley_system_prompt or DEFAULT_PROMPT,
        tools=settings.parley_tools,
        parameters=ModelParameters(temperature=settings.openai_temperature, max_tokens=settings.openai_max_tokens),
    )


def endpoints(settings: Settings, *, env_file: Path = ENV_FILE) -> tuple[Endpoint, ...]:
    """The endpoints in order of preference. Raises SettingsError with what is wrong in the settings and in the file."""
    problems: list[str] = []
    found: list[Endpoint] = []
    try:
        found.append(_first(settings))
    except ValueError as error:
        problems.append(f"OPENAI_BASE_URL, OPENAI_MODEL, OPENAI_API_KEY: {error}.")
    try:
        found += _from_file(settings.parley_endpoints, env_file)
    except SettingsError as error:
        problems += error.problems
    if problems:
        raise SettingsError(problems)
    return tuple(found)


def _first(settings: Settings) -> Endpoint:
    key = settings.openai_api_key
    return Endpoint(
        name=FIRST,
        base_url=str(settings.openai_base_url),
        model=settings.openai_model,
        api_key=Secret("" if key is None else key.get_secret_value()),
        window=settings.openai_context_window,
        vision=_SEES[settings.parley_vision],
    )


def _from_file(path: Path | None, env_file: Path) -> list[Endpoint]:
    if path is None:
        return []
    tables, variables = read(path, _File, setting=SETTING).endpoint, dotenv_values(env_file) | os.environ
    problems, found = list[str](), list[Endpoint]()
    for place, table in enumerate(tables, 1):
        try:
            found.append(_endpoint(table, variables))
        except ValueError as error:
            problems.append(f"{named(path, SETTING)}, endpoint {place} ({table.name}): {error}.")
    names = [FIRST, *(table.name for table in tables)]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [
        f"{named(path, SETTING)}: two endpoints are called {name!r}; the first one is {FIRST!r}." for name in twice
    ]
    if problems:
        raise SettingsError(problems)
    return found


def _endpoint(table: _EndpointTable, variables: Mapping[str, str | None]) -> Endpoint:
    key = ""
    if table.api_key_env is not None:
        key = variables.get(table.api_key_env) or ""
        if not key:
            raise ValueError(f"api_key_env names {table.api_key_env}, which is not set")
    return Endpoint(
        name=table.name,
        base_url=table.base_url,
        model=table.model,
        api_key=Secret(key),
        key_header=table.key_header,
        headers=table.headers,
        query=table.query,
        window=table.window,
        vision=table.vision,
        aliases=table.aliases,
        user_field=table.user_field,
        timeouts=Timeouts(**table.timeouts.model_dump()),
    )
