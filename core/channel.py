"""What an admin can set for a channel. One table: commands, their texts, and what is stored are made from it.

Pure. Each kind of setting knows how people say a value, how it is shown to them, and how it is stored. Changing
settings is commands/settings.py; keeping them store/channels.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol


class AnswerIn(StrEnum):
    """Where the reply to a mention in a channel goes."""

    THREAD = "thread"
    CHANNEL = "channel"
    """Slack: a message in the channel itself. Discord: a reply to the message, and replies to it go on."""


class Askers(StrEnum):
    """Who may ask in a channel."""

    EVERYONE = "everyone"
    ADMINS = "admins"
    NAMED = "named"
    """Admins, and the people and roles that they have named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How Parley behaves in one channel."""

    answer_in: AnswerIn = AnswerIn.THREAD
    mention_needed: bool = False
    """Whether each message in a thread must name the bot, even where it takes part already."""
    streaming: bool = True
    """Answers grow while they are written; else they are posted once they are whole."""
    footer: bool = False
    """Under each finished answer stands what made it."""
    who_may_ask: Askers = Askers.EVERYONE
    languages: tuple[str, ...] = ()
    """Answers are in one of these alone; empty for any."""
    asking_people: frozenset[str] = frozenset()
    asking_roles: frozenset[str] = frozenset()
    """Who may ask where that is for those who are named, by the platform's ids."""

    def overlaid(self, *, answer_in: AnswerIn | None, mention_needed: bool | None) -> ChannelSettings:
        """These settings where a persona's style goes before them; None leaves them as they are."""
        return replace(
            self,
            answer_in=self.answer_in if answer_in is None else answer_in,
            mention_needed=self.mention_needed if mention_needed is None else mention_needed,
        )


class Unfit(ValueError):
    """What was said is no value of the setting. The text says what would be."""


class Kind(Protocol):
    """What values a setting takes."""

    @property
    def takes(self) -> str:
        """The values in words, such as `yes` or `no`."""
        ...

    def read(self, said: str) -> Any:
        """The value that was said. Raises Unfit."""
        ...

    def shown(self, value: Any) -> str:
        """The value as people say it."""
        ...

    def stored(self, value: Any) -> Any:
        """The value as JSON knows it."""
        ...

    def loaded(self, stored: Any) -> Any:
        """The way back. Raises ValueError for what is none."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: type[StrEnum]

    @property
    def takes(self) -> str:
        *others, last = [f"`{word.value}`" for word in self.words]
        return f"{', '.join(others)} or {last}"

    def read(self, said: str) -> StrEnum:
        try:
            return self.words(said.strip().lower())
        except ValueError:
            raise Unfit(self.takes) from None

    def shown(self, value: StrEnum) -> str:
        return value.value

    def stored(self, value: StrEnum) -> str:
        return value.value

    def loaded(self, stored: Any) -> StrEnum:
        return self.words(stored)


@dataclass(frozen=True, slots=True)
class Switch:
    """Yes or no."""

    takes: str = "`yes` or `no`"

    def read(self, said: str) -> bool:
        word = said.strip().lower()
        if word not in YES | NO:
            raise Unfit(self.takes)
        return word in YES

    def shown(self, value: bool) -> str:
        return "yes" if value else "no"

    def stored(self, value: bool) -> bool:
        return value

    def loaded(self, stored: Any) -> bool:
        return bool(stored)


YES = frozenset({"yes", "on", "true", "1"})
NO = frozenset({"no", "off", "false", "0"})
ANY = frozenset({"any", "all", "every", "-"})
MOST_LANGUAGES = 10
LONGEST_LANGUAGE = 40


@dataclass(frozen=True, slots=True)
class Languages:
    """Names of languages."""

    takes: str = "names of languages such as `German, English`, or `any`"

    def read(self, said: str) -> tuple[str, ...]:
        names = [" ".join(name.split()) for name in said.split(",")]
        if len(names) == 1 and names[0].lower() in ANY:
            return ()
        if not all(_is_language(name) for name in names) or len(names) > MOST_LANGUAGES:
            raise Unfit(self.takes)
        return tuple(dict.fromkeys(names))

    def shown(self, value: tuple[str, ...]) -> str:
        return ", ".join(value) or "any"

    def stored(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def loaded(self, stored: Any) -> tuple[str, ...]:
        return tuple(map(str, stored))


def _is_language(name: str) -> bool:
    """Letters and little else: it becomes a part of the prompt."""
    return 1 < len(name) <= LONGEST_LANGUAGE and all(sign.isalpha() or sign in " -()'" for sign in name)


@dataclass(frozen=True, slots=True)
class Ids:
    """People or roles. Commands that take them from the platform change these."""

    takes: str = "people or roles"

    def read(self, said: str) -> frozenset[str]:
        raise Unfit(self.takes)

    def shown(self, value: frozenset[str]) -> str:
        return ", ".join(sorted(value)) or "nobody"

    def stored(self, value: frozenset[str]) -> list[str]:
        return sorted(value)

    def loaded(self, stored: Any) -> frozenset[str]:
        return frozenset(map(str, stored))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing that can be set for a channel."""

    name: str
    """The field of ChannelSettings, and the name in commands and in what is stored."""
    summary: str
    kind: Kind
    sayable: bool = True
    """Whether people set it by saying a value."""

    def of(self, settings: ChannelSettings) -> Any:
        """Its value."""
        return getattr(settings, self.name)

    def said(self, settings: ChannelSettings, words: str) -> ChannelSettings:
        """The settings with this one as it was said. Raises Unfit."""
        return replace(settings, **{self.name: self.kind.read(words)})


SETTINGS: tuple[Setting, ...] = (
    Setting(name="answer_in", summary="where I answer a mention", kind=OneOf(AnswerIn)),
    Setting(name="mention_needed", summary="whether each message in a thread must name me", kind=Switch()),
    Setting(name="streaming", summary="whether answers grow while I write them", kind=Switch()),
    Setting(name="footer", summary="whether model, tokens and persona stand under answers", kind=Switch()),
    Setting(name="who_may_ask", summary="who may ask me here; named: see allow", kind=OneOf(Askers)),
    Setting(name="languages", summary="the only languages in which I answer", kind=Languages()),
    Setting(name="asking_people", summary="people who may ask", kind=Ids(), sayable=False),
    Setting(name="asking_roles", summary="roles whose members may ask", kind=Ids(), sayable=False),
)
"""Every field of ChannelSettings, once."""
SAYABLE: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS if setting.sayable}


def written(settings: ChannelSettings) -> dict[str, Any]:
    """The settings as they are stored."""
    return {setting.name: setting.kind.stored(setting.of(settings)) for setting in SETTINGS}


def read(document: Mapping[str, Any]) -> ChannelSettings:
    """The settings of a stored document. What is missing, or was written by a release that knew other values, is as it
    is by default."""
    values = {}
    for setting in SETTINGS:
        if setting.name in document:
            try:
                values[setting.name] = setting.kind.loaded(document[setting.name])
            except (ValueError, TypeError):
                continue
    return ChannelSettings(**values)
