"""One answer in rounds: the model writes, perhaps calls tools, reads what they gave and writes on, until it calls none.

Each round is reserved in the ledger before it is asked, with what the rounds before it took. What the model and its
tools said is stored as it comes, so that whoever takes the turn over goes on from there: a call that has its result is
not made again. The number of rounds and the time of tools are bounded; in the last round no tool may be called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import count, takewhile

import structlog

from core import endings
from core.asking import NOTHING, Asking, Written
from core.context import answer_cap, build, divide, size
from core.conversation import Message, Role, TextPart, ToolCall
from core.errors import ModelCut, ModelError, StoreUnavailable
from core.gathering import Gathering
from core.listening import Listener, Screening, Unscreened
from core.persona import Persona
from core.ports import ChatModel, Clock, Finished, FinishReason, ModelRequest, TextDelta, TokenCounter, ToolCallDelta
from core.spending import Denied, Purse
from core.store import Store
from core.tools.arguments import kept
from core.tools.calling import Calling, Round
from core.tools.tool import Scene, Tool
from core.tools.toolbox import sized
from core.turn import Turn, Usage
from core.voices import Voice
from core.waiting import Waiting

log = structlog.get_logger()

ROUNDS = 8
"""In which the model may call tools, for one answer."""
SECONDS = 240.0
"""For which tools may run, for one answer; the wait for a person's word counts as well."""
RESULTS_SHARE = 0.5
"""Part of what is left of the window that the results of one round may fill."""
PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
"""Seconds between tries to store what was said while the database is away: together less than a lease."""
BETWEEN = "\n\n"
"""Between what the model writes before its calls and after them."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """One answer on its way, over all its rounds."""

    turn: Turn
    voice: Voice
    persona: Persona
    tools: Mapping[str, Tool]
    zone: str
    first_read: int
    """The earliest turn of the conversation that the model reads as it was said."""
    listener: Listener
    before: Usage = NOTHING
    """What it took so far."""
    messages: list[Message] = field(default_factory=list)
    """What the model reads, the prompt first."""
    given: dict[str, Message] = field(default_factory=dict)
    """Results that an earlier owner got for the last calls, by the calls' ids."""
    steps: int = 0
    """Places behind the questions that its messages take so far."""
    rounds: int = 0
    text: StringIO = field(default_factory=StringIO)
    opening: str = ""
    """What stands before the model's own words and is to be kept with them."""
    private: tuple[str, ...] = ()
    screen: Screening = field(default_factory=Unscreened)
    whole: Callable[[], bool] = lambda: False
    """Asked after calls were carried out: whether nothing is left to be said."""
    until: float = 0.0
    """By the clock's monotonic seconds: when tools have had their time."""

    @property
    def written(self) -> str:
        """All that the model wrote so far."""
        return self.text.getvalue()

    def called(self, name: str) -> bool:
        """Whether the model has called that tool in a round before."""
        said = self.messages[-self.steps :] if self.steps else []
        return any(call.name == name for message in said for call in message.tool_calls)

    @property
    def kept(self) -> int:
        """Characters of it whose messages are stored."""
        return len(self.written) - len(self.opening)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the model said in one round."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    finished: Finished | None = None
    error: ModelError | None = None


