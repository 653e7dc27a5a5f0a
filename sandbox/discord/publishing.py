"""From a checked draft to a message in the channel, and from another draft to its next version.

REST with the bot's token and the answers to interactions both publish here.
"""

from typing import Any

from sandbox.discord.attachments import Attachment, Attachments
from sandbox.discord.drafts import Draft
from sandbox.discord.happenings import Happenings
from sandbox.discord.mentions import Rules
from sandbox.discord.messages import Flag, Message
from sandbox.discord.world import Channel


class Publishing:
    """The bot's pen."""

    def __init__(self, happenings: Happenings, attachments: Attachments) -> None:
        self._happenings = happenings
        self._attachments = attachments

    def post(self, draft: Draft, channel: Channel, *, parsed: frozenset[str], **details: Any) -> Message:
        """The bot's new message; `parsed` is whom it pings unless `allowed_mentions` says otherwise."""
        return self._happenings.post(
            self._happenings.world.bot,
            channel,
            draft.content,
            rules=Rules.of(draft.allowed_mentions, parsed),
            embeds=draft.embeds,
            components=draft.components,
            flags=draft.flags,
            attachments=self._stored(draft, channel),
            allowed_mentions=draft.allowed_mentions,
            nonce=draft.nonce,
            **details,
        )

    def edit(self, message: Message, draft: Draft, *, parsed: frozenset[str]) -> None:
        """The message shows the draft; thinking ends without a trace."""
        thinking = message.loading
        channel = self._happenings.world.channels[message.channel_id]
        kept = tuple(one for one in message.attachments if draft.kept is None or one.id in draft.kept)
        self._happenings.edit(
            message,
            rules=Rules.of(draft.allowed_mentions, parsed),
            silent=thinking,
            content=draft.content,
            embeds=draft.embeds,
            components=draft.components,
            flags=draft.flags & ~Flag.LOADING,
            attachments=kept + self._stored(draft, channel, ephemeral=message.ephemeral),
            allowed_mentions=draft.allowed_mentions,
        )

    def _stored(self, draft: Draft, channel: Channel, *, ephemeral: bool = False) -> tuple[Attachment, ...]:
        hidden = ephemeral or bool(draft.flags & Flag.EPHEMERAL)
        return tuple(
            self._attachments.add(upload, channel.id, description=about, ephemeral=hidden)
            for upload, about in draft.uploads
        )
