"""`/mydata`: a file with everything stored of whoever asks, for that person alone. Its shape: docs/privacy.md."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from core.incoming import Incoming
from core.interaction import Answer, File
from core.ports import Clock
from core.privacy import Place, Reach
from core.store import Store

MOST = 7_000_000
"""Bytes of a file: Discord takes 10 MB of a bot, and memory is for other things too."""
WHOLE = "This is everything that I have stored of you in this workspace."
CUT = (
    "This is the first part of what I have stored of you in this workspace; the file would be too large with all of "
    "it. My operator can give you the rest: `parley export`."
)


class MyDataCommand:
    """One's own data as a file."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def call(self, incoming: Incoming) -> Answer:
        """The file, in private."""
        now = self._clock.now()
        reach = Reach(place=Place.of(incoming.key).whole, person=incoming.author.id)
        content, whole = bytearray(), True
        end = _end(whole=False)
        async for piece in document(self._store, reach, now=now):
            if len(content) + len(piece) + len(end) > MOST:
                whole = False
                content += end
                break
            content += piece
        name = f"my-data-{now:%Y-%m-%d}.json"
        file = File(name=name, media_type="application/json", content=bytes(content))
        return Answer(text=WHOLE if whole else CUT, files=(file,))


def _end(*, whole: bool) -> bytes:
    return f'\n ],\n "whole": {json.dumps(whole)}\n}}\n'.encode()


async def document(store: Store, reach: Reach, *, now: datetime) -> AsyncIterator[bytes]:
    """The JSON document piece by piece, so that no more than a page of it is in memory. Each piece but the last may be
    followed by the last alone."""
    head: dict[str, Any] = {
        "format": "parley-my-data",
        "version": 1,
        "made_at": now.isoformat(),
        "platform": reach.place.platform.value,
        "workspace": reach.place.workspace,
        "person": reach.person,
    }
    yield json.dumps(head, indent=1, ensure_ascii=False)[:-2].encode() + b',\n "entries": ['
    separator = "\n"
    async for kind, one in store.told(reach):
        text = json.dumps({"kind": kind, **one}, ensure_ascii=False, indent=1)
        yield f"{separator}{text}".encode(errors="replace")
        separator = ",\n"
    yield _end(whole=True)
