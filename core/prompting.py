"""The system prompt that a model is given: a persona's text, its variables filled in, and its way of answering.

Pure. A variable is a name in braces, such as {channel}; braces around anything else are text, and doubled braces are
single ones (`{{user}}` stays `{user}`). What is filled in is data from the platform, so nobody's channel name can bring
a line of its own into the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.conversation import ConversationKey, Platform
from core.persona import Length, Persona, Style

VARIABLES: Mapping[str, str] = {
    "workspace": "the workspace's name",
    "channel": "the channel's name",
    "user": "the name of the person who asks",
    "date": "today's date there, such as Monday, 23 November 2026",
    "time_zone": "the time zone there, such as Europe/Berlin",
    "platform": "Slack or Discord",
}
"""Every variable, and what it becomes."""
LONGEST_VALUE = 80
_VARIABLE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")

_LENGTHS = {
    Length.BRIEF: "Keep answers short: a few sentences, unless somebody asks for more.",
    Length.NORMAL: "",
    Length.DETAILED: "Answer in detail: explain the reasons, the steps and the exceptions.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNames:
    """What a platform calls a place, for people and models to read."""

    workspace: str
    channel: str
    time_zone: str = "UTC"
    """As the IANA database names it."""

    @classmethod
    def of(cls, key: ConversationKey) -> PlaceNames:
        """All that is known where the platform tells nothing: ids."""
        return cls(workspace=key.workspace, channel=key.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and when a prompt is used."""

    workspace: str
    channel: str
    user: str
    platform: str
    now: datetime
    """In the place's time zone."""
    time_zone: str

    def values(self) -> Mapping[str, str]:
        """What each variable becomes."""
        day = f"{self.now:%A}, {self.now.day} {self.now:%B %Y}"
        return {
            "workspace": _plain(self.workspace),
            "channel": _plain(self.channel),
            "user": _plain(self.user),
            "date": day,
            "time_zone": _plain(self.time_zone),
            "platform": _plain(self.platform),
        }


def setting_of(names: PlaceNames, *, platform: Platform, user: str, now: datetime) -> Setting:
    """The setting in which that person asks there. A time zone that this machine does not know becomes UTC."""
    try:
        local, zone = now.astimezone(ZoneInfo(names.time_zone)), names.time_zone
    except (LookupError, ValueError, OSError):  # unknown, no name at all, or the name of a folder
        local, zone = now.astimezone(UTC), "UTC"
    return Setting(
        workspace=names.workspace,
        channel=names.channel,
        user=user,
        platform=platform.value.title(),
        now=local,
        time_zone=zone,
    )


def problems_of(prompt: str) -> list[str]:
    """A sentence for the variables that nobody knows; empty where all are known."""
    names = {match[1] for match in _VARIABLE.finditer(prompt) if match[1] is not None}
    unknown = sorted(names - VARIABLES.keys())
    if not unknown:
        return []
    known = ", ".join(f"{{{name}}}" for name in VARIABLES)
    named = ", ".join(f"{{{name}}}" for name in unknown)
    return [f"prompt: nothing is known of {named}. There are {known}; write {{{{…}}}} for braces that shall stay."]


def has_variables(prompt: str) -> bool:
    """Whether something of the place must be known to fill it in."""
    return any(match[1] in VARIABLES for match in _VARIABLE.finditer(prompt))


def filled(prompt: str, setting: Setting) -> str:
    """The prompt with its variables filled in. One that nobody knows stays as it is written."""
    values = setting.values()

    def fill(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        return values.get(match[1], match[0])

    return _VARIABLE.sub(fill, prompt)


def system_prompt(persona: Persona, setting: Setting) -> str:
    """What the model is told about itself, once and first."""
    lines = [filled(persona.prompt, setting).strip(), _LENGTHS[persona.style.length]]
    if persona.style.language:
        lines.append(f"Always answer in {_plain(persona.style.language)}, whatever the language of the question.")
    return "\n\n".join(line for line in lines if line)


def ready(persona: Persona, setting: Setting) -> Persona:
    """The persona with the prompt that the model will read, so that it can be counted as it is sent."""
    return replace(persona, prompt=system_prompt(persona, setting), style=Style())


def speaking(persona: Persona, languages: Sequence[str]) -> Persona:
    """The persona, which answers in these languages alone; in any where there are none."""
    if not languages:
        return persona
    only = languages[0] if len(languages) == 1 else f"one of these languages: {', '.join(languages)}"
    line = (
        f"In this channel answer only in {only}. Where the question is in another language, "
        "answer in the one of these that its author is likeliest to understand."
    )
    return replace(persona, prompt=f"{persona.prompt}\n\n{line}")


def _plain(value: str) -> str:
    """One short line: names come from people and must not become instructions of their own."""
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"
