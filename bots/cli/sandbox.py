"""`parley sandbox`: the local servers. They are a program of their own, started as one: Parley imports none of it."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer


class Server(StrEnum):
    """Which local server."""

    ALL = "all"
    SLACK = "slack"
    DISCORD = "discord"
    MODEL = "model"


FOREIGN_OPTIONS = {"allow_extra_args": True, "allow_interspersed_args": False}
"""What stands behind the server's name is the server's own affair, `--help` included."""
_MODULES = {
    Server.ALL: "sandbox",
    Server.SLACK: "sandbox.slack",
    Server.DISCORD: "sandbox.discord",
    Server.MODEL: "sandbox.chat_completions",
}


def sandbox(
    context: typer.Context,
    server: Annotated[Server, typer.Argument(help="slack, discord, model, or all with Parley and a page")] = Server.ALL,
) -> None:
    """Start a local Slack, Discord and model.

    What follows the server's name goes to that server: try `parley sandbox slack --help`.
    """
    os.execv(sys.executable, [sys.executable, "-m", _MODULES[server], *context.args])
