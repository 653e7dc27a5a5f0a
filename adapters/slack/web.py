"""Slack's Web API through slack_sdk's own client, with one shared connection pool, and its errors in core's words.

Nothing is tried again here: whoever writes a reply knows best when. Tokens stay inside; neither log nor error has them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import yarl
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.fencing import fenced
from adapters.slack import failures
from core.conversation import Platform
from core.errors import SurfaceBusy
from core.ports import BudgetObserver
from core.scheduling import BudgetObservation
from core.telemetry import SILENT, PlatformCall, RateLimited, Telemetry

Json = dict[str, Any]

API_URL = "https://slack.com/api/"
TIMEOUT = 20.0
"""Seconds for one call in all."""

SDK_LOG = logging.getLogger("adapters.slack.sdk")
SDK_LOG.setLevel(logging.ERROR)
"""Below that slack_sdk and bolt would log people's words."""


class Web:
    """The Web API with the bot's token."""

    def __init__(
        self, *, token: str, api_url: str | None, observer: BudgetObserver, telemetry: Telemetry = SILENT
    ) -> None:
        self._token = token
        self.api_url = (api_url or API_URL).rstrip("/") + "/"
        self._observer = observer
        self._telemetry = telemetry
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._identity: Json | None = None
        self._asking = asyncio.Lock()

    @property
    def client(self) -> AsyncWebClient:
        """slack_sdk's client, made when it is first used inside the running loop."""
        if self._client is None:
            self._client = AsyncWebClient(
                token=self._token,
                base_url=self.api_url,
                session=self.session,
                retry_handlers=[],
                logger=SDK_LOG,
            )
            if self.local:
                self._client.proxy = None
        return self._client

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connection pool."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            self._session = aiohttp.ClientSession(timeout=timeout, trace_configs=[fenced(aiohttp.TraceConfig())])
        return self._session

    @property
    def local(self) -> bool:
        """Whether Slack is a stand-in on this machine; slack_sdk would go there by a proxy (slack.md, section 13)."""
        return is_loopback(self.api_url)

    async def close(self) -> None:
        """No connection is left."""
        if self._session is not None:
            await self._session.close()

    async def write(self, method: str, *, budget: str | None = None, **arguments: Any) -> Json:
        """The call has its effect. Raises SurfaceError; the budget of that name learns of a refusal."""
        try:
            return await self._call(method, json=_given(arguments))
        except SurfaceBusy as error:
            if budget is not None:
                self._observer.learned(budget, BudgetObservation(retry_after=error.retry_after))
            raise

    async def read(self, method: str, **arguments: Any) -> Json:
        """What Slack answers. Raises SurfaceError."""
        return await self._call(method, http_verb="GET", params=_given(arguments))

    async def _call(self, method: str, **request: Any) -> Json:
        with self._told(method):
            try:
                response = await self.client.api_call(method, **request)
            except (AttributeError, ValueError) as error:  # slack_sdk on plain text or bytes (slack.md, section 15)
                raise aiohttp.ClientPayloadError("no JSON") from error
        return response.data if isinstance(response.data, dict) else {}

    @contextmanager
    def _told(self, method: str) -> Iterator[None]:
        """Operators see the call inside, and its errors are core's."""
        with self._telemetry.during(PlatformCall(platform=Platform.SLACK, method=method)):
            try:
                with failures.translated(method):
                    yield
            except SurfaceBusy:
                self._telemetry.happened(RateLimited(platform=Platform.SLACK))
                raise

    async def identity(self) -> Json:
        """What auth.test says of the bot: `team_id`, `user_id`, `bot_id`, `team`. Asked once. Raises SurfaceError."""
        async with self._asking:
            if self._identity is None:
                self._identity = await self._call("auth.test")
            return self._identity

    async def scopes(self) -> frozenset[str]:
        """The scopes of the token, as a header of the answer names them. Raises SurfaceError."""
        with failures.translated("auth.test"):
            response = await self.client.api_call("auth.test")
        named = response.headers.get("x-oauth-scopes") or ""
        return frozenset(scope.strip() for scope in named.split(",") if scope.strip())

    async def respond(self, url: str, body: Json) -> None:
        """The answer to a command or a press is shown. Raises SurfaceError."""
        client = AsyncWebhookClient(url, session=self.session, retry_handlers=[], logger=SDK_LOG)
        if is_loopback(url):
            client.proxy = None
        with self._told("response_url"):
            response = await client.send_dict(body)
            if response.status_code != 200:
                code = "" if response.status_code in (429,) or response.status_code >= 500 else "response_url_refused"
                raise failures.by_code("response_url", code, response.status_code, response.headers or {})


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = yarl.URL(url).host or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _given(arguments: Mapping[str, Any]) -> Json:
    return {name: value for name, value in arguments.items() if value is not None}
