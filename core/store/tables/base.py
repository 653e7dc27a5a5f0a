"""What all tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import MetaData, text
from sqlalchemy.orm import DeclarativeBase

from core.store.columns import UtcTime, Words


class Row(DeclarativeBase):
    """How constraints are named, and which Python type is which column."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Words, datetime: UtcTime}


def only(condition: str) -> dict[str, Any]:
    """An index of these rows alone, said to both databases."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}
