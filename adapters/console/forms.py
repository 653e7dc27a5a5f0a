"""A form in a terminal: asked field by field, each answer checked at once."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.console.files import attachment
from adapters.console.screen import Question, Screen
from core.incoming import Attachment
from core.interaction import Choice, Field, FieldKind, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a person entered."""

    values: dict[str, str]
    files: tuple[Attachment, ...] = ()


async def fill(form: Form, screen: Screen) -> Filled:
    """Every field was asked. Raises Interrupted where the person broke off."""
    screen.note(f"{form.title} (Ctrl-C leaves it)")
    values: dict[str, str] = {}
    files: list[Attachment] = []
    for field in form.fields:
        if field.kind is FieldKind.FILE:
            files += await _file(field, screen)
        else:
            values[field.name] = await _value(field, screen)
    return Filled(values=values, files=tuple(files))


async def _value(field: Field, screen: Screen) -> str:
    _explain(field, screen)
    several = field.kind is FieldKind.TEXT
    while True:
        default = _numbers(field) if field.choices else field.value
        said = (await screen.ask(Question(label=field.label, default=default, several_lines=several))).strip()
        value, fault = _checked(field, said)
        if not fault:
            return value
        screen.note(fault)


def _explain(field: Field, screen: Screen) -> None:
    hint = [field.hint] if field.hint else []
    listed = [f"{number}. {choice.label}" for number, choice in enumerate(field.choices, 1)]
    if hint or listed:
        screen.note("\n".join([*hint, *listed]))


def _numbers(field: Field) -> str:
    """The numbers of what is chosen at first."""
    chosen = field.value.split("\n") if field.kind is FieldKind.CHOICES else [field.value]
    return ", ".join(str(number) for number, one in enumerate(field.choices, 1) if one.value in chosen)


def _checked(field: Field, said: str) -> tuple[str, str]:
    """The value, and what is wrong with it."""
    if not said:
        return "", "This is needed." if field.required else ""
    if len(said) > field.longest:
        return "", f"That is too long: {field.longest} characters at most."
    if not field.choices:
        return said, ""
    chosen = [_choice(field.choices, one.strip()) for one in said.split(",") if one.strip()]
    if None in chosen or (field.kind is FieldKind.CHOICE and len(chosen) > 1):
        return "", f"Choose by number, from 1 to {len(field.choices)}."
    return "\n".join(one.value for one in chosen if one is not None), ""


def _choice(choices: tuple[Choice, ...], said: str) -> Choice | None:
    if said.isdecimal():
        return choices[int(said) - 1] if 0 < int(said) <= len(choices) else None
    return next((one for one in choices if said.casefold() in (one.label.casefold(), one.value.casefold())), None)


async def _file(field: Field, screen: Screen) -> list[Attachment]:
    _explain(field, screen)
    while True:
        said = (await screen.ask(Question(label=f"{field.label} (a path)"))).strip()
        if not said and not field.required:
            return []
        if found := attachment(said):
            return [found]
        screen.note("There is no file there that can be read.")
