"""The error answers that servers are known to give, by name.

Texts and fields follow the vendors (shared/platforms/chat-completions.md, sections 5 and 6). Tests script them, and a
person gets one by asking the demo to "play" it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.chat_completions.script import Failure

_BAD_GATEWAY = """<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
</html>
"""
_NOT_FOUND = "<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not Found</h1></body></html>"


def error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    code: str | int | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Failure:
    """An error in OpenAI's wrapper."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Failure(status=status, body=body, headers=headers or {})


def bare(status: int, body: Mapping[str, Any] | list[Any], **headers: str) -> Failure:
    """An error in some other wrapper; header names are written with underscores."""
    return Failure(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def context_too_long(model: str, window: int, asked: int) -> Failure:
    """OpenAI's refusal of a prompt that does not fit."""
    text = (
        f"This model's maximum context length is {window} tokens. However, your messages resulted in {asked} tokens. "
        "Please reduce the length of the messages."
    )
    return error(400, text, code="context_length_exceeded", param="messages")


def rate_limited(retry_after: str = "2", **headers: str) -> Failure:
    """Too many requests; `retry_after` may be a decimal or an HTTP date."""
    text = (
        "Rate limit reached for parley-demo in organization org-sandbox on requests per min (RPM): Limit 3, Used 3, "
        f"Requested 1. Please try again in {retry_after}s."
    )
    limits = {
        "Retry-After": retry_after,
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
    }
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    return error(429, text, kind="requests", code="rate_limit_exceeded", headers=limits | extra)


_QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
)
_CONTENT_FILTER = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {"violence": {"filtered": True}},
        },
    }
}

FAILURES: Mapping[str, Failure] = {
    "context_length_exceeded": context_too_long("parley-demo", 8192, 9001),
    "llama_context": bare(
        400,
        {
            "error": {
                "code": 400,
                "type": "exceed_context_size_error",
                "message": "the request exceeds the available context size, try increasing it",
                "n_prompt_tokens": 9001,
                "n_ctx": 8192,
            }
        },
    ),
    "unsupported_parameter": error(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        code="unsupported_parameter",
        param="max_tokens",
    ),
    "unsupported_value": error(
        400,
        "Unsupported value: 'temperature' does not support 0.2 with this model. "
        "Only the default (1) value is supported.",
        code="unsupported_value",
        param="temperature",
    ),
    "invalid_image_url": error(400, "Invalid image URL.", code="invalid_image_url", param="url"),
    "content_filter": bare(400, _CONTENT_FILTER),
    "invalid_api_key": error(401, "Incorrect API key provided: ********.", code="invalid_api_key"),
    "no_balance": bare(402, {"error": {"message": "Insufficient credits", "code": 402, "metadata": {}}}),
    "forbidden": error(403, "You do not have access to this resource.", kind="permission_error"),
    "unsupported_country": error(
        403,
        "Country, region, or territory not supported",
        kind="request_forbidden",
        code="unsupported_country_region_territory",
    ),
    "model_not_found": error(
        404, "The model `gpt-0` does not exist or you do not have access to it.", code="model_not_found"
    ),
    "wrong_base_url": Failure(status=404, body=_NOT_FOUND, content_type="text/html"),
    "timeout": error(408, "Request timed out.", kind="server_error"),
    "conflict": error(409, "The resource is being changed by another request.", kind="conflict"),
    "too_large": error(
        413,
        "Request too large for model `llama-3.1-8b` on tokens per minute (TPM): Limit 6000, Requested 7040.",
        kind="tokens",
        code="rate_limit_exceeded",
    ),
    "validation": bare(
        422, {"detail": [{"loc": ["body", "temperature"], "msg": "must be >= 0", "type": "value_error"}]}
    ),
    "mistral_error": bare(
        400, {"object": "error", "message": "Invalid model", "type": "invalid_model", "code": "1500", "param": None}
    ),
    "rate_limited": rate_limited(),
    "slow_down": error(
        429,
        "Your traffic grew too fast. Please slow down.",
        kind="rate_limit_error",
        code="slow_down",
        headers={"Retry-After": "5"},
    ),
    "insufficient_quota": error(429, _QUOTA, kind="insufficient_quota", code="insufficient_quota"),
    "credit_balance_exhausted": error(429, _QUOTA, kind="insufficient_quota", code="credit_balance_exhausted"),
    "never_fits": error(
        429,
        "Request too large for gpt-6-sol in organization org-sandbox on tokens per min (TPM): Limit 30000, "
        "Requested 41250. The input or output tokens must be reduced in order to run successfully.",
        kind="tokens",
        code="rate_limit_exceeded",
    ),
    "gemini_rate_limited": bare(
        429,
        [
            {
                "error": {
                    "code": 429,
                    "message": "You exceeded your current quota.",
                    "status": "RESOURCE_EXHAUSTED",
                    "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}],
                }
            }
        ],
    ),
    "server_error": error(500, "The server had an error while processing your request.", kind="server_error"),
    "bad_gateway": Failure(status=502, body=_BAD_GATEWAY, content_type="text/html"),
    "overloaded": error(
        503,
        "The engine is currently overloaded, please try again later",
        kind="service_unavailable_error",
        code="server_is_overloaded",
    ),
    "loading_model": bare(503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
    "gateway_timeout": Failure(status=504, body="upstream request timeout", content_type="text/plain"),
    "overloaded_529": bare(529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    "litellm_error": error(429, "litellm.RateLimitError: slow down", kind="throttling_error", code="429"),
    "error_text": bare(500, {"error": "model runner has unexpectedly stopped"}),
    "html_with_200": Failure(status=200, body=_NOT_FOUND, content_type="text/html"),
    "dropped": Failure(dropped=True),
}
