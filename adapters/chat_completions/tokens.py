"""Counts tokens offline, with OpenAI's own vocabularies.

toktok brings them in a compiled wheel; where there is none, bytes are counted instead and a little too much is said.
Encodings by model: tiktoken's table; what is not in it is counted with o200k_base. Fact sheet, section 7.
"""

from __future__ import annotations

import asyncio
import importlib
import math
from typing import Literal

import structlog

from adapters.chat_completions.windows import plain_name
from core.ports import TokenCounter

log = structlog.get_logger()

Encoding = Literal["o200k_base", "cl100k_base"]
BYTES_PER_TOKEN = 3.5
"""Below what any language measured has on average (3.8 to 6.3), so that the guess errs high."""
_OLDER = ("gpt-4-", "gpt-3.5", "gpt-35", "text-embedding-3", "text-embedding-ada")


def encoding_of(model: str) -> Encoding:
    """The vocabulary with which the model's tokens are counted."""
    name = plain_name(model)
    return "cl100k_base" if name == "gpt-4" or name.startswith(_OLDER) else "o200k_base"


class ByteCounter:
    """Guesses tokens from the length in UTF-8, rounded up."""

    def count(self, text: str) -> int:
        """Rather too many than too few."""
        return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


class VocabularyCounter:
    """Counts exactly, with one vocabulary, which goes with it: 61 MB for o200k_base, 14 for cl100k_base."""

    def __init__(self, encoding: Encoding) -> None:
        """Takes a third of a second, during which nothing else runs: toktok keeps Python's lock while it loads.
        Raises ImportError where there is no toktok."""
        self._vocabulary = importlib.import_module("toktok")._Tokenizer(encoding, "")
        self.encoding = encoding

    def count(self, text: str) -> int:
        """Tokens of the text. `<|endoftext|>` and its like are ordinary text here, as a person wrote them."""
        readable = text.encode("utf-8", "replace").decode("utf-8")
        counts: list[int] = self._vocabulary.count_batch([readable], 1, False)
        return counts[0]


async def load_counter(model: str) -> TokenCounter:
    """A counter for that model, its vocabulary loaded in a thread."""
    return await asyncio.to_thread(counter_for, model)


def counter_for(model: str) -> TokenCounter:
    """The same, in this thread."""
    try:
        return VocabularyCounter(encoding_of(model))
    except (ImportError, OSError):
        log.warning("no vocabulary: tokens are guessed from bytes", action="tokens.guessed", model=model)
        return ByteCounter()
