"""What stands in the terminal: messages with their buttons, each of which has a number by which it is pressed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from core.conversation import ConversationKey
from core.incoming import ReplyTarget
from core.interaction import Button, Select
from core.ports import CONTROL_LABELS, Control, Draft

MARKS = {"running": "…", "done": "✓", "failed": "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Something that can be pressed."""

    label: str
    action: str
    options: Mapping[str, str]
    message: str
    target: ReplyTarget


@dataclass(slots=True, kw_only=True)
class Shown:
    """One message of ours, as it is now."""

    id: str
    target: ReplyTarget
    text: str = ""
    notes: tuple[str, ...] = ()
    """Small lines below the text."""
    presses: Mapping[int, Press] = field(default_factory=dict)
    """By number. Stop is none of them: it has a key of its own."""
    turn: int = 0
    growing: bool = False
    answers: bool = False
    """It is a reply, or a part of one."""

    @property
    def key(self) -> ConversationKey:
        """The conversation in which it stands."""
        return self.target.key


class Book:
    """Every message of this session, and what can be pressed."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.messages: dict[str, Shown] = {}

    def draft(self, id: str, target: ReplyTarget, draft: Draft) -> Shown:
        """The message shows that draft. It grows as long as there is something to stop."""
        tasks = tuple(f"{MARKS[task.state.value]} {task.title}" for task in draft.tasks)
        shown = self._put(id, target, draft.text, (*tasks, *([draft.notice] if draft.notice else [])))
        shown.turn, shown.growing, shown.answers = draft.turn, Control.STOP in draft.controls, True
        wanted = [_control(one, shown) for one in draft.controls if one is not Control.STOP]
        self._offer(shown, [*wanted, *(_button(one, shown) for one in draft.buttons)])
        return shown

    def message(
        self, id: str, target: ReplyTarget, text: str, buttons: tuple[Button, ...], selects: tuple[Select, ...]
    ) -> Shown:
        """The message shows that, and is whole."""
        shown = self._put(id, target, text, ())
        chosen = [_choice(select, place, shown) for select in selects for place in range(len(select.choices))]
        self._offer(shown, [*(_button(one, shown) for one in buttons), *chosen])
        return shown

    def growing(self) -> list[Shown]:
        """The replies that are being written, the oldest first."""
        return [shown for shown in self.messages.values() if shown.growing]

    def press(self, number: int) -> Press | None:
        """What has that number, if it is still there."""
        return next((one.presses[number] for one in self.messages.values() if number in one.presses), None)

    def used_up(self, id: str) -> None:
        """Nothing under that message can be pressed any more."""
        if id in self.messages:
            self.messages[id].presses = {}

    def _put(self, id: str, target: ReplyTarget, text: str, notes: tuple[str, ...]) -> Shown:
        shown = self.messages.setdefault(id, Shown(id=id, target=target))
        shown.text, shown.notes = text, notes
        return shown

    def _offer(self, shown: Shown, wanted: list[Press]) -> None:
        """What stays keeps its number, so that one who reads it does not press another."""
        known = {(one.action, one.label): number for number, one in shown.presses.items()}
        shown.presses = {known.get((one.action, one.label)) or next(self._numbers): one for one in wanted}


def _control(control: Control, shown: Shown) -> Press:
    return Press(
        label=CONTROL_LABELS[control],
        action=control.value,
        options={"turn": str(shown.turn)},
        message=shown.id,
        target=shown.target,
    )


def _button(button: Button, shown: Shown) -> Press:
    return Press(
        label=button.label,
        action=button.action,
        options={"value": button.value},
        message=shown.id,
        target=shown.target,
    )


def _choice(select: Select, place: int, shown: Shown) -> Press:
    choice = select.choices[place]
    return Press(
        label=choice.label,
        action=select.action,
        options={"value": choice.value},
        message=shown.id,
        target=shown.target,
    )
