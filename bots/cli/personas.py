"""`parley personas`: personas kept in files, for a team that has them in git."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bots.cli.memory import PlatformOption, WorkspaceOption, with_store

if TYPE_CHECKING:
    from core.persona import Persona, PersonaVersion
    from core.privacy import Place
    from core.store import PersonaUse, Store

app = typer.Typer(
    help="List, export and apply the personas of a workspace.", no_args_is_help=True, rich_markup_mode=None
)
FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="TOML files")
]

# Core is imported where it is used, since loading it takes a moment that `parley --help` shall not take.


@app.command("apply")
def apply(
    files: FilesArgument,
    platform: PlatformOption,
    workspace: WorkspaceOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the plan")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Bring a workspace's personas to what the files say, the plan first.

    Personas that are in no file are left as they are. Exit code 1: not all was done; 2: the files are not right.
    """
    from core.privacy import Place

    wanted = _read(files)
    place = Place(platform=platform, workspace=workspace)

    async def work(store: Store) -> int:
        await _check_room(wanted)
        return await _applied(store, place, wanted, ask=not yes, dry=dry_run)

    with_store(work)


def _read(files: Sequence[Path]) -> tuple[Persona, ...]:
    """Ends the process where anything is wrong, with all of it."""
    personas: dict[str, Persona] = {}
    problems: list[str] = []
    for file in files:
        found, wrong = _read_one(file)
        problems += [f"{file}: {problem}" for problem in wrong]
        for persona in found:
            if persona.name.casefold() in personas:
                problems.append(f"{file}: name: another file has a persona called {persona.name} too.")
            personas[persona.name.casefold()] = persona
    _refuse(problems)
    return tuple(personas.values())


def _read_one(file: Path) -> tuple[tuple[Persona, ...], tuple[str, ...]]:
    from core.persona_document import PersonaInvalid
    from core.persona_file import loaded

    try:
        # As bytes: a carriage return inside a text is a part of it.
        found = loaded(file.read_bytes().decode("utf-8"))
    except PersonaInvalid as error:
        return (), error.problems
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return (), (f"it cannot be read: {reason}.",)
    return found, () if found else ("there is no persona in it.",)


def _refuse(problems: Sequence[str]) -> None:
    from bots.cli.persona_plan import printable

    if problems:
        typer.echo("\n".join(["Nothing was changed:", *(f"- {printable(problem)}" for problem in problems)]), err=True)
        raise typer.Exit(2)


async def _check_room(personas: Sequence[Persona]) -> None:
    """Ends the process where a prompt is too long for its model."""
    from adapters.chat_completions.fallback import open_model
    from adapters.chat_completions.tokens import load_counter
    from bots.clock import SystemClock
    from bots.endpoints import endpoints
    from bots.loading import load
    from bots.settings import SettingsError
    from core.context import crowding

    settings = load(model=False)
    if not settings.openai_model:
        typer.echo("OPENAI_MODEL is not set, so nobody looks whether the prompts fit the model.", err=True)
        return
    try:
        model = open_model(endpoints(settings), clock=SystemClock())
    except SettingsError as error:
        typer.echo(f"The settings are not right:\n{error}", err=True)
        raise typer.Exit(2) from None
    counter = await load_counter(settings.openai_model)
    try:
        _refuse(
            [f"{one.name}: {wrong}" for one in personas for wrong in crowding(model.window(one.model), one, counter)]
        )
    finally:
        await model.aclose()


async def _applied(store: Store, place: Place, wanted: Sequence[Persona], *, ask: bool, dry: bool) -> int:
    from bots.cli.persona_plan import carried_out, planned, told
    from bots.clock import SystemClock

    steps = planned(wanted, await store.personas(place))
    typer.echo("\n".join(told(step) for step in steps))
    doing = sum(step.does for step in steps)
    if dry or not doing:
        typer.echo("Nothing is to be done." if not doing else "Nothing was changed: this was a dry run.")
        return 0
    if ask and not typer.confirm(f"Do this ({doing} of {len(steps)})?"):
        typer.echo("Nothing was changed.")
        return 1
    problems = await carried_out(store, place, steps, SystemClock())
    typer.echo(f"Done: {doing - len(problems)} of {doing}.")
    if problems:
        typer.echo("\n".join([*problems, "Look at what is there now and apply the files again."]), err=True)
    return 1 if problems else 0


@app.command("export")
def export(
    platform: PlatformOption,
    workspace: WorkspaceOption,
    output: Annotated[Path | None, typer.Option("--output", file_okay=False, help="A folder: a file each")] = None,
) -> None:
    """Print a workspace's personas as TOML, or write a file for each.

    A file that is there already is overwritten if it holds that persona, and left alone otherwise (exit code 1).
    """
    from core.persona_file import dumped
    from core.privacy import Place

    place = Place(platform=platform, workspace=workspace)

    async def work(store: Store) -> int:
        personas = [version.persona for version in await store.personas(place)]
        if output is None:
            typer.echo(dumped(personas), nl=False)
            return 0
        return _written(output, personas)

    with_store(work)


def _written(folder: Path, personas: Sequence[Persona]) -> int:
    from core.persona_file import dumped

    code = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for persona, file in _files(folder, personas):
            if not _is_free(file, persona):
                typer.echo(f"{file} holds something else, so {persona.name} was not written.", err=True)
                code = 1
                continue
            file.write_bytes(dumped([persona]).encode())
            typer.echo(str(file))
    except OSError as error:
        typer.echo(f"{folder} cannot be written to: {error.strerror}.", err=True)
        return 1
    return code


def _files(folder: Path, personas: Sequence[Persona]) -> Iterator[tuple[Persona, Path]]:
    """Each with a file of its own, named after it."""
    names: list[str] = []
    for persona in personas:
        name = "-".join("".join(sign if sign.isalnum() else " " for sign in persona.name.casefold()).split())
        names.append(name or "persona")
        more = names.count(names[-1])
        yield persona, folder / (f"{names[-1]}.toml" if more == 1 else f"{names[-1]}-{more}.toml")


def _is_free(file: Path, persona: Persona) -> bool:
    if not file.exists():
        return True
    found, _ = _read_one(file)
    return len(found) == 1 and found[0].name.casefold() == persona.name.casefold()


@app.command("list")
def list_personas(platform: PlatformOption, workspace: WorkspaceOption) -> None:
    """Name a workspace's personas, with their versions and where they answer."""
    from core.privacy import Place

    place = Place(platform=platform, workspace=workspace)

    async def work(store: Store) -> int:
        personas, uses = await store.personas(place), await store.persona_uses(place)
        for version in personas:
            typer.echo(_line(version, [use for use in uses if use.persona_id == version.id]))
        if not personas:
            typer.echo("There is no persona: the one of the settings answers everywhere.")
        return 0

    with_store(work)


def _line(version: PersonaVersion, uses: Sequence[PersonaUse]) -> str:
    from bots.cli.persona_plan import printable

    places = ", ".join(sorted(use.place.channel or use.scope.value for use in uses))
    cells = (
        version.persona.name,
        f"version {version.version}",
        version.persona.model or "(default model)",
        places or "-",
    )
    return printable("  ".join((*cells, version.persona.description)).rstrip())
