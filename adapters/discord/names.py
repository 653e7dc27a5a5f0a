"""What people type into Discord, as Markdown: ids become the names that readers see. Pure. The way out is markup.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`", re.DOTALL)
_TOKEN = re.compile(
    r"<@!?(?P<user>\d+)>|<@&(?P<role>\d+)>|<#(?P<channel>\d+)>"
    r"|<a?:(?P<emoji>\w{1,32}):\d+>"
    r"|</(?P<command>[^:<>\n]{1,100}):\d+>"
    r"|<t:(?P<time>-?\d{1,12})(?::[tTdDfFR])?>"
)
_ENDS = r"[\s,:;–—-]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What ids in a text are called. An id that is not in here is shown as someone or something unknown."""

    users: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


def to_markdown(text: str, names: Names) -> str:
    """The text with names in place of ids. Code stays as it was typed."""
    return _outside_code(text, lambda prose: _TOKEN.sub(lambda found: _named(found, names), prose))


def _named(found: re.Match[str], names: Names) -> str:
    if (user := found["user"]) is not None:
        return f"@{names.users.get(user, 'someone')}"
    if (role := found["role"]) is not None:
        return f"@{names.roles.get(role, 'role')}"
    if (channel := found["channel"]) is not None:
        return f"#{names.channels.get(channel, 'channel')}"
    if found["emoji"] is not None:
        return f":{found['emoji']}:"
    if found["command"] is not None:
        return f"/{found['command']}"
    return _time(int(found["time"]))


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):  # a year that no calendar has
        return str(seconds)


def without_address(text: str, tokens: frozenset[str]) -> str:
    """The text without the mentions that merely call the bot, at its beginning or end. One in the middle of a sentence
    stays, because there it is a word. `tokens` are such as `<@1>`."""
    if not tokens:
        return text.strip()
    called = "|".join(map(re.escape, sorted(tokens)))
    text = re.sub(rf"\A\s*(?:(?:{called}){_ENDS})+", "", text)
    return re.sub(rf"(?:\s*(?:{called}))+\s*([.!?]*)\s*\Z", r"\1", text).strip()


def mentioned_ids(text: str) -> frozenset[str]:
    """The ids of roles and channels that the text names, to look up what they are called."""
    found = (_TOKEN.finditer(piece) for piece in _CODE.split(text))
    return frozenset(one[kind] for ones in found for one in ones for kind in ("role", "channel") if one[kind])


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    pieces, at = [], 0
    for code in _CODE.finditer(text):
        pieces += [change(text[at : code.start()]), code.group()]
        at = code.end()
    return "".join([*pieces, change(text[at:])])
