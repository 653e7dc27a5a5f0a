"""Which model answers: chosen at the start, and changed from the page while everything runs.

Another model means other settings, and Parley reads its settings once: it is restarted in order, and keeps what it
remembers. Where the model's server is on this machine or in a private network, Parley asks it through the tap, so that
the page can show what was asked; a public one it asks directly, by the name on which its prices and dialect depend.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from sandbox.combined.model_choice import (
    Endpoint,
    ModelChoice,
    ModelKind,
    Startable,
    demo_choice,
    given_choice,
    local_choice,
)
from sandbox.combined.tap import ModelTap
from sandbox.local_model.installation import LocalModelUnavailable

_PATIENCE = 8.0
"""Seconds for a server to say which models it has."""
CHOSEN = "it was chosen on the page"


class SwitchRefused(Exception):
    """Nothing was changed; the text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """Where the tap passes on to."""

    base_url: str
    api_key: str = ""
    model: str = ""


class ModelSwitch:
    """The model in use. `restart` gives Parley the settings of another one and returns when it runs again."""

    def __init__(
        self,
        *,
        demo: Endpoint,
        tap: ModelTap,
        make_local: Callable[[], Startable],
        changed: Callable[[], None],
    ) -> None:
        self._demo = demo
        self._tap = tap
        self._make_local = make_local
        self._changed = changed
        self._local: Startable | None = None
        self._turn = asyncio.Lock()
        self.tap_url = ""
        """The tap's address, ending in /v1; known once it is mounted."""
        self.choice: ModelChoice | None = None
        self.given: Mapping[str, str] = {}
        """The caller's own settings, for a way back to them."""
        self.restart: Callable[[], Awaitable[None]] | None = None
        """None where Parley was not started from here: then no other model can be chosen."""

    def begin(self, choice: ModelChoice, local: Startable | None, given: Mapping[str, str]) -> None:
        """That is the model from the start."""
        self._local, self.given = local, given
        self._use(choice)

    def environment(self) -> dict[str, str]:
        """The settings of the model as Parley gets them: through the tap, where the page can see what is asked."""
        if self.choice is None:
            return {}
        settings = dict(self.choice.environment)
        return settings | {"OPENAI_BASE_URL": self.tap_url} if self.seen else settings

    @property
    def seen(self) -> bool:
        """Whether the page can show what the model is asked."""
        return self.choice is not None and _is_near(self.choice.environment.get("OPENAI_BASE_URL", ""))

    def told(self) -> dict[str, Any] | None:
        """What the page shows of it. No key is in it."""
        choice = self.choice
        if choice is None:
            return None
        return {
            "kind": choice.kind,
            "name": choice.name,
            "note": choice.note,
            "seen": self.seen,
            "own": bool(self.given),
            "switching": self._turn.locked(),
            "mischief": self._tap.mischief.told(),
        }

    async def to(self, wish: Mapping[str, Any]) -> None:
        """Another model answers from now on, after Parley's restart. Raises SwitchRefused, and then nothing changed.

        `wish` has `kind` (demo, local or given) and, for given, `base_url`, `api_key` and `model`.
        """
        if self.restart is None:
            raise SwitchRefused("Parley was not started from here; give it the settings of another model yourself.")
        if self._turn.locked():
            raise SwitchRefused("The model is being changed already.")
        async with self._turn:
            self._changed()
            self._use(await self._wished(wish))
            await self.restart()
        self._changed()

    async def stop(self) -> None:
        """No model of ours is left running."""
        if self._local is not None:
            await self._local.stop()
            self._local = None

    def _use(self, choice: ModelChoice) -> None:
        self.choice = choice
        self._tap.upstream = Upstream(base_url=choice.environment["OPENAI_BASE_URL"]) if self.seen else None

    async def _wished(self, wish: Mapping[str, Any]) -> ModelChoice:
        match wish.get("kind"):
            case ModelKind.DEMO:
                return demo_choice(self._demo, CHOSEN)
            case ModelKind.LOCAL:
                return local_choice(await self._running_local(), CHOSEN)
            case ModelKind.GIVEN:
                return given_choice(await self._settings(wish))
            case other:
                raise SwitchRefused(f"There is no model of the kind {other!r}.")

    async def _running_local(self) -> Startable:
        if self._local is None:
            local = self._make_local()
            try:
                await local.start()
            except LocalModelUnavailable as error:
                raise SwitchRefused(f"The small local model cannot be used: {error}.") from None
            self._local = local
        return self._local

    async def _settings(self, wish: Mapping[str, Any]) -> Mapping[str, str]:
        named = {name: str(wish.get(name) or "").strip() for name in ("base_url", "api_key", "model")}
        if not any(named.values()) and self.given:
            return self.given
        address = urlsplit(named["base_url"])
        if address.scheme not in ("http", "https") or not address.hostname:
            raise SwitchRefused("The address must begin with http:// or https://, such as https://api.openai.com/v1.")
        known = await _models(named["base_url"], named["api_key"])
        if not named["model"]:
            offered = f" It has {', '.join(known[:8])}." if known else ""
            raise SwitchRefused(f"Name the model that shall answer.{offered}")
        if known and named["model"] not in known:
            raise SwitchRefused(f"That server has no model {named['model']}. It has {', '.join(known[:8])}.")
        return {
            "OPENAI_BASE_URL": named["base_url"],
            "OPENAI_API_KEY": named["api_key"] or "none",
            "OPENAI_MODEL": named["model"],
        }


async def _models(base_url: str, key: str) -> list[str]:
    """The names of the server's models; empty where it does not tell. Raises SwitchRefused where it cannot be used."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with (
            asyncio.timeout(_PATIENCE),
            aiohttp.ClientSession(trust_env=not _is_near(base_url), headers=headers) as session,
            session.get(f"{base_url.rstrip('/')}/models") as answer,
        ):
            if answer.status in (401, 403):
                raise SwitchRefused(f"The server refuses the key (status {answer.status}).")
            if answer.status >= 400:
                return []
            listed = (await answer.json(content_type=None)).get("data") or []
            return [str(one["id"]) for one in listed]
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        raise SwitchRefused(f"Nothing that speaks chat completions answers there ({why}).") from None


def _is_near(base_url: str) -> bool:
    """On this machine or in a private network; by the address alone, no name is looked up."""
    host = urlsplit(base_url).hostname or ""
    try:
        return bool(base_url) and not ip_address(host).is_global
    except ValueError:
        return bool(host) and ("." not in host or host.endswith((".local", ".internal", ".lan", ".localhost")))
