"""Which model Parley is given: the caller's own, else the small one on this machine, else the scripted demo.

Each choice says why it was made, because a person who expects another answer should not have to guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from dotenv import dotenv_values

from sandbox.local_model.installation import LocalModelUnavailable
from sandbox.local_model.process import CONTEXT

_NAMES = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_MODEL")
PRETENDED_PRICES = Path(__file__).parent / "prices.toml"
_NONE_GIVEN = "neither OPENAI_BASE_URL nor OPENAI_API_KEY is set"


class ModelKind(StrEnum):
    """Where the answers come from."""

    GIVEN = "given"
    LOCAL = "local"
    DEMO = "demo"


class Endpoint(Protocol):
    """A server that speaks chat completions."""

    @property
    def base_url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def model(self) -> str: ...


class Startable(Endpoint, Protocol):
    """One that has to be started first."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model, and what a person should know about it."""

    kind: ModelKind
    name: str
    reason: str
    """Why this one."""
    environment: Mapping[str, str] = field(repr=False)
    """What Parley's process gets; holds the key."""

    @property
    def note(self) -> str:
        """One or two sentences for the terminal and the page."""
        return f"{_SENTENCES[self.kind].format(name=self.name)} Why: {self.reason}."


_SENTENCES = {
    ModelKind.GIVEN: "The model is {name}, from your own settings.",
    ModelKind.LOCAL: "The model is {name}, a very small one on this machine: it shows the plumbing, not wisdom.",
    ModelKind.DEMO: "No language model answers: a scripted demo does, and says so. Say “help” to see what it can play.",
}


def given_settings(environment: Mapping[str, str], env_file: Path) -> dict[str, str]:
    """The caller's model settings that are not empty; the environment goes before the file."""
    from_file = dotenv_values(env_file) if env_file.is_file() else {}
    found = {name: environment.get(name) or from_file.get(name) or "" for name in _NAMES}
    return {name: value for name, value in found.items() if value}


async def choose(
    *, given: Mapping[str, str], demo: Endpoint, make_local: Callable[[], Startable], demo_wanted: bool
) -> tuple[ModelChoice, Startable | None]:
    """The best model there is, and the started local one if that is it, for the caller to stop."""
    if demo_wanted:
        return demo_choice(demo, "--demo-model was asked for"), None
    if "OPENAI_BASE_URL" in given or "OPENAI_API_KEY" in given:
        return given_choice(given), None
    local = make_local()
    try:
        await local.start()
    except LocalModelUnavailable as error:
        return demo_choice(demo, f"{_NONE_GIVEN}, and the small local model cannot be used: {error}"), None
    return local_choice(local, _NONE_GIVEN), local


def given_choice(given: Mapping[str, str]) -> ModelChoice:
    """A model of the caller's own settings."""
    # The host only: an address can hold a password.
    where = urlsplit(given.get("OPENAI_BASE_URL", "")).hostname or "OpenAI"
    named = given.get("OPENAI_MODEL") or "not named: set OPENAI_MODEL"
    reason = f"{' and '.join(name for name in _NAMES[:2] if name in given)} is set; it is asked at {where}"
    return ModelChoice(kind=ModelKind.GIVEN, name=named, reason=reason, environment=dict(given))


def local_choice(local: Endpoint, reason: str) -> ModelChoice:
    """The small model that runs on this machine."""
    environment = {**_pointing_to(local), "OPENAI_CONTEXT_WINDOW": str(CONTEXT)}
    return ModelChoice(kind=ModelKind.LOCAL, name=local.model, reason=reason, environment=environment)


def demo_choice(demo: Endpoint, reason: str) -> ModelChoice:
    """The scripted answers."""
    return ModelChoice(kind=ModelKind.DEMO, name=demo.model, reason=reason, environment=_pointing_to(demo))


def _pointing_to(endpoint: Endpoint) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": endpoint.base_url,
        "OPENAI_API_KEY": endpoint.api_key,
        "OPENAI_MODEL": endpoint.model,
        "PARLEY_PRICES": str(PRETENDED_PRICES),
    }
