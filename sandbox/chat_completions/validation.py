"""The requests that OpenAI refuses, with its words, so that a client's fault shows here before it costs a real call.

Sources: shared/platforms/chat-completions.md section 2. A check gives the refusal or None; the first one stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.chat_completions import tokens
from sandbox.chat_completions.catalogue import Model, ToolSupport
from sandbox.chat_completions.conversation import broken_conversation
from sandbox.chat_completions.failures import context_too_long, error
from sandbox.chat_completions.question import Question
from sandbox.chat_completions.script import Failure

Body = dict[str, Any]

_KNOWN = frozenset(
    """
    audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages
    metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key
    prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed
    service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity
    web_search_options
    """.split()  # noqa: SIM905 - as a list it would be a page of its own
)
_BOUNDS = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
}
_DEFAULTS = {"temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0}
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def checked(body: object, models: Mapping[str, Model]) -> Question | Failure:
    """The question when OpenAI would take the request, else its refusal."""
    if not isinstance(body, dict):
        return error(400, "Invalid type for the body: expected an object.")
    model = models.get(str(body.get("model") or ""))
    if not body.get("model"):
        return error(400, "you must provide a model parameter")
    if model is None:
        text = f"The model `{body['model']}` does not exist or you do not have access to it."
        return error(404, text, code="model_not_found")
    if not model.chat:
        text = "This is not a chat model and thus not supported in the v1/chat/completions endpoint."
        return error(404, text, param="model")
    refusals = (check(body, model) for check in _CHECKS)
    return next((refusal for refusal in refusals if refusal), None) or Question(body=body, model=model)


def _unknown_parameter(body: Body, model: Model) -> Failure | None:
    strictly = sorted(set(body) & model.unknown)
    if strictly:
        return error(400, f'Invalid JSON payload received. Unknown name "{strictly[0]}": Cannot find field.')
    unknown = sorted(set(body) - _KNOWN)
    return error(400, f"Unrecognized request argument supplied: {unknown[0]}") if unknown else None


def _conversation(body: Body, _model: Model) -> Failure | None:
    return broken_conversation(body.get("messages"))


def _bounds(body: Body, _model: Model) -> Failure | None:
    for name, (low, high) in _BOUNDS.items():
        given = body.get(name)
        if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
            return error(400, f"Invalid type for '{name}': expected a number.", code="invalid_type", param=name)
        if given is not None and not low <= given <= high:
            text = f"Invalid '{name}': expected a value between {low} and {high}, but got {given} instead."
            return error(400, text, code="decimal_out_of_range", param=name)
    return None


def _lengths(body: Body, _model: Model) -> Failure | None:
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > 4:
        text = f"Invalid 'stop': array too long. Expected at most 4 items, but got {len(stop)} instead."
        return error(400, text, code="array_above_max_length", param="stop")
    if len(str(body.get("safety_identifier") or "")) > 64:
        text = "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64."
        return error(400, text, code="string_above_max_length", param="safety_identifier")
    if len(body.get("metadata") or {}) > 16:
        return error(400, "Invalid 'metadata': too many properties. Expected at most 16.", param="metadata")
    return None


def _stream_options(body: Body, _model: Model) -> Failure | None:
    if body.get("stream_options") is None or body.get("stream"):
        return None
    return error(
        400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
    )


def _room(body: Body, model: Model) -> Failure | None:
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is not None and (not isinstance(body[name], int) or body[name] < 1):
            text = (
                f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {body[name]} instead."
            )
            return error(400, text, code="integer_below_min_value", param=name)
    if body.get("max_tokens") is None:
        return None
    if body.get("max_completion_tokens") is not None:
        text = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        return error(400, text, code="invalid_parameter_combination", param="max_tokens")
    return _unsupported_parameter("max_tokens", "max_completion_tokens") if model.reasoning else None


def _unsupported_parameter(name: str, instead: str) -> Failure:
    text = f"Unsupported parameter: '{name}' is not supported with this model. Use '{instead}' instead."
    return error(400, text, code="unsupported_parameter", param=name)


def _sampling(body: Body, model: Model) -> Failure | None:
    if not model.reasoning:
        return None
    for name, default in _DEFAULTS.items():
        if body.get(name) is not None and body[name] != default:
            text = (
                f"Unsupported value: '{name}' does not support {body[name]} with this model. "
                f"Only the default ({default}) value is supported."
            )
            return error(400, text, code="unsupported_value", param=name)
    return None


def _effort(body: Body, model: Model) -> Failure | None:
    effort = body.get("reasoning_effort")
    if effort is None:
        return None
    if not model.reasoning:
        text = "Unrecognized request argument supplied: reasoning_effort"
        return error(400, text)
    if effort not in _EFFORTS or (effort == "none" and model.tools is ToolSupport.NEVER):
        text = f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model."
        return error(400, text, code="unsupported_value", param="reasoning_effort")
    return None


def _tools(body: Body, model: Model) -> Failure | None:
    if not body.get("tools"):
        return _choice_without_tools(body)
    for name in _function_names(body["tools"]):
        if not name or len(name) > 64 or not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
            text = f"Invalid 'tools[].function.name': '{name}' does not match the pattern '^[a-zA-Z0-9_-]+$'."
            return error(400, text, code="invalid_value", param="tools[].function.name")
    thinking = body.get("reasoning_effort", "medium") != "none"
    if model.tools is ToolSupport.NEVER or (model.tools is ToolSupport.WITHOUT_REASONING and thinking):
        text = (
            f"Function tools with reasoning_effort are not supported for {model.id} in /v1/chat/completions. "
            "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
        )
        return error(400, text, param="reasoning_effort")
    return None


def _choice_without_tools(body: Body) -> Failure | None:
    for name in ("tool_choice", "parallel_tool_calls"):
        if body.get(name) is not None:
            return error(400, f"'{name}' is only allowed when 'tools' are specified.", param=name)
    return None


def _function_names(tools: object) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else [None]:
        function = tool.get("function") if isinstance(tool, dict) else None
        yield str(function.get("name") or "") if isinstance(function, dict) else ""


def _json_mode(body: Body, _model: Model) -> Failure | None:
    wanted = body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_object":
        return None
    if any("json" in tokens.text_of(message).lower() for message in body["messages"]):
        return None
    text = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    return error(400, text, param="messages")


def _window(body: Body, model: Model) -> Failure | None:
    asked = tokens.prompt_tokens(body["messages"]) + int(
        body.get("max_completion_tokens") or body.get("max_tokens") or 0
    )
    return context_too_long(model.id, model.window, asked) if asked > model.window else None


_CHECKS: tuple[Callable[[Body, Model], Failure | None], ...] = (
    _unknown_parameter,
    _conversation,
    _bounds,
    _lengths,
    _stream_options,
    _room,
    _effort,
    _sampling,
    _tools,
    _json_mode,
    _window,
)
