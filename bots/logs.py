"""Structured logs on standard error: text for people, JSON for machines, never a secret and no one's words.

Libraries log through the standard library; their lines, and Python's warnings, take the same way out, so that they
are redacted as well.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import Processor

HIDDEN = "[hidden]"
SHORTEST = 6
"""Characters. What is shorter is a word that may stand anywhere; hiding it would spoil lines and reveal it."""
CHATTY = ("httpx", "httpcore", "slack_bolt", "slack_sdk", "discord", "aiosqlite", "aiohttp.access", "alembic")
"""Libraries whose info lines tell an operator nothing new, and whose debug lines carry people's words."""


class Redaction:
    """A structlog processor that hides every known secret, wherever in a line it stands, also as part of a URL."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        forms = known | {quote(secret, safe="") for secret in known} | {quote_plus(secret) for secret in known}
        # A secret that contains another is hidden whole.
        self._secrets = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, logger: object, method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        return {self.text(key): self._hidden(value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """The text without any secret."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def _hidden(self, value: object) -> object:
        match value:
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {self.text(str(key)): self._hidden(part) for key, part in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._hidden(part) for part in value]
            case _:
                return self.text(str(value))


def configure(*, level: str, form: str, secrets: Iterable[str]) -> None:
    """All logging of this process goes to standard error in that form, `text` or `json`, from that level on."""
    _configure_structlog()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                Redaction(secrets),
                _renderer(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It warns at each start that voice will not work, which nobody asked for.
    logging.getLogger("discord.client").setLevel(logging.ERROR)
    logging.captureWarnings(True)


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            # Before anything is made of a line that nobody will see.
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _renderer(form: str) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
