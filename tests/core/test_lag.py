"""How late people see what a model writes, counted in little memory."""

from __future__ import annotations

import pytest

from core.lag import MOST_PIECES, Lag


def test_a_long_wait_is_counted_in_little_memory() -> None:
    """Of thousands of pieces that nobody has seen few are kept apart, and their lag is what it was."""
    lag = Lag()
    for piece in range(10_000):
        lag.wrote(piece % 7 + 1, piece / 50)
    sizes = [piece % 7 + 1 for piece in range(10_000)]
    assert len(lag._unseen) <= MOST_PIECES
    lag.saw(sum(sizes), 300.0)
    waited = sum(size * (300.0 - piece / 50) for piece, size in enumerate(sizes))
    assert lag.mean == pytest.approx(waited / sum(sizes))
