"""Numbers as people mean them: exact whole numbers, and decimals where 0.1 + 0.2 is 0.3.

Every operation is bounded: whole numbers to BITS, decimals to DIGITS with exponents up to EXPONENT, and what would
leave these bounds is refused before it is begun. So no expression takes long, whatever it says.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

Number = int | Decimal

BITS = 10_000
"""Of a whole number: about 3,000 digits."""
DIGITS = 50
"""With which decimals are worked out."""
SHOWN = 20
"""Significant digits of a result that has been rounded, as one with more than EXACT of them has."""
EXACT = 40
EXPONENT = 5_000
"""Decimals lie between 1e-5000 and 1e5000."""


class Miscalculation(Exception):
    """The operation has no result here. The text says why."""


def context() -> Context:
    """Of this call alone: contexts remember what happened, and several threads calculate."""
    return Context(
        prec=DIGITS,
        rounding=ROUND_HALF_EVEN,
        Emin=-EXPONENT,
        Emax=EXPONENT,
        traps=[InvalidOperation, DivisionByZero, Overflow],
    )


def number(value: object) -> Number:
    """The value as a number of ours. Raises Miscalculation for what is none, or is too large."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        if value.bit_length() > BITS:
            raise Miscalculation("a number gets too large")
        return value
    if isinstance(value, Decimal):
        return value
    raise Miscalculation("only numbers can be calculated with")


def literal(text: str) -> Decimal:
    """The decimal that is written so."""
    return worked_out(lambda by: by.create_decimal(text.replace("_", "")))


def decimal(value: Number) -> Decimal:
    """The number as a decimal, rounded to DIGITS."""
    return worked_out(lambda by: by.create_decimal(value))


def worked_out(operation: Callable[[Context], Decimal]) -> Decimal:
    """The operation's result. Raises Miscalculation in place of decimal's own errors."""
    try:
        return operation(context())
    except DivisionByZero:
        raise Miscalculation("something is divided by zero") from None
    except Overflow:
        raise Miscalculation("a number gets too large") from None
    except DecimalException:
        raise Miscalculation("an operation has no real result, such as the root of a negative number") from None


def whole(value: Number) -> int:
    """The number, which must be whole."""
    if isinstance(value, int):
        return value
    if value != value.to_integral_value():
        raise Miscalculation("a whole number is needed there")
    return integral(value)


def integral(value: Decimal) -> int:
    """A decimal that has nothing behind the point, as a whole number."""
    if value.adjusted() > BITS // 3:
        raise Miscalculation("a number gets too large")
    return int(number(int(value)))


# ── operations ──


def added(a: Number, b: Number) -> Number:
    """a + b."""
    if isinstance(a, int) and isinstance(b, int):
        return number(a + b)
    return worked_out(lambda by: by.add(a, b))


def subtracted(a: Number, b: Number) -> Number:
    """a - b."""
    if isinstance(a, int) and isinstance(b, int):
        return number(a - b)
    return worked_out(lambda by: by.subtract(a, b))


def multiplied(a: Number, b: Number) -> Number:
    """a * b."""
    if isinstance(a, int) and isinstance(b, int):
        return number(a * b)
    return worked_out(lambda by: by.multiply(a, b))


def divided(a: Number, b: Number) -> Number:
    """a / b; whole where it comes out even."""
    if b == 0:
        raise Miscalculation("something is divided by zero")
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return worked_out(lambda by: by.divide(decimal(a), decimal(b)))


def floor_divided(a: Number, b: Number) -> Number:
    """How often b is wholly in a, rounded down."""
    return a // b if isinstance(a, int) and isinstance(b, int) and b else floor(divided(a, b))


def remainder(a: Number, b: Number) -> Number:
    """What is left of a; it has the sign of b."""
    if isinstance(a, int) and isinstance(b, int) and b:
        return a % b
    return subtracted(a, multiplied(floor_divided(a, b), b))


def power(a: Number, b: Number) -> Number:
    """a to the power of b."""
    if isinstance(b, Decimal) and b == b.to_integral_value() and b.adjusted() < 6:
        b = int(b)
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        if abs(a) > 1 and a.bit_length() * b > BITS + a.bit_length():
            raise Miscalculation("a power gets too large")
        return number(a**b)
    if a == 0:
        raise Miscalculation("something is divided by zero")
    return worked_out(lambda by: by.power(decimal(a), decimal(b)))


def negative(a: Number) -> Number:
    """-a."""
    return -a if isinstance(a, int) else a.copy_negate()


def shifted_left(a: Number, b: Number) -> Number:
    """a << b."""
    places = _shift(b)
    if a and whole(a).bit_length() + places > BITS:
        raise Miscalculation("a number gets too large")
    return number(whole(a) << places)


def shifted_right(a: Number, b: Number) -> Number:
    """a >> b."""
    return whole(a) >> _shift(b)


def _shift(b: Number) -> int:
    places = whole(b)
    if not 0 <= places <= BITS:
        raise Miscalculation(f"a shift goes from 0 to {BITS} places")
    return places


# ── whole numbers ──


def floor(a: Number) -> int:
    """The largest whole number that is not more."""
    return a if isinstance(a, int) else integral(a.to_integral_value(rounding="ROUND_FLOOR"))


def ceil(a: Number) -> int:
    """The smallest whole number that is not less."""
    return a if isinstance(a, int) else integral(a.to_integral_value(rounding="ROUND_CEILING"))


def truncated(a: Number) -> int:
    """Without what is behind the point."""
    return a if isinstance(a, int) else integral(a.to_integral_value(rounding="ROUND_DOWN"))


# ── showing ──


def plain(value: Decimal, digits: int) -> Decimal:
    """The decimal with no more than so many significant digits."""
    return Context(prec=digits, Emin=-EXPONENT, Emax=EXPONENT).plus(value)


def shown(value: Number) -> str:
    """The number as people write it: no needless zeros, powers of ten where there would be many, and a word where it
    has more digits than are shown."""
    if isinstance(value, int):
        return str(value)
    short = plain(value, SHOWN) if len(value.as_tuple().digits) > EXACT else value
    # What rounding has made is no news: 1/7*7 is 1.
    told = short == value or len(short.normalize().as_tuple().digits) < SHOWN - 4
    return _written(short) if told else f"{_written(short)} (rounded)"


def _written(value: Decimal) -> str:
    value = value.normalize(Context(prec=DIGITS, Emin=-EXPONENT, Emax=EXPONENT))
    if not value:
        return "0"
    if -7 <= value.adjusted() < EXACT:
        return f"{value:f}"
    return f"{value:e}".replace("e+", "e")
