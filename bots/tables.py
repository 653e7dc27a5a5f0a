"""TOML files of the operator that list things of one kind as tables: read whole, with every fault said and no value."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bots.settings import SettingsError


class Table(BaseModel):
    """What one may be."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


File = TypeVar("File", bound=Table)


def read(path: Path, file: type[File], *, setting: str) -> File:
    """The file that the setting names: a model with one field, a list of tables. Raises SettingsError."""
    try:
        return file.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = error.errors(include_input=False)
        raise SettingsError([_explained(named(path, setting), file, dict(fault)) for fault in faults]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{named(path, setting)}: this is not TOML: {error}."]) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError([f"{named(path, setting)}: the file cannot be read: {reason}."]) from None


def named(path: Path, setting: str) -> str:
    """The file, as problems name it."""
    return f"{setting}, {path.name}"


def _explained(name: str, file: type[Table], fault: dict[str, Any]) -> str:
    steps, table, place = list(fault["loc"]), file, ""
    if len(steps) > 1:  # inside one of the tables, by its number
        place = f", {steps[0]} {steps[1] + 1}"
        table, steps = _inner(file, str(steps[0])), steps[2:]
    where = ".".join(str(step) for step in steps)
    if fault["type"] != "extra_forbidden":
        return f"{name}{place}, {where}: {fault['msg']}."
    for step in steps[:-1]:
        table = _inner(table, str(step))
    known = [f"[[{field}]]" for field in table.model_fields] if table is file else list(table.model_fields)
    return f"{name}{place}, {where}: there is no such name; there are {', '.join(known)}."


def _inner(table: type[Table], field: str) -> type[Table]:
    """The model of the table, or of the tables, in that field."""
    annotation: Any = table.model_fields[field].annotation
    inner: type[Table] = annotation.__args__[0] if hasattr(annotation, "__args__") else annotation
    return inner
