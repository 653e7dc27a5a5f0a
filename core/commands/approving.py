"""Asks a person before a tool changes something: a message with buttons, and only who asked may press them.

The word is stored, so it counts whichever process the button was pressed in, and the call is begun at most once. Who
takes a turn over finds the same message and waits on; of a call that a dead process had begun nobody knows whether it
was done, and the model is told so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

import structlog

from core.commands.foreign import coded, cut, fenced
from core.conversation import Platform, ToolCall
from core.errors import StoreUnavailable, SurfaceError
from core.incoming import Author, Incoming
from core.interaction import Answer, Button, File, Style
from core.mentions import Mentioned, mention, unmarked
from core.moments import moment
from core.ports import Clock, Outlet
from core.store import Store
from core.store.approvals import Approval, ApprovalState
from core.tools.calling import Verdict
from core.tools.tool import Scene, Tool
from core.turn import OPEN, MessageRef

log = structlog.get_logger()

PREFIX = "approval."
PATIENCE = timedelta(minutes=10)
"""For which a person's word is waited for."""
LOOK = 1.0
"""Seconds between looks for a word that was said to another process."""
LONGEST_ARGUMENT = 500
MOST_ARGUMENTS = 12
"""Shown in the question. Where that is not all, the whole comes as a file: nobody allows what they cannot see."""
LONGEST_RESULT = 2_500
"""Characters of a result that one person alone reads."""

BUTTONS = {
    "run": ("Do it", Style.PRIMARY, ApprovalState.ALLOWED),
    "private": ("Do it, show the result to me alone", Style.PLAIN, ApprovalState.ALLOWED_PRIVATELY),
    "decline": ("Don't", Style.DANGER, ApprovalState.DECLINED),
}
QUESTION = "**May I do this?** {tool} would change something.\n{arguments}\nOnly {person} can decide, until {at}."
DECIDED = {
    ApprovalState.ALLOWED: "Allowed by {person}: {tool}.",
    ApprovalState.ALLOWED_PRIVATELY: "Allowed by {person}: {tool}. The result is shown to them alone.",
    ApprovalState.BEGUN: "Allowed by {person}: {tool}.",
    ApprovalState.DECLINED: "Declined by {person}: {tool}.",
    ApprovalState.EXPIRED: "Nobody answered in time, so I did not do it: {tool}.",
}
REFUSALS = {
    ApprovalState.DECLINED: "The person declined. It was not done; do not try again unless they ask for it.",
    ApprovalState.EXPIRED: "The person did not answer in time. It was not done.",
    ApprovalState.BEGUN: (
        "It was allowed and begun before this process took over, and nobody knows whether it was done. "
        "Do not do it again: tell the person to check."
    ),
}
UNASKABLE = "The person could not be asked. It was not done."
NOT_YOURS = "Only the person who asked can decide this."
DECIDED_ALREADY = "This was decided already, or its time is over."


