"""LaTeX's notation for formulas as text that can be read in a chat: `\\frac{a+b}{c}` as `(a+b)/c`, `x^2` as x².

Not a typesetter: what Unicode cannot show is written on one line, unknown commands show their name, and nothing is left
out that means something. The result is never longer than the source with its marks, holds no mark of Markdown that
could begin something, and takes time in proportion to the source. Where formulas stand is formulas.py's affair.
"""

from __future__ import annotations

import re
from functools import lru_cache

from core.markdown.symbols import (
    ACCENTS,
    BIG,
    BLACKBOARD,
    BRACKETS,
    FONTS,
    FUNCTIONS,
    LETTERS,
    LOWERED,
    RAISED,
    RELATIONS,
    SILENT,
    SPACES,
    WITHOUT_ARGUMENT,
)

DEEPEST = 20
"""Groups within groups that are read; beyond, their braces are left out and no more."""

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[ \t\n]+|.", re.DOTALL)
_PLAIN = str.maketrans({"-": "−", "*": "∗", "~": " ", "`": "'", "|": "∣", "$": ""})
_SPACES = re.compile(r"[ \t]+")
_OPERATOR = re.compile(r"[ \t\n]*+([^\w\s])[ \t\n]*+")
REMEMBERED = 500
"""Formulas whose text is kept: a growing message is read again for each write, and its formulas stay the same."""
_ROW = "\x00"
"""Between the rows of whatever has rows, until it is known what they are."""


