"""Reads a request's body: JSON, or a form with `payload_json` and `files[n]`, within Discord's size of a request."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, hdrs, web

from sandbox.discord import refusals
from sandbox.discord.attachments import Upload
from sandbox.discord.values import ApiError

LARGEST = 25 * 1024 * 1024
_FILE = re.compile(r"^files?\[?(\d*)\]?$")


@dataclass(slots=True)
class Body:
    """What came: the JSON, `{}` when there was none, and the files."""

    json: Any = field(default_factory=dict)
    files: dict[int, Upload] = field(default_factory=dict)


async def read(request: web.Request) -> Body:
    """The body. ApiError when it is no JSON or too large."""
    if (request.content_length or 0) > LARGEST:
        raise ApiError(refusals.TOO_LARGE)
    if request.content_type.startswith("multipart/"):
        # Not request.multipart(): its size limit is that of the application that this one is mounted in.
        return await _form(MultipartReader(request.headers, request.content))
    raw = await request.content.read(LARGEST + 1) if request.body_exists else b""
    while request.body_exists and not request.content.at_eof() and len(raw) <= LARGEST:
        raw += await request.content.read(LARGEST + 1 - len(raw))
    if len(raw) > LARGEST:
        raise ApiError(refusals.TOO_LARGE)
    return Body(_parsed(raw) if raw else {})


async def _form(reader: MultipartReader) -> Body:
    body, size = Body(), 0
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        size += len(content)
        if size > LARGEST:
            raise ApiError(refusals.TOO_LARGE)
        if part.name == "payload_json":
            body.json = _parsed(content)
        elif file := _FILE.match(part.name or ""):
            mimetype = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
            upload = Upload(name=part.filename or "file", content=content, mimetype=mimetype)
            body.files[int(file.group(1) or len(body.files))] = upload
    return body


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError(refusals.NOT_JSON) from error
