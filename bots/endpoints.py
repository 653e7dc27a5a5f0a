"""Which model answers: the endpoint of the settings, and more from a TOML file, tried in order.

[[endpoint]]
name = "backup"
base_url = "https://openrouter.ai/api/v1"
model = "openai/gpt-6-luna"
api_key_env = "OPENROUTER_API_KEY"     # the variable that holds the key; a file is no place for one
# also: key_header, headers, query, window, aliases, and [endpoint.timeouts] connect, first_token, silence, whole
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from adapters.chat_completions.endpoints import Endpoint, Timeouts
from adapters.chat_completions.secret import Secret
from bots.settings import Settings, SettingsError
from core.persona import DEFAULT_PROMPT, ModelParameters, Persona

_PLAIN = frozenset({"name", "base_url", "model", "key_header", "headers", "query", "window", "aliases"})


def persona(settings: Settings) -> Persona:
    """Who answers where no channel says otherwise."""
    return Persona(
        prompt=settings.parley_system_prompt or DEFAULT_PROMPT,
        parameters=ModelParameters(temperature=settings.openai_temperature, max_tokens=settings.openai_max_tokens),
    )


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoints in order of preference. Raises SettingsError with what is wrong in the settings or the file."""
    try:
        first = Endpoint(
            name="default",
            base_url=str(settings.openai_base_url),
            model=settings.openai_model,
            api_key=Secret(settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""),
            window=settings.openai_context_window,
        )
    except ValueError as error:
        raise SettingsError([f"OPENAI_BASE_URL, OPENAI_API_KEY: {error}"]) from None
    return (first, *_from_file(settings.parley_endpoints))


def _from_file(path: Path | None) -> tuple[Endpoint, ...]:
    if path is None:
        return ()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("endpoint", [])
        return tuple(_endpoint(table) for table in tables)
    except (OSError, tomllib.TOMLDecodeError, ValueError, TypeError, KeyError) as error:
        raise SettingsError([f"PARLEY_ENDPOINTS, {path.name}: {error}"]) from None


def _endpoint(table: dict[str, Any]) -> Endpoint:
    unknown = table.keys() - _PLAIN - {"api_key_env", "timeouts"}
    if unknown:
        raise ValueError(f"unknown names {', '.join(sorted(unknown))}; there are {', '.join(sorted(_PLAIN))}")
    values = {name: value for name, value in table.items() if name in _PLAIN}
    key = os.environ.get(table["api_key_env"], "") if "api_key_env" in table else ""
    return Endpoint(**values, api_key=Secret(key), timeouts=Timeouts(**table.get("timeouts", {})))