@lru_cache(maxsize=REMEMBERED)
def unicode_of(source: str) -> str:
    """The formula as text, of several lines where it has several; without the marks around it."""
    text = _Reader(_TOKEN.findall(source.replace(_ROW, ""))).row(until="")
    lines = [_SPACES.sub(" ", line).strip() for line in text.replace("\n", " ").split(_ROW)]
    joined = ""
    for line in filter(None, lines):  # a sign and a blank at the beginning of a line would make an item of a list of it
        joined += (" " if line[0] in "+−=" else "\n") + line if joined else line
    bare = joined.lstrip("+ ")
    begun = joined[: len(joined) - len(bare)].replace(" ", "")
    return (begun + bare).replace("](", "] (")


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def row(self, until: str) -> str:
        """Everything up to that token, which is taken too."""
        shown: list[str] = []
        while (token := self._next()) and token != until:
            shown.append(self._item())
        self._at += 1
        return "".join(shown)

    def _item(self) -> str:
        token = self._take()
        if token == "{":
            return self._group()
        if token in ("^", "_"):
            return self._script(token)
        if token == "&":
            return " "
        if token.startswith("\\") and len(token) > 1:
            return self._command(token[1:].rstrip("*"))
        return "" if token in ("}", "\\") else "′" if token == "'" else token.translate(_PLAIN)

    def _group(self) -> str:
        if self._depth >= DEEPEST:
            return ""
        self._depth += 1
        shown = self.row(until="}")
        self._depth -= 1
        return shown

    def _argument(self) -> str:
        """What a command or a script takes: a group, or one sign."""
        while self._next().isspace():
            self._at += 1
        return self._item().strip() if self._next() not in ("", "}") and self._depth < DEEPEST else ""

    def _option(self) -> str:
        if self._next() != "[":
            return ""
        self._at += 1
        return self.row(until="]").strip()

    def _nested_argument(self) -> str:
        """Scripts and commands nest without braces too."""
        self._depth += 1
        shown = self._argument()
        self._depth -= 1
        return shown

    def _script(self, mark: str) -> str:
        inner = _OPERATOR.sub(r"\1", self._nested_argument())
        table = RAISED if mark == "^" else LOWERED
        if all(ord(sign) in table for sign in inner):
            return inner.translate(table)
        return f"{mark}{inner}" if inner.isalnum() or len(inner) == 1 else f"{mark}({inner})"

    # ── commands ──

    def _command(self, name: str) -> str:
        if name == "\\":
            return _ROW
        if name in SPACES:
            return SPACES[name]
        if name in LETTERS:
            return LETTERS[name]
        if name in RELATIONS:
            return f" {RELATIONS[name]} "
        if name in BIG:
            return BIG[name] + self._bounds()
        if name in FUNCTIONS:
            return name + self._bounds()
        return self._with_arguments(name)

    def _bounds(self) -> str:
        """The scripts behind it, and a space before what it is applied to."""
        shown = ""
        while self._next() in ("^", "_", "\\limits", "\\nolimits"):
            token = self._take()
            shown += self._script(token) if token in ("^", "_") else ""
        token = self._next()
        return shown + (" " if token[:1].isalnum() or (token[:1] == "\\" and len(token) > 2) else "")

    def _with_arguments(self, name: str) -> str:
        if name in SILENT:
            if name in ("left", "right", "middle") and self._next() == ".":
                self._at += 1
            return ""
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return self._fraction()
        if name == "sqrt":
            index = self._option()
            raised = index.translate(RAISED) if all(ord(sign) in RAISED for sign in index) else f"({index})"
            return f"{raised}√{_bound(self._nested_argument())}"
        if name in ("binom", "dbinom", "tbinom"):
            return f"C({self._nested_argument()}, {self._nested_argument()})"
        if name in ("begin", "end"):
            return self._environment(name)
        return self._worded(name)

    def _worded(self, name: str) -> str:
        if name in WITHOUT_ARGUMENT:
            self._nested_argument()
            return ""
        if name in FONTS:
            return self._text() if name.startswith("text") or name in ("mbox", "hbox") else self._nested_argument()
        if name in ("pmod", "tag"):
            return f"({'mod ' if name == 'pmod' else ''}{self._nested_argument()})"
        if name == "mathbb":
            inner = self._nested_argument()
            return BLACKBOARD.get(inner, inner)
        if name == "not":
            return f"{self._nested_argument()}\u0338"
        if name in ACCENTS:
            inner = self._nested_argument()
            return inner + ACCENTS[name] if len(inner) == 1 else inner
        if len(name) == 1 and not name.isalpha():
            return "‖" if name == "|" else name.translate(_PLAIN)
        return name

    def _text(self) -> str:
        """Words, with their blanks."""
        if self._next() != "{":
            return self._nested_argument()
        self._at += 1
        return self._group()

    def _fraction(self) -> str:
        above, below = self._nested_argument(), self._nested_argument()
        shown = f"{_bound(above)}/{_bound(below)}"
        token = self._next()
        goes_on = token in ("^", "_", "(", "{") or token.isalnum() or token[1:] in LETTERS
        return f"({shown})" if goes_on else shown

    def _environment(self, bound: str) -> str:
        """Rows are lines, but those of a matrix stay together."""
        name = self._nested_argument().rstrip("∗")
        if bound == "end" or name not in BRACKETS:
            return _ROW if name != "split" else ""
        if name == "array":
            self._nested_argument()
        opening, closing = BRACKETS[name]
        return opening + "; ".join(filter(None, map(_columns, self._rows()))) + closing

    def _rows(self) -> list[list[str]]:
        rows: list[list[str]] = [[""]]
        while (token := self._next()) and token != "\\end":
            if token == "&":
                self._at += 1
                rows[-1].append("")
            elif token == "\\\\":
                self._at += 1
                rows.append([""])
            else:
                rows[-1][-1] += self._item()
        if self._take():
            self._nested_argument()
        return rows


def _columns(cells: list[str]) -> str:
    return ", ".join(cell.strip() for cell in cells if cell.strip())


def _bound(term: str) -> str:
    """In brackets, unless it holds together by itself."""
    term = _OPERATOR.sub(r"\1", term) if len(term) > 1 else term
    alone = len(term) == 1 or all(sign.isalnum() or sign in "′.°⃗̂̄" for sign in term)
    return term if alone or not term else f"({term})"
