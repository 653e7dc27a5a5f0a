"""Servers' refusals of a field, in their own words."""

from __future__ import annotations

from sandbox.chat_completions.failures import bare, error

EXTRA = "Extra inputs are not permitted"


def forbidden(*names: str) -> list[dict[str, object]]:
    """FastAPI's list of fields it does not know."""
    return [{"type": "extra_forbidden", "loc": ["body", name], "msg": EXTRA} for name in names]


def unsupported(name: str, value: str = "") -> dict[str, object]:
    """OpenAI's refusal of a field or of its value, as a body."""
    text = f"Unsupported value: '{name}' does not support '{value}'" if value else f"Unsupported parameter: '{name}'"
    code = "unsupported_value" if value else "unsupported_parameter"
    message = f"{text} with this model." if value else f"{text} is not supported with this model."
    return {"error": {"message": message, "type": "invalid_request_error", "param": name, "code": code}}


GEMINI = 'Invalid JSON payload received. Unknown name "verbosity": Cannot find field.'
PYDANTIC = f"1 validation error for ChatCompletionRequest\nstream_options\n  {EXTRA} [type=extra_forbidden]"
OLLAMA = "registry.ollama.ai/library/gemma:latest does not support tools"
OPENROUTER = "No endpoints found that support tool use. To learn more about provider routing, visit our documentation."

REFUSALS = {
    "gemini": (
        bare(400, [{"error": {"code": 400, "message": GEMINI, "status": "INVALID_ARGUMENT"}}]),
        {"verbosity"},
    ),
    "openai unknown": (error(400, "Unrecognized request argument supplied: verbosity"), {"verbosity"}),
    "openai several": (
        error(400, "Unrecognized request arguments supplied: seed, verbosity"),
        {"seed", "verbosity"},
    ),
    "fastapi": (bare(422, {"detail": forbidden("seed", "stream_options")}), {"seed", "stream_options"}),
    "mistral": (
        bare(422, {"object": "error", "message": {"detail": forbidden("seed")}, "type": "invalid_request_error"}),
        {"seed"},
    ),
    "pydantic text": (bare(400, {"object": "error", "message": PYDANTIC, "code": 400}), {"stream_options"}),
    "cerebras": (error(400, "frequency_penalty is not supported", code="wrong_api_format"), {"frequency_penalty"}),
    "ollama tools": (error(400, OLLAMA, kind="api_error"), {"tools"}),
    "openrouter tools": (bare(404, {"error": {"code": 404, "message": OPENROUTER}}), {"tools"}),
    "stop": (bare(400, unsupported("stop")), {"stop"}),
    "stream options": (error(400, "stream_options: unknown field"), {"stream_options"}),
    "groq": (error(400, "property 'logit_bias' is unsupported"), {"logit_bias"}),
}
