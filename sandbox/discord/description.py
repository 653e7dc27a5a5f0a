"""The state in words, for the error of somebody who waited in vain. Pure."""

from collections.abc import Iterable, Sequence

from sandbox.discord.happenings import Happenings
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Message
from sandbox.discord.rest.calls import RestCall
from sandbox.discord.sessions import Session

LAST = 12
WIDTH = 160


def of(
    happenings: Happenings,
    calls: Sequence[RestCall],
    interactions: Sequence[Interaction],
    sessions: Iterable[Session],
) -> str:
    """The last messages, calls and interactions, and every session, a line each."""
    messages = sorted(happenings.book.everything(), key=lambda message: int(message.id))[-LAST:]
    lines = ["messages:", *(_message(happenings, message) for message in messages), "calls:"]
    lines += [f"  {call.method} {call.route} → {call.status} {call.code or ''}" for call in calls[-LAST:]]
    lines.append("interactions:")
    lines += [f"  {one.kind.name.lower()} {one.name}: {one.status}" for one in interactions[-LAST:]]
    lines.append("sessions:")
    for session in sessions:
        state = "connected" if session.connected else "waiting to be resumed"
        lines.append(f"  shard {session.shard[0]} of {session.shard[1]}: {state}, {session.sequence} events")
    return "\n".join(lines)


def _message(happenings: Happenings, message: Message) -> str:
    place = happenings.world.channels[message.channel_id]
    marks = [f"replying to {message.reply_to}"] if message.reply_to else []
    marks += ["thinking"] if message.loading else []
    marks += [f"for {message.ephemeral_for}"] if message.ephemeral_for else []
    marks += [f"edited {message.edited} times"] if message.edited else []
    text = message.content if len(message.content) <= WIDTH else message.content[:WIDTH] + "…"
    return f"  {place.kind} {place.name} {message.id} {message.author.display} {' '.join(marks)}: {text!r}"
