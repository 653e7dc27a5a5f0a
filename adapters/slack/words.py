"""A command's line of words: which command it is, and its options in core's words. Pure.

Slack writes people, groups and channels as tokens (`<@U1|ann>`, `<!subteam^S1|@team>`, `<#C1|help>`). Where an option
takes one of those its id is given, in texts the name that readers see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from adapters.slack.names import to_markdown
from core.commands.declaration import Command, OptionKind, Said, parse_words

_TOKEN = re.compile(r"<[@#!]?[^<>]*>")
_KEPT_SPACE = "\x1f"
"""Stands for a space within a token while words are parted; no text of Slack's has it."""
_IDS: dict[OptionKind, re.Pattern[str]] = {
    OptionKind.PERSON: re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>"),
    OptionKind.ROLE: re.compile(r"<!subteam\^(S[A-Z0-9]{1,30})(?:\|[^<>]*)?>"),
    OptionKind.CHANNEL: re.compile(r"<#([CGD][A-Z0-9]{1,30})(?:\|[^<>]*)?>"),
}


def understood(command: Command, words: str, names: Mapping[str, str]) -> Said:
    """The command that was typed, with its options."""
    whole = _TOKEN.sub(lambda token: token.group().replace(" ", _KEPT_SPACE), words.replace(_KEPT_SPACE, ""))
    parsed = _placed(parse_words(command, whole))
    kinds = {option.name: option.kind for option in parsed.command.options}
    options = {
        name: _value(typed.replace(_KEPT_SPACE, " "), kinds.get(name, OptionKind.TEXT), names)
        for name, typed in parsed.options.items()
    }
    return replace(parsed, options=options)


def _placed(parsed: Said) -> Said:
    """A group that stands where a person is asked for is meant for the option that takes one, if that is free."""
    kinds = {option.kind: option.name for option in parsed.command.options}
    person, role = kinds.get(OptionKind.PERSON), kinds.get(OptionKind.ROLE)
    if person is None or role is None or role in parsed.options:
        return parsed
    options = dict(parsed.options)
    if not _IDS[OptionKind.ROLE].fullmatch(options.get(person, "").replace(_KEPT_SPACE, " ")):
        return parsed
    options[role] = options.pop(person)
    return replace(parsed, options=options)


def _value(typed: str, kind: OptionKind, names: Mapping[str, str]) -> str:
    wanted = _IDS.get(kind)
    found = wanted.fullmatch(typed.strip()) if wanted is not None else None
    return found[1] if found is not None else to_markdown(typed, names).strip()
