"""Tables in a message that can only grow: rows are seen whole, and none of the messages is longer than Slack takes."""

from __future__ import annotations

import asyncio
import itertools
import re

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from adapters.slack.markup import length, to_markdown
from core.ports import SurfaceLimits
from tests.core.replies import ENDING, FREE, Scene, StrictSurface, settled
from tests.doubles import FastClock

LIMIT = 300
WORD = st.sampled_from(
    ["w", "**w**", "`w`", "[w](https://example.com/a)", "w & <w>", "w w w w", "wide" * 6 + " w", "日本 w"]
)
CELL = st.lists(WORD, min_size=0, max_size=3).map(" ".join)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Rows of as many cells as the header, some of them far wider than the others."""
    columns = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(CELL, min_size=columns, max_size=columns), min_size=1, max_size=12))
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join("abcd"[:columns]) + " |", "|" + "---|" * columns, *lines])


DOCUMENTS = st.lists(st.one_of(tables(), CELL.filter(bool)), min_size=1, max_size=4).map("\n\n".join)


class Slack(StrictSurface):
    """Measures as Slack does, and keeps what each message has shown."""

    def __init__(self) -> None:
        super().__init__(limits=SurfaceLimits(length=LIMIT, grows=True), budget=FREE)

    def measure(self, text: str) -> int:
        return length(text)


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(
    "| a | b | c |\n|---|---|---|\n|  |  |  |\n|  |  |  |\n|  | w | w w w |\n"
    "|  | w [w](https://example.com/a) [w](https://example.com/a) |  |\n|  |  | w w [w](https://example.com/a) |",
    [30],
    [False, False, True],
)
@given(DOCUMENTS, st.lists(st.integers(1, 60), min_size=1, max_size=6), st.lists(st.booleans(), min_size=1, max_size=5))
async def test_tables_fit_their_messages_at_every_moment(text: str, sizes: list[int], rests: list[bool]) -> None:
    """However wide the rows are and whatever pieces they come in: each text that is shown fits (the surface takes no
    other), goes on from the one before, and ends with a whole row while the message grows."""
    count = itertools.count()
    text = re.sub(r"\bw\b", lambda _: f"w{next(count)}", text)
    surface = Slack()
    reply = Scene(surface=surface, clock=FastClock(speed=100_000)).reply()
    at = 0
    for size, rest in zip(itertools.cycle(sizes), itertools.cycle(rests), strict=False):
        if at >= len(text):
            break
        reply.add(text[at : at + size])
        at += size
        if rest:
            await settled()
    await asyncio.wait_for(reply.finish(ENDING), 10)
    assert re.findall(r"w\d+", " ".join(draft.text for draft in surface.visible)) == re.findall(r"w\d+", text)
    for post in surface.posts.values():
        for before, after in itertools.pairwise(post.drafts):
            assert after.text.startswith(before.text.rstrip())
            assert not before.text.startswith("|") or "\n\n" in before.text or before.text.rstrip().endswith("|")


@settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(tables(), st.integers(0, 20))
def test_a_table_that_goes_on_never_counts_less(table: str, more: int) -> None:
    """What is counted of a table is at least what Slack gets, and does not shrink when rows are added, though a table
    that becomes too wide is shown as a list."""
    lines = table.split("\n")
    lengths = [length("\n".join(lines[:end])) for end in range(2, len(lines) + 1)]
    assert lengths == sorted(lengths)
    assert length(table + " w" * more) >= len(to_markdown(table + " w" * more))
