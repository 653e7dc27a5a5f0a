"""How a persona looks in the chat: lines of ours around words that somebody else chose. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from core.commands.foreign import coded, cut, fenced, plain
from core.commands.personas.desk import Token
from core.interaction import Answer, Button, File
from core.interaction import Style as ButtonStyle
from core.persona import NUMBERS, Length, ModelParameters, Persona, PersonaVersion
from core.persona_file import dumped
from core.store import PersonaScope, PersonaUse, Revision

PROMPT_SHOWN = 1_200
"""Characters of a prompt that are shown; beyond, all of it comes as a file as well."""
DIFFERENCE_SHOWN = 1_500
BUILT_IN = "the one of my operator's settings"
_ACTIONS = (
    ("Edit prompt", "persona.prompt"),
    ("Edit model", "persona.model"),
    ("Edit style", "persona.style"),
    ("Edit tools", "persona.tools"),
    ("Preview", "persona.preview"),
    ("Use here", "persona.here"),
)


# ── one persona ──


def shown(of: Revision, *, editor: bool, channel: bool, in_thread: bool) -> Answer:
    """The persona with the buttons that this person may press: an editor's, and whoever's runs the channel."""
    persona, meant = of.of.persona, Token(persona_id=of.of.id, version=of.of.version)
    heading = f"**{persona.name}**, version {of.of.version}{' (archived)' if of.of.archived else ''}"
    when = f"{of.at:%Y-%m-%d %H:%M} UTC"
    last = f"- Last change: {plain(of.author.name)}, {when}" + (f": {plain(of.note)}" if of.note else "")
    text = "\n".join([heading, *described(persona), last, "", *prompt_lines(persona)])
    buttons = () if of.of.archived else _buttons(meant, editor=editor, channel=channel, in_thread=in_thread)
    return Answer(text=text, buttons=buttons, files=prompt_files(persona))


def built_in(persona: Persona) -> Answer:
    """Who answers where nobody has chosen."""
    text = "\n".join([f"**{persona.name}**, {BUILT_IN}", *described(persona), "", *prompt_lines(persona)])
    return Answer(text=text, files=prompt_files(persona))


def _buttons(meant: Token, *, editor: bool, channel: bool, in_thread: bool) -> tuple[Button, ...]:
    pressed = [(label, action) for label, action in _ACTIONS if editor or (channel and action == "persona.here")]
    if in_thread and (editor or channel):
        pressed.append((f"Use version {meant.version} in this thread", "persona.move"))
    pressed.append(("History", "persona.history"))
    return tuple(Button(label=label, action=action, value=str(meant)) for label, action in pressed)


def described(persona: Persona) -> list[str]:
    """All but the prompt, a line each."""
    lines = [f"- Description: {coded(persona.description)}"] if persona.description else []
    lines.append(f"- Model: {coded(persona.model) if persona.model else 'the default'}")
    if parameters := _parameters(persona.parameters):
        lines.append(f"- Parameters: {', '.join(parameters)}")
    if style := _style(persona):
        lines.append(f"- Answers: {', '.join(style)}")
    if persona.tools:
        lines.append(f"- Tools: {', '.join(coded(tool) for tool in persona.tools)}")
    if persona.welcome:
        lines.append(f"- Welcome: {coded(persona.welcome)}")
    if persona.private:
        lines.append("- Private: only those who may change personas see it")
    return lines


def _parameters(parameters: ModelParameters) -> list[str]:
    found = [(number.name, getattr(parameters, number.name)) for number in NUMBERS]
    said = [f"{name} {value:g}" if value < 1e6 else f"{name} {value}" for name, value in found if value is not None]
    if parameters.reasoning_effort:
        said.append(f"reasoning effort {parameters.reasoning_effort}")
    return said + [f"stops at {coded(text)}" for text in parameters.stop]


def _style(persona: Persona) -> list[str]:
    style = persona.style
    said = [] if style.length is Length.NORMAL else [style.length.value]
    said += [f"always in {plain(style.language)}"] if style.language else []
    said += [f"in the {style.answer_in.value}"] if style.answer_in else []
    if style.mention_needed is not None:
        said.append("only when mentioned" if style.mention_needed else "without being mentioned again in a thread")
    return said


def prompt_lines(persona: Persona) -> list[str]:
    """The prompt, or its beginning."""
    more = " (its beginning; all of it is in the file)" if len(persona.prompt) > PROMPT_SHOWN else ""
    return [f"Prompt{more}:", fenced(cut(persona.prompt, PROMPT_SHOWN))]


def prompt_files(persona: Persona) -> tuple[File, ...]:
    """The prompt as a file, where it is too long to be shown."""
    if len(persona.prompt) <= PROMPT_SHOWN:
        return ()
    return (prompt_file(persona.name, persona.prompt),)


def prompt_file(name: str, prompt: str) -> File:
    """A prompt as a file."""
    return File(name=f"{file_name(name)}-prompt.md", media_type="text/markdown", content=prompt.encode())


def toml_file(personas: Sequence[Persona]) -> File:
    """The personas as a file that `import` reads."""
    name = file_name(personas[0].name) if len(personas) == 1 else "personas"
    return File(name=f"{name}.toml", media_type="application/toml", content=dumped(tuple(personas)).encode())


def file_name(name: str) -> str:
    """A persona's name as part of a file's."""
    return "-".join("".join(sign if sign.isalnum() and sign.isascii() else " " for sign in name).split()) or "persona"


# ── several ──


def listed(
    personas: Sequence[PersonaVersion], uses: Sequence[PersonaUse], here: PersonaVersion | None, presets: Sequence[str]
) -> str:
    """The personas of a workspace, with where they answer."""
    lines = [f"- {_line(one, uses)}" for one in personas]
    who = f"**{here.persona.name}**" if here else BUILT_IN
    return "\n\n".join(
        [
            "Personas of this workspace:\n" + "\n".join(lines) if lines else "There is no persona here yet.",
            f"New conversations here are answered by {who}.",
            f"Presets to begin with (`/persona copy`): {', '.join(presets)}.",
        ]
    )


def _line(one: PersonaVersion, uses: Sequence[PersonaUse]) -> str:
    persona = one.persona
    private = " (private)" if persona.private else ""
    description = f": {coded(persona.description)}" if persona.description else ""
    where = used_in([use for use in uses if use.persona_id == one.id])
    return f"**{persona.name}**, version {one.version}{private}{description}{where and f' – answers {where}'}"


def used_in(uses: Sequence[PersonaUse]) -> str:
    """Where a persona answers, in words; empty for nowhere."""
    scopes = {use.scope for use in uses}
    said = ["in the whole workspace"] if PersonaScope.WORKSPACE in scopes else []
    said += ["in direct messages"] if PersonaScope.DMS in scopes else []
    channels = sum(use.scope is PersonaScope.CHANNEL for use in uses)
    said += [f"in {channels} channel{'' if channels == 1 else 's'}"] if channels else []
    return " and ".join(said)


# ── differences ──


def difference(older: Persona, newer: Persona, *, names: tuple[str, str] = ("before", "after")) -> str:
    """What makes one of the other, line by line; empty where nothing does."""
    before, after = dumped((older,)).splitlines(), dumped((newer,)).splitlines()
    return "\n".join(difflib.unified_diff(before, after, *names, lineterm="", n=1))


def difference_block(text: str) -> str:
    """A difference, or its beginning, to be read in the chat."""
    return fenced(cut(text, DIFFERENCE_SHOWN), "diff")


def danger(label: str, action: str, value: str) -> Button:
    """A button that is not to be pressed by the way."""
    return Button(label=label, action=action, value=value, style=ButtonStyle.DANGER)
