"""The `parley` command: one module per verb."""

from __future__ import annotations

import typer

from bots.cli import doctor, migrate, run, sandbox

app = typer.Typer(
    name="parley",
    help="Parley answers in Slack and Discord through any OpenAI-compatible API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)
app.command("sandbox", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(sandbox.sandbox)


def main() -> None:
    """The console command."""
    app()
