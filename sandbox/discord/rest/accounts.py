"""Who the bot is, where the gateway is, and other people's accounts."""

from collections.abc import Callable, Sequence

from sandbox.discord import refusals
from sandbox.discord.gateway import Gateway
from sandbox.discord.happenings import Happenings
from sandbox.discord.intents import Portal
from sandbox.discord.rest.route import Answer, Call, Route
from sandbox.discord.values import ApiError, Json

STARTS_A_DAY = 1000


class Accounts:
    """Users, the application, and the way to the gateway."""

    def __init__(
        self,
        happenings: Happenings,
        portal: Portal,
        gateway: Gateway,
        gateway_url: Callable[[], str],
    ) -> None:
        self._happenings = happenings
        self._portal = portal
        self._gateway = gateway
        self._gateway_url = gateway_url

    def routes(self) -> Sequence[Route]:
        return (
            Route(name="get_me", method="GET", path="/users/@me", handler=self.me),
            Route(name="get_user", method="GET", path="/users/{user}", handler=self.user),
            Route(name="get_application", method="GET", path="/oauth2/applications/@me", handler=self.application),
            Route(name="get_own_application", method="GET", path="/applications/@me", handler=self.application),
            Route(name="get_gateway", method="GET", path="/gateway", handler=self.gateway, open=True, limit=None),
            Route(name="get_gateway_bot", method="GET", path="/gateway/bot", handler=self.gateway_bot),
        )

    def me(self, call: Call) -> Answer:
        me = self._happenings.wire.user(self._happenings.world.bot)
        return Answer(body=me | {"verified": True, "mfa_enabled": False, "flags": 0, "email": None, "locale": "en-US"})

    def user(self, call: Call) -> Answer:
        found = self._happenings.world.people.get(call.params["user"])
        if found is None:
            raise ApiError(refusals.UNKNOWN_USER)
        return Answer(body=self._happenings.wire.user(found))

    def application(self, call: Call) -> Answer:
        world = self._happenings.world
        owner = next(iter(world.guilds.values())).owner_id
        body: Json = {
            "id": world.application_id,
            "name": world.bot.display,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self._portal.flags,
            "owner": self._happenings.wire.user(world.people[owner]),
            "bot": self._happenings.wire.user(world.bot),
            "team": None,
            "interactions_endpoint_url": None,
            "approximate_guild_count": len(world.guilds),
        }
        return Answer(body=body)

    def gateway(self, call: Call) -> Answer:
        return Answer(body={"url": self._gateway_url()})

    def gateway_bot(self, call: Call) -> Answer:
        limit = {
            "total": STARTS_A_DAY,
            "remaining": max(0, STARTS_A_DAY - self._gateway.identified),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        shards = self._gateway.recommended_shards
        return Answer(body={"url": self._gateway_url(), "shards": shards, "session_start_limit": limit})
