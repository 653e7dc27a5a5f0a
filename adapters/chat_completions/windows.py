"""How many tokens a model reads and writes together, by its name.

The server's own word goes before this table (client.py), and a setting before both (Endpoint.window). Sizes: the
vendors' model pages as collected by genai-prices 0.2.3 (November 2026). Where versions of a family differ the smaller
one stands here: a window taken too small costs history, one taken too large costs the answer.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT = 8_192
"""For names nobody knows: what small local servers commonly have."""

WINDOWS: Mapping[str, int] = {
    "gpt-6": 1_050_000,
    "gpt-5.6": 1_050_000,
    "gpt-5.5": 1_000_000,
    "gpt-5.4": 1_050_000,
    "gpt-5.4-mini": 400_000,
    "gpt-5.4-nano": 400_000,
    "gpt-5.3": 128_000,
    "gpt-5": 400_000,
    "gpt-5-chat": 128_000,
    "gpt-4.1": 1_000_000,
    "gpt-4o": 128_000,
    "chatgpt-4o": 128_000,
    "gpt-4-turbo": 128_000,
    "gpt-4": 8_192,
    "gpt-3.5": 16_385,
    "gpt-35": 16_385,
    "gpt-oss": 131_072,
    "o1": 200_000,
    "o1-mini": 128_000,
    "o1-preview": 128_000,
    "o3": 200_000,
    "o4": 200_000,
    "claude": 200_000,
    "claude-haiku-5": 1_000_000,
    "claude-opus-5": 1_000_000,
    "claude-sonnet-5": 1_000_000,
    "gemini": 1_000_000,
    "gemma": 8_192,
    "gemma-2": 8_192,
    "gemma-3": 128_000,
    "gemma-4": 131_072,
    "mistral": 32_768,
    "mistral-large": 131_072,
    "mistral-large-4": 1_048_576,
    "mistral-medium": 131_072,
    "mistral-medium-3-5": 262_144,
    "mistral-small": 131_072,
    "mistral-7b": 8_192,
    "ministral": 131_072,
    "magistral": 40_000,
    "codestral": 256_000,
    "deepseek": 64_000,
    "deepseek-v3.2": 128_000,
    "deepseek-v4": 1_000_000,
    "llama-2": 4_096,
    "llama-3": 8_192,
    "llama-3.1": 32_768,
    "llama-3.2": 32_768,
    "llama-3.3": 128_000,
    "llama-4": 131_072,
    "qwen": 32_768,
    "qwen-3": 32_768,
    "kimi": 131_072,
    "grok": 131_072,
    "glm": 128_000,
    "phi": 4_096,
    "phi-4": 16_384,
    "smollm": 2_048,
    "smollm2": 8_192,
}
"""Beginning of a plain name → tokens. The longest beginning that fits decides."""

_TUNED = "ft:"
_SPELLINGS = {"llama2": "llama-2", "llama3": "llama-3", "llama4": "llama-4", "qwen3": "qwen-3", "gemma2": "gemma-2"}
_SPELLINGS |= {"gemma3": "gemma-3", "gemma4": "gemma-4", "phi4": "phi-4"}


def window_of(model: str) -> int:
    """The model's window in tokens; DEFAULT for a name that is not known."""
    name = plain_name(model)
    fitting = [beginning for beginning in WINDOWS if begins(name, beginning)]
    return WINDOWS[max(fitting, key=len)] if fitting else DEFAULT


def plain_name(model: str) -> str:
    """The vendor's name, without a router's prefix, a fine-tune's frame or a local tag, in lower case."""
    name = model.strip().lower()
    if name.startswith(_TUNED):
        name = name.removeprefix(_TUNED).partition(":")[0]
    name = name.rpartition("/")[2].partition(":")[0]
    name = name.removeprefix("meta-")
    spelled = next((word for word in _SPELLINGS if name.startswith(word)), None)
    return _SPELLINGS[spelled] + name.removeprefix(spelled) if spelled else name


def begins(name: str, beginning: str) -> bool:
    """The beginning ends where a word of the name ends: `o1` is not in `o10`, but `gpt-5` is in `gpt-5.1`."""
    rest = name.removeprefix(beginning)
    return name.startswith(beginning) and (
        not rest or not (rest[0].isalnum() and beginning[-1].isdigit()) or rest[0] == "o"
    )
