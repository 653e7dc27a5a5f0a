"""What brings a workspace's personas to what files say: the plan, which people read first, and doing it.

Nothing is ever taken away: a persona that stands in no file is left as it is. Each change is made from the version
that the plan was made from, so that whoever was faster is not overwritten; doing it again goes on where it ended.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from core.audit import AuditEntry
from core.incoming import Author
from core.persona import Persona, PersonaVersion
from core.persona_file import dumped
from core.ports import Clock
from core.privacy import Place
from core.store import Conflict, NameTaken, Store

OPERATOR = Author(id="operator", name="Operator")
ACTION = "persona.apply"
NOTE = "applied from a file"


class Kind(Enum):
    """What becomes of a persona."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    ELSEWHERE = "not in the files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the plan."""

    kind: Kind
    persona: Persona
    """As it will be."""
    there: PersonaVersion | None = None
    """What the workspace has of it."""

    @property
    def does(self) -> bool:
        """Whether anything is to be done."""
        return self.kind in (Kind.CREATE, Kind.CHANGE)


def planned(wanted: Sequence[Persona], there: Sequence[PersonaVersion]) -> tuple[Step, ...]:
    """What is to be done, in the order of the files; at the end what stands in none of them."""
    known = {version.persona.name.casefold(): version for version in there}
    steps = [_step(persona, known.pop(persona.name.casefold(), None)) for persona in wanted]
    left = [Step(kind=Kind.ELSEWHERE, persona=version.persona, there=version) for version in known.values()]
    return (*steps, *left)


def _step(persona: Persona, there: PersonaVersion | None) -> Step:
    if there is None:
        return Step(kind=Kind.CREATE, persona=persona)
    kind = Kind.UNCHANGED if there.persona == persona else Kind.CHANGE
    return Step(kind=kind, persona=persona, there=there)


def told(step: Step) -> str:
    """The step for people, with the difference where there is one."""
    line = f"{step.kind.value:<16}  {step.persona.name}"
    if step.there is not None:
        line += f", version {step.there.version}"
        line += f" to {step.there.version + 1}" if step.kind is Kind.CHANGE else ""
    return "\n".join([line, *(f"    {line}" for line in _difference(step))])


def _difference(step: Step) -> list[str]:
    if step.there is None or step.kind is not Kind.CHANGE:
        return []
    before, after = dumped([step.there.persona]).split("\n"), dumped([step.persona]).split("\n")
    _, _, *lines = difflib.unified_diff(before, after, lineterm="", n=1)
    return [printable(line) for line in lines]


def printable(line: str) -> str:
    """The line without what would do something to a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\t" else "\N{REPLACEMENT CHARACTER}" for sign in line)


async def carried_out(store: Store, place: Place, steps: Sequence[Step], clock: Clock) -> list[str]:
    """What can be done is done. Returns a sentence for each step that could not be."""
    problems = [await _done(store, place, step, clock) for step in steps if step.does]
    return [problem for problem in problems if problem is not None]


async def _done(store: Store, place: Place, step: Step, clock: Clock) -> str | None:
    persona, now = step.persona, clock.now()
    version = step.there.version + 1 if step.there else 1
    details = {"version": version, "note": NOTE}
    by = AuditEntry(at=now, place=place, actor=OPERATOR, action=ACTION, subject=persona.name, details=details)
    result: PersonaVersion | Conflict | NameTaken | None
    if step.there is None:
        result = await store.create_persona(place, persona, by=OPERATOR, note=NOTE, entry=by, now=now)
    else:
        result = await store.change_persona(
            place, step.there.id, persona, based_on=step.there.version, by=OPERATOR, note=NOTE, entry=by, now=now
        )
    return _problem(persona, result)


def _problem(persona: Persona, result: PersonaVersion | Conflict | NameTaken | None) -> str | None:
    match result:
        case PersonaVersion():
            return None
        case Conflict(newest=newest):
            who, when = printable(newest.author.name), f"{newest.at:%Y-%m-%d %H:%M:%S}Z"
            return f"{persona.name}: {who} made version {newest.of.version} at {when}, after the plan. Not changed."
        case NameTaken():
            return f"{persona.name}: somebody made a persona of that name after the plan. Not created."
        case None:
            return f"{persona.name}: somebody archived it after the plan. Not changed."
