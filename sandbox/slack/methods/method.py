"""One method of the Web API: its name, limit, scope and what it does, as `web_api` looks it up."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.arguments import Arguments
from sandbox.slack.rate_limits import Limit
from sandbox.slack.values import Json

Handler = Callable[[Arguments], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`handler` returns what joins `ok: true`, or raises ApiError."""

    name: str
    limit: Limit
    handler: Handler
    scope: str | None = None
    """The scope that the bot token needs; None when any token will do."""
    app_level: bool = False
    """Called with the app-level token (xapp) instead of the bot's."""
    posts: bool = False
    """Counts against the limit of one post per second and channel, too."""
