"""`calculate`: an expression worked out exactly, by simpleeval on numbers of ours.

Nothing of Python is within reach but operators, a few functions and constants: there is no node for attributes,
subscripts, strings, comprehensions or assignments, so an expression that has one is refused, and every operation has
its bound (arithmetic.py). The expression is checked for length, depth and size before anything of it is worked out.
"""

from __future__ import annotations

import ast
import asyncio
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import simpleeval

from core.ports import ToolSpec
from core.tools import arithmetic
from core.tools.arithmetic import Miscalculation, Number, literal, number, shown
from core.tools.functions import CONSTANTS, FUNCTIONS, percent
from core.tools.tool import Handed, Scene, Tool, ToolFailed

LONGEST = 1_000
"""Characters of an expression."""
MOST_NODES = 400
DEEPEST = 60
"""Brackets, signs and operations within each other."""
SECONDS = 5.0
PERCENT = "percent_of_hundred"
"""How a `%` behind a number is written before it is parsed. Nobody types it: it is no name that people may use."""

OPERATORS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Add: arithmetic.added,
    ast.Sub: arithmetic.subtracted,
    ast.Mult: arithmetic.multiplied,
    ast.Div: arithmetic.divided,
    ast.FloorDiv: arithmetic.floor_divided,
    ast.Mod: arithmetic.remainder,
    ast.Pow: arithmetic.power,
    ast.LShift: arithmetic.shifted_left,
    ast.RShift: arithmetic.shifted_right,
    ast.USub: arithmetic.negative,
    ast.UAdd: lambda a: a,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Not: operator.not_,
}
NODES = (ast.Expr, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant, ast.Name)
_SIGNS = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "^": "**", "\N{NO-BREAK SPACE}": " "}
)
_PERCENTAGE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%(?!\s*[\w.(])")
_PERCENT_OF = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%\s*of\b", re.IGNORECASE)
_DESCRIPTION = (
    "Work out an arithmetic expression exactly, with whole numbers of any size and decimals. Operators: "
    "+ - * / // % ** (or ^), comparisons, brackets. `20%` is 0.2 and `20% of 150` is 30; write `150 * (1 + 20%)` to "
    "add 20 percent. `log` is the natural one unless a base follows; angles are in radians. Write numbers with a "
    "point and without thousands separators or units. "
    f"Functions: {', '.join(FUNCTIONS)}. Constants: {', '.join(CONSTANTS)}."
)
SPEC = ToolSpec(
    name="calculate",
    description=_DESCRIPTION,
    parameters={
        "type": "object",
        "properties": {
            "expression": {"type": "string", "description": "Such as (1.19 * 250) / 12", "maxLength": LONGEST}
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
)


def calculator() -> Tool:
    """The tool."""
    return Tool(spec=SPEC, doing="Calculating", handler=_handle, seconds=SECONDS)


async def _handle(_scene: Scene, arguments: Mapping[str, object]) -> Handed:
    expression = str(arguments.get("expression", ""))
    # In a thread: the largest powers and factorials take milliseconds, and hundreds of them may stand in a row.
    result = await asyncio.to_thread(calculated, expression)
    return Handed(text=f"{expression.strip()} = {result}")


def calculated(expression: str) -> str:
    """The expression's value as text. Raises ToolFailed with a sentence on what is wrong."""
    try:
        return _worked_out(expression)
    except Miscalculation as error:
        raise ToolFailed(f"This cannot be calculated: {error}.") from None
    except simpleeval.NameNotDefined as error:
        raise ToolFailed(f"{_named(error.name)} is no constant here. There are {', '.join(CONSTANTS)}.") from None
    except simpleeval.FunctionNotDefined as error:
        raise ToolFailed(f"{_named(error.func_name)} is no function here. There are {', '.join(FUNCTIONS)}.") from None
    except (simpleeval.InvalidExpression, KeyError):
        raise ToolFailed("Only numbers, brackets, operators and the named functions can stand there.") from None
    except TypeError:
        raise ToolFailed("A function was given too few or too many numbers.") from None


def _named(name: object) -> str:
    return f"`{str(name)[:40]}`"


def _worked_out(expression: str) -> str:
    if len(expression) > LONGEST:
        raise Miscalculation(f"it is longer than {LONGEST} characters; calculate it in parts")
    source = _written(expression)
    node = _parsed(source)
    _check(node)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _Evaluator(source).eval(source, previously_parsed=node)
    if isinstance(found, bool):
        return "true" if found else "false"
    return shown(number(found))


def _written(expression: str) -> str:
    """The expression as Python would write it."""
    text = " ".join(expression.translate(_SIGNS).split()).removesuffix("=").strip()
    if PERCENT in text:
        raise Miscalculation(f"`{PERCENT}` is no function")
    text = _PERCENT_OF.sub(rf"{PERCENT}(\1) *", text)
    return _PERCENTAGE.sub(rf"{PERCENT}(\1)", text)


def _parsed(source: str) -> ast.Expr:
    if not source:
        raise Miscalculation("there is nothing to calculate")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of `1(2)` and the like
            body = ast.parse(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Miscalculation("it is no well-formed expression; write it like (1.5 + 2) * 3") from None
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise Miscalculation("it must be one expression, without assignments")
    return body[0]


def _check(expression: ast.Expr) -> None:
    """The tree is small, flat, and has no node but those of sums."""
    waiting: list[tuple[ast.AST, int]] = [(expression, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if seen > MOST_NODES or depth > DEEPEST:
            raise Miscalculation("it has too many parts; calculate it in several steps")
        if isinstance(node, ast.Tuple):
            raise Miscalculation("numbers are written without thousands separators, and with a point: 1234.5")
        if isinstance(node, ast.expr) and not isinstance(node, NODES):
            raise Miscalculation("only numbers, brackets, operators and the named functions can stand there")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            _refuse_bare_percentage(node)
        # Operators and contexts are leaves that count for nothing.
        waiting += [
            (child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.keyword)
        ]


def _refuse_bare_percentage(node: ast.BinOp) -> None:
    whole = isinstance(node.left, ast.Constant) and node.left.value == 1
    if _is_percentage(node.right) and not whole and not _is_percentage(node.left):
        raise Miscalculation(
            "a percentage that is added to a number could mean two things; write 150 * (1 + 20%) for 20 percent more, "
            "or 150 + 0.2"
        )


def _is_percentage(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == PERCENT


class _Evaluator(simpleeval.SimpleEval):  # type: ignore[misc]  # the library has no types
    """simpleeval with our numbers, and without what is no arithmetic."""

    nodes: dict[type[ast.AST], Callable[..., object]]

    def __init__(self, source: str) -> None:
        functions = {name: _checked(function) for name, function in {**FUNCTIONS, PERCENT: percent}.items()}
        super().__init__(operators=OPERATORS, functions=functions, names=CONSTANTS, allowed_attrs={})
        self._source = source.encode()
        self.nodes = {kind: handler for kind, handler in self.nodes.items() if kind in NODES}
        self.nodes[ast.Constant] = self._eval_number

    def _eval_number(self, node: ast.Constant) -> Number | bool:
        if isinstance(node.value, bool):
            return node.value
        if isinstance(node.value, float):
            # As it was written: Python's own value has lost what is behind the sixteenth digit.
            return literal(self._source[node.col_offset : node.end_col_offset].decode())
        return number(node.value)


def _checked(function: Callable[..., Number]) -> Callable[..., Any]:
    def of(*numbers: object) -> Number:
        return number(function(*(number(one) for one in numbers)))

    return of
