"""Where models are asked: the services that the guide knows by name, and addresses as people type them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One of the guide's choices."""

    name: str
    address: str = ""
    """Known beforehand; empty where it is asked for."""
    question: str = ""
    example: str = ""
    """What Enter takes; empty where nothing is likely."""
    key: str = ""
    """Where the key is made; empty where there may be none."""
    keyless: bool = False
    note: str = ""


SERVICES = (
    Service(name="openai", address=OPENAI, key="platform.openai.com/api-keys"),
    Service(name="openrouter", address="https://openrouter.ai/api/v1", key="openrouter.ai/keys"),
    Service(
        name="azure",
        question="Resource's address or name",
        key="the Azure portal, your resource, Keys and Endpoint",
        note="On Azure the model is the name of your deployment.",
    ),
    Service(
        name="ollama",
        question="Address",
        example="http://localhost:11434/v1",
        keyless=True,
        note="Ollama cuts long prompts silently: start it with OLLAMA_CONTEXT_LENGTH=8192, and enter the same below.",
    ),
    Service(name="other", question="Address of a compatible API, mostly ending in /v1"),
)


def service(name: str) -> Service:
    """The one of that name."""
    return next(one for one in SERVICES if one.name == name)


def service_at(address: str) -> Service:
    """The one that an address belongs to."""
    parts = urlsplit(address or OPENAI)
    host = parts.hostname or ""
    if host.endswith(".azure.com"):
        return service("azure")
    if parts.port == 11434:
        return service("ollama")
    same = (one for one in SERVICES if one.address and urlsplit(one.address).hostname == host)
    return next(same, service("other"))


def completed(one: Service, typed: str) -> str:
    """The address with what people leave out: the scheme, Azure's domain, `/v1`."""
    typed = typed.strip().rstrip("/").removesuffix("/chat/completions")
    if one.name == "azure":
        return _azure(typed)
    if not re.match(r"https?://", typed, re.IGNORECASE):
        typed = f"{'http' if _is_near(typed) else 'https'}://{typed}"
    return typed if urlsplit(typed).path.strip("/") else f"{typed.rstrip('/')}/v1"


def _azure(typed: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9-]+", typed):
        typed = f"{typed}.openai.azure.com"
    if not typed.startswith("https://"):
        typed = f"https://{typed.removeprefix('http://')}"
    return typed if urlsplit(typed).path.strip("/") else f"{typed}/openai/v1"


def _is_near(typed: str) -> bool:
    host = typed.partition("/")[0].partition(":")[0]
    return "." not in host or bool(re.fullmatch(r"[\d.]+", host)) or host.endswith((".local", ".internal", ".lan"))
