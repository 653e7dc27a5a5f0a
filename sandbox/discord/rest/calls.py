"""The log of REST calls: what was asked, and how it was answered. Tokens are not kept."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.changes import Changes
from sandbox.discord.values import Json

KEPT = 20_000
"""Calls remembered; older ones are forgotten, so that a long run does not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a call was answered; a refusal has a code and a sentence."""

    status: int
    code: int | None = None
    error: str | None = None

    @classmethod
    def of(cls, status: int, said: Any) -> "Answered":
        if status < 400 or not isinstance(said, dict):
            return cls(status=status)
        return cls(status=status, code=said.get("code"), error=said.get("message"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RestCall:
    """One call; `route` is its pattern, `name` what the sandbox calls it, `status` 0 when no answer was given."""

    method: str
    route: str
    name: str
    params: Mapping[str, str]
    body: Any
    status: int
    code: int | None
    """Discord's error code, when it said no."""
    at: float

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class CallLog:
    """Newest last; every entry is told to whoever watches."""

    def __init__(self, changes: Changes, now: Callable[[], float]) -> None:
        self._changes = changes
        self._now = now
        self.entries: deque[RestCall] = deque(maxlen=KEPT)
        self.rate_limited = 0
        """429s given, those that a fault asked for included."""
        self.invalid = 0
        """401, 403 and 429: Discord shuts out an address after 10,000 of them in ten minutes."""

    def add(
        self,
        *,
        method: str,
        route: str,
        name: str,
        params: Mapping[str, str],
        body: Any,
        answer: Answered,
        limits: Mapping[str, str] | None = None,
    ) -> None:
        """The call is in the log; `limits` are the headers that told its bucket."""
        call = RestCall(
            method=method,
            route=route,
            name=name,
            params={key: value for key, value in params.items() if key != "token"},
            body=body,
            status=answer.status,
            code=answer.code,
            at=self._now(),
        )
        self.entries.append(call)
        self.rate_limited += call.status == 429
        self.invalid += call.status in (401, 403, 429)
        told: Json = {"type": "call", "method": f"{method} {route}", "name": name}
        told |= {"status": call.status, "ok": call.ok, "error": answer.error, "at": call.at}
        self._changes.tell(told | {"channel": params.get("channel", ""), "budget": _budget(limits or {})})


def _budget(headers: Mapping[str, str]) -> Json | None:
    """What is left of the call's bucket, and in how many seconds it is whole again."""
    if "X-RateLimit-Remaining" not in headers:
        return None
    return {
        "left": int(headers["X-RateLimit-Remaining"]),
        "of": int(headers["X-RateLimit-Limit"]),
        "seconds": float(headers["X-RateLimit-Reset-After"]),
    }
