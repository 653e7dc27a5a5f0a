"""Limits on both platforms: set from the chat, heeded at once, refused in private with when it begins anew."""

from __future__ import annotations

import csv
import io

import pytest
from PIL import Image

from adapters.charts.bars import WIDTH
from core.conversation import Platform
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
    """Everybody reads their own; admins read everybody's and get a picture and a file, in private."""
    await town.answered(await town.place.mention("bob", "one"))
    await town.recorded()
    await bob.use("usage me")
    own = await bob.told("Today:")
    assert own.private
    assert "1 request" in own.text
    assert "█" in own.text
    await bob.use("usage top")
    assert (await bob.told("You may not do that here")).private
    await ann.use("usage top", by="person")
    told = await ann.told("by person")
    assert _calls_nobody(town, told)
    assert "1. <@" in told.text
    await town.place.wait_for(lambda: len(_of_usage(ann)) == 2)
    picture, table = (_of_usage(ann)[ending] for ending in ("png", "csv"))
    assert _size(picture)[0] == WIDTH
    (row,) = csv.DictReader(io.StringIO(table.decode()))
    assert (row["name"].lower(), row["requests"]) == ("bob", "1")
    assert _of_usage(bob) == {}


def _calls_nobody(town: Town, told: Told) -> bool:
    """Whoever is named in it. On Slack nobody else sees the message; Discord is told besides that it calls nobody."""
    return told.private and (town.platform is Platform.SLACK or not told.pings)


def _of_usage(person: Hand) -> dict[str, bytes]:
    """By what their names end with."""
    found = person.files().items()
    return {name.rpartition(".")[2]: content for name, content in found if name.startswith("usage-by-person")}


def _size(picture: bytes) -> tuple[int, int]:
    decoded = Image.open(io.BytesIO(picture))
    decoded.load()
    assert decoded.format == "PNG"
    return decoded.size


@pytest.mark.parametrize("by", ["channel", "persona", "model", "day"])
async def test_by_other_headings(town: Town, ann: Hand, by: str) -> None:
    """Each platform takes the message with its mentions, and both files."""
    await town.answered(await town.place.mention("bob", "one"))
    await town.recorded()
    await ann.use("usage top", by=by, since="day")
    told = await ann.told(f"by {by}")
    assert "1 request" in told.text
    assert ("<#" in told.text) is (by == "channel")
    await town.place.wait_for(lambda: sum(name.startswith(f"usage-by-{by}") for name in ann.files()) == 2)


async def test_limits_are_shown_with_names(town: Town, ann: Hand, bob: Hand) -> None:
    """Whoever set them sees whom they are for; whom they are for sees what is left; clearing them is told."""
    await ann.use("quota set", amount="2k", measure="tokens", period="24h", for_="user", person="@bob")
    assert "in any 24 hours for <@" in (await ann.told("From now on: 2,000 tokens")).text
    await ann.use("quota set", amount="3", measure="requests", period="day", for_="channel")
    assert "in the channel <#" in (await ann.told("From now on: 3 requests a day")).text
    await bob.use("quota show")
    shown = await bob.told("2,000 tokens in any 24 hours for you")
    assert shown.private
    assert "All limits" not in shown.text
    await ann.use("quota show")
    assert _calls_nobody(town, await ann.told("All limits of this workspace"))
    await bob.use("quota clear", for_="channel")
    await bob.told("You may not do that here")
    await ann.use("quota clear", for_="channel")
    await ann.told("1 limit is gone")
    await ann.use("quota set", amount="many", measure="tokens", period="day", for_="each_user")
    assert (await ann.told("is not an amount")).private
