"""What is stored of people is known whole: no column of any table is left out."""

from __future__ import annotations

from sqlalchemy import JSON, String, Text

from core.store.columns import Words
from core.store.people import ACCOUNTS, HOLDINGS, NOBODYS
from core.store.tables import Row


def spoken() -> set[str]:
    """The columns that could hold somebody's words or name somebody."""
    return {
        f"{table.name}.{column.name}"
        for table in Row.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text | JSON | Words)
    }


def test_every_column_is_somebodys_or_nobodys() -> None:
    """Whoever adds a column says whether it is erased, stays as an account, or holds nobody's words."""
    parts = [set(holding.columns) for holding in HOLDINGS.values()]
    parts += [set(account.columns) for account in ACCOUNTS.values()]
    parts.append(set(NOBODYS))
    assert set().union(*parts) == spoken()
    assert sum(map(len, parts)) == len(spoken())


def test_what_stays_has_its_reason() -> None:
    """An account that `/forget` leaves says why."""
    assert all(account.reason for account in ACCOUNTS.values())
