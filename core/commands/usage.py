"""`/usage`: what one has used and what is left; and for those who may, what everybody has, as a table and a file."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.commands.catalogue import USAGE, USAGE_SINCE
from core.commands.foreign import fenced, plain
from core.commands.personas.desk import Desk, whole
from core.commands.personas.permissions import Permissions
from core.commands.quota import NO_LIMITS, standing_line
from core.incoming import Incoming
from core.interaction import Answer, File
from core.privacy import Place
from core.quota.amount import Measure, amount_text, money_text, rounded
from core.quota.limit import Period
from core.quota.terms import TermsOf
from core.quota.window import window
from core.store.reports import By, Total

SHOWN = 20
"""Lines of a table in the chat; the file has all."""
IN_FILE = 10_000
DAYS = 14
"""In the chart."""
WIDTH = 24
"""Letters of the longest bar."""
NOTHING_YET = "Nothing has been used in that time."
_SINCE = {"day": Period.DAY, "week": Period.WEEK, "month": Period.MONTH}
assert tuple(_SINCE) == USAGE_SINCE


class UsageCommand:
    """Accounts of use, read from the chat."""

    def __init__(self, desk: Desk, terms: TermsOf) -> None:
        self._desk = desk
        self._terms = terms
        self._permissions = Permissions(desk)

    async def call(self, incoming: Incoming) -> Answer:
        """The figures, in private."""
        verb = (incoming.command or "").partition(" ")[2]
        match verb:
            case "me" | "" if not incoming.options:
                return await self._own(incoming)
            case "top":
                return await self._top(incoming)
            case _:
                return Answer(text=f"Write it so: `{USAGE.usage}`.")

    # ── one's own ──

    async def _own(self, incoming: Incoming) -> Answer:
        place, now = Place.of(incoming.key), self._desk.now()
        terms = await self._terms.terms(place.whole)
        today = await self._sum(incoming, window(Period.DAY, now, terms.zone, False).begins, now)
        month = await self._sum(incoming, window(Period.MONTH, now, terms.zone, False).begins, now)
        standings = await self._desk.store.standings(place, incoming.author, persona_id=None, terms=terms, now=now)
        limits = "\n".join(standing_line(one, self._terms.currency, incoming) for one in standings) or NO_LIMITS
        chart = await self._chart(incoming, now, terms.zone)
        return Answer(
            text=f"**Today:** {self._told(today)}\n**This month:** {self._told(month)}\n\n**Left**\n{limits}{chart}"
        )

    async def _sum(self, incoming: Incoming, since: datetime, now: datetime) -> Total:
        found = await self._desk.store.usage_totals(
            whole(incoming), By.PERSON, since=since, until=_after(now), person=incoming.author.id
        )
        return found[0] if found else _NONE

    async def _chart(self, incoming: Incoming, now: datetime, zone: str) -> str:
        since = window(Period.DAY, now - timedelta(days=DAYS - 1), zone, False).begins
        found = await self._desk.store.usage_totals(
            whole(incoming), By.DAY, since=since, until=_after(now), person=incoming.author.id
        )
        if not found:
            return ""
        tokens = {day.name: day.tokens for day in found}
        days = [(since + timedelta(days=number)).astimezone(ZoneInfo("UTC")) for number in range(DAYS + 1)]
        names = sorted({f"{day:%Y-%m-%d}" for day in days if day <= now} | tokens.keys())
        return "\n\n**Tokens a day (UTC)**\n" + fenced(bars([(name[5:], tokens.get(name, 0)) for name in names]))

    # ── everybody's ──

    async def _top(self, incoming: Incoming) -> Answer:
        refusal = await self._permissions.refusal(incoming, "usage.top")
        if refusal is not None:
            return refusal
        said, since_said = incoming.options.get("by", "person").lower(), incoming.options.get("since", "month").lower()
        if said not in set(By) or since_said not in _SINCE:
            return Answer(text=f"Add up by {', '.join(By)}, since the beginning of the {', '.join(_SINCE)}.")
        by, now = By(said), self._desk.now()
        terms = await self._terms.terms(whole(incoming))
        since = window(_SINCE[since_said], now, terms.zone, False).begins
        found = await self._desk.store.usage_totals(whole(incoming), by, since=since, until=_after(now), limit=IN_FILE)
        if not found:
            return Answer(text=NOTHING_YET)
        names = await self._names(incoming, by, found)
        lines = [f"- **{names[total.name]}**: {self._told(total)}" for total in found[:SHOWN]]
        more = f"\n{len(found) - SHOWN:,} more are in the file." if len(found) > SHOWN else ""
        name = f"usage-by-{by.value}-{now:%Y-%m-%d}.csv"
        file = File(name=name, media_type="text/csv", content=as_csv(found, names, self._terms.currency))
        title = f"**Used this {since_said if since_said != 'day' else 'day so far'}, by {by.value}**"
        return Answer(text=f"{title}\n" + "\n".join(lines) + more, files=(file,))

    async def _names(self, incoming: Incoming, by: By, found: tuple[Total, ...]) -> dict[str, str]:
        """What people read in place of an id."""
        names = {total.name: plain(total.name) or "none" for total in found}
        if by is By.PERSONA:
            known = await self._desk.store.personas(whole(incoming))
            names |= {str(one.id): plain(one.persona.name) for one in known if str(one.id) in names}
            names[""] = "Parley"
        return names

    def _told(self, total: Total) -> str:
        parts = [amount_text(total.requests, Measure.REQUESTS, ""), amount_text(total.tokens, Measure.TOKENS, "")]
        if total.cost:
            parts.append(f"{self._terms.currency} {money_text(rounded(total.cost))}")
        if total.unpriced:
            parts.append(f"cost unknown for {total.unpriced:,}")
        return ", ".join(parts)


_NONE = Total(name="", requests=0, prompt_tokens=0, completion_tokens=0, tokens=0, cost=0, unpriced=0)


def _after(now: datetime) -> datetime:
    """What is recorded in this very moment counts too."""
    return now + timedelta(seconds=1)


def bars(rows: list[tuple[str, int]]) -> str:
    """A chart of letters, a row each. Pure."""
    most = max((amount for _, amount in rows), default=0) or 1
    names = max(len(name) for name, _ in rows)
    return "\n".join(
        f"{name.ljust(names)} {'█' * -(-amount * WIDTH // most)}{' ' if amount else ''}{amount:,}"
        for name, amount in rows
    )


def as_csv(found: tuple[Total, ...], names: dict[str, str], currency: str) -> bytes:
    """A table for a spreadsheet. Ids are kept beside names; a cell never begins as a formula would."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(
        ["id", "name", "requests", "prompt_tokens", "completion_tokens", "tokens", f"cost_{currency}", "cost_unknown"]
    )
    for total in found:
        figures = [total.requests, total.prompt_tokens, total.completion_tokens, total.tokens]
        cost = money_text(total.cost).replace(",", "")
        table.writerow([_cell(total.name), _cell(names[total.name]), *figures, cost, total.unpriced])
    return text.getvalue().encode()


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
