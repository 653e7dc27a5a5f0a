"""The file of one's own prices: read exactly, or refused with every fault named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.pricing import PricesInvalid, read_prices
from core.quota.price import Price


def written(folder: Path, text: str) -> Path:
    path = folder / "prices.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_prices_are_read_exactly(tmp_path: Path) -> None:
    """As decimal numbers, with what is left out as documented."""
    path = written(
        tmp_path,
        """
        [model."gpt-4o-mini"]
        prompt = 0.15
        cached = 0.075
        completion = 0.6
        currency = "EUR"
        valid_from = 2026-01-01
        [[model.ours]]
        prompt = 2
        completion = 3
        valid_from = 2026-06-01
        [[model.ours]]
        prompt = 0
        completion = 0
        """,
    )
    assert read_prices(path) == {
        "gpt-4o-mini": (
            Price(
                prompt=Decimal("0.15"),
                cached=Decimal("0.075"),
                completion=Decimal("0.6"),
                currency="EUR",
                source="prices.toml",
                valid_from=date(2026, 1, 1),
            ),
        ),
        "ours": (
            Price(prompt=Decimal(0), cached=None, completion=Decimal(0), source="prices.toml"),
            Price(
                prompt=Decimal(2),
                cached=None,
                completion=Decimal(3),
                source="prices.toml",
                valid_from=date(2026, 6, 1),
            ),
        ),
    }


def test_an_empty_file_has_no_prices(tmp_path: Path) -> None:
    """It is no mistake."""
    assert read_prices(written(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("models = 1", "models"),
        ("model = 1", "model"),
        ("model.a = 1", 'model."a"'),
        ("model.a = []", 'model."a"'),
        ("[model.a]\nprompt = 1", 'model."a".completion'),
        ("[model.a]\nprompt = '1'\ncompletion = 1", 'model."a".prompt'),
        ("[model.a]\nprompt = true\ncompletion = 1", 'model."a".prompt'),
        ("[model.a]\nprompt = -1\ncompletion = 1", 'model."a".prompt'),
        ("[model.a]\nprompt = nan\ncompletion = 1", 'model."a".prompt'),
        ("[model.a]\nprompt = 1\ncompletion = inf", 'model."a".completion'),
        ("[model.a]\nprompt = 1\ncompletion = 1\ncached = []", 'model."a".cached'),
        ("[model.a]\nprompt = 1\ncompletion = 1\ncurrency = 'dollars'", 'model."a".currency'),
        ("[model.a]\nprompt = 1\ncompletion = 1\nvalid_from = '2026-01-01'", 'model."a".valid_from'),
        ("[model.a]\nprompt = 1\ncompletion = 1\nvalid_from = 2026-01-01T10:00:00", 'model."a".valid_from'),
        ("[model.a]\nprompt = 1\ncompletion = 1\noutput = 1", 'model."a".output'),
        ("[[model.a]]\nprompt = 1\ncompletion = 1\n[[model.a]]\nprompt = 2", 'model."a"[2].completion'),
        ("[[model.a]]\nprompt = 1\ncompletion = 1\n[[model.a]]\nprompt = 2\ncompletion = 1", 'model."a"'),
        ("[model.a]\nprompt = 1\ncompletion = 1\n[model.A]\nprompt = 2\ncompletion = 1", 'model."a"'),
        ("prompt = ", "this is not TOML"),
    ],
)
def test_a_fault_is_told_with_the_file_and_the_key(tmp_path: Path, text: str, key: str) -> None:
    """So that one knows where to look."""
    with pytest.raises(PricesInvalid) as caught:
        read_prices(written(tmp_path, text))
    assert any(
        problem.startswith(("prices.toml, " + key + ":", "prices.toml: " + key)) for problem in caught.value.problems
    )


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Nobody mends a file line by line."""
    with pytest.raises(PricesInvalid) as caught:
        read_prices(written(tmp_path, "x = 1\n[model.a]\nprompt = -1\nextra = 2"))
    assert len(caught.value.problems) == 4


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path) -> None:
    """Missing, or no text: with its name, never with a trace."""
    with pytest.raises(PricesInvalid, match=r"none\.toml: the file cannot be read: "):
        read_prices(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(PricesInvalid, match="not UTF-8"):
        read_prices(binary)
