"""The catalogue holds each tool once, described as models want it."""

from __future__ import annotations

import re

from jsonschema import Draft202012Validator

from core.store import Store
from core.tools.catalogue import built_in
from core.tools.web import FetchedPage
from tests.core.tools.pages import NoDocuments


class Web:
    """Allows these hosts."""

    def __init__(self, *hosts: str) -> None:
        self.hosts = hosts

    async def fetch(self, address: str) -> FetchedPage:
        """Nothing is fetched here."""
        raise AssertionError(address)


def test_every_tool_is_well_declared(store: Store) -> None:
    """Names that every server takes, schemas that are schemas and take no other argument, a word for people."""
    tools = built_in(store, documents=NoDocuments(), web=Web("*.wikipedia.org"))
    names = [tool.name for tool in tools]
    assert sorted(set(names)) == sorted(names)
    assert set(names) == {
        "calculate",
        "current_time",
        "fetch_page",
        "forget_note",
        "recall",
        "remember",
        "search_messages",
    }
    for tool in tools:
        Draft202012Validator.check_schema(tool.spec.parameters)
        assert re.fullmatch("[a-z_]{1,64}", tool.name)
        assert tool.spec.parameters["additionalProperties"] is False
        assert len(tool.spec.description) <= 1_024
        assert tool.doing
        assert tool.source == ""
    assert [tool.name for tool in tools if tool.changes] == ["forget_note"]


def test_pages_are_offered_only_where_hosts_are_allowed(store: Store) -> None:
    """The model reads which hosts; without any there is no such tool."""
    for web in (None, Web()):
        assert "fetch_page" not in [tool.name for tool in built_in(store, documents=NoDocuments(), web=web)]
    for hosts, told in ((("*",), "any public host"), (("a.test", "*.b.test"), "a.test, *.b.test")):
        (tool,) = [one for one in built_in(store, documents=NoDocuments(), web=Web(*hosts)) if one.name == "fetch_page"]
        assert told in tool.spec.description
