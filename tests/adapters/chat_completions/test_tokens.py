"""Counting tokens offline."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat_completions.tokens import ByteCounter, VocabularyCounter, counter_for, encoding_of, load_counter


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-6-luna", "o200k_base"),
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("o1", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
        ("gpt-35-turbo", "cl100k_base"),
        ("ft:gpt-3.5-turbo:org::id", "cl100k_base"),
        ("openai/gpt-4", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("llama3.1:8b", "o200k_base"),
    ],
)
def test_the_vocabulary_by_model(model: str, encoding: str) -> None:
    """As in tiktoken's table; what is not in it counts with the newest."""
    assert encoding_of(model) == encoding


async def test_known_counts() -> None:
    """Counts that OpenAI's own tokenizer gives."""
    new, old = await load_counter("gpt-4o"), await load_counter("gpt-4")
    assert isinstance(new, VocabularyCounter)
    assert [counter.count("tiktoken is great!") for counter in (new, old)] == [6, 6]
    assert [counter.count("お誕生日おめでとう") for counter in (new, old)] == [8, 9]
    assert new.count("") == 0


async def test_special_words_are_ordinary_text() -> None:
    """A person may write `<|endoftext|>`; it neither fails nor counts as one."""
    assert (await load_counter("gpt-4o")).count("<|endoftext|>") > 1


EXACT = counter_for("gpt-4o")


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_is_counted(text: str) -> None:
    """Halves of surrogate pairs too; the guess from bytes is at least 1 where there is something."""
    assert EXACT.count(text) >= bool(text)
    assert ByteCounter().count(text) == math.ceil(len(text.encode("utf-8", "replace")) / 3.5)


async def test_without_the_wheel_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a platform without it nothing fails, and the guess is rather too high."""
    exact = await load_counter("gpt-4o")
    monkeypatch.setitem(sys.modules, "toktok", None)
    guess = await load_counter("gpt-4o")
    assert isinstance(guess, ByteCounter)
    prose = "The quick brown fox jumps over the lazy dog. " * 20
    assert exact.count(prose) < guess.count(prose) < 3 * exact.count(prose)
