"""Delivery to the app's request URL: signed POSTs of events, commands and interactions.

The signature is the one of docs.slack.dev/authentication/verifying-requests-from-slack; it uses the real time, since
the app compares it with its own clock. Retrying is decided by `delivery`.
"""

import hashlib
import hmac
import json
import secrets
import time
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.delivery import Delivery, Outcome
from sandbox.slack.events import VERIFICATION_TOKEN
from sandbox.slack.faults import Faults
from sandbox.slack.values import Json

FORM = "application/x-www-form-urlencoded"
MOST_REDIRECTS = 2


class HttpDelivery:
    """One request URL for everything, as Bolt serves it."""

    def __init__(self, *, signing_secret: str, faults: Faults, ack_seconds: float = 3.0) -> None:
        self._secret = signing_secret
        self._faults = faults
        self.ack_seconds = ack_seconds
        self.request_url: str | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def ready(self) -> bool:
        return self.request_url is not None

    def sign(self, body: bytes, timestamp: int) -> str:
        """The value of X-Slack-Signature for this body at this second."""
        signed = b"v0:" + str(timestamp).encode() + b":" + body
        return "v0=" + hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()

    async def verify(self, url: str) -> bool:
        """Whether the URL answers Slack's challenge; only then does Slack accept it."""
        challenge = secrets.token_hex(16)
        asked = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        body = json.dumps(asked).encode()
        async with self._client().post(url, data=body, headers=self._headers(body, "application/json")) as got:
            return got.status == 200 and challenge in await got.text()

    async def send(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        """The outcome of one POST: any 2xx within `ack_seconds` acknowledges."""
        body, content_type = _encoded(delivery)
        headers = self._headers(body, content_type)
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": _retry_reason(reason)}
        try:
            return await self._post(body, headers)
        except TimeoutError:
            return Outcome(acked=False, reason="http_timeout")
        except aiohttp.TooManyRedirects:
            return Outcome(acked=False, reason="too_many_redirects")
        except aiohttp.ClientSSLError:
            return Outcome(acked=False, reason="ssl_error")
        except aiohttp.ClientError:
            return Outcome(acked=False, reason="connection_failed")

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: bytes, headers: dict[str, str]) -> Outcome:
        assert self.request_url is not None
        limit = aiohttp.ClientTimeout(total=self.ack_seconds)
        async with self._client().post(
            self.request_url, data=body, headers=headers, timeout=limit, max_redirects=MOST_REDIRECTS
        ) as got:
            text = await got.text()
            if 200 <= got.status < 300:
                return Outcome(acked=True, answer=_answer(text, got.content_type))
            return Outcome(acked=False, reason="http_error", retry=got.headers.get("X-Slack-No-Retry") != "1")

    def _headers(self, body: bytes, content_type: str) -> dict[str, str]:
        timestamp = int(time.time()) - (600 if self._faults.take_old_timestamp() else 0)
        signature = self.sign(body, timestamp)
        if self._faults.take_wrong_signature():
            signature = self.sign(body + b"tampered", timestamp)
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (sandbox)",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": signature,
        }

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(trust_env=False)
        return self._session


def _encoded(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.type == "events_api":
        return json.dumps(delivery.payload).encode(), "application/json"
    if delivery.type == "slash_commands":
        return urlencode(delivery.payload).encode(), FORM
    return urlencode({"payload": json.dumps(delivery.payload)}).encode(), FORM


def _answer(text: str, content_type: str) -> Json | None:
    if not text.strip():
        return None
    if content_type != "application/json":
        return {"text": text}
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _retry_reason(reason: str) -> str:
    """HTTP's own word where the event had waited for a connection or is repeated on purpose."""
    return "http_timeout" if reason == "timeout" else reason
