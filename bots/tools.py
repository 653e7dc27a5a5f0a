"""What models may call, by the settings: Parley's own tools, and MCP servers where there is a file of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from adapters.sealing import FernetSeal
from bots.settings import ENV_FILE, Settings, SettingsError
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
        variables = {name: value or "" for name, value in dotenv_values(ENV_FILE).items()} | dict(os.environ)
        declared = read_servers(path, variables) if path is not None else {}
    except ServersInvalid as error:
        raise SettingsError(list(error.problems)) from None
    key = settings.parley_secret_key
    return McpTools(declared, store, FernetSeal(key.get_secret_value() if key is not None else None), clock)
