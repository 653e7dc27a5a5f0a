"""A validated request, read by whoever answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.chat_completions import tokens
from sandbox.chat_completions.catalogue import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The parsed body of a request that passed validation."""

    body: dict[str, Any]
    model: Model

    @property
    def messages(self) -> list[dict[str, Any]]:
        """As sent, oldest first."""
        messages: list[dict[str, Any]] = self.body["messages"]
        return messages

    @property
    def streamed(self) -> bool:
        """Whether `stream: true` was asked."""
        return bool(self.body.get("stream"))

    @property
    def wants_usage(self) -> bool:
        """Whether a streamed answer shall tell its usage."""
        return bool((self.body.get("stream_options") or {}).get("include_usage"))

    @property
    def choices(self) -> int:
        """How many answers are wanted (`n`)."""
        return int(self.body.get("n") or 1)

    @property
    def room(self) -> int | None:
        """The most tokens that the answer may have, or None."""
        room: int | None = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        return room

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The functions that may be called."""
        return tuple(tool["function"]["name"] for tool in self.body.get("tools") or () if "function" in tool)

    @property
    def last_said(self) -> str:
        """The text of the last user message, empty without one."""
        said = (tokens.text_of(message) for message in reversed(self.messages) if message["role"] == "user")
        return next(said, "")

    @property
    def prompt_tokens(self) -> int:
        """The prompt's length by the rule of tokens.py."""
        return tokens.prompt_tokens(self.messages)
