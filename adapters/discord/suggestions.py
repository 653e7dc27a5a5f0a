"""Values that are proposed while somebody types an option of a command.

Discord waits three seconds for them and shows 25. Nothing to propose is no error, and neither is anything that goes
wrong here: the person can type on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from adapters.discord.components import Json, plain
from adapters.discord.invocations import INTEGER, Typing
from adapters.discord.rest import Rest
from core.interaction import Choice
from core.ports import Receiver

log = structlog.get_logger()

CHOICES = 8
"""The kind of response."""
WITHIN = 2.0
"""Seconds that finding them may take."""
MOST, LONGEST = 25, 100
LARGEST = 2**53


async def suggest(rest: Rest, receiver: Receiver, payload: Json, typing: Typing) -> None:
    """The person sees what fits. Raises SurfaceError."""
    found = await _found(receiver, typing)
    body = {"choices": shown(found, typing.kind)}
    await rest.respond(str(payload["id"]), str(payload["token"]), CHOICES, body)


async def _found(receiver: Receiver, typing: Typing) -> Sequence[Choice]:
    try:
        async with asyncio.timeout(WITHIN):
            return await receiver.suggest(typing.incoming, typing.option, typing.typed)
    except Exception as error:  # whatever it is, the person can type without it
        log.warning("nothing suggested", action="discord.no_suggestions", error=type(error).__name__)
        return ()


def shown(found: Sequence[Choice], kind: int) -> list[Json]:
    """The choices as Discord takes them, without those that it would not. Pure."""
    choices = [(one.label or one.value, _value(one.value, kind)) for one in found]
    return [{"name": plain(name, LONGEST), "value": value} for name, value in choices if value is not None][:MOST]


def _value(value: str, kind: int) -> str | int | None:
    if kind != INTEGER:
        return value if 0 < len(value) <= LONGEST else None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if abs(number) <= LARGEST else None
