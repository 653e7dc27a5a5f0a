"""Guilds and their members, as a bot reads them."""

from collections.abc import Sequence

from sandbox.discord import refusals
from sandbox.discord.happenings import Happenings
from sandbox.discord.memberships import Memberships
from sandbox.discord.rest import places
from sandbox.discord.rest.route import NO_CONTENT, Answer, Call, Route
from sandbox.discord.values import ApiError

_GUILD = "/guilds/{guild}"


class Guilds:
    """Servers that the bot is a member of."""

    def __init__(self, happenings: Happenings, memberships: Memberships) -> None:
        self._happenings = happenings
        self._memberships = memberships

    def routes(self) -> Sequence[Route]:
        return (
            Route(name="get_guild", method="GET", path=_GUILD, handler=self.get),
            Route(name="list_channels", method="GET", path=_GUILD + "/channels", handler=self.channels),
            Route(name="list_active_threads", method="GET", path=_GUILD + "/threads/active", handler=self.threads),
            Route(name="list_roles", method="GET", path=_GUILD + "/roles", handler=self.roles),
            Route(name="list_members", method="GET", path=_GUILD + "/members", handler=self.members),
            Route(name="get_member", method="GET", path=_GUILD + "/members/{user}", handler=self.member),
            Route(name="list_guilds", method="GET", path="/users/@me/guilds", handler=self.mine),
            Route(name="leave_guild", method="DELETE", path="/users/@me/guilds/{guild}", handler=self.leave),
        )

    def get(self, call: Call) -> Answer:
        return Answer(body=self._happenings.wire.guild(places.guild(self._happenings, call)))

    def channels(self, call: Call) -> Answer:
        return Answer(body=self._happenings.wire.channels(places.guild(self._happenings, call)))

    def threads(self, call: Call) -> Answer:
        threads = self._happenings.wire.threads(places.guild(self._happenings, call))
        return Answer(body={"threads": threads, "members": []})

    def roles(self, call: Call) -> Answer:
        return Answer(body=self._happenings.wire.roles(places.guild(self._happenings, call)))

    def members(self, call: Call) -> Answer:
        members = list(places.guild(self._happenings, call).members.values())
        after = int(call.query.get("after") or 0)
        found = sorted((one for one in members if int(one.person_id) > after), key=lambda one: int(one.person_id))
        return Answer(body=[self._happenings.wire.member(one) for one in found[: int(call.query.get("limit", "1"))]])

    def member(self, call: Call) -> Answer:
        member = places.guild(self._happenings, call).members.get(call.params["user"])
        if member is None:
            known = call.params["user"] in self._happenings.world.people
            raise ApiError(refusals.UNKNOWN_MEMBER if known else refusals.UNKNOWN_USER)
        return Answer(body=self._happenings.wire.member(member))

    def mine(self, call: Call) -> Answer:
        world = self._happenings.world
        found = [one for one in world.guilds.values() if world.bot.id in one.members]
        return Answer(
            body=[
                {
                    "id": one.id,
                    "name": one.name,
                    "icon": None,
                    "owner": False,
                    "permissions": str(int(world.granted(one, one.members[world.bot.id]))),
                    "features": [],
                }
                for one in found
            ]
        )

    def leave(self, call: Call) -> Answer:
        self._memberships.remove_bot(places.guild(self._happenings, call))
        return NO_CONTENT
