"""Files that we give to people: put on Slack's file host, shared in a place, and taken back.

Slack shares files as messages of their own, which carry no metadata; so whoever shares under a key keeps the files' ids
and asks here whether they were shared. An upload that is never completed is as if it had not been.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import aiohttp

from adapters.slack import failures
from adapters.slack.failures import Rejected
from adapters.slack.web import Json, Web
from core.errors import PostGone, SurfaceForbidden
from core.interaction import File

WITHIN = 60.0
"""Seconds for the bytes of one file."""


class Uploads:
    """The bot's files."""

    def __init__(self, web: Web) -> None:
        self._web = web

    async def upload(self, files: Sequence[File]) -> tuple[str, ...]:
        """The files are on the host, seen by nobody yet; their ids. Raises SurfaceError."""
        return tuple([await self._upload(file) for file in files])

    async def _upload(self, file: File) -> str:
        begun = await self._web.read(
            "files.getUploadURLExternal",
            filename=file.name,
            length=len(file.content),
            alt_txt=file.alt_text or None,
        )
        with failures.translated("upload"):
            async with self._web.session.post(
                str(begun["upload_url"]),
                data=file.content,
                proxy=self._web.client.proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=WITHIN),
            ) as answer:
                if answer.status != 200:
                    raise failures.by_code("upload", "", answer.status, answer.headers)
        return str(begun["file_id"])

    async def share(
        self, ids: Sequence[str], files: Sequence[File], *, channel: str, thread: str | None = None
    ) -> None:
        """People in that place see the files. Raises SurfaceError."""
        titled = [{"id": one, "title": file.name} for one, file in zip(ids, files, strict=True)]
        await self._web.write("files.completeUploadExternal", files=titled, channel_id=channel, thread_ts=thread)

    async def shared(self, ids: Sequence[str]) -> bool:
        """Whether all of them are where people see them, as far as Slack says. Raises SurfaceError."""
        for one in ids:
            if not (await self._about(one)).get("id"):
                return False
        return bool(ids)

    async def remove(self, ids: Sequence[str], channel: str) -> None:
        """The files are gone, and the messages in that channel that showed them; what cannot be removed stays."""
        for one in ids:
            shown = _shown(await self._about(one), channel)
            with suppress(PostGone, Rejected, SurfaceForbidden):
                await self._web.write("files.delete", file=one)
            for ts in shown:
                with suppress(PostGone, Rejected, SurfaceForbidden):
                    await self._web.write("chat.delete", channel=channel, ts=ts)

    async def _about(self, file: str) -> Json:
        try:
            return (await self._web.read("files.info", file=file)).get("file") or {}
        except (PostGone, Rejected, SurfaceForbidden):
            return {}


def _shown(about: Json, channel: str) -> list[str]:
    """The messages in that channel that show the file."""
    shares = (about.get("shares") or {}).values()
    return [str(share["ts"]) for places in shares for share in places.get(channel) or () if share.get("ts")]
