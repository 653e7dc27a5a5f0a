"""What many routes need: the channel or message in the path, and the bot's right to do something there."""

from sandbox.discord import refusals
from sandbox.discord.happenings import Happenings
from sandbox.discord.messages import Message
from sandbox.discord.permissions import Permission
from sandbox.discord.rest.route import Call
from sandbox.discord.values import ApiError
from sandbox.discord.world import Channel, Guild


def channel(happenings: Happenings, call: Call) -> Channel:
    """The channel in the path. ApiError when there is none, or when the bot does not see it."""
    world = happenings.world
    found = world.channels.get(call.params["channel"])
    if found is None:
        raise ApiError(refusals.UNKNOWN_CHANNEL)
    if not world.may(world.bot, found, Permission.VIEW_CHANNEL):
        raise ApiError(refusals.MISSING_ACCESS)
    return found


def message(happenings: Happenings, call: Call, place: Channel) -> Message:
    """The message in the path; what only one person sees is not there for REST."""
    found = happenings.book.get(place.id, call.params["message"])
    if found is None or found.ephemeral_for is not None:
        raise ApiError(refusals.UNKNOWN_MESSAGE)
    return found


def need(happenings: Happenings, place: Channel, permission: Permission) -> None:
    """The bot has the permission there, or an ApiError says that it is missing."""
    if not happenings.world.may(happenings.world.bot, place, permission):
        raise ApiError(refusals.MISSING_PERMISSIONS)


def need_open(place: Channel) -> None:
    """The thread is not archived: editing and reacting do not open it again."""
    if place.thread is not None and place.thread.archived:
        raise ApiError(refusals.ARCHIVED)


def guild(happenings: Happenings, call: Call) -> Guild:
    """The guild in the path, of which the bot is a member."""
    world = happenings.world
    found = world.guilds.get(call.params["guild"])
    if found is None or world.bot.id not in found.members:
        raise ApiError(refusals.UNKNOWN_GUILD)
    return found
