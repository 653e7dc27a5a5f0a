"""Reads answers to their end."""

from __future__ import annotations

from contextlib import aclosing

from core.errors import ModelError
from core.ports import ChatModel, ModelEvent, ModelRequest, ReasoningDelta, TextDelta


async def asked(model: ChatModel, request: ModelRequest) -> list[ModelEvent]:
    """Every event of the answer."""
    async with aclosing(model.stream(request)) as events:
        return [event async for event in events]


async def failed(model: ChatModel, request: ModelRequest) -> tuple[str, ModelError]:
    """The text that came, and the error that ended the answer."""
    texts: list[str] = []
    try:
        async with aclosing(model.stream(request)) as events:
            async for event in events:
                texts += [event.text] if isinstance(event, TextDelta) else []
    except ModelError as error:
        return "".join(texts), error
    raise AssertionError("the answer did not fail")


def text_of(events: list[ModelEvent]) -> str:
    """What the answer says."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def thought_in(events: list[ModelEvent]) -> str:
    """What it thinks."""
    return "".join(event.text for event in events if isinstance(event, ReasoningDelta))
