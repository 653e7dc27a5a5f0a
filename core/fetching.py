"""One file from the platform → what of it can be read or looked at. Nothing is stored here.

Contents are in memory only while they are read, and few at a time. A picture that was made fit for models stays for
some minutes, since people ask about it again; after that it is fetched again, and what cannot be fetched is not shown.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from core.conversation import ConversationKey, Platform
from core.documents import FileReader, Picture, Unreadable, is_picture, told_as_picture
from core.errors import FileTooLarge, PostGone, SurfaceBusy, SurfaceError, SurfaceForbidden, SurfaceUnavailable
from core.incoming import Attachment
from core.ports import Clock, Messenger
from core.reading import ReadAs, Reading

log = structlog.get_logger()

BYTES_MOST = 20_000_000
"""Of one file."""
SIDE_BY_SIDE = 4
"""Files whose contents are in memory at once."""
AGAIN_AFTER = 1.0
"""Seconds until a platform that was busy is asked once more, where it does not say."""
LONGEST_PAUSE = 10.0
PICTURES_KEPT = 24_000_000
"""Characters of pictures that are kept."""
KEPT_FOR = 900.0
"""Seconds."""

TOO_LARGE = f"it is larger than I take ({BYTES_MOST // 1_000_000} MB)."
GONE = "it is not there any more."
FORBIDDEN = "I am not allowed to fetch it."
AWAY = "it could not be fetched. Asking again may help."
NO_TEXT = "I cannot listen to sound or watch films."
SLOW = "it took too long. Asking again may help."
_HEARD_OR_WATCHED = ("audio/", "video/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of one file."""

    reading: Reading
    picture: Picture | None = None


class Fetching:
    """Files of all platforms of this process."""

    def __init__(self, messengers: Mapping[Platform, Messenger], reader: FileReader, clock: Clock) -> None:
        self._messengers = messengers
        self._reader = reader
        self._clock = clock
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)
        self._kept: OrderedDict[tuple[str, str], tuple[float, Picture]] = OrderedDict()

    async def found(self, key: ConversationKey, attachment: Attachment, *, most: int, sees: bool) -> Found:
        """What the file says, at most so many characters, or that it is a picture; what is the matter where it is
        neither. A picture that nobody would look at is not fetched."""
        if told_as_picture(attachment.media_type) and not sees:
            return Found(reading=_reading(attachment, ReadAs.PICTURE))
        if attachment.media_type.startswith(_HEARD_OR_WATCHED):
            return Found(reading=unread(attachment, NO_TEXT))
        try:
            async with self._room:
                return await self._opened(key, attachment, await self._content(key, attachment), most, sees)
        except Unreadable as error:
            return Found(reading=_reading(attachment, ReadAs.NOTHING, problem=str(error)))
        except SurfaceError as error:
            return Found(reading=_unfetched(attachment, error))

    async def picture(self, key: ConversationKey, attachment: Attachment) -> Picture | None:
        """The picture again, if it can be had."""
        kept = self._kept.get(_name(key, attachment))
        if kept is not None and kept[0] > self._clock.monotonic():
            return kept[1]
        return (await self.found(key, attachment, most=1, sees=True)).picture

    async def _opened(
        self, key: ConversationKey, attachment: Attachment, content: bytes, most: int, sees: bool
    ) -> Found:
        if is_picture(content):
            picture = await self._reader.picture(content) if sees else None
            if picture is not None:
                self._keep(_name(key, attachment), picture)
            return Found(reading=_reading(attachment, ReadAs.PICTURE), picture=picture)
        name, media_type = attachment.name, attachment.media_type
        read = await self._reader.read(content, name=name, media_type=media_type, most=most)
        return Found(reading=_reading(attachment, ReadAs.TEXT, text=read.text, cut=read.cut))

    async def _content(self, key: ConversationKey, attachment: Attachment) -> bytes:
        messenger = self._messengers.get(key.platform)
        if messenger is None:
            raise SurfaceForbidden("file: no such platform here")
        try:
            return await messenger.fetch(attachment, most=BYTES_MOST)
        except (SurfaceBusy, SurfaceUnavailable) as error:
            await self._clock.sleep(min(error.retry_after or AGAIN_AFTER, LONGEST_PAUSE))
        return await messenger.fetch(attachment, most=BYTES_MOST)

    def _keep(self, name: tuple[str, str], picture: Picture) -> None:
        """The oldest go where there are too many."""
        self._kept[name] = (self._clock.monotonic() + KEPT_FOR, picture)
        self._kept.move_to_end(name)
        while sum(len(picture.url) for _, picture in self._kept.values()) > PICTURES_KEPT:
            self._kept.popitem(last=False)


def _name(key: ConversationKey, attachment: Attachment) -> tuple[str, str]:
    return key.workspace_name, attachment.id


def _reading(attachment: Attachment, kind: ReadAs, *, text: str = "", cut: str = "", problem: str = "") -> Reading:
    return Reading(
        id=attachment.id,
        name=attachment.name,
        media_type=attachment.media_type,
        kind=kind,
        text=text,
        mark=secrets.token_hex(4) if kind is ReadAs.TEXT else "",
        cut=cut,
        problem=problem,
    )


def unread(attachment: Attachment, problem: str, *, passing: bool = False) -> Reading:
    """Nothing came of it, and why."""
    return Reading(
        id=attachment.id,
        name=attachment.name,
        media_type=attachment.media_type,
        kind=ReadAs.NOTHING,
        problem=problem,
        passing=passing,
    )


def _unfetched(attachment: Attachment, error: SurfaceError) -> Reading:
    log.info("file not fetched", action="fetching.failed", error=type(error).__name__, detail=error.detail)
    match error:
        case FileTooLarge():
            return unread(attachment, TOO_LARGE)
        case PostGone():
            return unread(attachment, GONE)
        case SurfaceForbidden():
            return unread(attachment, FORBIDDEN)
        case _:
            return unread(attachment, AWAY, passing=True)
