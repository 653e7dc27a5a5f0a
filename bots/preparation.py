"""A new or older SQLite file is brought up to date by a child of the process, before anything else runs.

Alembic takes 8 MB that a process keeps once it has them: a bot would weigh most on its first day. With the child
they go. Whatever the child could not do the process itself meets again when it opens its store, and says so.
"""

from __future__ import annotations

import asyncio
import os


def prepare(url: str) -> None:
    """The file at that URL has this release's tables, or something prevents it. To be called before there are threads
    or a loop, none of which would live on in the child."""
    if not url.startswith("sqlite") or not hasattr(os, "fork"):
        return
    child = os.fork()
    if child == 0:
        _upgrade_and_end(url)
    os.waitpid(child, 0)


def _upgrade_and_end(url: str) -> None:
    try:
        asyncio.run(_upgraded(url))
    except BaseException:  # the parent meets the same fault and explains it; two voices would confuse
        pass
    finally:
        os._exit(0)


async def _upgraded(url: str) -> None:
    from migrations.upgrade import pending, upgrade

    if await pending(url):
        await upgrade(url)
