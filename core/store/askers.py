"""Who asks, and on whose accounts the use of it is, as limits see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.quota.limit import Limit, SubjectKind
from core.store.tables import QuotaCounterRow, QuotaGrantRow, QuotaLimitRow, SessionRow, StepRow, TurnRow

Place = tuple[str, str]
"""A platform and a workspace."""
Account = tuple[str, str]
"""Whose use is counted: the kind, and the id there."""
Identity = tuple[str, str, str]
"""A platform, a workspace and a person there."""
PERSON, LEARNER, CHANNEL, WORKSPACE, PERSONA = "person", "learner", "channel", "workspace", "persona"
KINDS = {
    SubjectKind.EACH_USER: PERSON,
    SubjectKind.EACH_LEARNER: LEARNER,
    SubjectKind.USER: PERSON,
    SubjectKind.ROLE: PERSON,
    SubjectKind.CHANNEL: CHANNEL,
    SubjectKind.WORKSPACE: WORKSPACE,
    SubjectKind.PERSONA: PERSONA,
}
"""Whose use a limit for such a subject counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks where, as limits see it."""

    platform: str
    workspace: str
    channel: str
    person: str
    roles: Collection[str]
    persona_id: int | None
    """None for the built-in one."""
    tutoring: bool = False
    """Whether it is in a tutoring session."""
    kin: tuple[Identity, ...] = ()
    """All the places in which they are known, their home first, where they are linked."""

    @property
    def identity(self) -> Identity:
        """Who they are here."""
        return self.platform, self.workspace, self.person

    @property
    def home(self) -> Identity:
        """Where their use is counted."""
        return self.kin[0] if self.kin else self.identity

    def place_of(self, account: Account) -> Place:
        """Where the account's counters are."""
        return self.home[:2] if account[0] == PERSON else self.place

    @property
    def places(self) -> list[Place]:
        """Of all their accounts, in the order in which they are locked."""
        return sorted({self.place, self.home[:2]})

    @property
    def place(self) -> Place:
        """The workspace."""
        return self.platform, self.workspace


def asker_of(row: TurnRow, persona_id: int | None) -> Asker:
    """Who asked for that turn, of that persona."""
    return Asker(
        platform=row.platform,
        workspace=row.workspace,
        channel=row.channel,
        person=row.asker_id,
        roles=row.asker_roles,
        persona_id=persona_id,
    )


async def in_session(session: AsyncSession, asker: Asker, *, turn: int | None = None) -> Asker:
    """Who asks, with whether it is in a tutoring session: one that goes on there, or in which that turn was."""
    held = select(literal(1)).where(
        SessionRow.channel == asker.channel,
        SessionRow.workspace == asker.workspace,
        SessionRow.platform == asker.platform,
        SessionRow.thread == "",
        SessionRow.state == "active",
        SessionRow.person_id == asker.person,
    )
    found = (await session.execute(held)).scalar_one_or_none()
    if found is None and turn is not None:
        found = (await session.execute(select(literal(1)).where(StepRow.turn_id == turn))).scalar_one_or_none()
    return replace(asker, tutoring=found is not None)


def account_of(limit: Limit, asker: Asker) -> Account:
    """Whose use the limit counts."""
    return next(one for one in accounts_of(asker) if one[0] == KINDS[limit.subject.kind])


def accounts_of(asker: Asker) -> tuple[Account, ...]:
    """All on which the use of one turn is."""
    return (
        (PERSON, asker.home[2]),
        *(((LEARNER, asker.person),) if asker.tutoring else ()),
        (CHANNEL, asker.channel),
        (WORKSPACE, ""),
        (PERSONA, str(asker.persona_id or 0)),
    )


def of_account(
    table: type[QuotaCounterRow] | type[QuotaGrantRow], account: Account, asker: Asker
) -> ColumnElement[bool]:
    """Those of that account, wherever a linked person got them."""
    if account[0] == PERSON:
        named = (
            and_(table.platform == platform, table.workspace == workspace, table.account_id == person)
            for platform, workspace, person in (asker.kin or (asker.identity,))
        )
        return and_(table.account_kind == PERSON, or_(*named))
    return and_(of_place(table, asker.place), table.account_kind == account[0], table.account_id == account[1])


def of_place(
    table: type[QuotaLimitRow] | type[QuotaCounterRow] | type[QuotaGrantRow], place: Place
) -> ColumnElement[bool]:
    """Those of that workspace."""
    return and_(table.platform == place[0], table.workspace == place[1])
