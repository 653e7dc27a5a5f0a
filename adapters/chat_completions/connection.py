"""The httpx client of an endpoint: its headers, its address, and what httpx would do otherwise.

httpx's own read timeout is off, since the waits of a streamed answer are kept in exchange.py. Redirects are not
followed: they would carry the key to another host. Servers on this machine are never reached through a proxy.
"""

from __future__ import annotations

import logging

import httpx

from adapters.chat_completions.endpoints import Endpoint

CONNECTIONS = 1_000
"""Answers that may stream at once; one connection each."""
KEPT = 20
_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def open_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """A client for that endpoint alone; nothing is connected yet."""
    logging.getLogger("httpcore").setLevel(logging.INFO)  # its debug lines quote headers and whatever servers send
    timeouts = endpoint.timeouts
    return httpx.AsyncClient(
        base_url=endpoint.base_url + "/",
        params=dict(endpoint.query),
        headers={
            "user-agent": "parley",
            "accept": "text/event-stream, application/json",
            "accept-encoding": "identity",  # a compressing proxy holds small events back
            "content-type": "application/json",
            **endpoint.request_headers(),
        },
        timeout=httpx.Timeout(None, connect=timeouts.connect, pool=timeouts.connect, write=timeouts.first_token),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=KEPT),
        mounts=dict.fromkeys(_LOOPBACK),
        follow_redirects=False,
    )
