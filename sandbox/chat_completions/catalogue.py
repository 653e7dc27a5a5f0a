"""The models that the sandbox pretends to have, and which habits of real families each one keeps.

The names are those of real models where a test wants their rules; none of them thinks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ToolSupport(StrEnum):
    """When a request may carry function tools."""

    ALWAYS = "always"
    WITHOUT_REASONING = "without_reasoning"
    """Only with `reasoning_effort: "none"` (gpt-5.5 to gpt-6-luna)."""
    NEVER = "never"
    """gpt-6-astra, which does not take `none`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of the catalogue."""

    id: str
    reasoning: bool = False
    """Refuses max_tokens and non-default sampling, as OpenAI's reasoning models do."""
    tools: ToolSupport = ToolSupport.ALWAYS
    window: int = 128_000
    """Context in tokens, by the rule of tokens.py."""
    chat: bool = True
    unknown: frozenset[str] = frozenset()
    """Parameters that its server does not know and refuses, as strict compatible servers do."""
    shutdown_date: str | None = None

    def listed(self) -> dict[str, Any]:
        """Its entry in GET /v1/models."""
        return {
            "id": self.id,
            "object": "model",
            "created": 1_790_000_000,
            "owned_by": "sandbox",
            "shutdown_date": self.shutdown_date,
        }


DEMO_MODEL = "parley-demo"
MODELS: tuple[Model, ...] = (
    Model(id=DEMO_MODEL),
    Model(id="parley-demo-tiny", window=1_000),
    Model(id="parley-demo-strict", unknown=frozenset({"stream_options", "max_completion_tokens", "reasoning_effort"})),
    Model(id="gpt-4.1-mini", shutdown_date="2027-01-14"),
    Model(id="gpt-6-luna", reasoning=True, tools=ToolSupport.WITHOUT_REASONING),
    Model(id="gpt-6-astra", reasoning=True, tools=ToolSupport.NEVER),
    Model(id="omni-moderation-latest", chat=False),
)
