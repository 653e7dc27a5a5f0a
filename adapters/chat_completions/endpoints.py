"""Where a model is asked: address, key, default model and patience. Values only; nothing here connects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from adapters.chat_completions.dialects import Dialect, native_dialect
from adapters.chat_completions.secret import Secret

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]*(?:[ \t]+[\x21-\x7e]+)*")
COMPLETIONS = "/chat/completions"
SECRET_FROM = 16
"""Header and query values of this length on may be keys; shorter ones are names and versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each part of a call may take, in seconds."""

    connect: float = 10.0
    first_token: float = 120.0
    """From sending the question to the first piece of the answer. Keep-alive comments are not pieces; reasoning is."""
    silence: float = 60.0
    """Between two pieces of the answer."""
    whole: float = 600.0
    """From the question to the end of the answer, retries and waits included."""

    def __post_init__(self) -> None:
        if min(self.connect, self.first_token, self.silence, self.whole) <= 0:
            raise ValueError("timeouts are positive numbers of seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One server that answers chat completions.

    Raises ValueError for an address that is none; a trailing slash and `/chat/completions` are taken off.
    """

    name: str
    """Names it in logs and findings."""
    base_url: str
    """Up to and with `/v1`. Azure: `…/openai/v1`, or `…/openai/deployments/NAME` with `query`."""
    model: str
    """Asked where the request names none."""
    api_key: Secret = field(default_factory=Secret)
    """Empty: no key is sent (local servers)."""
    key_header: str = "authorization"
    """`authorization` sends `Bearer KEY`; Azure wants the bare key in `api-key`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every request (OpenAI-Organization, a gateway's own key). Long values are kept out of logs too."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Added to every address (Azure's `api-version`)."""
    timeouts: Timeouts = Timeouts()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names that personas use → names this server knows."""
    window: int | None = None
    """Context size in tokens; none: by the model's name (windows.py)."""
    dialect: Dialect | None = None
    """What the server is known to want; none: by its address. More is learned from its refusals."""
    vision: bool | None = None
    """Whether its models look at pictures; none: by the model's name (sight.py)."""
    user_field: str | None = None
    """The field for the asker's hash; none: `safety_identifier` at OpenAI, not sent elsewhere. Empty: never sent."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", _checked(self.base_url))
        if not self.model:
            raise ValueError(f"endpoint {self.name}: a default model is needed")
        for name, value in {**self.headers, self.key_header: ""}.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"endpoint {self.name}: a header has a name or value that HTTP cannot carry")

    @property
    def host(self) -> str:
        """The server's name, in lower case."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def first_dialect(self) -> Dialect:
        """What is assumed before the server has refused anything."""
        return native_dialect(self.host) if self.dialect is None else self.dialect

    def named(self, model: str) -> str:
        """The name under which this server is asked for the model."""
        return self.aliases.get(model, model) or self.model

    def knows(self, model: str) -> bool:
        """Whether somebody said that this server has the model. Empty asks for the default, which every one has."""
        return not model or model == self.model or model in self.aliases

    def secrets(self) -> tuple[str, ...]:
        """The texts that must not be printed."""
        values = [value for value in (*self.headers.values(), *self.query.values()) if len(value) >= SECRET_FROM]
        return (self.api_key.reveal(), *values) if self.api_key else tuple(values)

    def request_headers(self) -> dict[str, str]:
        """The headers of every request, the key among them."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.api_key:
            key = self.api_key.reveal()
            headers[self.key_header.lower()] = f"Bearer {key}" if self.key_header.lower() == "authorization" else key
        return headers

    def identifier(self) -> str:
        """The field that carries the asker's hash, or empty."""
        if self.user_field is not None:
            return self.user_field
        return "safety_identifier" if self.host == "api.openai.com" else ""


def _checked(url: str) -> str:
    url = url.strip().rstrip("/").removesuffix(COMPLETIONS).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the base URL must begin with http:// or https:// and name a server")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the base URL holds a password, a query or a fragment: use api_key and query instead")
    return url
