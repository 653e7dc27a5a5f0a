"""Reference pages say what the declarations say, neither less nor more."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import declarations as discord
from adapters.discord.gateway import intents
from adapters.slack import declarations as slack
from bots.reference import programs
from bots.reference.pages import DOCS, PAGES
from bots.settings import Settings
from core.commands.catalogue import CATALOGUE
from sandbox.slack.manifest import EVENT_SCOPES, EVENTS

ROOT = DOCS.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
WRITTEN = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
TYPED = {f"/{command.name}" for command in CATALOGUE}
VERBS = {f"/{command.name} {verb.name}" for command in CATALOGUE for verb in command.verbs}


@pytest.mark.parametrize("place", PAGES)
def test_pages_are_current(place: str) -> None:
    """What is committed is what `python -m bots.reference` writes."""
    assert (DOCS / place).read_text(encoding="utf-8") == PAGES[place](), "run `python -m bots.reference` and commit"


def test_every_setting_and_command_is_on_its_page() -> None:
    """The pages leave nothing out."""
    settings, commands = PAGES["reference/settings.md"](), PAGES["reference/commands.md"]()
    assert re.findall(r"^\| `([A-Z_]+)` ", settings, re.M) == [name.upper() for name in Settings.model_fields]
    assert re.findall(r"^## (\w+)$", commands, re.M) == [command.name for command in CATALOGUE]
    assert {f"/{found}" for found in re.findall(r"^### (.+)$", commands, re.M)} == VERBS


def test_what_is_asked_of_the_platforms_fits() -> None:
    """Each event is one that the sandbox's Slack sends, for a scope that the bot has; each intent has its reason."""
    assert {event.name for event in slack.EVENTS} <= set(EVENTS)
    for event in slack.EVENTS:
        assert event.scope == EVENT_SCOPES.get(event.name, "")
        assert not event.scope or event.scope in slack.NEEDED
    for with_content in (True, False):
        asked = intents(message_content=with_content)
        declared = [intent for intent in discord.INTENTS if with_content or not intent.portal]
        assert {name for name, on in asked if on} == {intent.name for intent in declared}
        assert asked.value == sum(intent.bit for intent in declared)


def test_every_page_is_in_the_site() -> None:
    """The site's menu leads to each page once, and to none that is not there."""
    read = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    pages = list(_pages(read["project"]["nav"]))
    assert sorted(pages) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def _pages(menu: list[dict[str, Any]]) -> Iterator[str]:
    for entry in menu:
        for below in entry.values():
            yield from [below] if isinstance(below, str) else _pages(below)


# ── what people wrote by hand ──


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_programs_that_are_named_exist(page: Path) -> None:
    """Every `parley …` in the docs, in code or in a fence, is a command of the program."""
    known = {name.removeprefix("parley ") for name in programs.names()}
    for words in re.findall(r"(?:^ *|[`/]|--rm )parley ((?:[a-z]+ ?)+)", _code(page), re.M):
        first, *more = words.split()
        group = any(name.startswith(f"{first} ") for name in known)
        assert (f"{first} {more[0]}" if group and more else first) in known, f"{page.name} names `parley {words}`"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_that_are_named_exist(page: Path) -> None:
    """Every PARLEY_…, SLACK_…, DISCORD_… and OPENAI_… in the docs is a setting."""
    known = {name.upper() for name in Settings.model_fields}
    named = set(
        re.findall(r"\b((?:PARLEY|SLACK|DISCORD|OPENAI)_[A-Z_]*[A-Z])\b(?!_)", page.read_text(encoding="utf-8"))
    )
    assert not named - known


def _code(page: Path) -> str:
    """What stands in fences and between backticks, a piece a line."""
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^ *```[a-z]*\n(.*?)^ *```", text, re.M | re.S)
    rest = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
    return "\n".join([*fences, *(f"`{span}" for span in re.findall(r"`([^`\n]+)`", rest))])


def test_the_readme_has_every_command() -> None:
    """The table of what people can do leaves out no command, and names none that does not exist."""
    named = {span.split()[0] for span in re.findall(r"`(/[^`]+)`", README)}
    assert named - {"/slack/events", "/metrics", "/live", "/ready", "/invite"} == TYPED


def test_the_readme_names_every_scope_that_is_needed() -> None:
    """Whoever follows the README has an app with all that the doctor looks for."""
    assert not {scope for scope in slack.NEEDED if f"`{scope}`" not in README}
    assert not {event.name for event in slack.EVENTS if f"`{event.name}`" not in README and not event.agents_only}
