"""Which models look at pictures, by their names.

A setting goes before this table (Endpoint.vision), and so does what a server told in a refusal (dialects.py). A name
that nobody knows is taken to see: its server says so if it does not, and is then asked again without the pictures.
Sources: the vendors' model pages, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.chat_completions.windows import begins, plain_name

SEES: Mapping[str, bool] = {
    "gpt-3.5": False,
    "gpt-35": False,
    "gpt-4": False,
    "gpt-4-turbo": True,
    "gpt-4-vision": True,
    "gpt-4o": True,
    "gpt-4.1": True,
    "gpt-4.5": True,
    "gpt-oss": False,
    "o1-mini": False,
    "o1-preview": False,
    "o3-mini": False,
    "claude-2": False,
    "claude-instant": False,
    "gemma": False,
    "gemma-3": True,
    "gemma-3-1b": False,
    "gemma-3-270m": False,
    "gemma-3n": True,
    "gemma-4": True,
    "mistral-7b": False,
    "mistral-nemo": False,
    "mixtral": False,
    "codestral": False,
    "devstral": False,
    "deepseek": False,
    "deepseek-vl": True,
    "llama-2": False,
    "llama-3": False,
    "llama-3.2-11b": True,
    "llama-3.2-90b": True,
    "llama-4": True,
    "qwen": False,
    "qwen-3": False,
    "qwen-3.5": True,
    "qwen2.5": False,
    "qwq": False,
    "glm-4.5": False,
    "glm-4.6": False,
    "kimi-k2": False,
    "kimi-k2.5": True,
    "grok-3": False,
    "phi": False,
    "smollm": False,
    "smollm2": False,
    "tinyllama": False,
    "granite": False,
    "command-r": False,
    "starcoder": False,
}
"""Beginning of a plain name → whether it sees. The longest beginning that fits decides."""

_SAID = (
    "vision",
    "-vl",
    "vlm",
    "llava",
    "pixtral",
    "multimodal",
    "moondream",
    "minicpm-v",
    "omni",
    "4v",
    "4.5v",
    "4.6v",
)
"""Words in a name that say so, whatever it begins with."""


def sees_by_name(model: str) -> bool:
    """Whether the model is taken to look at pictures."""
    name = plain_name(model)
    if any(word in name for word in _SAID):
        return True
    fitting = [beginning for beginning in SEES if begins(name, beginning)]
    return SEES[max(fitting, key=len)] if fitting else True
