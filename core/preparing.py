"""Prepares an answer: what the model will read of the conversation and of files, and which tools it may call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core import endings
from core.asking import Asking, Written
from core.attachments import Attachments, Opened, Unopened
from core.compaction import Compaction, Recalled
from core.context import divide, size
from core.errors import ContextTooLong
from core.listening import Listener
from core.persona import Persona
from core.ports import ChatModel, TokenCounter
from core.rounds import Answer, Rounds
from core.tools.tool import Tool
from core.tools.toolbox import Toolbox, sized
from core.turn import Turn, Usage
from core.voices import Voice, Voices

NOTHING = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An answer about to be asked for."""

    answer: Answer
    recalled: Recalled
    opened: Opened


class Preparing:
    """Prepares the answers of one process."""

    def __init__(
        self,
        *,
        model: ChatModel,
        counter: TokenCounter,
        voices: Voices,
        compaction: Compaction,
        attachments: Attachments | Unopened,
        toolbox: Toolbox,
        rounds: Rounds,
    ) -> None:
        self._model = model
        self._counter = counter
        self._voices = voices
        self._compaction = compaction
        self._attachments = attachments
        self._toolbox = toolbox
        self._rounds = rounds

    async def prepared(
        self,
        turn: Turn,
        voice: Voice,
        persona: Persona,
        listener: Listener,
        *,
        tools: Mapping[str, Tool] | None = None,
        before: Usage = NOTHING,
    ) -> Prepared | Written:
        """The answer as far as an earlier owner brought it, what it wrote given out again; or how it ends because the
        question does not fit. `tools` are those beside the persona's own, `before` is what was used already. Raises
        LeaseLost, StoreUnavailable."""
        window = self._model.window(persona.model)
        offered = await self._toolbox.offered(turn, persona, window=window, counter=self._counter) | dict(tools or {})
        opened = await self._attachments.opened(turn, persona)
        besides = sized(offered, self._counter) + opened.tokens
        recalled = await self._compaction.recall(turn, persona, besides=besides)
        used = before + recalled.used
        listener.found(Asking(voice=voice, before=used))
        room = divide(window, persona, summary_tokens=besides, counter=self._counter)
        if size(recalled.history.messages, self._counter) > room.history:
            return Written(end=endings.unanswerable(ContextTooLong().sentence, "too_long"))
        answer = Answer(
            turn=turn,
            voice=voice,
            persona=persona,
            tools=offered,
            zone=await self._voices.time_zone(turn) if offered else "UTC",
            first_read=recalled.history.oldest_seq,
            listener=listener,
            before=used,
        )
        summary = recalled.history.summary
        self._rounds.begun(answer, summary.text if summary else None, recalled.history.messages)
        answer.messages = await self._attachments.shown(
            answer.messages, turn, opened, model=persona.model, history=recalled.history, room=room.history
        )
        return Prepared(answer=answer, recalled=recalled, opened=opened)

    def noted(self, written: Written, prepared: Prepared) -> Written:
        """The same end, and people are told what of their talk or files could not be read."""
        written = _remembering(written, prepared.recalled)
        return _noting(written, self._attachments.notice(prepared.opened, prepared.answer.persona.model))


def _noting(written: Written, notice: str) -> Written:
    """What of their files was not read, if there is an answer at all."""
    return replace(written, end=endings.noting(written.end, notice)) if notice and not written.error else written


def _remembering(written: Written, recalled: Recalled) -> Written:
    """That older talk was summarised or left out."""
    if recalled.condensed:
        return replace(written, end=endings.noting(written.end, endings.CONDENSED))
    if recalled.shortened:
        return replace(written, end=endings.noting(written.end, endings.SHORTENED))
    return written