class Approving:
    """The Approver of one process."""

    def __init__(self, store: Store, outlets: Mapping[Platform, Outlet], clock: Clock) -> None:
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._said: dict[int, asyncio.Event] = {}

    # ── asking ──

    async def allowed(self, scene: Scene, tool: Tool, call: ToolCall, arguments: Mapping[str, object]) -> Verdict:
        """See core.tools.calling.Approver."""
        turn, now = scene.turn, self._clock.now()
        approval = await self._store.ask_approval(
            turn, call_id=call.id, tool=tool.name, now=now, expires_at=now + PATIENCE
        )
        if approval.state is ApprovalState.BEGUN:
            return Verdict(refusal=REFUSALS[ApprovalState.BEGUN])
        try:
            ref = await self._ask(scene, tool, approval, arguments)
        except SurfaceError as error:
            log.warning("nobody asked", action="approving.not_asked", turn=turn.id, detail=error.detail)
            return Verdict(refusal=UNASKABLE)
        state = await self._word(approval)
        await self._show(scene, tool, ref, state)
        log.info("approval", action="approving.decided", turn=turn.id, tool=tool.name, state=state.value)
        if state in REFUSALS or not await self._begin(approval, state):
            return Verdict(refusal=REFUSALS.get(state, REFUSALS[ApprovalState.BEGUN]))
        return Verdict(private=state is ApprovalState.ALLOWED_PRIVATELY)

    async def runs_the_place(self, scene: Scene) -> bool:
        """See core.tools.calling.Approver."""
        turn = scene.turn
        return await self._outlets[turn.key.platform].is_admin(turn.target, turn.asker)

    async def _begin(self, approval: Approval, state: ApprovalState) -> bool:
        return await self._store.move_approval(approval.id, ApprovalState.BEGUN, since={state})

    async def _ask(self, scene: Scene, tool: Tool, approval: Approval, arguments: Mapping[str, object]) -> MessageRef:
        turn = scene.turn
        asked = QUESTION.format(
            tool=_called(tool),
            arguments=_listed(arguments),
            person=mention(Mentioned.PERSON, turn.asker.id),
            at=moment(approval.expires_at),
        )
        buttons = tuple(
            Button(label=label, action=f"{PREFIX}{name}", value=str(approval.id), style=style)
            for name, (label, style, _) in BUTTONS.items()
        )
        key = f"approval-{approval.id}-{int(turn.queued_at.timestamp() * 1000)}"
        outlet, files = self._outlets[turn.key.platform], _whole(arguments)
        return await outlet.send(turn.target, asked, key=key, files=files, buttons=buttons)

    async def _word(self, approval: Approval) -> ApprovalState:
        """What the person said, or that they said nothing in time."""
        said = self._said.setdefault(approval.id, asyncio.Event())
        try:
            while True:
                said.clear()
                try:
                    known = await self._store.approval(approval.id)
                except StoreUnavailable as error:  # there is time enough for it to come back
                    log.error("waiting for the database", action="approving.waits", detail=error.detail)
                    await self._said_or_later(said)
                    continue
                if known is None or known.state is not ApprovalState.WAITING:
                    return ApprovalState.DECLINED if known is None else known.state
                if self._clock.now() >= known.expires_at:
                    await self._store.move_approval(approval.id, ApprovalState.EXPIRED, since={ApprovalState.WAITING})
                    continue
                await self._said_or_later(said)
        finally:
            self._said.pop(approval.id, None)

    async def _said_or_later(self, said: asyncio.Event) -> None:
        waits = {asyncio.ensure_future(said.wait()), asyncio.ensure_future(self._clock.sleep(LOOK))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _show(self, scene: Scene, tool: Tool, ref: MessageRef, state: ApprovalState) -> None:
        """The question makes way for the answer; that it could not is no reason to stop."""
        person = mention(Mentioned.PERSON, scene.turn.asker.id)
        words = DECIDED[state].format(person=person, tool=_called(tool))
        try:
            await self._outlets[scene.turn.key.platform].resend(scene.turn.target, ref, words)
        except SurfaceError as error:
            log.info("word not shown", action="approving.not_shown", turn=scene.turn.id, detail=error.detail)

    async def hand_privately(self, scene: Scene, tool: Tool, text: str) -> None:
        """See core.tools.calling.Approver."""
        words = f"What {_called(tool)} gave:\n{fenced(unmarked(cut(text, LONGEST_RESULT)))}"
        turn = scene.turn
        try:
            await self._outlets[turn.key.platform].whisper(turn.target, turn.asker, words)
        except SurfaceError as error:
            log.warning("result not shown", action="approving.result_lost", turn=turn.id, detail=error.detail)

    # ── being told ──

    async def pressed(self, incoming: Incoming) -> Answer | None:
        """The word of who asked is stored; anybody else's is not."""
        chosen = BUTTONS.get(incoming.text.removeprefix(PREFIX))
        approval = await self._found(incoming)
        if chosen is None or approval is None or approval.key.channel_key != incoming.key.channel_key:
            return Answer(text=DECIDED_ALREADY)
        if not _may(approval, incoming.author):
            return Answer(text=NOT_YOURS)
        *_, state = chosen
        turn = await self._store.turn(approval.turn_id)
        if turn is None or turn.state not in OPEN:  # the answer was stopped meanwhile
            return Answer(text=DECIDED_ALREADY)
        if self._clock.now() >= approval.expires_at or not await self._store.move_approval(
            approval.id, state, since={ApprovalState.WAITING}
        ):
            return Answer(text=DECIDED_ALREADY)
        if (said := self._said.get(approval.id)) is not None:
            said.set()
        return None

    async def _found(self, incoming: Incoming) -> Approval | None:
        number = incoming.options.get("value", "")
        return await self._store.approval(int(number)) if number.isdecimal() and len(number) < 19 else None


def _may(approval: Approval, person: Author) -> bool:
    return person.id == approval.asker_id


def _called(tool: Tool) -> str:
    return f"{coded(tool.name)} of {coded(tool.source)}" if tool.source else coded(tool.name)


def _listed(arguments: Mapping[str, object]) -> str:
    """The arguments for people, a line each, exactly as the tool gets them."""
    shown = list(arguments.items())[:MOST_ARGUMENTS]
    lines = [f"- {coded(unmarked(name))}: {coded(unmarked(_written(value)))}" for name, value in shown]
    if len(arguments) > MOST_ARGUMENTS:
        lines.append(f"- and {len(arguments) - MOST_ARGUMENTS} more")
    return "\n".join(lines)


def _whole(arguments: Mapping[str, object]) -> tuple[File, ...]:
    if len(arguments) <= MOST_ARGUMENTS and all(len(_text(value)) <= LONGEST_ARGUMENT for value in arguments.values()):
        return ()
    content = json.dumps(dict(arguments), ensure_ascii=False, indent=2).encode("utf-8", "replace")
    return (File(name="arguments.json", media_type="application/json", content=content),)


def _written(value: object) -> str:
    return cut(_text(value), LONGEST_ARGUMENT)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
