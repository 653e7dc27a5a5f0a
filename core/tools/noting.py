"""`remember`, `recall` and `forget_note`: notes for the person who asks, or for the channel.

What a note says was written by a model at somebody's wish, and is read by a model later: it is handed back as a
quotation, with whose wish it was, and never as an instruction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.errors import LeaseLost, StoreUnavailable
from core.notes import LONGEST, MOST, Note, NoteScope, NotesFull
from core.ports import ToolSpec
from core.store import Store
from core.store.search import folded
from core.tools.searching import AWAY, day
from core.tools.tool import Handed, Scene, Tool, ToolFailed

GONE = "This conversation is no longer answered here, so nothing was changed."
_SCOPE = {
    "type": "string",
    "enum": [scope.value for scope in NoteScope],
    "description": "person: only who asks now reads it; channel: everybody in this channel does",
}
REMEMBER = ToolSpec(
    name="remember",
    description=(
        "Keep a short note for later conversations, when somebody asks you to remember something. Write it so that it "
        "can be understood alone, with names and dates. Never keep passwords or other secrets. Notes are kept for the "
        "person who asks, unless it is plainly meant for the whole channel."
    ),
    parameters={
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "The note", "minLength": 1, "maxLength": LONGEST},
            "scope": _SCOPE,
        },
        "required": ["text", "scope"],
        "additionalProperties": False,
    },
)
RECALL = ToolSpec(
    name="recall",
    description=(
        "Read the notes kept for the person who asks and for this channel; with words, only those that hold all of "
        "them. Each has a number."
    ),
    parameters={
        "type": "object",
        "properties": {
            "words": {"type": "string", "description": "Leave it out for all notes", "maxLength": 200},
            "scope": _SCOPE,
        },
        "additionalProperties": False,
    },
)
FORGET = ToolSpec(
    name="forget_note",
    description="Delete a note for good, by the number that `recall` tells, when somebody asks for it.",
    parameters={
        "type": "object",
        "properties": {"number": {"type": "integer", "minimum": 1}},
        "required": ["number"],
        "additionalProperties": False,
    },
)


def noting(store: Store) -> tuple[Tool, Tool, Tool]:
    """The three tools."""
    notes = _Notes(store)
    return (
        Tool(spec=REMEMBER, doing="Keeping a note", handler=notes.remember),
        Tool(spec=RECALL, doing="Reading notes", handler=notes.recall),
        # What a web page or a file says must not be able to delete what people had kept.
        Tool(spec=FORGET, doing="Deleting a note", handler=notes.forget, changes=True),
    )


class _Notes:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, scene: Scene, arguments: Mapping[str, object]) -> Handed:
        """The note is kept."""
        text = " ".join(str(arguments.get("text", "")).split())
        if not text:
            raise ToolFailed("The note is empty. Say what is to be remembered.")
        if len(text) > LONGEST:
            raise ToolFailed(f"A note has at most {LONGEST} characters. Shorten it, or make several.")
        scope = _scope(arguments) or NoteScope.PERSON
        try:
            note = await self._store.keep_note(scene.turn, scope, text, now=scene.now)
        except NotesFull:
            whose = "this person has" if scope is NoteScope.PERSON else "this channel has"
            raise ToolFailed(
                f"There is no room: {whose} {MOST} notes already. Ask which of them can go; `recall` lists them."
            ) from None
        except LeaseLost:
            raise ToolFailed(GONE) from None
        except StoreUnavailable:
            raise ToolFailed(AWAY) from None
        return Handed(text=f"Kept as note {note.id}, {_for(note, scene)}.")

    async def recall(self, scene: Scene, arguments: Mapping[str, object]) -> Handed:
        """The notes that may be read there."""
        words, scope = str(arguments.get("words") or "").split(), _scope(arguments)
        try:
            found = await self._store.notes(scene.turn)
        except StoreUnavailable:
            raise ToolFailed(AWAY) from None
        meant = [note for note in found if scope in (None, note.scope) and _holds(note, words)]
        if not meant:
            return Handed(text="There is no such note." if found else "There are no notes yet.")
        return Handed(text="Notes, as people had them kept:\n" + "\n".join(_line(note, scene) for note in meant))

    async def forget(self, scene: Scene, arguments: Mapping[str, object]) -> Handed:
        """The note of that number is gone."""
        number = arguments.get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            raise ToolFailed("Say the note's number, which `recall` tells.")
        try:
            note = await self._store.drop_note(scene.turn, number)
        except StoreUnavailable:
            raise ToolFailed(AWAY) from None
        if note is None:
            raise ToolFailed(f"There is no note {number} here. `recall` tells the numbers.")
        return Handed(text=f"Note {number} is deleted. It said: {note.text}")


def _scope(arguments: Mapping[str, object]) -> NoteScope | None:
    said = arguments.get("scope")
    return NoteScope(said) if isinstance(said, str) and said in set(NoteScope) else None


def _holds(note: Note, words: Sequence[str]) -> bool:
    text = folded(note.text)
    return all(folded(word) in text for word in words)


def _for(note: Note, scene: Scene) -> str:
    return f"for {scene.turn.asker.name}" if note.scope is NoteScope.PERSON else "for this channel"


def _line(note: Note, scene: Scene) -> str:
    return f"- note {note.id}, {_for(note, scene)}, by {note.author} on {day(note.at, scene.time_zone)}: {note.text}"
