"""Files that people attach and apps upload: their description in messages, and the file host that serves their bytes.

Without the bot's token Slack's file host answers 200 with a sign-in page, and so does this one. How an app uploads is
in `uploads`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from aiohttp import web

from sandbox.slack.arguments import Arguments
from sandbox.slack.messages import Message
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_3, TIER_4
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Person

_SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Slack</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as a person picks it."""

    name: str
    content: bytes
    mimetype: str = "text/plain"
    foreign: bool = False
    """From another company: the message carries only its id, and `files.info` must be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    upload: Upload
    about: Json


class Files:
    """All files of the workspace."""

    def __init__(self, workspace: Workspace, base_url: Callable[[], str]) -> None:
        self._workspace = workspace
        self._base_url = base_url
        self._stored: dict[str, _Stored] = {}

    def methods(self) -> Sequence[Method]:
        return (
            Method(name="files.info", limit=TIER_4, handler=self.info, scope="files:read"),
            Method(name="files.delete", limit=TIER_3, handler=self.delete, scope="files:write"),
        )

    def add(self, upload: Upload, person: Person, *, file_id: str | None = None, title: str = "") -> Json:
        """The file is on the host; the answer is what a message carries of it."""
        file_id = file_id or self._workspace.world.ids.numbered("F")
        place, name = f"{self._base_url()}/files-pri/{self._workspace.world.team_id}-{file_id}", quote(upload.name)
        about = {
            "id": file_id,
            "name": upload.name,
            "title": title or upload.name,
            "mimetype": upload.mimetype,
            "filetype": PurePath(upload.name).suffix.removeprefix(".") or "text",
            "size": len(upload.content),
            "user": person.id,
            "mode": "hosted",
            "is_external": False,
            "url_private": f"{place}/{name}",
            "url_private_download": f"{place}/download/{name}",
        }
        self._stored[file_id] = _Stored(upload=upload, about=about)
        return {"id": file_id, "file_access": "check_file_info"} if upload.foreign else about

    def info(self, args: Arguments) -> Json:
        stored = self._find(args)
        shares: Json = {}
        for message in self._showing(stored.about["id"]):
            shares.setdefault(message.channel, []).append({"ts": message.ts, "thread_ts": message.thread_ts})
        return {"file": stored.about | {"shares": {"public": shares} if shares else {}}}

    def delete(self, args: Arguments) -> Json:
        """The file is gone; messages that showed it say so."""
        stored = self._find(args)
        if stored.about["user"] != self._workspace.world.bot.id:
            raise ApiError("cant_delete_file")
        file_id = stored.about["id"]
        del self._stored[file_id]
        for message in self._showing(file_id):
            left = [one if one["id"] != file_id else {"id": file_id, "mode": "tombstone"} for one in message.files]
            self._workspace.change(message, message.text, files=tuple(left))
        return {}

    def upload(self, file_id: str) -> Upload | None:
        """The file as it was picked, where there is one."""
        stored = self._stored.get(file_id)
        return None if stored is None else stored.upload

    def content(self, file_id: str) -> bytes | None:
        """The bytes, where there is such a file."""
        stored = self._stored.get(file_id)
        return None if stored is None else stored.upload.content

    def serve(self, file_id: str, *, allowed: bool) -> web.Response:
        """The bytes for the bot, a sign-in page for anybody else, 404 for no file."""
        if not allowed:
            return web.Response(text=_SIGN_IN, content_type="text/html")
        stored = self._stored.get(file_id)
        if stored is None:
            return web.Response(status=404)
        upload = stored.upload
        shown_as = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(upload.name)}"}
        return web.Response(body=upload.content, content_type=upload.mimetype, headers=shown_as)

    def _find(self, args: Arguments) -> _Stored:
        stored = self._stored.get(args.required("file"))
        if stored is None:
            raise ApiError("file_not_found")
        return stored

    def _showing(self, file_id: str) -> list[Message]:
        everything = self._workspace.book.everything()
        return [message for message in everything if any(one["id"] == file_id for one in message.files)]
