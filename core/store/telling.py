"""What is stored of a person, told to that person: pages of plain values, as JSON knows them.

The shape is public (docs/privacy.md): names are added to it and none is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversation import Role
from core.privacy import Place, Reach
from core.store import notes as noted
from core.store import talks
from core.store.tables import (
    AuditRow,
    ConversationRow,
    MessageRow,
    NoteRow,
    PersonaRow,
    PersonaVersionRow,
    TurnRow,
    UsageRow,
)

PAGE = 100
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a page ended."""

    text: str = ""
    at: datetime | None = None
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some entries, and where to go on; None after the last."""

    entries: tuple[Entry, ...]
    next: Mark | None


async def exchanges(session: AsyncSession, reach: Reach, mark: Mark | None) -> Page:
    """What the person asked and was answered, by channel and age."""
    after = ("", 0) if mark is None else (mark.text, mark.number)
    found = await talks.exchanges(session, reach, after=after, limit=PAGE)
    last = Mark(text=found[-1][0].channel, number=found[-1][0].id) if len(found) == PAGE else None
    entries = (_exchange(turn, conversation, messages, reach) for turn, conversation, messages in found)
    return Page(entries=tuple(entries), next=last)


def _exchange(turn: TurnRow, conversation: ConversationRow, messages: list[MessageRow], reach: Reach) -> Entry:
    own = [one for one in messages if one.role != Role.USER.value or one.author_id == reach.person]
    return {
        "channel": conversation.channel,
        "thread": conversation.thread or None,
        "asked_at": _time(turn.queued_at),
        "answered_at": _time(turn.finished_at),
        "name": turn.asker_name,
        "state": turn.state,
        "messages": [_message(message) for message in own],
        "answer": turn.text,
        "reply_details": turn.target.get("details", {}),
    }


def _message(row: MessageRow) -> Entry:
    return {
        "role": row.role,
        "at": _time(row.created_at),
        "edited_at": _time(row.edited_at),
        "name": row.author_name,
        "text": "".join(part.get("text", "") for part in row.parts),
        "pictures": [part["url"] for part in row.parts if "url" in part],
        "tool_calls": row.tool_calls or [],
        "attachments": row.attachments or [],
        "read": [
            {"name": one["name"], "text": one["text"], "cut": one["cut"], "problem": one["problem"]}
            for one in row.readings or ()
        ],
    }


async def notes(session: AsyncSession, reach: Reach, mark: Mark | None) -> Page:
    """What the person had kept, oldest first."""
    after = 0 if mark is None else mark.number
    rows = await noted.written(session, reach, after=after, limit=PAGE)
    last = Mark(number=rows[-1].id) if len(rows) == PAGE else None
    return Page(entries=tuple(_note(row) for row in rows), next=last)


def _note(row: NoteRow) -> Entry:
    return {
        "at": _time(row.at),
        "channel": row.channel,
        "thread": row.thread or None,
        "name": row.author_name,
        "number": row.id,
        "for": row.scope,
        "text": row.text,
    }


async def usage(session: AsyncSession, reach: Reach, mark: Mark | None) -> Page:
    """What the person's turns used, oldest first."""
    query = _within(select(UsageRow), UsageRow, reach.place).where(UsageRow.person_id == reach.person)
    if mark is not None and mark.at is not None:
        query = query.where(
            (UsageRow.at > mark.at) | ((UsageRow.at == mark.at) & (UsageRow.turn_id > mark.number)),
            UsageRow.at >= mark.at,
        )
    rows = (await session.execute(query.order_by(UsageRow.at, UsageRow.turn_id).limit(PAGE))).scalars().all()
    last = Mark(at=rows[-1].at, number=rows[-1].turn_id) if len(rows) == PAGE else None
    return Page(entries=tuple(_account(row) for row in rows), next=last)


def _account(row: UsageRow) -> Entry:
    return {
        "at": _time(row.at),
        "channel": row.channel,
        "model": row.model,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
        "cached_tokens": row.cached_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "estimated": row.estimated,
        "persona": row.persona_id,
        "persona_version": row.persona_version,
    }


async def audit(session: AsyncSession, reach: Reach, mark: Mark | None) -> Page:
    """What the person did as an admin, oldest first."""
    query = _within(select(AuditRow), AuditRow, reach.place).where(AuditRow.actor_id == reach.person)
    if mark is not None and mark.at is not None:
        query = query.where(
            (AuditRow.at > mark.at) | ((AuditRow.at == mark.at) & (AuditRow.id > mark.number)), AuditRow.at >= mark.at
        )
    rows = (await session.execute(query.order_by(AuditRow.at, AuditRow.id).limit(PAGE))).scalars().all()
    last = Mark(at=rows[-1].at, number=rows[-1].id) if len(rows) == PAGE else None
    return Page(entries=tuple(_deed(row) for row in rows), next=last)


def _deed(row: AuditRow) -> Entry:
    return {
        "at": _time(row.at),
        "channel": row.channel or None,
        "name": row.actor_name,
        "action": row.action,
        "allowed": row.allowed,
        "subject": row.subject,
        "details": row.details,
    }


async def personas(session: AsyncSession, reach: Reach, mark: Mark | None) -> Page:
    """Which personas the person made or changed, by persona and version."""
    if reach.place.channel is not None:
        return Page(entries=(), next=None)  # personas belong to workspaces
    after = (0, 0) if mark is None else (int(mark.text), mark.number)
    query = (
        select(PersonaRow, PersonaVersionRow)
        .join(PersonaVersionRow, PersonaVersionRow.persona_id == PersonaRow.id)
        .where(
            PersonaVersionRow.author_id == reach.person,
            PersonaRow.platform == reach.place.platform.value,
            PersonaRow.workspace == reach.place.workspace,
            tuple_(PersonaVersionRow.persona_id, PersonaVersionRow.version) > after,
        )
        .order_by(PersonaVersionRow.persona_id, PersonaVersionRow.version)
        .limit(PAGE)
    )
    rows = (await session.execute(query)).all()
    last = Mark(text=str(rows[-1][0].id), number=rows[-1][1].version) if len(rows) == PAGE else None
    return Page(entries=tuple(_casting(*row) for row in rows), next=last)


def _casting(persona: PersonaRow, version: PersonaVersionRow) -> Entry:
    return {
        "at": _time(version.at),
        "name": version.author_name,
        "persona": version.document.get("name"),
        "version": version.version,
        "note": version.note,
    }


def _within(query: Select[Any], row: type[UsageRow] | type[AuditRow], place: Place) -> Select[Any]:
    query = query.where(row.platform == place.platform.value, row.workspace == place.workspace)
    return query if place.channel is None else query.where(row.channel == place.channel)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
