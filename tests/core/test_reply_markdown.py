"""A reply of real Markdown is seen whole, each message well formed, whatever the platform does; also where messages can
only grow."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import PostGone, PostSealed, PostTooLong, SurfaceBusy, SurfaceError, SurfaceUnavailable
from core.incoming import ReplyTarget
from core.markdown.fences import fence_after
from core.ports import Draft, SurfaceLimits
from core.reply import TRIES
from core.turn import MessageRef
from tests.core.replies import ENDING, FREE, Scene, StrictSurface, settled
from tests.doubles import FastClock

LIMIT = 300

# ── what the model says ──

WORDS = st.integers(1, 30).map(lambda count: " ".join("w" * count))
FEW = st.integers(1, 4).map(lambda count: " ".join("w" * count))
LITTLE = st.one_of(
    FEW,
    FEW.map("**{}**".format),
    FEW.map("~~{}~~".format),
    FEW.map("[{}](https://example.com/a_(b)?c=d)".format),
    st.just("`w`"),
    st.just("<@U1>"),
    st.just("$x^2$ w"),
    st.just("👩‍👩‍👧‍👦"),
)
INLINE = st.lists(LITTLE, min_size=1, max_size=6).map(" ".join)
CODE = st.tuples(
    st.sampled_from(["```", "```python", "~~~", "````md"]),
    st.lists(st.sampled_from(["w = 1", "", "    if w:", "# w", "| w |", "`w`", "w " * 20]), min_size=1, max_size=30),
).map(lambda code: "\n".join([code[0], *code[1], code[0][:4] if code[0].startswith("````") else code[0][:3]]))
BLOCKS = st.one_of(
    WORDS,
    INLINE,
    FEW.map("## {}".format),
    st.lists(INLINE, min_size=1, max_size=6).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(INLINE, min_size=1, max_size=4).map(
        lambda items: "\n".join(f"{n}. {x}\n   - w" for n, x in enumerate(items, 1))
    ),
    INLINE.map("> {}".format),
    st.lists(FEW, max_size=12).map(
        lambda rows: "\n".join(["| a | b |", "|---|---|", *(f"| {row} | w |" for row in rows)])
    ),
    CODE,
    CODE.map(lambda code: "- w\n\n" + "\n".join(f"  {line}" for line in code.split("\n"))),
)


def numbered(document: str) -> str:
    """Each word becomes another one, so that a lost or doubled one is seen."""
    count = itertools.count()
    return re.sub(r"\bw\b", lambda _: f"w{next(count)}", document)


DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=8).map("\n\n".join).map(numbered)

MESSAGE = "```python\n`w`\n`w`\n| w |\n`w`\n    if w:\n```\n\n- <@U1>\n- "
TABLE = "| a | b |\n|---|---|\n| w w w | w |\n| w w w | w |\n\n"
LINKS = "~~w w w~~ <@U1> `w` 👩‍👩‍👧‍👦 [w](https://example.com/a_(b)?c=d) [w w w](https://example.com/a_(b)?c=d)\n\n"
BLANKS_AT_THE_END = numbered(
    "1. <@U1>\n   - w\n2. <@U1> ~~w w w w~~ $x^2$ w\n   - w\n3. $x^2$ w 👩‍👩‍👧‍👦\n   - w\n\nw w w w w w\n\n"
    f"{MESSAGE}{LINKS}1. 👩‍👩‍👧‍👦 👩‍👩‍👧‍👦 **w w w** 👩‍👩‍👧‍👦\n   - w\n2. **w w** ~~w w~~ **w w** 👩‍👩‍👧‍👦 "
    f"<@U1>\n   - w"
    f"\n\n{TABLE}> {LINKS}`w`"
)
"""The blanks after its second message would be too many for it."""
HEADING_AT_THE_END = numbered(
    f"```python\nw = 1\nw = 1\n| w |\n# w\n# w\n```\n\n{TABLE}## w\n\n| a | b |\n|---|---|\n| w | w |\n| w | w |\n\n"
    f"{'w ' * 14}w\n\n<@U1> ~~w w~~ `w` `w` ~~w w~~ $x^2$ w\n\n## w w\n\n"
    "[w](https://example.com/a_(b)?c=d) ~~w w w~~ <@U1> `w` <@U1> **w w w w**"
)
"""The heading is shown below the paragraph while there is room, and belongs to the next message when there is none."""

# ── what the platform does ──

Fault = tuple[SurfaceError | None, bool]
"""What a write raises, and whether it has its effect all the same."""
GOOD: Fault = (None, False)
LOST: Fault = (SurfaceUnavailable("the answer was lost"), True)
FAULTS = st.sampled_from(
    [
        GOOD,
        GOOD,
        (SurfaceBusy("429", retry_after=0.5), False),
        (SurfaceBusy("429 without a figure"), False),
        (SurfaceUnavailable("500"), False),
        LOST,
        (PostGone("deleted"), False),
        (PostSealed("takes no more"), False),
    ]
)
TOO_LONG: Fault = (PostTooLong("counted otherwise"), False)


class Moody(StrictSurface):
    """Fails as it is told. Where messages only grow, none is ever shown that does not go on from what it showed."""

    def __init__(self, faults: Sequence[Fault], *, grows: bool) -> None:
        super().__init__(limits=SurfaceLimits(length=LIMIT, grows=grows), budget=FREE)
        self._faults = list(faults)
        self._refused = False
        """A message was too long for the platform."""
        self.sealed: set[str] = set()
        """Messages that took no more: nobody can close what is open there."""

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        error, effect = self._next()
        if isinstance(error, (PostGone, PostSealed)):
            error = None  # there is nothing yet to be gone
        if error is not None and not effect:
            raise error
        ref = await super().open(target, draft, key=key, seek=seek)
        if error is not None:
            raise error
        return ref

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        error, effect = self._next()
        if isinstance(error, PostGone):
            self.posts[ref.message].deleted = True
        if isinstance(error, PostSealed):
            self.sealed.add(ref.message)
        if error is None or effect:
            await super().edit(target, ref, draft)
        if error is not None:
            raise error

    async def _show(self, name: str, draft: Draft) -> None:
        shown = self.posts[name]
        if self._limits.grows and shown.drafts and not self._refused:
            assert draft.text.startswith(shown.draft.text.rstrip()), f"{shown.draft.text!r} became {draft.text!r}"
        await super()._show(name, draft)

    def _next(self) -> Fault:
        fault = self._faults.pop(0) if self._faults else GOOD
        # What the platform counts otherwise has to shrink; a stream is ended for it and edited (slack/streams.py).
        self._refused = self._refused or isinstance(fault[0], PostTooLong)
        return fault


@settings(max_examples=150, deadline=None)
@given(
    DOCUMENTS,
    st.lists(st.integers(1, 90), min_size=1, max_size=8),
    st.lists(FAULTS, max_size=TRIES - 1),  # one more may say that it is too long
    st.integers(-1, 5),
    st.lists(st.booleans(), min_size=1, max_size=5),
    st.booleans(),
)
@example(
    text="w0\n\nw1",
    sizes=[1],
    faults=[(None, False), (None, False), (SurfaceUnavailable("lost"), True), (PostSealed("no more"), False)],
    too_long=0,
    rests=[True],
    grows=True,
)
@example(  # narrowed while only the fence of the code was there
    text=numbered(f"{'w ' * 52}\n\n````md\n{'`w`' * 40}\n````"),
    sizes=[1, 7],
    faults=[],
    too_long=0,
    rests=[True],
    grows=True,
)
@example(text=BLANKS_AT_THE_END, sizes=[35], faults=[GOOD] * 4, too_long=5, rests=[False], grows=True)
@example(
    text=HEADING_AT_THE_END,
    sizes=[7, 59, 83, 87, 52, 78, 6, 61],
    faults=[GOOD, (SurfaceUnavailable("500"), False), GOOD, LOST, (PostSealed("takes no more"), False), LOST, LOST],
    too_long=-1,
    rests=[True],
    grows=True,
)
async def test_markdown_is_shown_once_whole_and_well_formed(
    text: str, sizes: list[int], faults: list[Fault], too_long: int, rests: list[bool], grows: bool
) -> None:
    """Whatever pieces it comes in and whatever the platform does: each word is read once and in order, in messages
    within the limit (the surface takes no other) whose fences are closed."""
    if too_long >= 0:
        faults = [*faults[:too_long], TOO_LONG, *faults[too_long:]]
    surface = Moody(faults, grows=grows)
    place = Scene(surface=surface, clock=FastClock(speed=100_000))
    reply = place.reply()
    at = 0
    for size, rest in zip(itertools.cycle(sizes), itertools.cycle(rests), strict=False):
        if at >= len(text):
            break
        reply.add(text[at : at + size])
        at += size
        if rest:
            await settled()
    await asyncio.wait_for(reply.finish(ENDING), 10)
    names = [ref.message for _, ref in sorted(place.record.posts.items())]
    messages = [surface.posts[name].draft.text for name in names]
    assert re.findall(r"w\d+", " ".join(messages)) == re.findall(r"w\d+", text)
    assert [draft.text for draft in surface.visible if draft.text in messages] == messages
    assert len(surface.visible) == len(messages)
    for name in set(names) - surface.sealed:
        assert _open_fence(surface.posts[name].draft.text) is None, name


def _open_fence(message: str) -> object:
    fence = None
    for line in message.split("\n"):
        fence = fence_after(line, fence)
    return fence
