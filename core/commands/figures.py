"""Use and limits as people read them: lines of a message, bars of letters, a table for a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from core.commands.foreign import plain
from core.mentions import Mentioned, mention
from core.moments import moment
from core.quota.amount import Measure, amount_text, money_text, rounded
from core.quota.limit import Limit, SubjectKind, written
from core.quota.reservation import Standing
from core.store.reports import Extra, Total

NO_LIMITS = "Nothing limits what you may ask here."
WIDTH = 24
"""Letters of the longest bar."""
MENTIONED = {
    SubjectKind.USER: Mentioned.PERSON,
    SubjectKind.ROLE: Mentioned.ROLE,
    SubjectKind.CHANNEL: Mentioned.CHANNEL,
}
_OWN = {SubjectKind.USER: "you", SubjectKind.ROLE: "that you have", SubjectKind.CHANNEL: "that you are in"}
_EXTRA_FOR = {
    SubjectKind.USER: "for you",
    SubjectKind.CHANNEL: "for all in this channel",
    SubjectKind.WORKSPACE: "for the whole workspace",
    SubjectKind.PERSONA: "for who answers here",
}


# ── limits ──


def limit_line(limit: Limit, currency: str, personas: Mapping[str, str]) -> str:
    """A limit as those read it who set it: people, roles and channels by their names, personas by those in
    `personas`."""
    subject = limit.subject
    if subject.kind in MENTIONED:
        return written(limit, currency, mention(MENTIONED[subject.kind], subject.id))
    return written(limit, currency, plain(personas.get(subject.id, "")))


def standing_lines(
    standings: Sequence[Standing], extras: Sequence[Extra], currency: str, personas: Mapping[str, str]
) -> str:
    """What is left, of how much, and when there is more, as the person reads it whom it concerns."""
    lines = [_standing(one, currency, personas) for one in standings]
    return "\n".join([*lines, *(_extra(one, currency) for one in extras)]) or NO_LIMITS


def _standing(standing: Standing, currency: str, personas: Mapping[str, str]) -> str:
    limit = standing.limit
    own = _OWN.get(limit.subject.kind, "")
    if limit.subject.kind is SubjectKind.PERSONA:
        own = plain(personas.get(limit.subject.id, ""))
    left = amount_text(standing.left, limit.measure, currency)
    more = "comes back bit by bit, from" if limit.sliding else "until"
    return f"- {plain(written(limit, currency, own))}: **{left}** left, {more} {moment(standing.resets_at)}"


def _extra(extra: Extra, currency: str) -> str:
    left = amount_text(extra.left, extra.measure, currency)
    return f"- **{left}** extra {_EXTRA_FOR[extra.kind]}, until {moment(extra.expires_at)}"


# ── use ──


def told(total: Total, currency: str) -> str:
    """What was used, on one line. A cost that nobody knows is said to be unknown."""
    parts = [amount_text(total.requests, Measure.REQUESTS, ""), amount_text(total.tokens, Measure.TOKENS, "")]
    if total.cost is not None:
        parts.append(f"{currency} {money_text(rounded(total.cost))}")
    if total.unpriced:
        parts.append(f"cost unknown for {total.unpriced:,}")
    elif total.cost is None and total.tokens:
        parts.append("cost unknown")
    return ", ".join(parts)


def added(totals: Iterable[Total], name: str = "") -> Total:
    """All of it under one heading."""
    every = list(totals)
    costs = [one.cost for one in every if one.cost is not None]
    return Total(
        name=name,
        requests=sum(one.requests for one in every),
        prompt_tokens=sum(one.prompt_tokens for one in every),
        cached_tokens=sum(one.cached_tokens for one in every),
        completion_tokens=sum(one.completion_tokens for one in every),
        tokens=sum(one.tokens for one in every),
        cost=sum(costs) if costs else None,
        unpriced=sum(one.unpriced for one in every),
    )


def bars(rows: Sequence[tuple[str, int]]) -> str:
    """A chart of letters, a row each."""
    most = max((amount for _, amount in rows), default=0) or 1
    names = max((len(name) for name, _ in rows), default=0)
    return "\n".join(
        f"{name.ljust(names)} {'█' * -(-amount * WIDTH // most)}{' ' if amount else ''}{amount:,}"
        for name, amount in rows
    )


_COLUMNS = ("requests", "prompt_tokens", "cached_tokens", "completion_tokens", "tokens")


def as_csv(found: Sequence[Total], names: Mapping[str, str], currency: str) -> bytes:
    """A table for a spreadsheet. Ids are kept beside names; a cell never begins as a formula would; a cost that nobody
    knows is an empty one."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["id", "name", *_COLUMNS, f"cost_{currency}", "cost_unknown"])
    for total in found:
        figures = [getattr(total, column) for column in _COLUMNS]
        cost = "" if total.cost is None else money_text(total.cost).replace(",", "")
        table.writerow([_cell(total.name), _cell(names[total.name]), *figures, cost, total.unpriced])
    return text.getvalue().encode()


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
