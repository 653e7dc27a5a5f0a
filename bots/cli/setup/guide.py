"""`parley setup`: asks for what a first installation needs, tries each thing as it is entered, and writes `.env`.

Nothing is written before the last question; whoever leaves earlier leaves everything as it was.
"""

from __future__ import annotations

import asyncio
import sys

import typer

from bots import logs
from bots.cli.setup import env_file
from bots.settings import ENV_FILE

READY = "All is well: `parley run` starts Parley. Then mention it in a channel; on Slack, /invite it there first."
AGAIN = "Mend what is marked ✗, here or by running this again; `parley doctor` looks once more."


def setup() -> None:
    """Set Parley up, by questions: platforms, database, model. Each answer is tried at once.

    Writes .env, readable for its owner alone, and keeps what else stands there; then runs the doctor. Run it again to
    change something: Enter keeps what is set.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        typer.echo("This asks questions: run it in a terminal, or write .env by hand, as .env.example tells.", err=True)
        raise typer.Exit(2)
    try:
        env_file.check(ENV_FILE)
        healthy = _led()
    except env_file.EnvFileError as error:
        typer.echo(f"✗ {error}", err=True)
        raise typer.Exit(2) from None
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("\nInterrupted: nothing more was done.", err=True)
        raise typer.Exit(130) from None
    raise typer.Exit(0 if healthy else 1)


def _led() -> bool:
    # Here, since loading the platforms' libraries takes a second that `parley --help` shall not take.
    from bots.cli.setup.conversation import hold, written

    logs.configure(level="critical", form="text", secrets=())
    terminal, draft = hold(ENV_FILE)
    if not written(terminal, draft, ENV_FILE):
        return False
    from bots.cli.doctor import examined
    from bots.cli.setup import database

    database.finish(terminal, draft)
    terminal.heading("parley doctor")
    healthy = asyncio.run(examined())
    terminal.say(f"\n{READY if healthy else AGAIN}")
    return healthy
