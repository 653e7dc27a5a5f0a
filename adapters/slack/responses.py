"""Answers to slash commands: in a thread under a message that repeats the question, or to the asker alone.

Slack's commands leave no message behind (slack.md, section 6), so one is posted. Where the bot is no member it cannot;
there the answer goes to the `response_url`, which takes five uses within half an hour: one shows that an answer comes,
few show it growing, and the ends of two messages keep one each. What is longer, or comes later, goes on in the direct
messages with the asker, and the last use says so.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace

import structlog

from adapters.recency import Recent
from adapters.slack import blocks
from adapters.slack.failures import NOT_HERE, Refused, Rejected
from adapters.slack.posts import Posts
from adapters.slack.targets import BySlash
from adapters.slack.web import Json, Web
from core.errors import SurfaceError
from core.ports import Control, Draft
from core.turn import MessageRef

log = structlog.get_logger()

USES = 5
KEPT = 3
"""Uses that edits leave for the ends of two messages and for what goes wrong."""
LAST = 1
"""Use that says where the answer goes on."""
PRIVATE = "private-"
"""Begins the id of a message that only the asker sees; Slack names none."""
GOES_ON = "The answer is too long for this place: it goes on in our direct messages."


@dataclass(slots=True)
class _Private:
    """One response_url."""

    uses: int = 0
    messages: int = 0
    shown: dict[str, Draft] = field(default_factory=dict)
    moved: dict[str, MessageRef] = field(default_factory=dict)
    """Messages that stand in the direct messages instead."""
    told: bool = False
    """Whether the asker knows that."""


class Responses:
    """Where the answers to slash commands stand."""

    def __init__(self, web: Web, posts: Posts) -> None:
        self._web = web
        self._posts = posts
        self._roots: Recent[str, str] = Recent()
        self._uses: Recent[str, _Private] = Recent()
        self._closed: Recent[str, None] = Recent()
        """Commands used where the bot may not write."""

    def is_private(self, way: BySlash) -> bool:
        """Whether the answer goes to the asker alone, as far as is known."""
        return way.trigger in self._closed

    async def open(self, team: str, way: BySlash, draft: Draft, *, key: str, seek: bool) -> MessageRef:
        """A new message shows the draft. Raises SurfaceError."""
        root = None if self.is_private(way) else await self._root(team, way, seek)
        if root is None:
            return await self._open_private(team, way, draft, key)
        body = blocks.body_of(draft)
        ref = await self._posts.open(team, way.channel, root, body, key=key, seek=seek)
        return replace(ref, root=root)

    async def _root(self, team: str, way: BySlash, seek: bool) -> str | None:
        """The message that repeats the question; none where the bot may not write."""
        known = self._roots.get(way.trigger)
        if known is None:
            body = blocks.root(way.name, way.question)
            try:
                ref = await self._posts.open(team, way.channel, None, body, key=f"root-{way.trigger}", seek=seek)
            except Refused as error:
                if error.code not in NOT_HERE:
                    raise
                self._closed.put(way.trigger, None)
                return None
            known = ref.message
            self._roots.put(way.trigger, known)
        return known

    # ── to the asker alone ──

    async def _open_private(self, team: str, way: BySlash, draft: Draft, key: str) -> MessageRef:
        """Only the first message can be replaced later, so further ones wait until they are whole."""
        state = self._state(way)
        message = f"{PRIVATE}{state.messages + 1}"
        if state.messages and (state.moved or USES - state.uses <= LAST):
            ref = await self._direct(team, way, state, draft, key)
        else:
            ref = MessageRef(channel=way.channel, message=message)
            if state.messages == 0 or Control.STOP not in draft.controls:
                await self._show(way, state, message, draft)
        state.messages += 1
        return ref

    async def edit(self, team: str, way: BySlash, ref: MessageRef, draft: Draft) -> None:
        """The draft is shown if there are uses to spare; its end will be in any case."""
        state = self._state(way)
        if ref.message in state.moved:
            await self._posts.update(team, state.moved[ref.message], blocks.body_of(draft))
        elif ref.message == f"{PRIVATE}1" and USES - state.uses > KEPT:
            await self._show(way, state, ref.message, draft)

    async def finish(self, team: str, way: BySlash, ref: MessageRef, draft: Draft) -> None:
        """The asker sees the draft. Raises SurfaceError."""
        state = self._state(way)
        if ref.message in state.moved:
            await self._posts.update(team, state.moved[ref.message], blocks.body_of(draft))
        elif state.shown.get(ref.message) != draft:
            try:
                await self._show(way, state, ref.message, draft)
            except (Refused, Rejected) as error:  # used up, or more than half an hour old
                log.info("answered directly", action="slack.answer_moved", detail=error.detail)
                key = f"{way.trigger}-{ref.message}"
                state.moved[ref.message] = await self._direct(team, way, state, draft, key)

    async def _direct(self, team: str, way: BySlash, state: _Private, draft: Draft, key: str) -> MessageRef:
        """The draft stands in the direct messages, and the asker is told so, if that can still be done."""
        opened = await self._web.write("conversations.open", users=way.user)
        channel = str(opened["channel"]["id"])
        ref = await self._posts.open(team, channel, None, blocks.body_of(draft), key=key, seek=True)
        if not state.told:
            state.told = True
            with contextlib.suppress(SurfaceError):
                await self.whisper(way, GOES_ON)
        state.moved[ref.message] = ref
        return ref

    async def delete(self, way: BySlash, ref: MessageRef) -> None:
        """The first message is gone; further ones cannot be named."""
        state = self._state(way)
        if ref.message == f"{PRIVATE}1":
            await self._use(way, state, {"delete_original": True})

    async def whisper(self, way: BySlash, text: str) -> None:
        """The asker alone reads the text. Raises SurfaceError."""
        body = {"response_type": "ephemeral", "replace_original": False, **blocks.sentence(text)}
        await self._use(way, self._state(way), body)

    async def _show(self, way: BySlash, state: _Private, message: str, draft: Draft) -> None:
        again = message == f"{PRIVATE}1" and (message in state.shown or state.messages > 0)
        body = {"response_type": "ephemeral", "replace_original": again, **blocks.body_of(draft)}
        await self._use(way, state, body)
        state.shown[message] = draft

    async def _use(self, way: BySlash, state: _Private, body: Json) -> None:
        if state.uses >= USES:
            raise Refused("response_url: used up", "used_url")
        await self._web.respond(way.response_url, body)
        state.uses += 1

    def _state(self, way: BySlash) -> _Private:
        state = self._uses.get(way.trigger)
        if state is None:
            state = _Private()
            self._uses.put(way.trigger, state)
        return state
