"""`parley run`: the bots of every platform that has a token, in one process."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bots.loading import configured_platforms
from core.conversation import Platform


class Which(StrEnum):
    """Which bots to run."""

    ALL = "all"
    SLACK = "slack"
    DISCORD = "discord"


def run(
    which: Annotated[Which, typer.Argument(help="slack, discord, or all that have a token")] = Which.ALL,
) -> None:
    """Start the bots. An empty SQLite database is migrated by itself."""
    # Here, since loading the platforms' libraries takes a second that `parley --help` shall not take.
    from bots import process

    match which:
        case Which.ALL:
            process.main(configured_platforms)
        case Which.SLACK | Which.DISCORD:
            process.main(Platform(which.value))
