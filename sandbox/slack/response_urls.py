"""response_url: an app's way to answer a command or a press, five times within half an hour.

It works where the bot is no member, and returns no ts. `replace_original` and `delete_original` act on the message
that was pressed, or on the app's own earlier answer to the command.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.methods.chat import content
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Channel, Person

MOST_USES = 5
USABLE_SECONDS = 1_800.0


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """One address and what it answers to."""

    person: Person
    place: Channel
    thread_ts: str | None
    issued: float
    original: str | None = None
    """The ts of the message that replacing and deleting act on."""
    uses: int = 0


class ResponseUrls:
    """Every response_url handed out."""

    def __init__(self, workspace: Workspace, base_url: Callable[[], str]) -> None:
        self._workspace = workspace
        self._base_url = base_url
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, person: Person, place: Channel, original: Message | None = None) -> str:
        """The address at which the app may answer."""
        key = secrets.token_urlsafe(16)
        self._issued[key] = ResponseUrl(
            person=person,
            place=place,
            thread_ts=original.thread_ts if original else None,
            issued=self._workspace.now(),
            original=original.ts if original else None,
        )
        return f"{self._base_url()}/response/{self._workspace.world.team_id}/{key}"

    async def handle(self, request: web.Request) -> web.Response:
        """`ok` when the answer is shown; 404 with used_url or expired_url, 400 for what cannot be shown."""
        url = self._issued.get(request.match_info["key"])
        if url is None:
            return _refusal(404, "no_such_url")
        if url.uses >= MOST_USES:
            return _refusal(404, "used_url")
        if self._workspace.now() - url.issued > USABLE_SECONDS:
            return _refusal(404, "expired_url")
        try:
            body = json.loads(await request.text())
            self.respond(url, body)
        except ApiError as error:
            return _refusal(400, error.error)
        except ValueError:
            return _refusal(400, "invalid_payload")
        url.uses += 1
        return web.Response(text="ok")

    def acknowledge(self, address: str, body: Json) -> Message:
        """The answer given with the acknowledgement is shown; replacing acts on it from now on. It uses up nothing."""
        url = self._issued[address.rsplit("/", 1)[-1]]
        shown = self.show(url.person, url.place, url.thread_ts, body)
        url.original = shown.ts
        return shown

    def respond(self, url: ResponseUrl, body: Any) -> None:
        """The answer is shown in the channel, to the person alone unless it says `in_channel`."""
        if not isinstance(body, dict):
            raise ApiError("invalid_payload")
        original = self._workspace.book.get(url.place.id, url.original) if url.original else None
        if body.get("delete_original"):
            if original is not None:
                self._workspace.delete(original)
        elif body.get("replace_original") and original is not None:
            self._replace(original, body)
        else:
            answer = self.show(url.person, url.place, url.thread_ts, body)
            url.original = url.original or answer.ts

    def show(self, person: Person, place: Channel, thread_ts: str | None, body: Json) -> Message:
        """The body of an answer, shown as a message of the bot."""
        shown = content(Arguments(body))
        public = body.get("response_type") == "in_channel"
        return self._workspace.post(
            self._workspace.world.bot,
            place,
            shown.pop("text"),
            thread_ts=body.get("thread_ts") or thread_ts,
            ephemeral_for=None if public else person.id,
            metadata=body.get("metadata"),
            **shown,
        )

    def _replace(self, original: Message, body: Json) -> None:
        shown = content(Arguments(body))
        self._workspace.edit(original, shown.pop("text"), **shown)


def _refusal(status: int, error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status)
