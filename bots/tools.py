"""What models may call, by the settings: Parley's own tools, and those of MCP servers."""

from __future__ import annotations

import os
from dataclasses import dataclass

from dotenv import dotenv_values

from adapters.mcp.declared import ServersInvalid, read_servers
from adapters.mcp.source import McpTools
from adapters.sealing import FernetSeal
from adapters.web.hosts import parse_patterns
from adapters.web.pages import WebPages
from bots.settings import ENV_FILE, Settings, SettingsError
from core.documents import DocumentReader
from core.ports import Clock
from core.store import Store
from core.tools.catalogue import built_in
from core.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTools:
    """The tools of one process."""

    toolbox: Toolbox
    servers: McpTools
    web: WebPages | None
    """None where the operator allows no hosts."""

    async def close(self) -> None:
        """No connection and no program is left."""
        await self.servers.close()
        if self.web is not None:
            await self.web.close()


def open_tools(settings: Settings, store: Store, clock: Clock, *, documents: DocumentReader) -> OpenTools:
    """All tools; nothing is connected yet. Close it in the end. Raises SettingsError."""
    servers = _servers(settings, store, clock)
    hosts = parse_patterns(settings.parley_web_hosts)
    web = WebPages(hosts) if hosts else None
    own = built_in(store, documents=documents, web=web)
    return OpenTools(toolbox=Toolbox(own, servers), servers=servers, web=web)


def _servers(settings: Settings, store: Store, clock: Clock) -> McpTools:
    path, key = settings.parley_mcp_file, settings.parley_secret_key
    variables = {name: value or "" for name, value in dotenv_values(ENV_FILE).items()} | dict(os.environ)
    try:
        declared = read_servers(path, variables) if path is not None else {}
    except ServersInvalid as error:
        raise SettingsError(list(error.problems)) from None
    return McpTools(declared, store, FernetSeal(key.get_secret_value() if key is not None else None), clock)
