"""Where a call may reach: the channel it names, as the bot sees it."""

from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.values import ApiError, SandboxError
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Channel


def known(workspace: Workspace, ref: str) -> Channel:
    """The channel with this id (or a person's: their direct messages). Private ones are hidden from strangers."""
    world = workspace.world
    try:
        place = world.dm(world.people[ref]) if ref in world.people else world.channel(ref)
    except SandboxError:
        raise ApiError("channel_not_found") from None
    if place.kind != "channel" and world.bot.id not in place.members:
        raise ApiError("channel_not_found")
    return place


def joined(workspace: Workspace, ref: str) -> Channel:
    """A channel that the bot is a member of and may write to."""
    place = known(workspace, ref)
    if workspace.world.bot.id not in place.members:
        raise ApiError("not_in_channel")
    if place.archived:
        raise ApiError("is_archived")
    return place


def message(workspace: Workspace, place: Channel, ts: str) -> Message:
    """A message that everyone there sees; ephemeral ones cannot be named."""
    found = workspace.book.get(place.id, ts)
    if found is None or found.ephemeral_for is not None or found.is_tombstone:
        raise ApiError("message_not_found")
    return found


def parent(workspace: Workspace, place: Channel, args: Arguments) -> str | None:
    """The ts of the parent named by `thread_ts`; a reply's ts is refused."""
    thread_ts = args.text("thread_ts")
    if thread_ts is None:
        return None
    found = workspace.book.get(place.id, thread_ts)
    if found is None:
        raise ApiError("thread_not_found")
    if found.thread_ts is not None or found.ephemeral_for is not None:
        raise ApiError("cannot_reply_to_message")
    return thread_ts


def need_scope(workspace: Workspace, scope: str) -> None:
    if scope not in workspace.manifest.scopes:
        provided = ",".join(sorted(workspace.manifest.scopes))
        raise ApiError("missing_scope", needed=scope, provided=provided)
