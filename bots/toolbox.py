"""What models may call, by the settings: Parley's own tools, and those of MCP servers."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.mcp.servers import McpServers
from adapters.web.hosts import parse_patterns
from adapters.web.pages import WebPages
from bots.servers import open_servers
from bots.settings import Settings
from core.documents import DocumentReader
from core.ports import Clock
from core.store import Store
from core.tools.catalogue import built_in
from core.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTools:
    """The tools of one process."""

    toolbox: Toolbox
    servers: McpServers
    web: WebPages | None
    """None where the operator allows no hosts."""

    async def close(self) -> None:
        """No connection and no program is left."""
        await self.servers.aclose()
        if self.web is not None:
            await self.web.close()


def open_tools(settings: Settings, store: Store, clock: Clock, *, documents: DocumentReader) -> OpenTools:
    """All tools; nothing is connected yet. Close it in the end. Raises SettingsError."""
    servers = open_servers(settings, store, clock)
    hosts = parse_patterns(settings.parley_web_hosts)
    web = WebPages(hosts) if hosts else None
    own = built_in(store, documents=documents, web=web)
    return OpenTools(toolbox=Toolbox(own, servers), servers=servers, web=web)
