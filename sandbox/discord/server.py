"""The sandbox as a whole: put together, mounted or started, asked and waited for.

Alone it listens on a port of its own; in a bigger server its application is mounted under a prefix and it is told
where it is. Everything that people do comes from `Interacting`, everything there is to read from `Viewing`.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from aiohttp import web

from sandbox.changes import Changes
from sandbox.discord import description
from sandbox.discord.attachments import Attachments
from sandbox.discord.commands import Registry
from sandbox.discord.control import Control
from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.faults import Faults
from sandbox.discord.gateway import Gateway
from sandbox.discord.happenings import Happenings
from sandbox.discord.intents import Portal
from sandbox.discord.interacting import Interacting
from sandbox.discord.interactions import Interactions
from sandbox.discord.memberships import Memberships
from sandbox.discord.messages import MessageBook
from sandbox.discord.mischief import Mischief
from sandbox.discord.permissions import Overwrite
from sandbox.discord.preset import preset
from sandbox.discord.publishing import Publishing
from sandbox.discord.rate_limits import RateLimits
from sandbox.discord.responses import Responses
from sandbox.discord.rest import all_routes
from sandbox.discord.rest.accounts import Accounts
from sandbox.discord.rest.calls import CallLog
from sandbox.discord.rest.door import PREFIX, Door
from sandbox.discord.snowflakes import Snowflakes
from sandbox.discord.talking import Ref
from sandbox.discord.values import Json
from sandbox.discord.viewing import Viewing
from sandbox.discord.wire import Wire
from sandbox.discord.world import Channel, Guild, Person

Found = TypeVar("Found")
SHUTDOWN_SECONDS = 1.0
ACK_SECONDS = 3.0
LARGEST_REQUEST = 32 * 1024 * 1024


class DiscordSandbox(Interacting, Viewing):
    """One Discord with one bot under test.

    `now` is the clock of everything that Discord dates or ends; `rate_limits` scales them, None switches them off;
    `ack_seconds` is the time a bot has to respond to an interaction.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        rate_limits: float | None = 1.0,
        ack_seconds: float = ACK_SECONDS,
        bot_name: str = "Parley",
        token: str = "sandbox-discord-token",
        portal: Portal | None = None,
    ) -> None:
        self.now = now
        self.token = token
        self.base_url = ""
        self.portal = portal or Portal()
        self.faults = Faults()
        self.changes = Changes()
        self.limits = RateLimits(now, rate_limits)
        self.world, self.guild = preset(bot_name=bot_name, at=now())
        snowflakes = Snowflakes(now)
        attachments = Attachments(snowflakes, now, lambda: self.base_url)
        book = MessageBook()
        wire = Wire(self.world, book, attachments)
        self._dispatcher = Dispatcher(self.world, self.faults, now)
        self.happenings = Happenings(self.world, book, wire, snowflakes, self._dispatcher, self.changes, now)
        self._memberships = Memberships(self.happenings)
        super().__init__(
            happenings=self.happenings,
            attachments=attachments,
            interactions=Interactions(
                world=self.world, wire=wire, snowflakes=snowflakes, dispatcher=self._dispatcher, now=now
            ),
            registry=Registry(snowflakes, self.world.application_id),
            ack_seconds=ack_seconds,
        )
        self.gateway = Gateway(
            world=self.world,
            wire=wire,
            dispatcher=self._dispatcher,
            portal=self.portal,
            changes=self.changes,
            now=now,
            token=lambda: self.token,
            url=lambda: self.gateway_url,
        )
        self._log = CallLog(self.changes, now)
        self._closing = asyncio.Event()
        self._door = self._built_door(Publishing(self.happenings, attachments))
        self._runner: web.AppRunner | None = None

    def create_app(self) -> web.Application:
        """The application with all routes, relative to wherever it is mounted."""
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.add_routes(
            [
                *self._door.routes(),
                web.get("/gateway/", self.gateway.accept),
                web.get("/gateway", self.gateway.accept),
                web.get("/cdn/attachments/{channel}/{attachment}/{name}", self._attachments.serve),
                *self._control().routes(),
            ]
        )
        app.on_shutdown.append(self._shut_down)
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """The sandbox listens there; port 0 takes a free one."""
        self._runner = web.AppRunner(self.create_app(), shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.mounted_at(f"http://{host}:{self._runner.addresses[0][1]}")

    async def stop(self) -> None:
        """Nothing of the sandbox runs any more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def mounted_at(self, base_url: str) -> None:
        """Addresses handed out from now on begin with this, such as `http://127.0.0.1:8000/discord`."""
        self.base_url = base_url.rstrip("/")

    @property
    def api_url(self) -> str:
        return self.base_url + PREFIX

    @property
    def gateway_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/gateway/"

    @property
    def application_id(self) -> str:
        return self.world.application_id

    @property
    def bot_user_id(self) -> str:
        return self.world.bot.id

    @property
    def guild_id(self) -> str:
        return self.guild.id

    @property
    def env(self) -> dict[str, str]:
        """The environment that points a bot here."""
        return {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_URL": self.api_url,
            "DISCORD_GATEWAY_URL": self.gateway_url,
        }

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = 10) -> Found:
        """The first truthy value of `predicate`, asked again after every change; else TimeoutError with the state."""
        return await self.changes.wait_for(predicate, timeout=timeout, describe=self._describe)

    async def connected(self, count: int = 1, timeout: float = 10) -> None:
        """At least so many sessions are identified and connected."""
        await self.wait_for(lambda: sum(one.connected for one in self.sessions) >= count, timeout)

    def emit(self, event: str, data: Json) -> None:
        """Any event, sent to every session as it is."""
        self._dispatcher.everywhere(event, data)

    def forget_session(self, session_id: str) -> None:
        """The gateway lost the session: whoever resumes it is told to identify anew."""
        self._dispatcher.sessions.pop(session_id, None)

    def add_person(self, name: str, *, guild: Guild | None = None) -> Person:
        """A new member of the guild, the preset one by default."""
        person = self.world.add_person(name)
        self.world.join(guild or self.guild, person.id)
        return person

    def add_guild(
        self, name: str, *, owner: str = "olga", members: Iterable[str] = ("ann", "bob"), id: Ref | None = None
    ) -> Guild:
        """Another guild with a #general; the bot has joined it and hears so. An id chooses its shard."""
        return self._memberships.found(name, owner=owner, members=members, id=id)

    def add_channel(self, name: str, *, guild: Guild | None = None, overwrites: Iterable[Overwrite] = ()) -> Channel:
        """Another text channel, in the preset guild by default."""
        return self._memberships.add_channel(guild or self.guild, name, overwrites)

    def remove_bot(self, guild: Guild | None = None) -> None:
        """Somebody removed the bot from the guild."""
        self._memberships.remove_bot(guild or self.guild)

    def outage(self, guild: Guild | None = None, *, over: bool = False) -> None:
        """The guild is out of reach for a while, or back."""
        self._memberships.outage(guild or self.guild, over=over)

    def _describe(self) -> str:
        return description.of(self.happenings, self.calls, self.interactions, self.sessions)

    def _control(self) -> Control:
        return Control(
            happenings=self.happenings,
            acting=self,
            attachments=self._attachments,
            registry=self._registry,
            interactions=self._interactions,
            dispatcher=self._dispatcher,
            guild=self.guild,
            mischief=Mischief(
                faults=self.faults,
                gateway=self.gateway,
                dispatcher=self._dispatcher,
                portal=self.portal,
                limits=self.limits,
            ),
        )

    def _built_door(self, publishing: Publishing) -> Door:
        responses = Responses(
            interactions=self._interactions,
            happenings=self.happenings,
            publishing=publishing,
            now=self.now,
            ack_seconds=self._ack_seconds,
        )
        accounts = Accounts(
            self.happenings,
            self.portal,
            self.gateway,
            lambda: self.gateway_url,
        )
        return Door(
            routes=all_routes.of(
                happenings=self.happenings,
                publishing=publishing,
                responses=responses,
                registry=self._registry,
                memberships=self._memberships,
                accounts=accounts,
                attachments=self._attachments,
            ),
            limits=self.limits,
            faults=self.faults,
            log=self._log,
            token=lambda: self.token,
            hang_up=lambda: self._closing,
        )

    async def _shut_down(self, _: web.Application) -> None:
        self._closing.set()
        self.changes.close()
        self.faults.clear()
        await self._dispatcher.stop()
        await self.gateway.stop()
