"""What models may call, by the settings: Parley's own tools, and MCP servers where there is a file of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sealing import FernetSeal
from bots.settings import Settings, SettingsError
from core.ports import Clock
from core.store import Store

if TYPE_CHECKING:
    from adapters.mcp.source import McpTools


def open_servers(settings: Settings, store: Store, clock: Clock) -> McpTools:
    """The servers of all workspaces; close it in the end. Raises SettingsError."""
    from adapters.mcp.declared import ServersInvalid, read_servers
    from adapters.mcp.source import McpTools

    path = settings.parley_mcp_file
    try:
        declared = read_servers(path) if path is not None else {}
    except ServersInvalid as error:
        raise SettingsError(list(error.problems)) from None
    key = settings.parley_secret_key
    return McpTools(declared, store, FernetSeal(key.get_secret_value() if key is not None else None), clock)
