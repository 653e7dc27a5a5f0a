"""The plan of a session: what is to be learnt, in order. What a model drafts is read and mended here. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.mentions import unmarked
from core.tutoring.mastery import Kind

FEWEST, MOST = 1, 10
LONGEST_TITLE = 80
LONGEST_POINT = 200
MOST_POINTS = 4

_KINDS = {
    "facts": Kind.FACT,
    "vocabulary": Kind.FACT,
    "concepts": Kind.CONCEPT,
    "idea": Kind.CONCEPT,
    "understanding": Kind.CONCEPT,
    "procedures": Kind.PROCEDURE,
    "skill": Kind.PROCEDURE,
    "method": Kind.PROCEDURE,
    "designs": Kind.DESIGN,
    "project": Kind.DESIGN,
    "essay": Kind.DESIGN,
}


class BadPlan(ValueError):
    """The text tells a model what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One objective, as it stands in a plan."""

    title: str
    kind: Kind
    points: tuple[str, ...] = ()
    """What shows that it is mastered."""


def read_plan(document: Mapping[str, object]) -> tuple[Aim, ...]:
    """The plan that a model or an admin drafted, mended where it can be: long titles are cut, doubled ones left out,
    kinds put into our words, and what goes beyond ten objectives dropped. Raises BadPlan."""
    given = document.get("objectives")
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise BadPlan("objectives: a list of them")
    aims: dict[str, Aim] = {}
    for number, one in enumerate(given, start=1):
        aim = _aim(one, number)
        aims.setdefault(aim.title.casefold(), aim)
    if len(aims) < FEWEST:
        raise BadPlan("objectives: at least one")
    return tuple(aims.values())[:MOST]


def read_course(text: str) -> tuple[Aim, ...]:
    """The plan that somebody typed or put into a file: an objective a line, perhaps with its kind in brackets, and
    under it its points, each behind a hyphen and indented. Raises BadPlan."""
    given: list[dict[str, object]] = []
    for line in text.splitlines():
        words = line.strip().lstrip("-*•0123456789.) \t").strip()
        if not words or words.startswith("#"):
            continue
        if line[:1].isspace() and given:
            points = given[-1]["points"]
            assert isinstance(points, list)
            points.append(words)
            continue
        title, _, rest = words.rpartition("(") if words.endswith(")") else (words, "", "")
        kind = rest.removesuffix(")").strip().lower()
        known = kind in _KINDS or kind in set(Kind)
        given.append({"title": title if known else words, "kind": kind if known else Kind.CONCEPT.value, "points": []})
    return read_plan({"objectives": given})


def _aim(given: object, number: int) -> Aim:
    if isinstance(given, str):
        given = {"title": given, "kind": Kind.CONCEPT.value}
    if not isinstance(given, Mapping):
        raise BadPlan(f"objective {number}: a title and a kind")
    title = unmarked(" ".join(str(given.get("title") or "").split()))
    if not title:
        raise BadPlan(f"objective {number}: it has no title")
    points = given.get("points") or ()
    if isinstance(points, str):
        points = (points,)
    kept = (
        [unmarked(" ".join(str(point).split()))[:LONGEST_POINT] for point in points]
        if isinstance(points, Sequence)
        else []
    )
    return Aim(title=_cut(title), kind=_kind(given.get("kind"), number), points=tuple(filter(None, kept))[:MOST_POINTS])


def _kind(given: object, number: int) -> Kind:
    said = str(given or "").strip().lower()
    if said in _KINDS:
        return _KINDS[said]
    try:
        return Kind(said)
    except ValueError:
        raise BadPlan(f"objective {number}: its kind is one of {', '.join(Kind)}") from None


def _cut(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
