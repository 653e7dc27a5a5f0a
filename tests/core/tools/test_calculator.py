"""Sums come out as people expect them, and nothing but sums is worked out, whatever is written."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tools.calculator import LONGEST, calculated, calculator
from core.tools.functions import CONSTANTS, FUNCTIONS
from core.tools.tool import Scene, ToolFailed


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1.1 * 3", "3.3"),
        ("sum(0.1, 0.2, 0.3)", "0.6"),
        ("6 / 3", "2"),
        ("2 / 4", "0.5"),
        ("1 / 3", "0.33333333333333333333 (rounded)"),
        ("1 / 7 * 7", "1"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("5.5 % 2", "1.5"),
        ("2 ** 100", "1267650600228229401496703205376"),
        ("2^10", "1024"),
        ("2 ** -1", "0.5"),
        ("12345678901234567890.123456789 * 2", "24691357802469135780.246913578"),
        ("20% of 150", "30"),
        ("5%", "0.05"),
        ("150 * (1 + 20%)", "180"),
        ("1 - 5%", "0.95"),
        ("10% + 5%", "0.15"),
        ("50% * 80", "40"),
        ("10 % 3", "1"),
        ("3 × 4 ÷ 6 − 1 =", "1"),
        ("1_000 * 2", "2000"),
        ("1 << 20", "1048576"),
        ("sqrt(16)", "4"),
        ("sqrt(2) ** 2", "2"),
        ("sin(pi)", "0"),
        ("cos(pi / 3)", "0.5"),
        ("log(8, 2)", "3"),
        ("log10(1000)", "3"),
        ("exp(0)", "1"),
        ("round(2.5)", "3"),
        ("round(-2.345, 2)", "-2.35"),
        ("factorial(20)", "2432902008176640000"),
        ("comb(49, 6)", "13983816"),
        ("mean(1, 2, 3, 4)", "2.5"),
        ("median(3, 1, 2)", "2"),
        ("max(1, 2.5)", "2.5"),
        ("gcd(12, 18)", "6"),
        ("degrees(pi)", "180"),
        ("1e-9", "1e-9"),
        ("1e400 * 1e400", "1e800"),
        ("3 > 2 and 2 > 1", "true"),
        ("1 if 2 > 3 else 5", "5"),
    ],
)
def test_sums(expression: str, result: str) -> None:
    """Exact, with decimals as they are written."""
    assert calculated(expression) == result


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("", "nothing to calculate"),
        ("1 +", "no well-formed expression"),
        ("1 / 0", "divided by zero"),
        ("0 ** -1", "divided by zero"),
        ("1,000 + 1", "thousands separators"),
        ("150 + 20%", "could mean two things"),
        ("sqrt(-1)", "no real root"),
        ("(-8) ** 0.5", "no real result"),
        ("x + 1", "`x` is no constant here. There are pi"),
        ("eval(1)", "`eval` is no function here. There are abs"),
        ("abs(1, 2)", "too few or too many"),
        ("max()", "needs a number"),
        ("x = 1", "without assignments"),
        ("1; 2", "one expression"),
        ("9 ** 9 ** 9", "too large"),
        ("10 ** 100000", "too large"),
        ("1e5000 * 10", "too large"),
        ("1e999999999", "too large"),
        ("1 << 99999999", "a shift goes"),
        ("factorial(10 ** 9)", "a factorial"),
        ("comb(10 ** 9, 5)", "`comb`"),
        ("exp(1e4000)", "too large"),
        ("round(1, 10 ** 9)", "rounding"),
        ("'a' * 10 ** 9", "only numbers"),
        ("1j", "only numbers"),
        ("(" * 300 + "1" + ")" * 300, "well-formed"),
        ("-" * 500 + "1", "too many parts"),
        ("+".join(["1"] * 450), "too many parts"),
        ("1" * (LONGEST + 1), "longer than"),
    ],
)
def test_what_cannot_be_calculated_is_told(expression: str, told: str) -> None:
    """In a sentence that a model can act on."""
    with pytest.raises(ToolFailed, match=told.replace("(", r"\(")):
        calculated(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "().__class__.__bases__[0].__subclasses__()",
        "abs.__self__",
        "pi.real",
        "__import__('os').system('true')",
        "open('/etc/hostname')",
        "[x for x in (1, 2)]",
        "(lambda: 1)()",
        "f'{pi}'",
        "{'a': 1}['a']",
        "(1).__class__",
        "abs(*[1])",
        "sqrt(**{})",
        "(y := 1)",
        "await 1",
        "import os",
        "percent_of_hundred(3)",
        "None",
        "...",
        "b'1'",
    ],
)
def test_nothing_but_sums(expression: str) -> None:
    """No attribute, no name of Python's, no text, no container and no code of any other kind."""
    with pytest.raises(ToolFailed):
        calculated(expression)


NUMBERS = st.one_of(
    st.integers(0, 10**6).map(str),
    st.decimals(0, 10**6, allow_nan=False, places=3).map(str),
    st.sampled_from([*CONSTANTS, "1e4999", "1e-4999", "9" * 300, "True", "5%"]),
)
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "<", "==", " and "]), inner
        ).map(lambda parts: f"({''.join(parts)})"),
        inner.map(lambda part: f"-{part}"),
        st.tuples(st.sampled_from(list(FUNCTIONS)), st.lists(inner, max_size=3)).map(
            lambda call: f"{call[0]}({','.join(call[1])})"
        ),
    ),
    max_leaves=12,
)


def told(expression: str) -> str:
    """The result, or why there is none."""
    try:
        return calculated(expression)
    except ToolFailed as failed:
        return str(failed)


@given(EXPRESSIONS)
def test_every_expression_ends(expression: str) -> None:
    """With a result or with ToolFailed, never with another error; one that did not would outlast this test's time."""
    assert told(expression)


@given(st.text(st.sampled_from("0123456789.+-*/%()eE,_ ^<>=!&|~@#'\"[]{}:;\\abcpix\n\x00٣½²"), max_size=40))
def test_any_text_at_all(text: str) -> None:
    """Comes to a result or to ToolFailed."""
    assert told(text)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.sampled_from("+-*"), st.integers(-(10**9), 10**9))
def test_decimals_are_exact(a: int, unit: int, sign: str, b: int) -> None:
    """Sums and products of decimals with few places are what fractions say."""
    places = Fraction(1, 1_000)
    left, right = Fraction(a) * places, Fraction(b) * places
    exact = {"+": left + right, "-": left - right, "*": left * right}[sign]
    written = f"({a // 1000}.{a % 1000:03})" if a >= 0 else f"(-{-a // 1000}.{-a % 1000:03})"
    other = f"({b // 1000}.{b % 1000:03})" if b >= 0 else f"(-{-b // 1000}.{-b % 1000:03})"
    assert Fraction(calculated(f"{written} {sign} {other}")) == exact


def test_the_largest_sum_ends() -> None:
    """As much work as an expression can hold."""
    assert calculated("+".join(["factorial(999)*0.1**0.37"] * 40))


async def test_as_a_tool(scene: Scene) -> None:
    """The result comes with what was asked; nothing is changed by it."""
    tool = calculator()
    assert (await tool.handler(scene, {"expression": " 0.1 + 0.2 "})).text == "0.1 + 0.2 = 0.3"
    assert not tool.changes
