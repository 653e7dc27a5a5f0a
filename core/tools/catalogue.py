"""The tools that Parley brings itself, all of them in one list."""

from __future__ import annotations

from core.documents import DocumentReader
from core.store import Store
from core.tools.calculator import calculator
from core.tools.clock import clock
from core.tools.noting import noting
from core.tools.searching import searching
from core.tools.tool import Tool
from core.tools.web import WebReader, fetching


def built_in(store: Store, *, documents: DocumentReader, web: WebReader | None = None) -> tuple[Tool, ...]:
    """Each tool once, by its name. Without allowed hosts there is none that fetches pages."""
    tools = [clock(), calculator(), searching(store), *noting(store)]
    if web is not None and web.hosts:
        tools.append(fetching(web, documents))
    return tuple(tools)
