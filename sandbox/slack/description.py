"""The state in words, for the error of somebody who waited in vain. Pure."""

from collections.abc import Sequence

from sandbox.slack.messages import Message
from sandbox.slack.web_api import ApiCall
from sandbox.slack.workspace import Workspace

LAST = 12
WIDTH = 160


def of(workspace: Workspace, calls: Sequence[ApiCall]) -> str:
    """The last messages, calls and deliveries, a line each."""
    messages = sorted(workspace.book.everything(), key=lambda message: message.ts)[-LAST:]
    lines = ["messages:", *(_message(workspace, message) for message in messages), "calls:"]
    lines += [f"  {call.method} → {call.status} {call.error or 'ok'}" for call in calls[-LAST:]]
    lines.append("deliveries:")
    for delivery in list(workspace.deliveries.log)[-LAST:]:
        outcomes = ", ".join(attempt.outcome for attempt in delivery.attempts) or "waiting"
        lines.append(f"  {delivery.kind}: {outcomes}")
    return "\n".join(lines)


def _message(workspace: Workspace, message: Message) -> str:
    place = workspace.world.channels[message.channel].name
    marks = [f"in {message.thread_ts}"] if message.thread_ts else []
    marks += [f"for {message.ephemeral_for}"] if message.ephemeral_for else []
    marks += [message.streaming] if message.streaming else []
    text = message.text if len(message.text) <= WIDTH else message.text[:WIDTH] + "…"
    return f"  #{place} {message.ts} {message.author.name} {' '.join(marks)}: {text!r}"
