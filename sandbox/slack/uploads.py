"""How an app uploads: an address for each file, the bytes, and the call that shares what was uploaded.

A file that is never completed is as if it had not been; one without a channel stays private to the app
(docs.slack.dev/reference/methods/files.completeUploadExternal).
"""

import mimetypes
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack import blocks as block_kit
from sandbox.slack.arguments import Arguments
from sandbox.slack.files import Files, Upload
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_4
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{8,}")


@dataclass(slots=True, kw_only=True)
class _Begun:
    """One file that is being uploaded."""

    name: str
    length: int
    ticket: str
    alt_text: str
    content: bytes | None = None


class Uploads:
    """Every upload begun and not completed."""

    def __init__(self, workspace: Workspace, files: Files, base_url: Callable[[], str]) -> None:
        self._workspace = workspace
        self._files = files
        self._base_url = base_url
        self._begun: dict[str, _Begun] = {}

    def methods(self) -> Sequence[Method]:
        write = "files:write"
        return (
            Method(name="files.getUploadURLExternal", limit=TIER_4, handler=self.begin, scope=write),
            Method(name="files.completeUploadExternal", limit=TIER_4, handler=self.complete, scope=write),
        )

    def begin(self, args: Arguments) -> Json:
        length = args.number("length", 0)
        if length <= 0:
            raise ApiError("invalid_arguments")
        file_id, ticket = self._workspace.world.ids.numbered("F"), secrets.token_urlsafe(16)
        self._begun[file_id] = _Begun(
            name=args.required("filename"), length=length, ticket=ticket, alt_text=args.text("alt_txt") or ""
        )
        return {"file_id": file_id, "upload_url": f"{self._base_url()}/upload/v1/{ticket}"}

    async def receive(self, request: web.Request) -> web.Response:
        """The bytes, raw or as the form field `filename`; no token is asked for, the address is secret enough."""
        begun = next((one for one in self._begun.values() if one.ticket == request.match_info["ticket"]), None)
        if begun is None:
            return web.Response(status=404, text="Not Found")
        content = await _content(request)
        if len(content) != begun.length:
            return web.Response(status=400, text="length mismatch")
        begun.content = content
        return web.Response(text=f"OK - {len(content)}")

    def complete(self, args: Arguments) -> Json:
        wanted = args.given_list("files")
        if not wanted or not all(isinstance(one, dict) and one.get("id") for one in wanted):
            raise ApiError("invalid_arguments")
        place = args.text("channel_id")
        if place is not None and not _CHANNEL_ID.fullmatch(place):
            raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] channel_id"]})
        if place is not None:
            places.parent(self._workspace, places.joined(self._workspace, place), args)
        if any(self._uploaded(one["id"]) is None for one in wanted):
            raise ApiError("file_not_found")
        stored = tuple(self._store(one) for one in wanted)
        if place is not None:
            self._share(place, args, stored)
        return {"files": [{"id": one["id"], "title": one["title"]} for one in stored]}

    def _uploaded(self, file_id: str) -> _Begun | None:
        begun = self._begun.get(file_id)
        return begun if begun is not None and begun.content is not None else None

    def _store(self, wanted: Json) -> Json:
        begun = self._begun.pop(wanted["id"])
        kind = mimetypes.guess_type(begun.name)[0] or "application/octet-stream"
        upload = Upload(name=begun.name, content=begun.content or b"", mimetype=kind)
        bot = self._workspace.world.bot
        about = self._files.add(upload, bot, file_id=wanted["id"], title=str(wanted.get("title") or ""))
        return about | ({"alt_txt": begun.alt_text} if begun.alt_text else {})

    def _share(self, channel: str, args: Arguments, stored: tuple[Json, ...]) -> None:
        place = places.joined(self._workspace, channel)
        comment = args.text("initial_comment")
        self._workspace.post(
            self._workspace.world.bot,
            place,
            comment or "",
            blocks=() if comment else block_kit.check(args.given_list("blocks") or []),
            thread_ts=places.parent(self._workspace, place, args),
            files=stored,
            subtype="file_share",
        )


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form: Any = await request.post()
    field = form.get("filename") or form.get("file")
    return bytes(field.file.read()) if field is not None and hasattr(field, "file") else b""
