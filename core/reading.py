"""What of a person's message the model will read, and how much that is."""

from __future__ import annotations

from core.incoming import Incoming
from core.ports import TokenCounter


def with_attachments(incoming: Incoming) -> str:
    """The text, and a word on each file, so that the model knows what it was not shown."""
    notes = [
        f"[Attached file {attachment.name!r} ({attachment.media_type}), which you cannot open]"
        for attachment in incoming.attachments
    ]
    return "\n".join([incoming.text, *notes]).strip() if notes else incoming.text


def tokens_of(incoming: Incoming, counter: TokenCounter) -> int:
    """What the model will read of it. The name counts too: it stands in front where several people speak, and who
    will yet speak is not known when the message is stored."""
    return counter.count(f"{incoming.author.name}: {incoming.text}")
