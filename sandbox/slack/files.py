"""Files that people attach: their description in messages, and the file host that serves their bytes.

Without the bot's token Slack's file host answers 200 with a sign-in page, and so does this one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from aiohttp import web

from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_4
from sandbox.slack.values import ApiError, Json
from sandbox.slack.world import Person, World

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

    def __init__(self, world: World, base_url: Callable[[], str]) -> None:
        self._world = world
        self._base_url = base_url
        self._stored: dict[str, _Stored] = {}

    def methods(self) -> Sequence[Method]:
        return (Method(name="files.info", limit=TIER_4, handler=self.info, scope="files:read"),)

    def add(self, upload: Upload, person: Person) -> Json:
        """The file is on the host; the answer is what a message carries of it."""
        file_id = self._world.ids.numbered("F")
        place = f"{self._base_url()}/files-pri/{self._world.team_id}-{file_id}"
        about = {
            "id": file_id,
            "name": upload.name,
            "title": upload.name,
            "mimetype": upload.mimetype,
            "filetype": PurePath(upload.name).suffix.removeprefix(".") or "text",
            "size": len(upload.content),
            "user": person.id,
            "mode": "hosted",
            "is_external": False,
            "url_private": f"{place}/{upload.name}",
            "url_private_download": f"{place}/download/{upload.name}",
        }
        self._stored[file_id] = _Stored(upload=upload, about=about)
        return {"id": file_id, "file_access": "check_file_info"} if upload.foreign else about

    def info(self, args: Arguments) -> Json:
        stored = self._stored.get(args.required("file"))
        if stored is None:
            raise ApiError("file_not_found")
        return {"file": stored.about}

    def serve(self, file_id: str, *, allowed: bool) -> web.Response:
        """The bytes for the bot, a sign-in page for anybody else, 404 for no file."""
        if not allowed:
            return web.Response(text=_SIGN_IN, content_type="text/html")
        stored = self._stored.get(file_id)
        if stored is None:
            return web.Response(status=404)
        return web.Response(body=stored.upload.content, content_type=stored.upload.mimetype)
