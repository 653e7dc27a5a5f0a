"""The operator's file of MCP servers (PARLEY_MCP_FILE), in TOML:

    [files]                       # a program of this machine; only here, never from a chat
    command = "npx"
    args = ["-y", "@modelcontextprotocol/server-filesystem", "/srv/docs"]
    env = { LOG = "error" }
    trusted = true                # its word counts that a tool changes nothing

    [tracker]                     # a server on the network
    url = "https://mcp.example.org/mcp"
    headers = { Authorization = "Bearer ${TRACKER_TOKEN}" }
    workspaces = ["slack:T0123"]  # who may have it; without this line, every workspace

`${NAME}` in env and headers is taken from the environment, so that no secret stands in the file. An admin of a
workspace still has to switch a server on (`/tools enable`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.conversation import ConversationKey

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
"""Of a server: part of its tools' names, of which models take 64 letters."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FIELDS = frozenset({"command", "args", "env", "url", "headers", "trusted", "workspaces"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server: a program, or an address."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    trusted: bool = False
    """Where it says that a tool only reads, that is believed."""
    anywhere: bool = True
    """It may stand in this machine's own network. Not so one that came from a chat."""
    workspaces: frozenset[str] | None = None
    """Those that may have it, as `slack:T1`; None: all."""

    def may_serve(self, key: ConversationKey) -> bool:
        """Whether that workspace may have it."""
        return self.workspaces is None or key.workspace_name in self.workspaces


class ServersInvalid(ValueError):
    """The file cannot be used. `problems` has a sentence for each fault, without any value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def read_servers(path: Path, environment: Mapping[str, str]) -> dict[str, Server]:
    """The servers of the file, by name. Raises ServersInvalid with everything that is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ServersInvalid([f"PARLEY_MCP_FILE: the file cannot be read ({error.strerror})."]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ServersInvalid([f"PARLEY_MCP_FILE: the file is no TOML ({error})."]) from None
    reading = _Reading(environment)
    servers = {name: reading.server(name, table) for name, table in tables.items()}
    if reading.problems:
        raise ServersInvalid([f"PARLEY_MCP_FILE: {problem}" for problem in reading.problems])
    return servers


class _Reading:
    """One file, and what is wrong with it so far."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def server(self, name: str, table: object) -> Server:
        if not NAME.fullmatch(name):
            self.problems.append(f"[{name}]: names have 1 to 20 small letters, digits and hyphens.")
        if not isinstance(table, dict):
            self.problems.append(f"{name}: a table is needed, [{name}].")
            return Server(name=name)
        self.problems += self._faults(name, table)
        return Server(
            name=name,
            command=self._text(name, table, "command"),
            args=tuple(self._texts(name, table, "args")),
            env=self._filled(name, table, "env"),
            url=self._text(name, table, "url"),
            headers=self._filled(name, table, "headers"),
            trusted=table.get("trusted") is True,
            workspaces=frozenset(self._texts(name, table, "workspaces")) if "workspaces" in table else None,
        )

    def _faults(self, name: str, table: Mapping[str, Any]) -> Iterator[str]:
        unknown = sorted(set(table) - _FIELDS)
        if unknown:
            yield f"[{name}] {', '.join(unknown)}: there is no such name; there are {', '.join(sorted(_FIELDS))}."
        if bool(table.get("command")) == bool(table.get("url")):
            yield f"[{name}]: either command or url is needed."
        if table.get("url") and not is_address(str(table["url"])):
            yield f"[{name}] url: an address such as https://mcp.example.org/mcp is needed."
        if not isinstance(table.get("trusted", False), bool):
            yield f"[{name}] trusted: true or false."

    def _text(self, name: str, table: Mapping[str, Any], field_name: str) -> str:
        value = table.get(field_name, "")
        if not isinstance(value, str):
            self.problems.append(f"[{name}] {field_name}: a text is needed.")
            return ""
        return value

    def _texts(self, name: str, table: Mapping[str, Any], field_name: str) -> list[str]:
        value = table.get(field_name, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self.problems.append(f"[{name}] {field_name}: a list of texts is needed.")
            return []
        return value

    def _filled(self, name: str, table: Mapping[str, Any], field_name: str) -> dict[str, str]:
        value = table.get(field_name, {})
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            self.problems.append(f"[{name}] {field_name}: a table of texts is needed.")
            return {}
        return {key: self._with_variables(f"[{name}] {field_name}.{key}", text) for key, text in value.items()}

    def _with_variables(self, where: str, text: str) -> str:
        missing = [found for found in _VARIABLE.findall(text) if found not in self._environment]
        self.problems += [f"{where}: the environment has no {variable}." for variable in missing]
        return _VARIABLE.sub(lambda found: self._environment.get(found[1], ""), text)


def is_address(url: str) -> bool:
    """Whether it is an http address with a host and without a password."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
