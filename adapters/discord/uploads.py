"""Files that go out with a message, as the form that Discord takes. Pure."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.interaction import File

MOST_FILES = 10
MOST_BYTES = 24 * 1024 * 1024
"""Of one request, a little less than Discord's 25 MiB."""
LONGEST_NAME, LONGEST_DESCRIPTION = 120, 1_024

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9][A-Za-z0-9.+-]*")

Json = dict[str, Any]


def described(files: Sequence[File]) -> list[Json]:
    """What a message's `attachments` says of new files. It replaces those that the message had."""
    return [
        {"id": number, "filename": filename(file.name)}
        | ({"description": file.alt_text[:LONGEST_DESCRIPTION]} if file.alt_text else {})
        for number, file in enumerate(files)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of the request: the JSON, then each file under the number by which the JSON names it. They can be
    read again, because a request may have to be made again."""

    payload: Mapping[str, Any]
    files: Sequence[File]

    def __iter__(self) -> Iterator[Json]:
        """Each file as a stream: aiohttp warns of large ones in one piece."""
        yield {"name": "payload_json", "value": json.dumps(self.payload), "content_type": "application/json"}
        for number, file in enumerate(self.files):
            yield {
                "name": f"files[{number}]",
                "value": io.BytesIO(file.content),
                "filename": filename(file.name),
                "content_type": _media_type(file.media_type),
            }


def filename(name: str) -> str:
    """The name without what could be taken for a path or a header."""
    clean = "".join("_" if sign in '\\/:*?"<>|' or not sign.isprintable() else sign for sign in name).strip(" .")
    return clean if 0 < len(clean) <= LONGEST_NAME else clean[-LONGEST_NAME:].lstrip(" .") or "file"


def _media_type(given: str) -> str:
    """What a request's header can say; anything else is just bytes."""
    return given if _MEDIA_TYPE.fullmatch(given) else "application/octet-stream"
