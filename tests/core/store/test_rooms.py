"""Settings of channels, and what is forgotten in time."""

from __future__ import annotations

from dataclasses import replace

from core.channel import AnswerIn, ChannelSettings
from core.conversation import Platform
from core.store import Accepted, Duplicate, Store
from tests.core.store.scene import BEN, KEY, NOW, SECOND, accept, said


async def test_channel_has_the_settings_it_was_given(store: Store) -> None:
    """The defaults until an admin sets something; the newest afterwards. Threads share their channel's."""
    assert await store.channel_settings(KEY) == ChannelSettings()
    for settings in (
        ChannelSettings(answer_in=AnswerIn.CHANNEL, mention_needed=True),
        ChannelSettings(mention_needed=True),
    ):
        await store.set_channel_settings(KEY, settings, now=NOW)
        assert await store.channel_settings(KEY.channel_key) == settings


async def test_settings_stay_in_their_channel(store: Store) -> None:
    """Another channel, workspace or platform has its own (law 7)."""
    await store.set_channel_settings(KEY, ChannelSettings(mention_needed=True), now=NOW)
    for key in (
        replace(KEY, channel="C2"),
        replace(KEY, workspace="T2"),
        replace(KEY, platform=Platform.DISCORD),
    ):
        assert await store.channel_settings(key) == ChannelSettings()


async def test_old_effects_are_forgotten(store: Store) -> None:
    """What is older than the given time is let go, and only that."""
    old, recent = said(), said(by=BEN)
    await accept(store, old, at=NOW)
    await accept(store, recent, at=NOW + SECOND)
    assert await store.purge_effects(before=NOW + SECOND) == 1
    assert await store.accept(recent, tokens=1, now=NOW) == Duplicate()
    assert isinstance(await store.accept(old, tokens=1, now=NOW), Accepted)
