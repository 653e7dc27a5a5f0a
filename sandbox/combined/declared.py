"""What Parley's app declares where a platform learns it by hand: on Slack one pastes the manifest that Parley prints.

Only the command that prints it is known. Where there is none that works, nothing is suggested, and all else goes on.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterable

from sandbox.combined.platforms import Platform

_PATIENCE = 30.0


async def declare_all(platforms: Iterable[Platform]) -> None:
    """Each platform that takes a manifest was given the app's, if it could be had."""
    await asyncio.gather(*(_declare(platform) for platform in platforms if platform.manifest_command))


async def _declare(platform: Platform) -> None:
    try:
        platform.declare(json.loads(await _printed(platform.manifest_command)))
    except (OSError, TimeoutError, ValueError, KeyError, TypeError):
        return  # the command is missing, failed, or printed something else


async def _printed(command: tuple[str, ...]) -> bytes:
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
    try:
        async with asyncio.timeout(_PATIENCE):
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed
