"""Structured logs on standard error: text for people, JSON for machines, never a secret and no one's words.

Libraries log through the standard library; their lines take the same way out, so that they are redacted as well.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, MutableMapping

import structlog
from structlog.typing import Processor

HIDDEN = "[hidden]"
CHATTY = ("httpx", "httpcore", "slack_bolt", "slack_sdk", "discord", "aiosqlite", "aiohttp.access", "alembic")
"""Libraries whose info lines tell an operator nothing new, and whose debug lines carry people's words."""


class Redaction:
    """A structlog processor that hides every known secret, wherever in a line it stands."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(sorted((s for s in secrets if len(s) >= 6), key=len, reverse=True))

    def __call__(self, logger: object, method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        return {key: self._hidden(value) for key, value in event.items()}

    def _hidden(self, value: object) -> object:
        if isinstance(value, int | float | bool) or value is None:
            return value
        text = value if isinstance(value, str) else str(value)
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def configure(*, level: str, form: str, secrets: Iterable[str]) -> None:
    """All logging of this process goes to standard error in that form."""
    redaction = Redaction(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redaction,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
