"""Two processes that work on one store."""

from __future__ import annotations

import pytest

from core.store import Store
from tests.core.store.scene import Worker


@pytest.fixture
def worker(store: Store) -> Worker:
    """One process."""
    return Worker(store, "w1")


@pytest.fixture
def rival(store: Store) -> Worker:
    """Another process."""
    return Worker(store, "w2")
