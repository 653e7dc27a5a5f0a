"""reactions.add, remove and get, for the bot's own reactions."""

from collections.abc import Sequence

from sandbox.slack import wire
from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_2, TIER_3
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace


class Reactions:
    """Emoji under messages."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def methods(self) -> Sequence[Method]:
        write = "reactions:write"
        return (
            Method(name="reactions.add", limit=TIER_3, handler=self.add, scope=write),
            Method(name="reactions.remove", limit=TIER_2, handler=self.remove, scope=write),
            Method(name="reactions.get", limit=TIER_3, handler=self.get, scope="reactions:read"),
        )

    def add(self, args: Arguments) -> Json:
        message, name = self._message(args), args.required("name").strip(":")
        if self._workspace.world.bot.id in message.reactions.get(name, ()):
            raise ApiError("already_reacted")
        self._workspace.react(self._workspace.world.bot, message, name)
        return {}

    def remove(self, args: Arguments) -> Json:
        message, name = self._message(args), args.required("name").strip(":")
        if self._workspace.world.bot.id not in message.reactions.get(name, ()):
            raise ApiError("no_reaction")
        self._workspace.unreact(self._workspace.world.bot, message, name)
        return {}

    def get(self, args: Arguments) -> Json:
        message = self._message(args)
        shown = wire.message(self._workspace.world, self._workspace.book, message)
        return {"type": "message", "channel": message.channel, "message": shown}

    def _message(self, args: Arguments) -> Message:
        place = places.joined(self._workspace, args.required("channel"))
        return places.message(self._workspace, place, args.required("timestamp"))