class Rounds:
    """Asks models, and carries out what they call."""

    def __init__(
        self,
        *,
        store: Store,
        model: ChatModel,
        waiting: Waiting,
        counter: TokenCounter,
        clock: Clock,
        purse: Purse,
        calling: Calling,
    ) -> None:
        self._store = store
        self._model = model
        self._waiting = waiting
        self._counter = counter
        self._clock = clock
        self._purse = purse
        self._calling = calling

    def begun(self, answer: Answer, summary: str | None, history: Sequence[Message]) -> None:
        """The answer stands where an earlier owner of the turn left it: what the model wrote is given out again."""
        steps = list(reversed(list(takewhile(lambda message: message.role is not Role.USER, reversed(history)))))
        asked = list(history[: len(history) - len(steps)])
        last = max((number for number, step in enumerate(steps) if step.role is Role.ASSISTANT), default=0)
        done, open_step = (steps[:last], steps[last:]) if answer.tools else (steps, [])
        answer.until = self._clock.monotonic() + SECONDS
        answer.messages = list(build(answer.persona, summary, [*asked, *done], with_tools=bool(answer.tools)))
        answer.messages += open_step[:1]
        answer.given = {message.tool_call_id or "": message for message in open_step[1:]}
        answer.steps = len(done) + len(open_step[:1])
        for message in steps:
            if message.role is Role.ASSISTANT:
                answer.rounds += 1
                self._add(answer, message.text, begins=True)

    async def ended(self, answer: Answer) -> Written:
        """The answer is whole, or as whole as it gets. Raises LeaseLost."""
        try:
            if answer.messages[-1].tool_calls:
                await self._carry_out(answer, answer.messages[-1].tool_calls)
            while True:
                written = await self._round(answer)
                if written is not None:
                    return replace(written, private=answer.private)
        except StoreUnavailable as error:
            log.error("steps not stored", action="rounds.store_away", turn=answer.turn.id, detail=error.detail)
            return Written(end=endings.unreadable(error), private=answer.private)

    # ── one round ──

    async def _round(self, answer: Answer) -> Written | None:
        """None where the model called tools, so that another round follows."""
        last = answer.rounds >= ROUNDS or self._clock.monotonic() >= answer.until
        request = self._request(answer, last=last)
        asking = Asking(
            voice=answer.voice,
            prompt_tokens=size(request.messages, self._counter) + sized(answer.tools, self._counter),
            before=answer.before,
            kept=answer.kept,
        )
        granted = await self._purse.reserve(
            answer.turn,
            answer.voice,
            answer.persona,
            prompt_tokens=asking.prompt_tokens + answer.before.prompt_tokens + answer.before.completion_tokens,
            answer_cap=answer_cap(answer.persona, self._model.window(answer.persona.model)),
        )
        if isinstance(granted, Denied):
            answer.private = (*answer.private, granted.sentence)
            return Written(end=endings.refused())
        answer.private = (*answer.private, *granted.warnings)
        asking = replace(asking, price=granted.price)
        answer.listener.found(asking)
        if granted.answer_most is not None:
            request = replace(request, parameters=replace(request.parameters, max_tokens=granted.answer_most))
        said = await self._said(answer, request)
        if said.error is not None or said.finished is None or not said.calls or last:
            return self._written(answer, said)
        await self._step(answer, asking, said)
        if answer.whole():
            return whole(answer)
        return None

    def _request(self, answer: Answer, *, last: bool) -> ModelRequest:
        parameters = answer.persona.parameters
        if answer.tools and last:
            parameters = replace(parameters, tool_choice="none")
        return ModelRequest(
            messages=tuple(answer.messages),
            model=answer.persona.model,
            parameters=parameters,
            tools=tuple(tool.spec for tool in answer.tools.values()),
            user=hashed_person(answer.turn),
        )

    async def _said(self, answer: Answer, request: ModelRequest) -> _Said:
        came, calls = StringIO(), list[ToolCall]()

        def show(text: str) -> None:
            self._add(answer, text, begins=not came.tell())
            came.write(text)

        gathering = Gathering(self._clock, answer.listener.rest)
        try:
            async with aclosing(self._waiting.stream(request, answer.turn)) as events:
                async for event in events:
                    match event:
                        case TextDelta(text=text):
                            show(answer.screen.feed(text))
                            await gathering.gathered()
                        case ToolCallDelta(call=call):
                            calls.append(_numbered(call, answer.messages, calls))
                        case Finished():
                            show(answer.screen.flush())
                            return _Said(text=came.getvalue(), calls=tuple(calls), finished=event)
                        case _:
                            pass
            raise ModelCut("the stream ended without saying why")
        except ModelError as error:
            log.warning(
                "model failed",
                action="answering.model_failed",
                turn=answer.turn.id,
                error=type(error).__name__,
                detail=error.detail,
                mender=error.mender.value,
            )
            show(answer.screen.flush())
            return _Said(text=came.getvalue(), error=error)

    def _add(self, answer: Answer, text: str, *, begins: bool) -> None:
        """More text; where a round begins to write, set apart from that of the one before."""
        if not text:
            return
        if begins and answer.text.tell():
            text = BETWEEN + text
        answer.text.write(text)
        answer.listener.add(text)

    def _written(self, answer: Answer, said: _Said) -> Written:
        whole = answer.written
        if said.error is not None:
            return Written(end=endings.failed(said.error, text=whole), error=said.error, silent=not whole)
        assert said.finished is not None
        end = endings.finished(said.finished, text=whole)
        if said.calls:
            end = endings.noting(end, endings.TOOLS_ENDED)
        return Written(end=end, usage=said.finished.usage)

    # ── tools ──

    async def _step(self, answer: Answer, asking: Asking, said: _Said) -> None:
        """The round is over: what the model said is stored, its calls are carried out, and their results are too."""
        assert said.finished is not None
        counted = Usage(
            prompt_tokens=asking.prompt_tokens, completion_tokens=self._tokens(said.text, said.calls), estimated=True
        )
        answer.before += said.finished.usage or counted
        answer.rounds += 1
        text = BETWEEN.join(part for part in (answer.opening, said.text) if part)
        answer.opening = ""
        parts = (TextPart(text=text),) if text else ()
        calls = tuple(kept(call, self._secrets(answer, call)) for call in said.calls)
        spoke = Message(role=Role.ASSISTANT, parts=parts, tool_calls=calls, tokens=self._tokens(said.text, calls))
        await self._keep(answer, [spoke], at=answer.steps)
        answer.messages.append(spoke)
        answer.steps += 1
        answer.listener.found(replace(asking, prompt_tokens=0, before=answer.before, kept=answer.kept))
        await self._carry_out(answer, said.calls)

    def _secrets(self, answer: Answer, call: ToolCall) -> frozenset[str]:
        tool = answer.tools.get(call.name)
        return tool.secrets if tool is not None else frozenset()

    def _tokens(self, text: str, calls: Sequence[ToolCall]) -> int:
        return self._counter.count("\n".join([text, *(f"{call.name} {call.arguments}" for call in calls)]))

    async def _carry_out(self, answer: Answer, calls: Sequence[ToolCall]) -> None:
        """Each call has its result, for the model and in the store."""
        begins, given = answer.steps, answer.given
        missing = [(number, call) for number, call in enumerate(calls) if call.id not in given]
        scene = Scene(turn=answer.turn, now=self._clock.now(), time_zone=answer.zone, first_read=answer.first_read)

        async def ready(number: int, message: Message) -> None:
            given[calls[missing[number][0]].id] = message
            await self._keep(answer, [message], at=begins + missing[number][0])

        wanted = [call for _, call in missing]
        round_of = Round(scene=scene, tools=answer.tools, calls=wanted, room=self._room(answer))
        await self._calling.carried_out(round_of, answer.listener.doing, ready)
        answer.messages += [given[call.id] for call in calls]
        answer.steps += len(calls)
        answer.given = {}

    def _room(self, answer: Answer) -> int:
        """Tokens that results may take, so that what is asked next still fits."""
        room = divide(self._model.window(answer.persona.model), answer.persona, summary_tokens=0, counter=self._counter)
        left = room.history - size(answer.messages[1:], self._counter) - sized(answer.tools, self._counter)
        return max(0, int(left * RESULTS_SHARE))

    async def _keep(self, answer: Answer, messages: Sequence[Message], *, at: int) -> None:
        await self._patiently(
            lambda: self._store.record_steps(answer.turn, messages, at=at, now=self._clock.now()), answer.turn
        )

    async def _patiently(self, store: Callable[[], Awaitable[None]], turn: Turn) -> None:
        for pause in PAUSES:
            try:
                await store()
            except StoreUnavailable as error:
                log.error("waiting for the database", action="rounds.waits", turn=turn.id, detail=error.detail)
                await self._clock.sleep(pause)
            else:
                return
        await store()


def whole(answer: Answer) -> Written:
    """The answer ends here, with what it took in its rounds."""
    return Written(end=endings.finished(Finished(reason=FinishReason.STOP), text=answer.written))


def _numbered(call: ToolCall, messages: Sequence[Message], calls: Sequence[ToolCall]) -> ToolCall:
    """The call with an id that no other one has: some servers begin anew with each answer."""
    taken = {one.id for message in messages for one in message.tool_calls} | {one.id for one in calls}
    if call.id not in taken:
        return call
    return replace(call, id=next(name for name in (f"{call.id}-{n}" for n in count(2)) if name not in taken))


def hashed_person(turn: Turn) -> str:
    """Names the asker to the provider without telling who it is; at most 64 characters (chat-completions.md, 2)."""
    person = f"{turn.key.platform.value}:{turn.key.workspace}:{turn.asker.id}"
    return hashlib.sha256(person.encode()).hexdigest()[:32]
