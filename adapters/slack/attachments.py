"""Files of people, as Slack describes them, in core's words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.incoming import Attachment


def attachments(files: Iterable[Mapping[str, Any]]) -> tuple[Attachment, ...]:
    """The files. One from another company has no more than its id (slack.md, section 5)."""
    return tuple(
        Attachment(
            id=str(file["id"]),
            name=str(file.get("name") or "file"),
            media_type=str(file.get("mimetype") or "application/octet-stream"),
            size=int(file.get("size") or 0),
            url=str(file.get("url_private_download") or file.get("url_private") or ""),
        )
        for file in files
        if file.get("id")
    )
