"""An empty folder to run in, and none of this machine's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bots.settings import Settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the test, without a `.env`, in an environment without a setting."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path
