"""`/link` on both platforms: a code is shown to one alone, entered in the other place, and both have one quota."""

from __future__ import annotations

import re

from core.conversation import Platform
from core.incoming import Author
from core.linking import LinkEnd, code_hash
from core.privacy import Place
from core.store import Store
from tests.contract.conftest import Town
from tests.contract.hands import hand

ELSEWHERE = Place(platform=Platform.SLACK, workspace="T-ELSEWHERE")
SAME = Author(id="U-SAME", name="Ann elsewhere")


async def test_shown_here_and_entered_elsewhere(town: Town) -> None:
    """Whoever enters the code that was whispered is the same person; it opens once."""
    ann = hand(town.place, "ann")
    await ann.use("link")
    shown = await ann.told("Your code is")
    assert shown.private
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", shown.text)
    assert found is not None
    store = await Store.open(town.settings.database_url)
    now = town.runtime._clock.now()
    enter = [await store.enter_link_code(ELSEWHERE, SAME, code_hash(found[0]), now=now) for _ in range(2)]
    await store.close()
    assert enter == [LinkEnd.DONE, LinkEnd.UNKNOWN]
    await ann.use("unlink")
    assert (await ann.told("You are no longer linked")).private


async def test_shown_elsewhere_and_entered_here(town: Town) -> None:
    """And a wrong one is refused in words."""
    bob = hand(town.place, "bob")
    store = await Store.open(town.settings.database_url)
    now = town.runtime._clock.now()
    await store.show_link_code(ELSEWHERE, SAME, code_hash("ABCD-EFGH"), now=now)
    await store.close()
    await bob.use("link", code="ZZZZ-ZZZZ")
    assert (await bob.told("I do not know this code")).private
    await bob.use("link", code="abcd-efgh")
    assert (await bob.told("You are linked")).private
