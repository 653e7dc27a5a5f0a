"""Which servers stand in somebody's own network. What they serve has no list price, whatever the model is called.

Only the address is looked at; no name is resolved.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_LOCAL_ENDINGS = (".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home", ".home.arpa")
"""RFC 6761, 6762, 8375 and ICANN's .internal, and what routers commonly use."""


def is_local(address: str) -> bool:
    """Whether the server of that base URL is on this machine or in a private network; also where it names none."""
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:  # brackets around what is no address
        return True
    try:
        ip = ip_address(host)
    except ValueError:  # a name; one without a dot is found only nearby
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return not (mapped or ip).is_global
