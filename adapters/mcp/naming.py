"""How tools of servers are called: `server/tool` by people, `server__tool` by models. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

SEPARATOR = "__"
LONGEST = 64
"""Characters of a function's name that chat completions servers take, of letters, digits, `_` and `-`."""
_ODD = re.compile(r"[^A-Za-z0-9_-]")
_DIGEST = 8


def model_names(server: str, tools: Sequence[str]) -> dict[str, str]:
    """What the model calls each tool of the server, by the tool's own name. All differ, and a name stays what it is
    however the server orders its tools."""
    plain = {tool: f"{server}{SEPARATOR}{_ODD.sub('_', tool)}" for tool in tools}
    taken = Counter(plain.values())
    return {tool: name if _stays(tool, name, server, taken) else _distinct(name, tool) for tool, name in plain.items()}


def _stays(tool: str, name: str, server: str, taken: Counter[str]) -> bool:
    return len(name) <= LONGEST and (taken[name] == 1 or name == f"{server}{SEPARATOR}{tool}")


def _distinct(name: str, tool: str) -> str:
    digest = hashlib.sha256(tool.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{name[: LONGEST - _DIGEST - 1]}_{digest}"


def concerned(server: str, allowed: Iterable[str]) -> bool:
    """Whether a persona may use any tool of that server."""
    return any(entry.startswith((f"{server}/", f"{server}{SEPARATOR}")) for entry in allowed)


def may_use(server: str, tool: str, model_name: str, allowed: Iterable[str]) -> bool:
    """Whether a persona with these entries may use that tool."""
    return any(entry in (f"{server}/*", f"{server}/{tool}", model_name) for entry in allowed)


def of_servers(allowed: Iterable[str]) -> list[str]:
    """The entries that can mean a tool of a server."""
    return [entry for entry in allowed if "/" in entry or SEPARATOR in entry]
