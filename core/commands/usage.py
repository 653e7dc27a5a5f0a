"""`/usage`: what one has used and what is left; and for those who may, what everybody has, as a picture and a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.chart import MEDIA_TYPE, Bar, Charts
from core.commands.catalogue import USAGE, USAGE_SINCE
from core.commands.figures import added, as_csv, bars, standing_lines, told
from core.commands.foreign import fenced, plain
from core.commands.personas.desk import Desk, whole
from core.commands.personas.permissions import Permissions
from core.incoming import Incoming
from core.interaction import Answer, File
from core.mentions import Mentioned, mention
from core.privacy import Place
from core.quota.limit import Period
from core.quota.terms import TermsOf
from core.quota.window import window
from core.store.reports import By, Total

SHOWN = 20
"""Lines of a table in the chat, and rows of its picture; the file has all."""
IN_FILE = 10_000
DAYS = 14
"""In the chart of one's own."""
LONGEST_MONTH = 31
NOTHING_YET = "Nothing has been used in that time."
_SINCE = {"day": Period.DAY, "week": Period.WEEK, "month": Period.MONTH}
assert tuple(_SINCE) == USAGE_SINCE


class UsageCommand:
    """Accounts of use, read from the chat."""

    def __init__(self, desk: Desk, terms: TermsOf, charts: Charts | None = None) -> None:
        """Without `charts` there are no pictures."""
        self._desk = desk
        self._terms = terms
        self._charts = charts
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
        store, now, currency = self._desk.store, self._desk.now(), self._terms.currency
        terms = await self._terms.terms(whole(incoming))
        today = now.astimezone(ZoneInfo(terms.zone)).date()
        days = [f"{today - timedelta(days=ago)}" for ago in reversed(range(DAYS))]
        found = await store.usage_totals(
            whole(incoming),
            By.DAY,
            since=now - timedelta(days=LONGEST_MONTH + 1),
            until=_after(now),
            zone=terms.zone,
            person=incoming.author.id,
            currency=currency,
        )
        used = {day.name: day for day in found}
        month = added(day for day in found if day.name >= f"{today.replace(day=1)}")
        chart = bars([(day[5:], used[day].tokens if day in used else 0) for day in days])
        text = (
            f"**Today:** {told(added([used[days[-1]]] if days[-1] in used else []), currency)}\n"
            f"**This month:** {told(month, currency)}\n\n"
            f"**Left**\n{await standing_of(incoming, self._desk, self._terms)}"
        )
        shown = any(day in used for day in days)
        return Answer(text=f"{text}\n\n**Tokens a day** ({terms.zone})\n{fenced(chart)}" if shown else text)

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
        found = await self._desk.store.usage_totals(
            whole(incoming),
            by,
            since=since,
            until=_after(now),
            zone=terms.zone,
            currency=self._terms.currency,
            limit=IN_FILE,
        )
        if not found:
            return Answer(text=NOTHING_YET)
        local = since.astimezone(ZoneInfo(terms.zone))
        return await self._told(Table(by=by, found=found, since=local, personas=await names_of(incoming, self._desk)))

    async def _told(self, table: Table) -> Answer:
        currency, shown = self._terms.currency, table.shown
        marks = [number or "- " for number in table.numbers]
        lines = [f"{mark}{table.mentioned(one)}: {told(one, currency)}" for mark, one in zip(marks, shown, strict=True)]
        left = len(table.found) - len(shown)
        more = f"\n{left:,} more are in the file." if left else ""
        name = f"usage-by-{table.by.value}-{self._desk.now():%Y-%m-%d}"
        names = {one.name: table.name(one) for one in table.found}
        file = File(name=f"{name}.csv", media_type="text/csv", content=as_csv(table.found, names, currency))
        return Answer(
            text=f"**Used since {table.day}, by {table.by.value}**\n" + "\n".join(lines) + more,
            files=(*await self._picture(table, name), file),
        )

    async def _picture(self, table: Table, name: str) -> tuple[File, ...]:
        if self._charts is None:
            return ()
        title = f"Tokens by {table.by.value}, since {table.day}"
        rows = table.rows
        content = await self._charts.bar_chart(title, rows)
        told_rows = "; ".join(f"{row.name}: {row.told}" for row in rows)
        return (File(name=f"{name}.png", media_type=MEDIA_TYPE, content=content, alt_text=f"{title}. {told_rows}"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What everybody used, and what things are called. A channel's name is left to the platform, which shows it to
    those alone who may know of the channel; pictures and files have ids, under the same numbers."""

    by: By
    found: Sequence[Total]
    since: datetime
    """In the zone whose dates days are."""
    personas: dict[str, str]

    @property
    def day(self) -> str:
        """Since when, as people write it."""
        return f"{self.since.day} {self.since:%B %Y}"

    @property
    def shown(self) -> Sequence[Total]:
        """The first of them; of days all that a month has."""
        return self.found[-LONGEST_MONTH:] if self.by is By.DAY else self.found[:SHOWN]

    @property
    def rows(self) -> list[Bar]:
        """Of the picture."""
        return [
            Bar(name=f"{number}{self.name(one)}", amount=one.tokens, told=f"{one.tokens:,}")
            for number, one in zip(self.numbers, self.shown, strict=True)
        ]

    @property
    def numbers(self) -> list[str]:
        """Before each name that is shown, so that picture and message can be read side by side. Days need none."""
        return ["" if self.by is By.DAY else f"{number}. " for number in range(1, len(self.shown) + 1)]

    def name(self, total: Total) -> str:
        """For a picture or a file."""
        match self.by:
            case By.PERSON:
                return total.called or total.name
            case By.PERSONA:
                return self.personas.get(total.name, total.name)
            case By.MODEL:
                return total.name or "no model"
            case By.CHANNEL | By.DAY:
                return total.name

    def mentioned(self, total: Total) -> str:
        """For a message."""
        match self.by:
            case By.PERSON:
                return mention(Mentioned.PERSON, total.name)
            case By.CHANNEL:
                return mention(Mentioned.CHANNEL, total.name)
            case _:
                return f"**{plain(self.name(total))}**"


async def names_of(incoming: Incoming, desk: Desk) -> dict[str, str]:
    """What each persona of the workspace is called, by its number; the built-in one too, which accounts name by
    nothing and limits by 0."""
    found = {str(one.id): one.persona.name for one in await desk.store.personas(whole(incoming))}
    return {"": desk.built_in.name, "0": desk.built_in.name, **found}


async def standing_of(incoming: Incoming, desk: Desk, terms_of: TermsOf) -> str:
    """How limits and extras stand for whoever asks, where they ask, and for who answers there."""
    place, now, person = Place.of(incoming.key), desk.now(), incoming.author
    terms = await terms_of.terms(place.whole)
    nearest = await desk.store.nearest_persona(incoming.key, shared=incoming.shared)
    persona = nearest.id or None if nearest else None
    standings = await desk.store.standings(place, person, persona_id=persona, terms=terms, now=now)
    extras = await desk.store.extras(place, person, persona_id=persona, now=now)
    names = {str(nearest.id): nearest.persona.name} if nearest else {"0": desk.built_in.name}
    return standing_lines(standings, extras, terms_of.currency, names)


def _after(now: datetime) -> datetime:
    """What is recorded in this very moment counts too."""
    return now + timedelta(seconds=1)
