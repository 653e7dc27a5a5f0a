"""What people read about a limit: that it is reached, that it nearly is. Pure.

Which limit, how much of it is used, and when there is more, in the reader's own time zone (core/moments.py). To whom
and how often it is said is for others.
"""

from __future__ import annotations

from core.moments import moment
from core.quota.amount import Measure, amount_text
from core.quota.limit import Limit, written
from core.quota.window import Window

WARNED_FROM = 80
"""Percent of a limit's amount from which people are told."""


def nearly_reached(limit: Limit, before: int, after: int) -> bool:
    """Whether use has just come to where people are told, and not beyond: once in a window. An amount of 0 is never
    nearly reached."""
    edge = -(-limit.amount * WARNED_FROM // 100)
    return before < edge <= after and limit.amount > 0


def reached(
    limit: Limit, used: int, spell: Window, currency: str, *, needed: int | None = None, subject: str = ""
) -> str:
    """Why there is no answer, and when there can be one. `used` holds what is reserved as well; `needed` is the
    estimate for what was asked; `subject` as in `written`."""
    bound = written(limit, currency, subject)
    if limit.amount == 0:
        return f"I cannot answer this: the limit is {bound}. An admin can change that."
    left = max(limit.amount - used, 0)
    if needed is None or left == 0:
        return f"The limit of {bound} is reached. {_again(limit, spell)}"
    most = _amount(needed, limit, currency)
    if needed > limit.amount:
        return f"This could take {most}, and the limit is {bound}. A shorter question, or a new conversation, may fit."
    rest = f"{_amount(left, limit, currency)} {_is(left, limit)} left"
    return f"This could take {most}, and of the limit of {bound} {rest}. {_again(limit, spell)}"


def warning(limit: Limit, used: int, spell: Window, currency: str, *, subject: str = "") -> str:
    """That most of a limit's amount is used. Raises ValueError for an amount of 0."""
    if limit.amount == 0:
        raise ValueError("of nothing no part is used")
    share = used * 100 // limit.amount
    spent = _amount(used, limit, currency)
    bound = written(limit, currency, subject)
    return f"{share} % of the limit of {bound} is used: {spent}. {_again(limit, spell)}"


def _again(limit: Limit, spell: Window) -> str:
    """When there is more. Of a sliding window a part comes back at a time, if something was spent that long ago."""
    if limit.sliding:
        return f"What was spent first comes back bit by bit, from {moment(spell.ends)} at the earliest."
    return f"It begins anew {moment(spell.ends)}."


def _amount(amount: int, limit: Limit, currency: str) -> str:
    return amount_text(amount, limit.measure, currency)


def _is(amount: int, limit: Limit) -> str:
    return "is" if amount == 1 or limit.measure is Measure.COST else "are"
