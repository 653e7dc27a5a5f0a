"""The plain values that travel on Discord's wire, and the two errors that say no.

Nothing here knows a guild; every other module may use it. Which refusals there are stands in `refusals`.
"""

from typing import Any, NamedTuple

Json = dict[str, Any]
"""One JSON object. Discord's payloads are open-ended, so their inside stays untyped until it is read."""


class Refusal(NamedTuple):
    """How Discord says no: the HTTP status, the error code in the JSON body, and the sentence beside it."""

    status: int
    code: int
    message: str


class SandboxError(Exception):
    """Somebody drove the sandbox wrongly: an unknown person, channel, message, command or button."""


class ApiError(Exception):
    """A REST call is answered with this refusal; `errors` names the wrong fields of a form (code 50035)."""

    def __init__(self, refusal: Refusal, errors: Json | None = None) -> None:
        super().__init__(f"{refusal.code} {refusal.message}")
        self.refusal = refusal
        self.errors = errors

    @property
    def body(self) -> Json:
        """The JSON that the client reads."""
        body: Json = {"message": self.refusal.message, "code": self.refusal.code}
        return body | ({"errors": self.errors} if self.errors else {})
