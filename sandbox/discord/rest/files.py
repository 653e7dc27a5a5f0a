"""Addresses of files, signed anew. Discord documents no such route; its own client and many bots use it."""

from collections.abc import Sequence

from sandbox.discord.attachments import Attachments
from sandbox.discord.forms import Form
from sandbox.discord.rest.route import Answer, Call, Route

MOST = 50


class Files:
    """What there is to ask about files."""

    def __init__(self, attachments: Attachments) -> None:
        self._attachments = attachments

    def routes(self) -> Sequence[Route]:
        path = "/attachments/refresh-urls"
        return (Route(name="refresh_urls", method="POST", path=path, handler=self.refresh),)

    def refresh(self, call: Call) -> Answer:
        """Each address with one that holds; those that lead to no file are left out."""
        given = call.json.get("attachment_urls")
        form = Form()
        if not isinstance(given, list) or not 1 <= len(given) <= MOST:
            form.wrong("attachment_urls", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST} in length.")
        form.check()
        pairs = [(str(one), self._attachments.refreshed(str(one))) for one in given or ()]
        return Answer(body={"refreshed_urls": [{"original": old, "refreshed": new} for old, new in pairs if new]})
