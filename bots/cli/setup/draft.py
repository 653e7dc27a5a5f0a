"""The settings as they are and as they shall become. Nothing is written before the person has agreed to all of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bots import credentials
from bots.cli.setup import env_file
from bots.settings import Settings

SECRETS = tuple(name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))


class Draft:
    """Settings by their names in capitals. The environment is stronger than the file, as in a run."""

    def __init__(self, file: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._set = {name.upper(): value for name, value in environment.items() if value}
        self._file = env_file.values(file)
        self._changes: dict[str, str | None] = {}

    def get(self, name: str) -> str:
        """Its value as it would be now; empty where it has none."""
        if name in self._changes:
            return self._changes[name] or ""
        return self._set.get(name) or self._file.get(name) or ""

    def set(self, name: str, value: str) -> None:
        """It shall have that value; none where it is empty."""
        self._changes.pop(name, None)
        if value and value != self.get(name):
            self._changes[name] = value
        elif not value and name in self._file:
            self._changes[name] = None

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown."""
        return tuple(value for name in SECRETS if (value := self.get(name)))

    def changes(self) -> dict[str, str | None]:
        """What is to be written."""
        return dict(self._changes)

    def overruled(self) -> list[str]:
        """Settings whose new values have no effect, since the environment has others."""
        return [name for name, value in self._changes.items() if name in self._set and self._set[name] != value]

    def lines(self) -> list[str]:
        """What is to be written, for people."""
        return [f"{name}: {shown(name, value)}" for name, value in self._changes.items()]


def shown(name: str, value: str | None) -> str:
    """The value as it may be seen."""
    if value is None:
        return "taken out"
    if name in SECRETS:
        return credentials.tail(value)
    return without_password(value) if name == "DATABASE_URL" else value


def without_password(url: str) -> str:
    """The database's address as it may be seen."""
    from core.store.database import understood

    return understood(url).render_as_string(hide_password=True) if "@" in url else url
