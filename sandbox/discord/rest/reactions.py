"""The bot's reactions, and what it can take away of others'."""

from collections.abc import Sequence

from sandbox.discord.happenings import Happenings
from sandbox.discord.messages import Message
from sandbox.discord.permissions import Permission
from sandbox.discord.rest import places
from sandbox.discord.rest.route import NO_CONTENT, Answer, Call, Route

_ALL = "/channels/{channel}/messages/{message}/reactions"
_EMOJI = _ALL + "/{emoji}"


class Reactions:
    """Emoji under messages."""

    def __init__(self, happenings: Happenings) -> None:
        self._happenings = happenings

    def routes(self) -> Sequence[Route]:
        limit = "reaction"
        return (
            Route(name="add_reaction", method="PUT", path=_EMOJI + "/@me", handler=self.add, limit=limit),
            Route(name="remove_reaction", method="DELETE", path=_EMOJI + "/@me", handler=self.remove, limit=limit),
            Route(
                name="remove_reaction_of",
                method="DELETE",
                path=_EMOJI + "/{user}",
                handler=self.remove_of,
                limit=limit,
            ),
            Route(name="list_reactions", method="GET", path=_EMOJI, handler=self.list),
            Route(name="clear_reactions", method="DELETE", path=_ALL, handler=self.clear, limit=limit),
        )

    def add(self, call: Call) -> Answer:
        message = self._message(call)
        place = self._happenings.world.channels[message.channel_id]
        places.need(self._happenings, place, Permission.READ_MESSAGE_HISTORY)
        if call.params["emoji"] not in message.reactions:
            places.need(self._happenings, place, Permission.ADD_REACTIONS)
        self._happenings.react(self._happenings.world.bot, message, call.params["emoji"])
        return NO_CONTENT

    def remove(self, call: Call) -> Answer:
        self._happenings.unreact(self._happenings.world.bot, self._message(call), call.params["emoji"])
        return NO_CONTENT

    def remove_of(self, call: Call) -> Answer:
        message = self._message(call)
        self._need_to_manage(message)
        if person := self._happenings.world.people.get(call.params["user"]):
            self._happenings.unreact(person, message, call.params["emoji"])
        return NO_CONTENT

    def list(self, call: Call) -> Answer:
        who = self._message(call).reactions.get(call.params["emoji"], [])
        return Answer(body=[self._happenings.wire.user(self._happenings.world.people[one]) for one in who])

    def clear(self, call: Call) -> Answer:
        message = self._message(call)
        self._need_to_manage(message)
        for emoji, who in [(emoji, list(who)) for emoji, who in message.reactions.items()]:
            for person in who:
                self._happenings.unreact(self._happenings.world.people[person], message, emoji)
        return NO_CONTENT

    def _message(self, call: Call) -> Message:
        place = places.channel(self._happenings, call)
        places.need_open(place)
        return places.message(self._happenings, call, place)

    def _need_to_manage(self, message: Message) -> None:
        place = self._happenings.world.channels[message.channel_id]
        places.need(self._happenings, place, Permission.MANAGE_MESSAGES)
