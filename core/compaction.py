"""Old talk that no longer fits is taken into a summary that the model writes once in a while and that is stored.

Nothing is asked of the model while everything fits. When it does not, the oldest turns go into the summary until what
is left fills about half of the room, so that the next summary is many turns away.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from core.context import MESSAGE_OVERHEAD, answer_cap, divide, size, summary_request
from core.conversation import Message, TextPart
from core.errors import ModelError
from core.persona import ModelParameters, Persona
from core.ports import ChatModel, Clock, Finished, ModelRequest, TextDelta, TokenCounter
from core.store import History, Store
from core.turn import Turn, Usage

log = structlog.get_logger()

NOTHING = Usage()

KEEP = 0.5
"""Part of the room that stays filled with messages word for word after a summary was made."""
SUMMARY_MOST = 1_024
"""Tokens of a summary, at most; a quarter of the window where that is less."""
ROUNDS = 8
"""Summaries made in a row for one turn, at most; a conversation imported whole could need several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What of a conversation the model will read."""

    history: History
    condensed: bool = False
    """A summary was made just now."""
    shortened: bool = False
    """Some turns are in neither, because no summary could be made."""
    used: Usage = NOTHING
    """What summaries took, made just now or tried."""


class Compaction:
    """Recalls a conversation so that it fits, and condenses what does not."""

    def __init__(self, store: Store, model: ChatModel, counter: TokenCounter, clock: Clock) -> None:
        self._store = store
        self._model = model
        self._counter = counter
        self._clock = clock

    async def recall(self, turn: Turn, persona: Persona, *, besides: int = 0) -> Recalled:
        """The newest messages that fit `besides` so many tokens of something else, and the summary of those before.
        Raises LeaseLost, StoreUnavailable."""
        recalled = await self._read(turn, persona, share=1.0, besides=besides)
        if recalled.whole:
            return Recalled(history=recalled)
        used = NOTHING
        try:
            for _ in range(ROUNDS):
                recalled = await self._read(turn, persona, share=KEEP, besides=besides)
                took = None if recalled.whole else await self._condense(turn, persona, recalled)
                if took is None:
                    break
                used += took
        except ModelError as error:
            log.warning("no summary", action="compaction.failed", turn=turn.id, error=type(error).__name__)
        final = await self._read(turn, persona, share=1.0, besides=besides)
        return Recalled(history=final, condensed=final.whole, shortened=not final.whole, used=used)

    async def _read(self, turn: Turn, persona: Persona, *, share: float, besides: int) -> History:
        window = self._model.window(persona.model)
        room = divide(window, persona, summary_tokens=self._summary_cap(window) + besides, counter=self._counter)
        return await self._store.history(turn, room=int(room.history * share))

    def _summary_cap(self, window: int) -> int:
        return min(SUMMARY_MOST, window // 4)

    async def _condense(self, turn: Turn, persona: Persona, recalled: History) -> Usage | None:
        """The oldest turns before those recalled are in the summary, and what that took; none where there were none,
        or nothing came of it."""
        window = self._model.window(persona.model)
        room = divide(window, persona, summary_tokens=2 * self._summary_cap(window), counter=self._counter)
        messages, through = await self._store.uncovered(turn, before_seq=recalled.oldest_seq, room=room.history)
        if not messages:
            return None
        before = recalled.summary.text if recalled.summary else None
        text, used = await self._write_summary(
            ModelRequest(
                messages=summary_request(before, clipped(messages, room.history, self._counter)),
                model=persona.model,
                parameters=ModelParameters(max_tokens=min(self._summary_cap(window), answer_cap(persona, window))),
            ),
        )
        if not text:
            return None
        text = shortened(text, self._summary_cap(window), self._counter)  # not every server heeds its cap
        tokens = self._counter.count(text)
        stored = await self._store.summarise(
            turn, text, through_seq=through, tokens=tokens, now=self._clock.now(), erasures=recalled.erasures
        )
        if stored:  # else somebody had something forgotten meanwhile: what remains is read again
            log.info("summarised", action="compaction.done", turn=turn.id, through=through, tokens=tokens)
        return used

    async def _write_summary(self, request: ModelRequest) -> tuple[str, Usage]:
        written: list[str] = []
        used = None
        async with aclosing(self._model.stream(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    written.append(event.text)
                elif isinstance(event, Finished):
                    used = event.usage
        text = "".join(written).strip()
        return text, used or Usage(
            prompt_tokens=size(request.messages, self._counter),
            completion_tokens=self._counter.count(text),
            estimated=True,
        )


def clipped(messages: tuple[Message, ...], room: int, counter: TokenCounter) -> tuple[Message, ...]:
    """The messages, each cut so that together they fit: one that alone fills the window could never be noted else."""
    if size(messages, counter) <= room:
        return messages
    share = max(1, room // len(messages) - MESSAGE_OVERHEAD)
    return tuple(_clipped(message, share, counter) for message in messages)


def _clipped(message: Message, tokens: int, counter: TokenCounter) -> Message:
    text = shortened(message.text, tokens, counter)
    return message if text == message.text else replace(message, parts=(TextPart(text=text),), tokens=None)


def shortened(text: str, most: int, counter: TokenCounter) -> str:
    """The text, or its beginning where it has more tokens than that."""
    count = counter.count(text)
    return text if count <= most else f"{text[: len(text) * most // count]} […]"
