"""Which servers a workspace has: the operator's that it may have, with what its admins say of them, and its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.addresses import AddressRefused, Guard
from adapters.mcp.declarations import Server, Site
from adapters.mcp.sealing import CannotOpen, Seal
from core.equipment import ServerEntry
from core.privacy import Place
from core.tools.servers import NotAdded

LONGEST_ADDRESS = 500
RESOLVE_SECONDS = 5.0
NOT_AN_ADDRESS = "That is no address of a server: it begins with https:// and holds no name and no password."
NOT_FOUND = "I cannot find a server at that address."
NO_KEY = "Its token cannot be opened: my operator has taken the key away."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A server of a workspace."""

    name: str
    enabled: bool
    added: bool
    server: Server | None
    """None where it cannot be used; `problem` says why."""
    problem: str = ""
    host: str = ""


def known(
    place: Place, declared: Mapping[str, Server], stored: Sequence[ServerEntry], seal: Seal | None
) -> dict[str, Known]:
    """All of them by name. A name of the operator's means the operator's server, whatever was added under it before."""
    said = {entry.name: entry for entry in stored}
    found = {entry.name: _added(entry, seal) for entry in stored if entry.address}
    for name, server in declared.items():
        if server.workspaces is not None and (place.platform.value, place.workspace) not in server.workspaces:
            continue
        entry = said.get(name)
        enabled = server.enabled if entry is None or entry.address else entry.enabled
        found[name] = Known(name=name, enabled=enabled, added=False, server=server)
    return found


def _added(entry: ServerEntry, seal: Seal | None) -> Known:
    host = urlsplit(entry.address).hostname or ""
    headers, problem = dict[str, str](), ""
    if entry.token:
        try:
            headers["Authorization"] = f"Bearer {_opened(entry.token, seal)}"
        except CannotOpen as error:
            problem = str(error) if seal else NO_KEY
    server = Server(name=entry.name, reach=Site(url=entry.address, headers=headers, guarded=True), enabled=True)
    return Known(
        name=entry.name,
        enabled=entry.enabled,
        added=True,
        server=None if problem else server,
        problem=problem,
        host=host,
    )


def _opened(token: str, seal: Seal | None) -> str:
    if seal is None:
        raise CannotOpen
    return seal.opened(token)


async def checked(address: str, guard: Guard) -> str:
    """The address, where it is one to call. Raises NotAdded."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise NotAdded(NOT_AN_ADDRESS) from None
    plain = address.isascii() and address.isprintable() and " " not in address
    if parts.scheme != "https" or not host or "@" in parts.netloc or not plain or len(address) > LONGEST_ADDRESS:
        raise NotAdded(NOT_AN_ADDRESS)
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            await guard.resolved(host, port)
    except AddressRefused as refused:
        raise NotAdded(str(refused)) from None
    except (OSError, TimeoutError):
        raise NotAdded(NOT_FOUND) from None
    return address
