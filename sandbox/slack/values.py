"""The plain values that travel on Slack's wire, and the errors that say no.

Nothing here knows a workspace; every other module may use it.
"""

from typing import Any

Json = dict[str, Any]
"""One JSON object. Slack's payloads are open-ended, so their inside stays untyped until it is read."""


class SandboxError(Exception):
    """Somebody drove the sandbox wrongly: an unknown person, channel, message or button."""


class ApiError(Exception):
    """What Slack answers as `{"ok": false, "error": …}` with HTTP 200.

    `extra` joins the answer, such as `needed` and `provided` of `missing_scope`.
    """

    def __init__(self, error: str, **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra
