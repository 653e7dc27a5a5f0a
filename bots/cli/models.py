"""What `parley doctor` says of a model: the probe tells what happened, here it becomes a sentence and a fix."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.endpoints import Endpoint
from adapters.chat_completions.listing import listed_models
from adapters.chat_completions.probe import PATIENCE, Finding, probe
from bots.clock import SystemClock
from bots.endpoints import FIRST
from core.errors import (
    ModelBusy,
    ModelError,
    ModelNotConfigured,
    ModelNotFound,
    ModelOutOfCredit,
    ModelTimeout,
    ModelUnavailable,
)

SHOWN = 5
"""Names of models in an advice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """How one endpoint was found."""

    name: str
    ok: bool
    problem: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """Where the operator finds what is to be changed."""

    url: str
    key: str
    model: str


async def examine(endpoint: Endpoint, *, file: Path | None = None) -> Examined:
    """The endpoint was asked one tiny question. `file` is where endpoints other than the first are described."""
    model = ChatCompletionsModel(endpoint, clock=SystemClock())
    try:
        found = await probe(model)
        listed = await listed_models(model.http, within=PATIENCE) if isinstance(found.error, ModelNotFound) else ()
    finally:
        await model.aclose()
    title = f"model {endpoint.model} at {endpoint.host}"
    if found.error is None:
        last = f"will be switched off on {found.ends}: choose another before then" if found.ends else ""
        return Examined(name=title, ok=True, problem=last)
    problem, fix = _told(endpoint, found, found.error, [entry.id for entry in listed], _names(endpoint, file))
    return Examined(name=title, ok=False, problem=problem, fix=fix)


def _names(endpoint: Endpoint, file: Path | None) -> _Names:
    if endpoint.name == FIRST or file is None:
        return _Names(url="OPENAI_BASE_URL", key="OPENAI_API_KEY", model="OPENAI_MODEL")
    place = f"of [[endpoint]] {endpoint.name} in {file.name}"
    return _Names(url=f"base_url {place}", key=f"the variable in api_key_env {place}", model=f"model {place}")


def _told(endpoint: Endpoint, found: Finding, error: ModelError, names: list[str], where: _Names) -> tuple[str, str]:
    """The problem and the fix."""
    host, detail = endpoint.host, error.detail
    if isinstance(error, ModelTimeout):
        problem = f"{endpoint.base_url} did not answer within {PATIENCE:g} s."
        return problem, f"See whether the server is overloaded or still loads the model, and check {where.url}."
    if not found.reachable:
        return f"{endpoint.base_url} cannot be reached ({detail}).", f"Start the server, or correct {where.url}."
    if found.key_accepted is False and not endpoint.api_key:
        return f"{host} wants an API key, and none is set.", f"Make one there and set {where.key}."
    if found.key_accepted is False:
        return f"{host} does not accept the API key.", f"Make a new one there and set {where.key}."
    match error:
        case ModelNotFound():
            return f"{host} has no model {endpoint.model}.", _choice(endpoint.model, names, where.model)
        case ModelNotConfigured():
            problem = f"{endpoint.base_url} answers, but not as an OpenAI-compatible API ({detail})."
            return problem, f"Correct {where.url}; most addresses end in /v1."
        case ModelOutOfCredit():
            return f"The account at {host} has no credit left ({detail}).", "Add credit, or raise its limit, there."
        case ModelBusy():
            return f"{host} limits how often it may be asked ({detail}).", "Wait a little, or ask there for more."
        case ModelUnavailable():
            return f"{host} has trouble of its own ({detail}).", "Look at its status page or log, and try again later."
        case _:
            problem = f"{host} did not answer a plain question: {detail or error.sentence}"
            return problem, f"See whether {where.model} names a model that chats."


def _choice(asked: str, names: list[str], setting: str) -> str:
    near = get_close_matches(asked, names, n=SHOWN, cutoff=0.4)
    if near:
        return f"Set {setting} to one that it has; close to it: {', '.join(near)}."
    if names:
        return f"Set {setting} to one that it has, such as {', '.join(names[:SHOWN])}."
    return f"Set {setting} to one that it has; it does not list them."
