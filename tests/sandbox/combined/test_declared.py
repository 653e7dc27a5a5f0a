"""The app's manifest reaches the platform that takes one."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from sandbox.combined.declared import declare_all
from sandbox.combined.platforms import Platform
from sandbox.slack.manifest import Manifest

ASK = {"command": "/ask", "description": "Ask"}
PRINTED = json.dumps({"features": {"slash_commands": [ASK]}})


def platform(manifest: Manifest, *command: str) -> Platform:
    """A platform that takes the manifest which this command prints."""
    return Platform(
        name="slack",
        create_app=lambda: pytest.fail("no application is needed"),
        mounted_at=lambda _: None,
        environment=dict,
        connected=asyncio.Event().wait,
        manifest_command=command,
        declare=manifest.declare,
    )


async def test_what_is_printed_is_declared() -> None:
    """The commands of the printed manifest are those of the app."""
    manifest = Manifest()
    await declare_all([platform(manifest, sys.executable, "-c", f"print({PRINTED!r})")])
    assert manifest.commands == [ASK]


@pytest.mark.parametrize(
    "command",
    [("no-such-program",), (sys.executable, "-c", "raise SystemExit(2)"), (sys.executable, "-c", "print('[]')"), ()],
)
async def test_without_a_manifest_all_else_goes_on(command: tuple[Any, ...]) -> None:
    """A command that is missing, fails or prints something else leaves the platform as it was."""
    manifest = Manifest()
    await declare_all([platform(manifest, *command)])
    assert manifest.commands == []
