"""Functions of numbers, bounded like the operations of arithmetic.py, by the names under which people call them."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from core.tools.arithmetic import (
    DIGITS,
    Miscalculation,
    Number,
    added,
    ceil,
    context,
    decimal,
    divided,
    floor,
    integral,
    multiplied,
    number,
    plain,
    truncated,
    whole,
    worked_out,
)

MOST_FACTORIAL = 1_000
MOST_CHOICES = 10_000
PI = Decimal("3.1415926535897932384626433832795028841971693993751")
TINY = Decimal("1e-15")
"""What sines of multiples of pi differ from nothing."""


def rounded(a: Number, places: Number = 0) -> Number:
    """Rounded to so many places behind the point, halves away from zero, as people do."""
    digits = whole(places)
    if not -DIGITS <= digits <= DIGITS:
        raise Miscalculation(f"rounding goes to at most {DIGITS} places")
    if isinstance(a, int) and digits >= 0:
        return a
    unit = Decimal(1).scaleb(-digits)
    if decimal(a).adjusted() + digits >= DIGITS - 1:
        return a
    found = decimal(a).quantize(unit, rounding="ROUND_HALF_UP", context=context())
    return integral(found) if digits <= 0 else found


def root(a: Number) -> Number:
    """The square root; whole where it is one."""
    if a < 0:
        raise Miscalculation("a negative number has no real root")
    if isinstance(a, int) and math.isqrt(a) ** 2 == a:
        return math.isqrt(a)
    return worked_out(lambda by: by.sqrt(decimal(a)))


def logarithm(a: Number, base: Number | None = None) -> Number:
    """The natural one, or to that base."""
    if a <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise Miscalculation("a logarithm is of a positive number, to a positive base that is not 1")
    natural = worked_out(lambda by: by.ln(decimal(a)))
    if base is None:
        return natural
    found = divided(natural, worked_out(lambda by: by.ln(decimal(base))))
    # Digits that only rounding has made: log(8, 2) is 3.
    return plain(decimal(found), DIGITS - 5)


def logarithm10(a: Number) -> Number:
    """To base 10."""
    if a <= 0:
        raise Miscalculation("a logarithm is of a positive number")
    return worked_out(lambda by: by.log10(decimal(a)))


def exponential(a: Number) -> Number:
    """e to the power of a."""
    return worked_out(lambda by: by.exp(decimal(a)))


def factorial(a: Number) -> int:
    """1 * 2 * … * a."""
    n = whole(a)
    if not 0 <= n <= MOST_FACTORIAL:
        raise Miscalculation(f"a factorial is of a whole number from 0 to {MOST_FACTORIAL}")
    return int(number(math.factorial(n)))


def choices(a: Number, b: Number) -> int:
    """How many ways there are to choose b of a."""
    n, k = whole(a), whole(b)
    if not (0 <= n <= MOST_CHOICES and k >= 0):
        raise Miscalculation(f"`comb` takes whole numbers from 0 to {MOST_CHOICES}")
    return int(number(math.comb(n, k)))


def arrangements(a: Number, b: Number) -> int:
    """How many ways there are to line b of a up."""
    n, k = whole(a), whole(b)
    if not (0 <= n <= MOST_FACTORIAL and k >= 0):
        raise Miscalculation(f"`perm` takes whole numbers from 0 to {MOST_FACTORIAL}")
    return int(number(math.perm(n, k)))


def divisor(*numbers: Number) -> int:
    """The greatest that divides all."""
    return math.gcd(*(whole(one) for one in numbers))


def multiple(*numbers: Number) -> int:
    """The least that all divide."""
    found = 1
    for one in numbers:
        found = int(number(math.lcm(found, whole(one))))
    return found


def total(*numbers: Number) -> Number:
    """All of them together."""
    found: Number = 0
    for one in numbers:
        found = added(found, one)
    return found


def mean(*numbers: Number) -> Number:
    """The arithmetic mean."""
    if not numbers:
        raise Miscalculation("a mean needs a number")
    return divided(total(*numbers), len(numbers))


def median(*numbers: Number) -> Number:
    """The middle one, or the mean of the two in the middle."""
    if not numbers:
        raise Miscalculation("a median needs a number")
    ordered = sorted(numbers, key=_exactly)
    half = len(numbers) // 2
    return ordered[half] if len(ordered) % 2 else mean(ordered[half - 1], ordered[half])


def largest(*numbers: Number) -> Number:
    """The one that is most."""
    if not numbers:
        raise Miscalculation("`max` needs a number")
    return max(numbers, key=_exactly)


def smallest(*numbers: Number) -> Number:
    """The one that is least."""
    if not numbers:
        raise Miscalculation("`min` needs a number")
    return min(numbers, key=_exactly)


def _exactly(a: Number) -> Fraction:
    return Fraction(a)


def magnitude(a: Number) -> Number:
    """Without its sign."""
    return abs(a) if isinstance(a, int) else a.copy_abs()


def floating(function: Callable[..., float]) -> Callable[..., Number]:
    """A function of the machine's numbers, such as a sine: right to about 15 digits."""

    def of(*numbers: Number) -> Number:
        try:
            found = function(*(float(one) for one in numbers))
        except (ValueError, OverflowError):
            raise Miscalculation("a function has no result for that number") from None
        if not math.isfinite(found):
            raise Miscalculation("a number gets too large")
        exact = Decimal(repr(found))
        near_nothing = abs(exact) < TINY and any(magnitude(one) > 1 for one in numbers)
        return Decimal(0) if near_nothing else plain(exact, 15)

    return of


def percent(a: Number) -> Number:
    """So many hundredths."""
    return divided(a, 100)


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": magnitude,
    "ceil": ceil,
    "comb": choices,
    "exp": exponential,
    "factorial": factorial,
    "floor": floor,
    "gcd": divisor,
    "int": truncated,
    "lcm": multiple,
    "ln": logarithm,
    "log": logarithm,
    "log10": logarithm10,
    "log2": lambda a: logarithm(a, 2),
    "max": largest,
    "mean": mean,
    "median": median,
    "min": smallest,
    "perm": arrangements,
    "round": rounded,
    "sqrt": root,
    "sum": total,
    "trunc": truncated,
    **{
        name: floating(getattr(math, name))
        for name in ("acos", "asin", "atan", "atan2", "cos", "cosh", "hypot", "sin", "sinh", "tan", "tanh")
    },
    "degrees": lambda a: divided(multiplied(a, 180), PI),
    "radians": lambda a: divided(multiplied(a, PI), 180),
}
CONSTANTS: dict[str, Number] = {
    "pi": PI,
    "e": Decimal("2.7182818284590452353602874713526624977572470937000"),
    "tau": Decimal("6.2831853071795864769252867665590057683943387987502"),
}
