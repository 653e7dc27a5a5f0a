"""Misbehaviour by name, as the control API asks for it: now, or planned for the next call or event."""

from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.faults import Faults
from sandbox.discord.gateway import DISALLOWED_INTENTS, Gateway
from sandbox.discord.intents import Portal
from sandbox.discord.rate_limits import RateLimits
from sandbox.discord.values import Json, SandboxError

BROKEN = '{"op": 0, "s": 1, "t": "MESSAGE_CREATE", "d": '


class Mischief:
    """Everything that a page can make go wrong."""

    def __init__(
        self, *, faults: Faults, gateway: Gateway, dispatcher: Dispatcher, portal: Portal, limits: RateLimits
    ) -> None:
        self._faults = faults
        self._gateway = gateway
        self._dispatcher = dispatcher
        self._portal = portal
        self._limits = limits

    async def play(self, body: Json) -> Json:
        """It went wrong, or is planned to. SandboxError for a kind that nobody knows."""
        details = dict(body)
        kind = str(details.pop("kind", ""))
        match kind:
            case "drop":
                self._gateway.drop(details.get("code"), shard=details.get("shard"))
            case "reconnect":
                self._gateway.reconnect()
            case "invalid_session":
                self._gateway.invalidate(resumable=bool(details.get("resumable")))
            case "freeze":
                self._gateway.freeze()
            case "refuse":
                self._gateway.refused_handshakes += int(details.get("times", 1))
            case "raw":
                self._gateway.send_raw(str(details.get("frame", BROKEN)))
            case "event":
                name = str(details.get("name", "AN_EVENT_FROM_THE_FUTURE"))
                self._dispatcher.everywhere(name, details.get("data") or {})
            case "missing_intents":
                self._portal.message_content = False
                self._gateway.invalidate(resumable=False)
                self._gateway.drop(DISALLOWED_INTENTS)
            case "rate_limits":
                self._limits.scale = details.get("scale")
            case _:
                self._plan(kind, details)
        return {}

    def _plan(self, kind: str, details: Json) -> None:
        match kind:
            case "call":
                self._faults.call(**details)
            case "duplicate":
                self._faults.duplicate(int(details.get("times", 1)))
            case "hold":
                self._faults.hold(int(details.get("times", 1)), seconds=details.get("seconds"))
            case "release":
                self._faults.release()
            case "clear":
                self._faults.clear()
            case _:
                raise SandboxError(f"no fault is called {kind!r}")
