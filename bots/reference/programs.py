"""The page on the `parley` program, made from what its `--help` is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from bots.cli import app

PREFACE = """\
# The parley program

*Made from `bots/cli` by `python -m bots.reference`.* `parley COMMAND --help` says the same. Where Parley is not
installed as a package, `python -m bots.cli` is the same program.
"""


def page() -> str:
    """The whole page, in Markdown."""
    root: Any = typer.main.get_command(app)
    return "\n".join([PREFACE, *_sections(root, "parley")])


def names() -> Iterator[str]:
    """Every command as it is typed, such as `parley quota set`."""
    root: Any = typer.main.get_command(app)
    yield from (typed for typed, _ in _commands(root, "parley"))


def _commands(group: Any, typed: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        yield f"{typed} {name}", command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{typed} {name}")


def _sections(root: Any, typed: str) -> Iterator[str]:
    for name, command in _commands(root, typed):
        level = "#" * name.count(" ")
        usage = "" if hasattr(command, "commands") else _used(name, command)
        yield f"#{level} {name}\n\n{_text(command.help)}\n{usage}"


def _used(typed: str, command: Any) -> str:
    words = [f"[{_word(one)}]" if not one.required else _word(one) for one in command.params if _is_argument(one)]
    options = [one for one in command.params if not _is_argument(one) and one.name != "help"]
    usage = "\n```text\n" + " ".join([typed, *(["[OPTIONS]"] if options else []), *words]) + "\n```\n"
    rows = "".join(f"| `{_word(one)}` | {_text(getattr(one, 'help', ''))}{_default(one)} |\n" for one in command.params)
    return usage + (f"\n| | meaning |\n| --- | --- |\n{rows}" if rows else "")


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _word(parameter: Any) -> str:
    return str(parameter.name).upper() if _is_argument(parameter) else ", ".join(parameter.opts)


def _default(parameter: Any) -> str:
    default = parameter.default
    shown = default is not None and not callable(default) and not isinstance(default, bool) and default not in ("", ())
    return f" (default: `{default}`)" if shown else ""


def _text(said: str | None) -> str:
    return " ".join((said or "").replace("|", "\\|").split())
