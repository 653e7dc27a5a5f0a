"""`fetch_page`: a page of the web as text, from hosts that the operator allows.

Which hosts these are, and that none of them leads into the operator's own network, is the reader's affair
(adapters/web); what a page says, the document reader's. What comes back is foreign text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.documents import DocumentReader, Unreadable
from core.ports import ToolSpec
from core.tools.tool import Handed, Scene, Tool, ToolFailed

LONGEST_ADDRESS = 2_000
MOST_CHARACTERS = 40_000
"""Of a page's text: some 10,000 tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """What came from an address."""

    address: str
    """The last one, after redirects."""
    content: bytes
    media_type: str
    """In small letters and without parameters; text is in UTF-8 unless it says otherwise itself."""
    name: str
    """How a file of it would be called."""
    title: str = ""
    """Of an HTML page that has one."""
    cut: str = ""
    """A sentence on what was left out; empty where nothing was."""


class WebReader(Protocol):
    """Fetches pages of allowed hosts, and never anything else."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The patterns of allowed hosts, as the operator wrote them; none where nothing may be fetched."""
        ...

    async def fetch(self, address: str) -> FetchedPage:
        """What is there, bounded in size and time. Raises ToolFailed with a sentence on why it cannot be had."""
        ...


def fetching(web: WebReader, documents: DocumentReader) -> Tool:
    """The tool."""

    async def handle(_scene: Scene, arguments: Mapping[str, object]) -> Handed:
        address = str(arguments.get("url", "")).strip()
        if not address:
            raise ToolFailed("Name the address of the page, such as https://example.org/page.")
        page = await web.fetch(address)
        try:
            text = await documents.read(page.content, name=page.name, media_type=page.media_type, most=MOST_CHARACTERS)
        except Unreadable as error:
            raise ToolFailed(f"The page was fetched, but has no readable text: {error}") from None
        cuts = [cut for cut in (page.cut, text.cut) if cut]
        head = [f"Title: {page.title}"] if page.title else []
        head.append(f"Address: {page.address}")
        tail = [f"Not the whole page: {'; '.join(cuts)}."] if cuts else []
        return Handed(text="\n\n".join(["\n".join(head), text.text.strip(), *tail]))

    return Tool(spec=_spec(web.hosts), doing="Reading a web page", handler=handle)


def _spec(hosts: tuple[str, ...]) -> ToolSpec:
    where = "any public host" if "*" in hosts else f"these hosts alone: {', '.join(hosts[:40])}"
    return ToolSpec(
        name="fetch_page",
        description=(
            f"Read a web page, or a PDF or text file on the web, as text, from {where}. It sees what anybody sees "
            "without signing in, and runs no scripts. Give the source when you use what it says."
        ),
        parameters={
            "type": "object",
            "properties": {
                "url": {
                    "type": "string",
                    "description": "The full address, beginning with https:// or http://",
                    "maxLength": LONGEST_ADDRESS,
                }
            },
            "required": ["url"],
            "additionalProperties": False,
        },
    )
