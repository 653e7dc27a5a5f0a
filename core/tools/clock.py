"""`current_time`: what the clock shows, in a time zone."""

from __future__ import annotations

import asyncio
import difflib
import functools
import re
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from core.ports import ToolSpec
from core.tools.tool import Handed, Scene, Tool, ToolFailed

LONGEST = 64
"""Characters of a zone's name."""
_OFFSET = re.compile(r"(?:utc|gmt|z)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
SPEC = ToolSpec(
    name="current_time",
    description="The date and time of now, in a time zone. Without one, in that of the person who asks.",
    parameters={
        "type": "object",
        "properties": {
            "time_zone": {
                "type": "string",
                "description": "An IANA name such as Europe/Berlin, or an offset such as UTC+2",
                "maxLength": LONGEST,
            }
        },
        "additionalProperties": False,
    },
)


def clock() -> Tool:
    """The tool."""
    return Tool(spec=SPEC, doing="Looking at the clock", handler=_handle)


async def _handle(scene: Scene, arguments: Mapping[str, object]) -> Handed:
    said = str(arguments.get("time_zone") or scene.time_zone).strip()
    # In a thread: the names of all zones are read from files, once.
    name, zone = await asyncio.to_thread(zone_meant, said)
    return Handed(text=told(scene.now.astimezone(zone), name))


def told(at: datetime, name: str) -> str:
    """The time for machines and for people."""
    offset = at.strftime("%z")
    abbreviation = at.tzname() or ""
    known = f"{abbreviation}, " if abbreviation.isalpha() and abbreviation != "UTC" else ""
    words = f"{at:%A}, {at.day} {at:%B} {at.year}, {at:%H:%M:%S}"
    week = at.isocalendar().week
    return (
        f"{at.isoformat(timespec='seconds')}\n"
        f"{words} in {name} ({known}UTC{offset[:3]}:{offset[3:5]}), week {week} of {at.isocalendar().year}"
    )


def zone_meant(said: str) -> tuple[str, tzinfo]:
    """The zone and its name. Raises ToolFailed with similar names where there is none, or are several."""
    if len(said) > LONGEST:
        raise ToolFailed("That is too long for a time zone. Name one such as Europe/Berlin.")
    if (offset := _offset(said)) is not None:
        return offset
    wanted = _folded(said)
    names = _names()
    if wanted in names:
        return names[wanted], zoneinfo.ZoneInfo(names[wanted])
    cities = sorted(name for folded, name in names.items() if folded.rpartition("/")[2] == wanted)
    if len(cities) == 1:
        return cities[0], zoneinfo.ZoneInfo(cities[0])
    near = cities or _near(wanted, names)
    meant = f" Did you mean {' or '.join(near)}?" if near else " Name one such as Europe/Berlin."
    raise ToolFailed(f"There is no time zone {said!r}.{meant}")


def _offset(said: str) -> tuple[str, tzinfo] | None:
    if said.casefold() in ("utc", "gmt", "z"):
        return "UTC", UTC
    found = _OFFSET.fullmatch(said)
    if found is None:
        return None
    sign, hours, minutes = found[1], int(found[2]), int(found[3] or 0)
    if hours > 14 or minutes > 59:
        raise ToolFailed("Offsets from UTC lie between -12:00 and +14:00.")
    distance = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
    return f"UTC{sign}{hours:02}:{minutes:02}", timezone(distance)


def _near(wanted: str, names: Mapping[str, str]) -> list[str]:
    within = [name for folded, name in names.items() if len(wanted) > 2 and wanted in folded]
    by_city = {folded.rpartition("/")[2]: name for folded, name in names.items()}
    close = [by_city[city] for city in difflib.get_close_matches(wanted.rpartition("/")[2], by_city, n=3)]
    close += [names[folded] for folded in difflib.get_close_matches(wanted, names, n=3)]
    return list(dict.fromkeys([*sorted(within, key=len)[:2], *close]))[:4]


def _folded(said: str) -> str:
    return "_".join(said.casefold().split())


@functools.cache
def _names() -> dict[str, str]:
    """Every zone by its folded name."""
    return {_folded(name): name for name in sorted(zoneinfo.available_timezones())}
