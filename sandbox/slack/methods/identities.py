"""auth.test, apps.connections.open, users.info, users.list, team.info and api.test: who is who."""

from collections.abc import Callable, Sequence

from sandbox.slack import wire
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import GENEROUS, TIER_1, TIER_2, TIER_3, TIER_4
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace


class Identities:
    """The app's own identity, its socket, and the people around it."""

    def __init__(self, workspace: Workspace, socket_url: Callable[[], str]) -> None:
        self._workspace = workspace
        self._socket_url = socket_url

    def methods(self) -> Sequence[Method]:
        return (
            Method(name="api.test", limit=TIER_4, handler=lambda args: {"args": args.given}),
            Method(name="auth.test", limit=GENEROUS, handler=self.auth_test),
            Method(name="apps.connections.open", limit=TIER_1, handler=self.connect, app_level=True),
            Method(name="users.info", limit=TIER_4, handler=self.user, scope="users:read"),
            Method(name="users.list", limit=TIER_2, handler=self.users, scope="users:read"),
            Method(name="team.info", limit=TIER_3, handler=self.team, scope="team:read"),
        )

    def auth_test(self, _: Arguments) -> Json:
        world = self._workspace.world
        return {
            "url": f"https://{world.domain}.slack.com/",
            "team": world.team_name,
            "user": world.bot.name,
            "team_id": world.team_id,
            "user_id": world.bot.id,
            "bot_id": world.bot.bot_id,
            "app_id": world.bot.app_id,
            "app_name": world.bot.real_name,
            "is_enterprise_install": False,
        }

    def connect(self, _: Arguments) -> Json:
        return {"url": self._socket_url()}

    def user(self, args: Arguments) -> Json:
        person = self._workspace.world.people.get(args.required("user"))
        if person is None:
            raise ApiError("user_not_found")
        return {"user": wire.user(self._workspace.world, person)}

    def users(self, _: Arguments) -> Json:
        world = self._workspace.world
        members = [wire.user(world, person) for person in world.people.values()]
        return {"members": members, "response_metadata": {"next_cursor": ""}}

    def team(self, _: Arguments) -> Json:
        world = self._workspace.world
        return {"team": {"id": world.team_id, "name": world.team_name, "domain": world.domain}}
