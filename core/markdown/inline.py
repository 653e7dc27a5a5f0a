"""What stands inside a paragraph: code spans, links, mentions, tags, formulas and emphasis, found in one pass.

A link, a code span or a mention is an atom: it is shown whole or not at all and never cut. The pass also says what
is unfinished at the end of the text. Platforms' mentions (`<@U1>`, `<#C1>`, `<:wave:1>`, `<t:0:R>`) count as tags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from core.markdown.emphasis import Run, run_at
from core.markdown.formulas import YET, formula_end

LONGEST_TARGET = 2_000
"""Characters of a link's address; beyond, it is taken for text."""
LONGEST_TAG = 300
LONGEST_WAIT = 80
"""Characters after a lone bracket that are held back in case it becomes a link."""

# Repetitions are possessive (`*+`): whatever the text, nothing is read twice.
_SPECIAL = re.compile(r"\\|`+|!?\[|(?<!\w)!\Z|\]|<|&|\*+|_+|~+|\$\$?|https?://")
_TICKS = re.compile("`+")
_TAG = re.compile(r"</?[A-Za-z@#!:][^<>\n]{0,300}+>")
_TAG_BEGUN = re.compile(
    r"""</?(?:[@#!:A-Za-z][^\s<>]*+\Z|[A-Za-z][\w:-]*+(?:\s++[\w:-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>]++))*+"""
    r"""(?:\s++(?:[\w:-]++(?:\s*+=\s*+(?:"[^"]*+|'[^']*+)?+)?+|/)?+)?+)?+\Z"""
)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ENTITY_BEGUN = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{0,31}|#[0-9]{0,7}|#[xX][0-9a-fA-F]{0,6})?\Z")
_ADDRESS = re.compile(r"https?://[^\s<>*`\"|\]]+")
_PLACE = r"(?:<[^<>\n]*+>|[^\s()<]*+(?:\([^\s()]*+\)[^\s()]*+)*+)"
_TARGET = re.compile(rf"""\(\s*+{_PLACE}(?:\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?+\s*+\)""")
_TARGET_BEGUN = re.compile(
    rf"""\(\s*+(?:<[^<>\n]*+\Z|{_PLACE}(?:\([^\s()]*+|\s++(?:"[^"]*+"?+|'[^']*+'?+|\([^()]*+\)?+)?+\s*+)?+\Z)"""
)
_REFERENCE = re.compile(r"\[[^\[\]\n]{0,200}+\]")
_REFERENCE_BEGUN = re.compile(r"\[[^\[\]\n]{0,200}+\Z")
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Kind(Enum):
    """What an unfinished end may become."""

    CODE = auto()
    LINK = auto()
    """`[text](addr`: the text is there."""
    BRACKET = auto()
    """`[text` or `[text]`: a link perhaps."""
    OTHER = auto()
    """A tag, mention, entity, formula or escape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """From `start` on, the text may still become something else."""

    start: int
    kind: Kind
    marks: int = 0
    """How many backticks opened the code."""
    text: tuple[int, int] = (0, 0)
    """Where the link's text stands."""


