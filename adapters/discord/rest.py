"""Every REST call that Parley makes, by discord.py's HTTP client: its rate limits, retries and tracing, its errors.

The layer of objects above it is left out on purpose. Replies are written by processes that may have no gateway and so
no cache of guilds and channels; answers are only looked at for an id; and each body is exactly what payloads.py says.
Errors come out as core's (failures.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord.http import Route

from adapters.discord import rates, uploads
from adapters.discord.buckets import PromptHTTP
from adapters.discord.failures import Doing, TokenRefused, translated
from adapters.recency import Recent
from core.conversation import Platform
from core.errors import SurfaceError, SurfaceUnavailable
from core.interaction import File
from core.ports import BudgetObserver
from core.telemetry import SILENT, PlatformCall, Telemetry

API = "https://discord.com/api/v10"
PATIENCE = 90.0
"""Seconds for one call with everything that discord.py does in it: waiting for its bucket and trying again."""

Json = Mapping[str, Any]


class Rest:
    """The bot's REST calls. It logs in by itself when the first one is made."""

    def __init__(
        self, *, token: str, api_url: str | None = None, observer: BudgetObserver, telemetry: Telemetry = SILENT
    ) -> None:
        self.token = token.strip()
        self._base = (api_url or API).rstrip("/")
        self._observer = observer
        self._telemetry = telemetry
        self._http: PromptHTTP | None = None
        self._bot: str | None = None
        self._login = asyncio.Lock()
        self._direct: Recent[str, str] = Recent()
        """Channels of direct messages, by person."""

    async def bot(self) -> str:
        """The bot's own user id. Raises TokenRefused."""
        async with self._login:
            if self._bot is None:
                self._bot = str((await self._logged_in())["id"])
            return self._bot

    async def _logged_in(self) -> Json:
        # The base is an attribute of discord.py's class, so one process talks to one Discord (discord.md, section 10).
        Route.BASE = self._base
        if self._http is not None:
            await self._http.close()  # an earlier try did not get through
        trace = rates.tracing(self._observer, self._telemetry)
        loop = asyncio.get_running_loop()
        self._http = PromptHTTP(loop, http_trace=trace)
        try:
            with translated(Doing.READ):
                user: Any = await self._http.static_login(self.token)
        except SurfaceError as error:
            if isinstance(error.__cause__, discord.LoginFailure):
                raise TokenRefused from None
            raise
        if not isinstance(user, dict) or "id" not in user:  # a server that is not Discord's API
            raise SurfaceUnavailable("an answer without a user")
        return user

    async def close(self) -> None:
        """No connection is left open, and no further call succeeds."""
        if self._http is not None:
            await self._http.close()

    async def call(
        self,
        doing: Doing,
        method: str,
        path: str,
        body: object = None,
        files: Sequence[File] = (),
        **parameters: str | int,
    ) -> Any:
        """What Discord answered. Names in the path are filled from the parameters, which also tell the buckets apart.
        Raises SurfaceError."""
        await self.bot()
        assert self._http is not None
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if files and isinstance(body, dict):
            sent = {"form": uploads.Parts(payload=body, files=files)}
        named = f"{method} {path.partition('?')[0]}"
        with self._telemetry.during(PlatformCall(platform=Platform.DISCORD, method=named)), translated(doing):
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._http.request(_route(method, path, parameters), **sent)
            except TimeoutError:
                raise SurfaceUnavailable("no answer in time") from None

    async def _message(
        self,
        doing: Doing,
        method: str,
        path: str,
        body: Json | None,
        files: Sequence[File] = (),
        **parameters: str | int,
    ) -> Json:
        answer = await self.call(doing, method, path, body, files, **parameters)
        if not isinstance(answer, dict) or "id" not in answer:  # a proxy's page instead of Discord's answer
            raise SurfaceUnavailable("an answer without a message")
        return answer

    # ── messages of channels ──

    async def send(self, channel: str, body: Json, *, doing: Doing, files: Sequence[File] = ()) -> Json:
        """The message stands in the channel. Files are those that the body's `attachments` describes, here and
        below."""
        path = "/channels/{channel_id}/messages"
        return await self._message(doing, "POST", path, body, files, channel_id=int(channel))

    async def edit(self, channel: str, message: str, body: Json, files: Sequence[File] = ()) -> Json:
        """The message shows the body."""
        path = "/channels/{channel_id}/messages/{message_id}"
        ids: dict[str, Any] = {"channel_id": int(channel), "message_id": int(message)}
        return await self._message(Doing.EDIT, "PATCH", path, body, files, **ids)

    async def delete(self, channel: str, message: str) -> None:
        """The message is gone."""
        path = "/channels/{channel_id}/messages/{message_id}"
        await self.call(Doing.EDIT, "DELETE", path, channel_id=int(channel), message_id=int(message))

    async def recent(self, channel: str, limit: int) -> list[Json]:
        """The channel's last messages, newest first."""
        path = f"/channels/{{channel_id}}/messages?limit={limit}"
        found = await self.call(Doing.READ, "GET", path, channel_id=int(channel))
        return found if isinstance(found, list) else []

    async def typing(self, channel: str) -> None:
        """The channel shows for ten seconds that the bot writes."""
        await self.call(Doing.SEND, "POST", "/channels/{channel_id}/typing", channel_id=int(channel))

    # ── channels ──

    async def channel(self, channel: str) -> Json:
        """The channel or thread."""
        return await self._message(Doing.READ, "GET", "/channels/{channel_id}", None, channel_id=int(channel))

    async def make_thread(self, channel: str, message: str, name: str) -> Json:
        """The message has a thread."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        ids: dict[str, Any] = {"channel_id": int(channel), "message_id": int(message)}
        return await self._message(Doing.MAKE_THREAD, "POST", path, {"name": name}, **ids)

    async def unarchive(self, thread: str) -> None:
        """Messages of the thread can be edited again."""
        body = {"archived": False}
        await self.call(Doing.SEND_IN_THREAD, "PATCH", "/channels/{channel_id}", body, channel_id=int(thread))

    async def direct_channel(self, person: str) -> str:
        """The channel of the direct messages with that person, which stays the same: Discord is asked once."""
        known = self._direct.get(person)
        if known is None:
            body = {"recipient_id": person}
            known = str((await self._message(Doing.SEND, "POST", "/users/@me/channels", body))["id"])
            self._direct.put(person, known)
        return known

    async def guild(self, guild: str) -> Json:
        """The guild, without its channels."""
        return await self._message(Doing.READ, "GET", "/guilds/{guild_id}", None, guild_id=int(guild))

    async def member(self, guild: str, person: str) -> Json:
        """A person in a guild, with the ids of their roles."""
        ids: dict[str, Any] = {"guild_id": int(guild), "user_id": int(person)}
        found = await self.call(Doing.READ, "GET", "/guilds/{guild_id}/members/{user_id}", **ids)
        return found if isinstance(found, dict) else {}

    # ── interactions: these need no permission in any channel ──

    async def respond(
        self, interaction: str, token: str, kind: int, body: Json | None = None, files: Sequence[File] = ()
    ) -> None:
        """The interaction has its first response."""
        path = "/interactions/{webhook_id}/{webhook_token}/callback"
        whole = {"type": kind} if body is None else {"type": kind, "data": body}
        await self.call(Doing.SEND, "POST", path, whole, files, webhook_id=int(interaction), webhook_token=token)

    async def follow_up(self, application: str, token: str, body: Json, files: Sequence[File] = ()) -> Json:
        """A further message answers the interaction."""
        path = "/webhooks/{webhook_id}/{webhook_token}?wait=1"
        ids: dict[str, Any] = {"webhook_id": int(application), "webhook_token": token}
        return await self._message(Doing.SEND, "POST", path, body, files, **ids)

    async def response(self, application: str, token: str, message: str = "@original") -> Json:
        """A message that answers the interaction; the first one where none is named."""
        return await self._response(application, token, message, "GET", None)

    async def edit_response(
        self, application: str, token: str, body: Json, message: str = "@original", files: Sequence[File] = ()
    ) -> Json:
        """That message shows the body."""
        return await self._response(application, token, message, "PATCH", body, files)

    async def _response(
        self, application: str, token: str, message: str, method: str, body: Json | None, files: Sequence[File] = ()
    ) -> Json:
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
        ids: dict[str, Any] = {"webhook_id": int(application), "webhook_token": token, "message_id": message}
        return await self._message(Doing.EDIT, method, path, body, files, **ids)

    async def delete_response(self, application: str, token: str, message: str = "@original") -> None:
        """That message is gone."""
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
        ids: dict[str, Any] = {"webhook_id": int(application), "webhook_token": token, "message_id": message}
        await self.call(Doing.EDIT, "DELETE", path, None, **ids)

    # ── files ──

    async def refreshed(self, url: str) -> str | None:
        """An address of the same file that holds again; none where Discord knows no such file. Not in Discord's
        documentation, but what its own client and other bots use."""
        body = {"attachment_urls": [url]}
        answer = await self.call(Doing.READ, "POST", "/attachments/refresh-urls", body)
        found = answer.get("refreshed_urls") if isinstance(answer, dict) else None
        first: Any = found[0] if isinstance(found, list) and found else None
        return str(first["refreshed"]) if isinstance(first, dict) and first.get("refreshed") else None

    @property
    def base(self) -> str:
        """Where the REST interface is."""
        return self._base

    # ── the application ──

    async def application(self) -> Json:
        """The application to which the token belongs."""
        return await self._message(Doing.READ, "GET", "/oauth2/applications/@me", None)

    async def gateway(self) -> Json:
        """Where to connect, in how many shards, and how many sessions may still be begun."""
        answer = await self.call(Doing.READ, "GET", "/gateway/bot")
        if not isinstance(answer, dict):
            raise SurfaceUnavailable("an answer without a gateway")
        return answer

    async def commands(self, application: str) -> list[Json]:
        """The commands that are registered."""
        path = "/applications/{application_id}/commands"
        found = await self.call(Doing.READ, "GET", path, application_id=int(application))
        return found if isinstance(found, list) else []

    async def register(self, application: str, commands: list[dict[str, Any]]) -> None:
        """These commands are registered, and no others."""
        path = "/applications/{application_id}/commands"
        await self.call(Doing.SEND, "PUT", path, commands, application_id=int(application))


def _route(method: str, path: str, parameters: Mapping[str, Any]) -> Route:
    return Route(method, path, **parameters)
