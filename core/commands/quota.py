"""`/quota`: limits seen by whom they concern, and set, cleared and raised once by those who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from core.audit import AuditEntry, entry
from core.commands.catalogue import QUOTA, QUOTA_PERIODS
from core.commands.figures import limit_line
from core.commands.people import NOBODY_NAMED, whom
from core.commands.personas.desk import Desk, whole
from core.commands.personas.permissions import Permissions
from core.commands.usage import names_of, standing_of
from core.incoming import Incoming
from core.interaction import Answer
from core.moments import moment
from core.quota.amount import Measure, QuotaMistake, amount_text, parse_amount
from core.quota.limit import Limit, Period, Subject, SubjectKind, written
from core.quota.terms import TermsOf

NONE_SET = "No limits are set in this workspace. `/quota set 50 requests day each_user` sets one."
NOTHING_CLEARED = "There is no such limit. `/quota show` tells which there are."
LONGEST_GRANT = 366
"""Days."""
_PERIODS = {
    "minute": (Period.MINUTE, False),
    "hour": (Period.HOUR, False),
    "day": (Period.DAY, False),
    "week": (Period.WEEK, False),
    "month": (Period.MONTH, False),
    "60s": (Period.MINUTE, True),
    "60m": (Period.HOUR, True),
    "24h": (Period.DAY, True),
    "7d": (Period.WEEK, True),
    "30d": (Period.MONTH, True),
}
assert tuple(_PERIODS) == QUOTA_PERIODS


class QuotaCommand:
    """Limits of a workspace, from the chat."""

    def __init__(self, desk: Desk, terms: TermsOf) -> None:
        self._desk = desk
        self._terms = terms
        self._permissions = Permissions(desk)

    async def call(self, incoming: Incoming) -> Answer:
        """What was asked for was done and is told, in private."""
        verb = (incoming.command or "").partition(" ")[2]
        if verb == "show" or (not verb and not incoming.options):
            return await self._shown(incoming)
        if verb not in ("set", "clear", "grant"):
            return Answer(text=f"Write it so: `{QUOTA.usage}`.")
        in_channel = incoming.options.get("for") == SubjectKind.CHANNEL.value
        refusal = await self._permissions.refusal(incoming, f"quota.{verb}", in_channel=in_channel)
        if refusal is not None:
            return refusal
        try:
            match verb:
                case "set":
                    return await self._set(incoming)
                case "clear":
                    return await self._clear(incoming)
                case _:
                    return await self._grant(incoming)
        except QuotaMistake as mistake:
            return Answer(text=str(mistake))

    # ── show ──

    async def _shown(self, incoming: Incoming) -> Answer:
        text = await standing_of(incoming, self._desk, self._terms)
        if not await self._permissions.may_edit(incoming):
            return Answer(text=text)
        terms = await self._terms.terms(whole(incoming))
        names = await names_of(incoming, self._desk)
        listed = self._listed(await self._desk.store.limits(whole(incoming)), names) or NONE_SET
        defaults = self._listed(terms.limits, names)
        if defaults:
            listed += f"\n\nSet by my operator, where nothing else is set:\n{defaults}"
        return Answer(text=f"{text}\n\n**All limits of this workspace**\n{listed}")

    def _listed(self, limits: Sequence[Limit], names: Mapping[str, str]) -> str:
        return "\n".join(f"- {limit_line(limit, self._terms.currency, names)}" for limit in limits)

    # ── set, clear, grant ──

    async def _set(self, incoming: Incoming) -> Answer:
        measure, (period, sliding) = _measure(incoming), _period(incoming)
        subject = await self._subject(incoming)
        amount = parse_amount(incoming.options.get("amount", ""), measure, self._currency(measure))
        limit = Limit(subject=subject, measure=measure, period=period, amount=amount, sliding=sliding)
        told = written(limit, self._terms.currency)
        await self._desk.store.set_limit(whole(incoming), limit, by=self._entry(incoming, "set", limit=told))
        shown = limit_line(limit, self._terms.currency, await names_of(incoming, self._desk))
        return Answer(text=f"From now on: {shown}. What was used before in the same time counts too.")

    async def _clear(self, incoming: Incoming) -> Answer:
        subject = await self._subject(incoming)
        measure = _measure(incoming) if incoming.options.get("measure") else None
        period = _period(incoming)[0] if incoming.options.get("period") else None
        what = {"for": subject.kind.value, "id": subject.id, "measure": measure, "period": period}
        cleared = await self._desk.store.clear_limits(
            whole(incoming), subject, measure=measure, period=period, by=self._entry(incoming, "clear", **what)
        )
        if not cleared:
            return Answer(text=NOTHING_CLEARED)
        return Answer(text=f"{cleared} limit{' is' if cleared == 1 else 's are'} gone.")

    async def _grant(self, incoming: Incoming) -> Answer:
        subject, measure = await self._subject(incoming), _measure(incoming)
        if subject.kind in (SubjectKind.EACH_USER, SubjectKind.EACH_LEARNER, SubjectKind.ROLE):
            raise QuotaMistake("Something extra is for one: a user, a channel, a persona or the workspace.")
        days = _days(incoming.options.get("days", ""))
        amount = parse_amount(incoming.options.get("amount", ""), measure, self._currency(measure))
        until = self._desk.now() + timedelta(days=days)
        told = amount_text(amount, measure, self._terms.currency)
        what = {"for": subject.kind.value, "id": subject.id, "amount": told, "until": until.isoformat()}
        await self._desk.store.grant(
            whole(incoming), subject, measure, amount, until=until, by=self._entry(incoming, "grant", **what)
        )
        return Answer(text=f"{told} extra, once, to be used before {moment(until)} where a limit is reached.")

    # ── beneath ──

    def _currency(self, measure: Measure) -> str:
        return self._terms.currency if measure is Measure.COST else ""

    async def _subject(self, incoming: Incoming) -> Subject:
        said = incoming.options.get("for", "").strip().lower()
        if said not in set(SubjectKind):
            raise QuotaMistake(f"Say for whom: {', '.join(kind.value for kind in SubjectKind)}.")
        match SubjectKind(said):
            case SubjectKind.USER | SubjectKind.ROLE as kind:
                return Subject(kind=kind, id=_named(incoming, kind))
            case SubjectKind.CHANNEL:
                return Subject(kind=SubjectKind.CHANNEL, id=incoming.key.channel)
            case SubjectKind.PERSONA:
                return Subject(kind=SubjectKind.PERSONA, id=await self._persona(incoming))
            case kind:
                return Subject(kind=kind)

    async def _persona(self, incoming: Incoming) -> str:
        options = incoming.options
        name = options.get("name") or options.get("person") or ""  # a line of words has one place for both
        found = await self._desk.store.persona(whole(incoming), name)
        if found is None:
            raise QuotaMistake("There is no persona of that name. `/persona list` tells which there are.")
        return str(found.id)

    def _entry(self, incoming: Incoming, verb: str, **details: object) -> AuditEntry:
        made = entry(incoming, f"quota.{verb}", now=self._desk.now(), place=whole(incoming))
        return replace(made, details=details)


def _measure(incoming: Incoming) -> Measure:
    said = incoming.options.get("measure", "").strip().lower()
    if said not in set(Measure):
        raise QuotaMistake(f"Say what is counted: {', '.join(measure.value for measure in Measure)}.")
    return Measure(said)


def _period(incoming: Incoming) -> tuple[Period, bool]:
    said = incoming.options.get("period", "").strip().lower()
    if said not in _PERIODS:
        raise QuotaMistake(f"Say in which time: {', '.join(_PERIODS)}. Those with a number count back from now.")
    return _PERIODS[said]


def _named(incoming: Incoming, kind: SubjectKind) -> str:
    meant = whom(incoming.options)
    if isinstance(meant, str):
        raise QuotaMistake(NOBODY_NAMED)
    # Where a platform gives a line of words, a role may stand where a person would.
    ids = [*meant.people, *meant.roles] if kind is SubjectKind.USER else [*meant.roles, *meant.people]
    return ids[0]


def _days(said: str) -> int:
    if said.isascii() and said.isdecimal() and 1 <= len(said) <= 3 and 1 <= int(said) <= LONGEST_GRANT:
        return int(said)
    raise QuotaMistake(f"Say for how many days, from 1 to {LONGEST_GRANT}, such as 7.")