@dataclass(slots=True)
class Inline:
    """One paragraph's text, read."""

    atoms: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of what must not be cut, in order of their ends; the outer one last."""
    runs: list[Run] = field(default_factory=list)
    """Emphasis outside of finished links."""
    unfinished: Unfinished | None = None


@dataclass(frozen=True, slots=True)
class _Bracket:
    start: int
    text: int
    runs: int
    """How many runs of emphasis came before."""


def read_inline(text: str, start: int = 0, *, patience: int = LONGEST_WAIT, awaits_formulas: bool = True) -> Inline:
    """Everything from `start` to the end of the text, which is one paragraph. Linear in its length. A bracket counts
    as unfinished until that many characters have followed it, a formula only if told so."""
    return _Reader(text, start, patience, awaits_formulas).read()


class _Reader:
    def __init__(self, text: str, start: int, patience: int, awaits_formulas: bool) -> None:
        self._text = text
        self._awaits_formulas = awaits_formulas
        self._patience = patience
        self._start = start
        self._found = Inline()
        self._brackets: list[_Bracket] = []
        self._ticks: dict[int, list[int]] = {}
        for ticks in reversed([*_TICKS.finditer(text, start)]):
            self._ticks.setdefault(len(ticks[0]), []).append(ticks.start())

    def read(self) -> Inline:
        position = self._start
        while self._found.unfinished is None and (special := _SPECIAL.search(self._text, position)):
            position = self._special(special[0], special.start(), special.end())
        self._await_brackets()
        return self._found

    def _await_brackets(self) -> None:
        """What follows a bracket may be a link's text, whatever else is in it."""
        recent = len(self._text) - self._patience
        waiting = next((bracket.start for bracket in self._brackets if bracket.start >= recent), None)
        known = self._found.unfinished
        if waiting is not None and (known is None or waiting < known.start):
            self._unfinished(waiting, Kind.BRACKET)

    def _special(self, mark: str, start: int, end: int) -> int:
        """Reads what begins there and returns where to go on."""
        match mark[0]:
            case "`":
                return self._code(start, end)
            case "*" | "_" | "~":
                self._found.runs.append(run_at(self._text, start, end))
                self._found.atoms.append((start, end))
                return end
            case "!" if mark == "!":
                return self._unfinished(start, Kind.OTHER)
            case "!" | "[":
                self._brackets.append(_Bracket(start=start, text=end, runs=len(self._found.runs)))
                return end
            case "]":
                return self._bracket_closed(start)
            case "<":
                return self._matched(_TAG, _TAG_BEGUN, start, LONGEST_TAG)
            case "&":
                return self._matched(_ENTITY, _ENTITY_BEGUN, start, LONGEST_TAG)
            case "h":
                return self._address(start)
            case "\\":
                return self._escape(start)
            case _:
                return self._formula(start)

    def _atom(self, start: int, end: int) -> int:
        self._found.atoms.append((start, end))
        return end

    def _unfinished(self, start: int, kind: Kind, *, marks: int = 0, text: tuple[int, int] = (0, 0)) -> int:
        self._found.unfinished = Unfinished(start=start, kind=kind, marks=marks, text=text)
        return len(self._text)

    def _code(self, start: int, end: int) -> int:
        later = self._ticks.get(end - start, [])
        while later and later[-1] <= start:
            later.pop()
        if later:
            return self._atom(start, later[-1] + end - start)
        return self._unfinished(start, Kind.CODE, marks=end - start)

    def _matched(self, whole: re.Pattern[str], begun: re.Pattern[str], start: int, longest: int) -> int:
        if found := whole.match(self._text, start):
            return self._atom(start, found.end())
        if len(self._text) - start <= longest and begun.match(self._text, start):
            return self._unfinished(start, Kind.OTHER)
        return start + 1

    def _address(self, start: int) -> int:
        found = _ADDRESS.match(self._text, start)
        if found is None:
            return start + 1
        return self._atom(start, start + len(found[0].rstrip("_~.,;:!?'")))

    def _escape(self, start: int) -> int:
        following = self._text[start + 1 : start + 2]
        if not following:
            return self._unfinished(start, Kind.OTHER)
        if following in "([":
            return self._formula(start)
        return self._atom(start, start + 2) if following in _ESCAPABLE else start + 1

    def _formula(self, start: int) -> int:
        end = formula_end(self._text, start, growing=self._awaits_formulas)
        if isinstance(end, int):
            return self._atom(start, end)
        if end is YET and self._awaits_formulas:
            return self._unfinished(start, Kind.OTHER)
        return start + (2 if self._text[start : start + 2] in ("$$", "\\(", "\\[") else 1)

    def _bracket_closed(self, position: int) -> int:
        if not self._brackets:
            return position + 1
        bracket, after = self._brackets.pop(), position + 1
        if after == len(self._text):
            return self._unfinished(bracket.start, Kind.BRACKET)
        if self._text[after] not in "([":
            return after
        limit = min(len(self._text), after + LONGEST_TARGET)
        if found := _TARGET.match(self._text, after, limit) or _REFERENCE.match(self._text, after, limit):
            return self._link(bracket, found.end())
        if limit == len(self._text) and _TARGET_BEGUN.match(self._text, after):
            return self._unfinished(bracket.start, Kind.LINK, text=(bracket.text, position))
        if limit == len(self._text) and _REFERENCE_BEGUN.match(self._text, after):
            return self._unfinished(bracket.start, Kind.BRACKET)
        return after

    def _link(self, bracket: _Bracket, end: int) -> int:
        del self._found.runs[bracket.runs :]
        return self._atom(bracket.start, end)
