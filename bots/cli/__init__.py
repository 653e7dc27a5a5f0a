"""The `parley` command: one module per verb."""

from __future__ import annotations

import typer

from bots.cli import (
    audit,
    console,
    doctor,
    export,
    forget,
    invite,
    manifest,
    migrate,
    personas,
    quota,
    run,
    sandbox,
    usage,
)
from bots.cli.setup import guide

app = typer.Typer(
    name="parley",
    help="Parley answers in Slack and Discord through any OpenAI-compatible API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: for logs, pipes and screen readers too
)
app.command("setup")(guide.setup)
app.command("run")(run.run)
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)
app.command("audit")(audit.audit)
app.command("usage")(usage.usage)
app.command("export")(export.export)
app.command("forget")(forget.forget)
app.add_typer(manifest.app, name="manifest")
app.add_typer(invite.app, name="invite")
app.add_typer(personas.app, name="personas")
app.add_typer(quota.app, name="quota")
app.command("console")(console.console)
app.command("sandbox", context_settings=sandbox.FOREIGN_OPTIONS)(sandbox.sandbox)


def main() -> None:
    """The console command."""
    app(prog_name="parley")
