"""Connections that ask the fence (core/fencing.py) as a request is about to leave."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp

from core import fencing


def fenced(trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
    """The trace, which also lets no request out for a turn whose lease may have ended. Raises LeaseLost from within
    the request. These are aiohttp's last words before it writes (aiohttp/connector.py)."""
    trace.on_connection_reuseconn.append(_reused)
    trace.on_connection_create_end.append(_created)
    return trace


async def _reused(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: aiohttp.TraceConnectionReuseconnParams
) -> None:
    fencing.check()


async def _created(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: aiohttp.TraceConnectionCreateEndParams
) -> None:
    fencing.check()
