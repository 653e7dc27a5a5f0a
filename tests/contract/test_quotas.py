"""Limits on both platforms: set from the chat, heeded at once, refused in private with when it begins anew."""

from __future__ import annotations

import pytest

from sandbox.chat_completions.script import Answer
from tests.contract.conftest import Town
from tests.contract.hands import Hand, Told, hand


@pytest.fixture
def ann(town: Town) -> Hand:
    """She may do everything."""
    return hand(town.place, "ann")


@pytest.fixture
def bob(town: Town) -> Hand:
    """He may ask."""
    return hand(town.place, "bob")


async def test_a_limit_is_heeded(town: Town, ann: Hand, bob: Hand) -> None:
    """The second question of a day is refused to him alone; an extra one is granted, and answered."""
    town.model.script(Answer(text="One."), Answer(text="Two."))
    await bob.use("quota set", amount="1", measure="requests", period="day", for_="each_user")
    await bob.told("You may not do that here")
    await ann.use("quota set", amount="1", measure="requests", period="day", for_="each_user")
    assert (await ann.told("From now on: 1 request a day for each user")).private
    await town.place.ask("bob", "one")
    await town.model.wait_for(lambda requests: len(requests) == 1)
    await town.recorded()
    refused = await _asked_in_vain(town, bob)
    assert refused.private
    assert len(town.model.requests) == 1
    await ann.use("quota grant", amount="1", measure="requests", days="1", for_="user", person="@bob")
    await ann.told("1 request extra, once")
    await town.place.ask("bob", "three")
    await town.model.wait_for(lambda requests: len(requests) == 2)


async def _asked_in_vain(town: Town, bob: Hand) -> Told:
    await bob.use("ask", question="two")
    return await bob.told("The limit of 1 request a day for each user is reached")


async def test_what_was_used(town: Town, ann: Hand, bob: Hand) -> None:
    """Everybody reads their own; admins read everybody's and get a file."""
    await town.answered(await town.place.mention("bob", "one"))
    await town.recorded()
    await bob.use("usage me")
    assert "1 request" in (await bob.told("Today:")).text
    await bob.use("usage top")
    await bob.told("You may not do that here")
    await ann.use("usage top", by="person")
    await ann.told("by person")
    await town.place.wait_for(lambda: any(name.startswith("usage-by-person") for name in ann.files()))
