"""What `parley doctor` says of an endpoint: it is asked one tiny question, as a person would ask.

Only an answer proves that the key is accepted and that the model is there: some servers list their models to anyone,
and a list does not say which of them chat. The list is read for the advice.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.listing import ListedModel, listed_models
from core.conversation import Role, text_message
from core.errors import ModelError, ModelNotConfigured, ModelNotFound, ModelTimeout, ModelUnavailable
from core.persona import ModelParameters
from core.ports import ModelRequest

PATIENCE = 30.0
"""Seconds for the answer, and again for the list."""
CAP = 16
_QUESTION = "Say: ready."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How an endpoint was found. None means that it could not be told."""

    endpoint: str
    model: str
    reachable: bool
    key_accepted: bool | None
    model_known: bool | None
    advice: str
    """One sentence with the next step; empty where all is well."""
    error: ModelError | None = None
    ends: date | None = None

    @property
    def good(self) -> bool:
        """The model answers."""
        return self.error is None


async def probe(model: ChatCompletionsModel, name: str = "") -> Finding:
    """The endpoint was asked a question, and its list was read. Costs about 20 tokens; never raises ModelError."""
    asked = model.endpoint.named(name)
    error = await _asked(model, name)
    listed = await listed_models(model.http, within=PATIENCE) if _reached(error) else ()
    ends = next((entry.ends for entry in listed if entry.id == asked), None)
    return Finding(
        endpoint=model.endpoint.name,
        model=asked,
        reachable=_reached(error),
        key_accepted=_key_accepted(error),
        model_known=_model_known(error),
        advice=_advice(model, asked, error, listed, ends),
        error=error,
        ends=ends,
    )


async def _asked(model: ChatCompletionsModel, name: str) -> ModelError | None:
    question = ModelRequest(
        messages=(text_message(Role.USER, _QUESTION),), model=name, parameters=ModelParameters(max_tokens=CAP)
    )
    try:
        async with asyncio.timeout(PATIENCE), aclosing(model.stream(question)) as events:
            async for _ in events:
                pass
    except ModelError as error:
        return error
    except TimeoutError:
        return ModelTimeout("probe")
    return None


def _reached(error: ModelError | None) -> bool:
    return not isinstance(error, ModelTimeout) and not (isinstance(error, ModelUnavailable) and error.__cause__)


def _key_accepted(error: ModelError | None) -> bool | None:
    if isinstance(error, ModelNotConfigured):
        return False if error.detail.startswith(("400", "401", "403")) else None
    return True if error is None or isinstance(error, ModelNotFound) else None


def _model_known(error: ModelError | None) -> bool | None:
    return True if error is None else False if isinstance(error, ModelNotFound) else None


def _advice(
    model: ChatCompletionsModel,
    asked: str,
    error: ModelError | None,
    listed: tuple[ListedModel, ...],
    ends: date | None,
) -> str:
    if error is None:
        return f"{asked} will be switched off on {ends}: choose another model before then." if ends else ""
    if isinstance(error, ModelNotFound):
        near = get_close_matches(asked, [entry.id for entry in listed], n=3, cutoff=0.4)
        return f"{model.endpoint.name} has no model {asked}. " + (f"Close to it: {', '.join(near)}." if near else "")
    if _key_accepted(error) is False:
        return f"{model.endpoint.name} does not accept the key: make a new one there and set it."
    if isinstance(error, ModelNotConfigured):
        return f"{model.endpoint.base_url} answers, but not as a model: check the address ({error.detail})."
    if not _reached(error):
        return f"{model.endpoint.base_url} cannot be reached: check the address and the network ({error.detail})."
    return f"{error.sentence} ({error.detail})"
