"""Limits that admins set, and what of them is used: counters, extras that were granted, and what is held for turns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, PrimaryKeyConstraint, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from core.store.columns import Id
from core.store.tables.base import Row

Amount = BigInteger()
"""Requests, tokens, or nano-units of the currency."""


class QuotaLimitRow(Row):
    """So much and no more, in such a time, for such people (core/quota/limit.py)."""

    __tablename__ = "quota_limits"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str]
    measure: Mapped[str] = mapped_column(String(16))
    period: Mapped[str] = mapped_column(String(16))
    sliding: Mapped[bool]
    amount: Mapped[int] = mapped_column(Amount)

    __table_args__ = (
        UniqueConstraint(
            "platform",
            "workspace",
            "subject_kind",
            "subject_id",
            "measure",
            "period",
            "sliding",
            name="uq_quota_limits",
        ),
        CheckConstraint("amount >= 0", name="amount"),
    )


class QuotaCounterRow(Row):
    """What one account has used in one window, or in one slice of a sliding one. There as soon as a limit asks for it,
    whether or not the limit stays."""

    __tablename__ = "quota_counters"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    account_kind: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str]
    measure: Mapped[str] = mapped_column(String(16))
    period: Mapped[str] = mapped_column(String(16))
    sliding: Mapped[bool]
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    """When it no longer counts."""
    used: Mapped[int] = mapped_column(Amount)
    """By turns that have ended."""
    reserved: Mapped[int] = mapped_column(Amount, default=0)
    """For turns that have not."""
    extra: Mapped[int] = mapped_column(Amount, default=0)
    """Of what was used or is reserved, so much is on grants and not on the limit."""
    warned: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whoever is concerned was told that little is left."""

    __table_args__ = (
        UniqueConstraint(
            "platform",
            "workspace",
            "account_kind",
            "account_id",
            "measure",
            "period",
            "sliding",
            "begins",
            name="uq_quota_counters",
        ),
        CheckConstraint("used >= 0 AND reserved >= 0 AND extra >= 0", name="amounts"),
        Index("ix_quota_counters_ends", "ends"),
    )


class QuotaGrantRow(Row):
    """Something extra, once: taken from when a limit is reached."""

    __tablename__ = "quota_grants"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    workspace: Mapped[str]
    account_kind: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str]
    measure: Mapped[str] = mapped_column(String(16))
    amount: Mapped[int] = mapped_column(Amount)
    left: Mapped[int] = mapped_column(Amount)
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint('"left" >= 0 AND "left" <= amount', name="left"),
        Index("ix_quota_grants_account", "platform", "workspace", "account_kind", "account_id", "measure"),
        Index("ix_quota_grants_expires_at", "expires_at"),
    )


class QuotaHoldRow(Row):
    """What is reserved on a counter for a turn that has not ended. No foreign keys: a hold that is left over is found
    by its turn's end, and a turn that is forgotten meanwhile ends too."""

    __tablename__ = "quota_holds"

    turn_id: Mapped[int] = mapped_column(Id)
    counter_id: Mapped[int] = mapped_column(Id)
    grant_id: Mapped[int] = mapped_column(Id)
    """0: on the limit; else the part of it that is on that grant."""
    amount: Mapped[int] = mapped_column(Amount)

    __table_args__ = (
        PrimaryKeyConstraint("turn_id", "counter_id", "grant_id"),
        CheckConstraint("amount >= 0", name="amount"),
    )
