"""Which error of core a server's complaint is, and whether asking the same again may help.

    402, or a quota that is spent           ModelOutOfCredit     content filter            ModelFiltered
    401, 403, a key that is not valid       ModelNotConfigured   prompt too long, 413      ContextTooLong
    404 that names no model, 3xx, HTML      ModelNotConfigured   429                       ModelBusy
    404 or 400 that names the model         ModelNotFound        408, 409, 5xx             ModelUnavailable
    any other refusal                       ModelRefused

Table: the chat completions fact sheet, section 6. Exceptions of httpx are translated in transport.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.chat_completions.delays import told_delay
from adapters.chat_completions.faults import Fault
from core.errors import (
    ContextTooLong,
    ModelBusy,
    ModelCut,
    ModelError,
    ModelFiltered,
    ModelNotConfigured,
    ModelNotFound,
    ModelOutOfCredit,
    ModelRefused,
    ModelUnavailable,
)

_SPENT = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "billing_hard_limit_reached",
        "insufficient_balance",
    }
)
_FILTERED = frozenset({"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation"})
_TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error", "contextwindowexceedederror"})
_NO_MODEL = frozenset({"model_not_found", "deploymentnotfound", "invalid_model", "model_decommissioned"})
_BAD_KEY = frozenset({"invalid_api_key", "api_key_invalid", "authentication_error", "permission_denied"})
_LIMITED = frozenset({"rate_limit_exceeded", "rate_limit_error", "slow_down", "resource_exhausted", "429"})
_TOO_LONG_TEXT = re.compile(
    r"context (?:length|window|size)|prompt (?:is )?too (?:long|large)|input (?:is )?too (?:long|large)"
    r"|(?:input|prompt) tokens? (?:count )?.{0,40}exceeds|reduce the length of the messages|contextwindowexceeded"
)
_NO_MODEL_TEXT = re.compile(
    r"\bmodel\b.{0,120}?(?:not found|not exist|does not exist|not available|no access|decommissioned)"
    r"|(?:no such|unknown|invalid) model\b|not a valid model|no endpoints found|\bmodel: \S+$"
)
_BAD_KEY_TEXT = re.compile(r"(?:api|access) ?key (?:is )?(?:not valid|invalid|expired|not found)|invalid (?:api ?)?key")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LENGTH_STATUSES = (0, 400, 413, 422)
_NAME_STATUSES = (0, 400, 403, 404, 422)
_AGAIN = (ModelBusy, ModelUnavailable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One call that gave no answer."""

    error: ModelError
    again: bool = False
    """The same request may be sent again to the same server, after `error.retry_after` or a moment."""
    fault: Fault | None = None
    """What the server said, where it did."""


class CallFailed(Exception):
    """A call ended before the answer did. Stays inside this package."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error.detail)
        self.failure = failure


def error_type(fault: Fault) -> type[ModelError]:
    """The error of core that this complaint is."""
    marks, status = fault.marks, fault.status
    if marks & _SPENT or status == 402:
        return ModelOutOfCredit
    if marks & _FILTERED:
        return ModelFiltered
    if _too_long(fault):
        return ContextTooLong
    if status in _NAME_STATUSES and (marks & _NO_MODEL or _NO_MODEL_TEXT.search(fault.text)):
        return ModelNotFound
    if marks & _BAD_KEY or (status == 400 and _BAD_KEY_TEXT.search(fault.text)):
        return ModelNotConfigured
    return _by_status(status, limited=bool(marks & _LIMITED))


def _by_status(status: int, *, limited: bool) -> type[ModelError]:
    if status == 429 or (status == 0 and limited):
        return ModelBusy
    if status in (401, 403, 404, 405, 407) or 200 <= status < 400:
        return ModelNotConfigured
    if status in (0, 408, 409, 425) or status >= 500:
        return ModelUnavailable
    return ModelRefused


def _too_long(fault: Fault) -> bool:
    if fault.marks & _TOO_LONG or fault.status == 413 or fault.never_fits:
        return True
    return fault.status in _LENGTH_STATUSES and _TOO_LONG_TEXT.search(fault.text) is not None


def names_address(fault: Fault) -> bool:
    """It is the address that is wrong, not the key and not the model."""
    return error_type(fault) is ModelNotConfigured and fault.status not in (400, 401, 403, 407)


def failure(fault: Fault, headers: Mapping[str, str], *, detail: str, now: datetime) -> Failure:
    """The failure that a complaint at the start of a call is. `detail` is fit to print."""
    kind = error_type(fault)
    wait = told_delay(headers, body=fault.delay, now=now) if issubclass(kind, _AGAIN) else None
    error = kind(detail, retry_after=wait)
    return Failure(error=error, again=_again(error, headers), fault=fault)


def _again(error: ModelError, headers: Mapping[str, str]) -> bool:
    """OpenAI's `x-should-retry` goes before our own judgement, except where somebody has to mend something."""
    advice = headers.get("x-should-retry", "").strip().lower()
    if advice == "false":
        return False
    return is_passing(error) or (advice == "true" and isinstance(error, ModelRefused))


def is_passing(error: ModelError) -> bool:
    """Waiting a moment may help, and nobody has to do anything."""
    return isinstance(error, _AGAIN)


def codes(fault: Fault) -> str:
    """Status and codes of a complaint, for the log: `429 rate_limit_exceeded (tokens)`."""
    words = [word for word in (fault.code, fault.kind, fault.param) if _PLAIN.fullmatch(word)]
    words = [word for word in dict.fromkeys(words) if word != str(fault.status)]
    return " ".join([str(fault.status)] * bool(fault.status) + words) or "an error without a code"


def cut(failed: Failure) -> ModelError:
    """The same failure after part of the answer has been given out."""
    if isinstance(failed.error, ModelBusy | ModelUnavailable):
        return ModelCut(failed.error.detail, retry_after=failed.error.retry_after)
    return failed.error
