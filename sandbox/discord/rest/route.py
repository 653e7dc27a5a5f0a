"""One REST route: what it matches, who may call it, how it is limited, and what answers it. Pure values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.attachments import Upload
from sandbox.discord.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as a route reads it."""

    params: Mapping[str, str]
    """The variable parts of the path."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    """The JSON, from `payload_json` when files came with it; an empty object when there was none."""
    files: Mapping[int, Upload] = field(default_factory=dict)
    """By the n of `files[n]`."""

    @property
    def json(self) -> Json:
        """The body as an object; anything else counts as empty."""
        return self.body if isinstance(self.body, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and a JSON body; None for no body."""

    body: Any = None
    status: int = 200


NO_CONTENT = Answer(status=204)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`limit` names its bucket in `rate_limits`; None is not limited at all."""

    name: str
    method: str
    path: str
    handler: Callable[[Call], Answer]
    limit: str | None = "other"
    by_token: bool = False
    """An interaction's token in the path stands for the bot's; the call does not count to the global limit."""
    open: bool = False
    """Anybody may call it."""
