"""What a bot's process does without, seen from a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _said(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_bot_loads_nothing_for_a_terminal() -> None:
    """Rich, Pygments and click stay away, and what would have used them loads all the same."""
    said = _said(
        "from bots import discord_bot; import httpx, structlog, sys;"
        "print([name for name in sys.modules if name.startswith(('rich.', 'pygments.', 'click.'))])"
    )
    assert said == "[]"


def test_a_new_file_is_made_without_alembic_in_the_process(tmp_path: Path) -> None:
    """The file has all tables when the child has ended, and the process has not loaded what made them."""
    said = _said(
        "import asyncio, sys; from bots.preparation import prepare; from migrations.upgrade import pending;"
        f"url = 'sqlite+aiosqlite:///{tmp_path}/parley.db'; prepare(url);"
        "print(asyncio.run(pending(url)), 'alembic' in sys.modules)"
    )
    assert said == "False False"
