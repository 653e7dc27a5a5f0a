"""The forms of `/persona`. Pure.

A form shows five fields at most, so a persona has several: what it is told, the model, and its style. What stands in
them, and what becomes of it, is filling.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.channel import AnswerIn
from core.commands.catalogue import PARTS
from core.conversation import Platform
from core.interaction import Choice, Field, FieldKind, Form
from core.persona import (
    LONGEST_DESCRIPTION,
    LONGEST_LANGUAGE,
    LONGEST_MODEL,
    LONGEST_NAME,
    LONGEST_WELCOME,
    REASONING_EFFORTS,
    Length,
)

OTHER_TOOLS = "other_tools"
SAVE, CREATE, COPY, ASK, IMPORT = "persona.save", "persona.create", "persona.copy", "persona.ask", "persona.import"
_, MODEL, STYLE, TOOLS = PARTS
TYPED: Mapping[Platform, int] = {
    Platform.SLACK: 15_000,
    Platform.DISCORD: 4_000,
    Platform.CONSOLE: 15_000,
}
"""Characters of a prompt that can be typed into a form; a longer one comes as a file. Slack takes several inputs of
3,000, Discord one of 4,000 beside the other four (core/interaction.py)."""
ROOM = 3_000
"""Characters by which a prompt can grow in a form that shows it."""
TEMPERATURES = tuple(f"{tenths / 10:g}" for tenths in range(21))
LONGEST_OTHER = 1_000
LONGEST_ASKED = 2_000
LONGEST_TOOLS = 3_000
MOST_CHOICES = 25
LONGEST_CHOICE = 75
"""Characters (core/interaction.py)."""
_TITLES = {MODEL: "Model", STYLE: "Style", TOOLS: "Tools"}


# ── the forms ──


def part_form(
    part: str, values: Mapping[str, str], *, value: str, platform: Platform, known: Sequence[str] = ()
) -> Form:
    """The form of one part, showing these values; `value` comes back with it. Models and tools are
    chosen among those that are `known` there."""
    match part:
        case "model":
            shown = _model_fields(values, known)
        case "style":
            shown = _style_fields(values)
        case "tools":
            shown = _tool_fields(values, known)
        case _:
            shown = _prompt_fields(values, platform)
    return Form(action=SAVE, title=_TITLES.get(part, "Edit persona"), fields=shown, value=value)


def create_form(values: Mapping[str, str], platform: Platform) -> Form:
    """The form of a new persona."""
    return Form(action=CREATE, title="New persona", fields=_prompt_fields(values, platform), submit="Create")


def copy_form(name: str, value: str) -> Form:
    """Asks what a copy shall be called."""
    field = Field(name="name", label="Name of the copy", value=name, required=True, longest=LONGEST_NAME)
    return Form(action=COPY, title="Copy a persona", fields=(field,), value=value, submit="Copy")


def question_form(value: str, question: str = "") -> Form:
    """Asks what a persona shall be asked."""
    field = Field(
        name="question",
        label="Question",
        kind=FieldKind.TEXT,
        value=question,
        required=True,
        longest=LONGEST_ASKED,
        hint="The answer is for you alone, and nothing is saved.",
    )
    return Form(action=ASK, title="Preview", fields=(field,), value=value, submit="Ask")


def import_form() -> Form:
    """Asks for a file of personas."""
    hint = "TOML, as /persona export writes it. Personas of the same names get a new version."
    field = Field(name="file", label="File", kind=FieldKind.FILE, required=True, hint=hint)
    return Form(action=IMPORT, title="Import personas", fields=(field,), submit="Import")


def _prompt_fields(values: Mapping[str, str], platform: Platform) -> tuple[Field, ...]:
    prompt = values.get("prompt", "")
    too_long = len(prompt) > TYPED[platform]
    hint = "This prompt is too long for a form: a new one as a text file, or nothing." if too_long else ""
    file = Field(
        name="file",
        label="The prompt as a file" if too_long else "Or the prompt as a file",
        kind=FieldKind.FILE,
        hint=hint or "A text file. It goes before what is typed above.",
    )
    return tuple(
        field
        for field in (
            Field(name="name", label="Name", value=values.get("name", ""), required=True, longest=LONGEST_NAME),
            Field(
                name="description",
                label="Description",
                value=values.get("description", ""),
                longest=LONGEST_DESCRIPTION,
            ),
            None if too_long else _prompt_field(prompt, platform),
            file,
            Field(
                name="welcome",
                label="Welcome line",
                kind=FieldKind.TEXT,
                value=values.get("welcome", ""),
                longest=LONGEST_WELCOME,
                hint="Said where the persona is put to use.",
            ),
        )
        if field is not None
    )


def _prompt_field(prompt: str, platform: Platform) -> Field:
    return Field(
        name="prompt",
        label="Prompt",
        kind=FieldKind.TEXT,
        value=prompt,
        longest=min(TYPED[platform], max(2 * ROOM, len(prompt) + ROOM)),
        hint="May hold {workspace} {channel} {user} {date} {time_zone} {platform}.",
    )


def _model_field(model: str, known: Sequence[str]) -> Field:
    if not known:
        hint = "As the model's server calls it; nothing: the default."
        return Field(name="model", label="Model", value=model, longest=LONGEST_MODEL, hint=hint)
    first = ["", *([model] if model else [])]
    offered = list(dict.fromkeys([*first, *(name for name in known if len(name) <= LONGEST_CHOICE)]))[:MOST_CHOICES]
    return _choice("model", "Model", model, offered, hint='Another one: model = "its-name" among the other parameters.')


def _model_fields(values: Mapping[str, str], known: Sequence[str]) -> tuple[Field, ...]:
    temperature = values.get("temperature", "")
    steps = sorted({*TEMPERATURES, *({temperature} - {""})}, key=_as_number)
    return (
        _model_field(values.get("model", ""), known),
        _choice("temperature", "Temperature", temperature, ["", *steps], hint="0 is steady, 1 is lively."),
        Field(
            name="max_tokens",
            label="Longest answer, in tokens",
            value=values.get("max_tokens", ""),
            longest=12,
            hint="A number; nothing: as much as there is room for.",
        ),
        _choice("reasoning_effort", "Reasoning effort", values.get("reasoning_effort", ""), ["", *REASONING_EFFORTS]),
        Field(
            name="other",
            label="Other parameters",
            kind=FieldKind.TEXT,
            value=values.get("other", ""),
            longest=max(LONGEST_OTHER, len(values.get("other", ""))),
            hint='A line each, such as top_p = 0.9 or stop = ["END"].',
        ),
    )


def _style_fields(values: Mapping[str, str]) -> tuple[Field, ...]:
    lengths = [length.value for length in Length]
    return (
        _choice("length", "Length of answers", values.get("length") or Length.NORMAL.value, lengths),
        Field(
            name="language",
            label="Language",
            value=values.get("language", ""),
            longest=LONGEST_LANGUAGE,
            hint="Always answers in it; nothing: in that of the question.",
        ),
        _choice("answer_in", "Answers a mention in", values.get("answer_in", ""), ["", *(a.value for a in AnswerIn)]),
        _choice("mention_needed", "Must be mentioned each time", values.get("mention_needed", ""), ["", "yes", "no"]),
        _choice("visibility", "Who sees it", values.get("visibility") or "all", ["all", "private"]),
    )


def _tool_fields(values: Mapping[str, str], known: Sequence[str]) -> tuple[Field, ...]:
    allowed, offered = values.get("tools", "").splitlines(), known[:MOST_CHOICES]
    chosen = Field(
        name="tools",
        label="What it may use",
        kind=FieldKind.CHOICES,
        value="\n".join(name for name in allowed if name in offered),
        choices=tuple(Choice(value=name, label=name) for name in offered),
    )
    others = Field(
        name=OTHER_TOOLS,
        label="Other tools",
        kind=FieldKind.TEXT,
        value="\n".join(name for name in allowed if name not in offered),
        longest=LONGEST_TOOLS,
        hint="A line each, such as server/tool, or server/* for all of a server.",
    )
    return (chosen, others) if offered else (others,)


def with_tools_joined(values: Mapping[str, str]) -> dict[str, str]:
    """The values with all tools under one name, whichever field they came from."""
    if OTHER_TOOLS not in values:
        return dict(values)
    lines = [line.strip() for name in ("tools", OTHER_TOOLS) for line in values.get(name, "").splitlines()]
    rest = {name: text for name, text in values.items() if name != OTHER_TOOLS}
    return rest | {"tools": "\n".join(dict.fromkeys(line for line in lines if line))}


_LABELS = {"": "Default", "all": "Everybody", "private": "Only those who may change personas"}


def _choice(name: str, label: str, value: str, values: list[str], *, hint: str = "") -> Field:
    choices = tuple(Choice(value=one, label=_LABELS.get(one, one)) for one in values)
    chosen = value if value in values else values[0]
    return Field(name=name, label=label, kind=FieldKind.CHOICE, value=chosen, choices=choices, hint=hint)


def _as_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
