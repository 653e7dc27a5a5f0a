"""Forms as Discord's modals, and what was filled in. Pure.

A modal shows five things at most, and an input takes 4,000 characters (discord.md, section 3). A longer text stands in
several inputs as far as there is room; where there is none the form is not opened at all, for nothing may be cut that
somebody is about to save. Opening modals is exchange.py's part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord import components
from adapters.discord.components import Json
from core.interaction import Field, FieldKind, Form

Payload = Mapping[str, Any]

TEXT_INPUT, LABEL, UPLOAD = 4, 18, 19
"""Kinds of components."""
LINE, PARAGRAPH = 1, 2
MOST_INPUTS = 5
LONGEST_INPUT = 4_000
LONGEST_TITLE, LONGEST_LABEL, LONGEST_HINT, LONGEST_NAME = 45, 45, 100, 90
LOOK_FOR_SEAM = 200
"""Characters in which a long text may be parted so that no part begins or ends with a blank, which could be lost."""

_INPUT = re.compile(r"(?P<field>[0-9]{1,2})\.(?P<part>[0-9]{1,2}):(?P<name>.+)", re.DOTALL)


class FormTooLong(ValueError):
    """What stands in the form does not fit into one of Discord's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form as somebody sent it."""

    values: dict[str, str]
    """By field, empty where nothing was filled in; files are not among them."""
    files: tuple[Payload, ...]
    """Attachments as Discord describes them."""


def modal(form: Form) -> Json:
    """What opens the form. Raises FormTooLong, or ValueError for a form that no platform could show."""
    inputs = [shown for number, field in enumerate(form.fields) for shown in _inputs(number, field)]
    if len(inputs) > MOST_INPUTS:
        raise FormTooLong(f"{len(inputs)} inputs")
    return {
        "custom_id": components.carrying(form.action, form.value),
        "title": components.plain(form.title, LONGEST_TITLE),
        "components": inputs,
    }


def _inputs(number: int, field: Field) -> Iterator[Json]:
    if len(field.name) > LONGEST_NAME:
        raise ValueError("the name of a field is too long")
    texts = _pieces(field.value) if field.kind is FieldKind.TEXT else [field.value]
    for part, text in enumerate(texts):
        label = field.label if len(texts) == 1 else f"{field.label[:30]} ({part + 1} of {len(texts)})"
        shape: Json = {
            "type": LABEL,
            "label": components.plain(label, LONGEST_LABEL),
            "component": {
                "custom_id": f"{number}.{part}:{field.name}",
                "required": field.required and not part,
                **_input(field, text, alone=len(texts) == 1),
            },
        }
        yield shape | ({"description": components.plain(field.hint, LONGEST_HINT)} if field.hint and not part else {})


def _input(field: Field, text: str, *, alone: bool) -> Json:
    least = 1 if field.required else 0
    if field.kind is FieldKind.FILE:
        return {"type": UPLOAD, "min_values": least, "max_values": 1}
    if field.kind is FieldKind.CHOICE:
        options = components.options(field.choices, text)
        return {"type": components.MENU, "options": options, "min_values": least, "max_values": 1}
    if field.kind is FieldKind.CHOICES:
        options = components.options(field.choices, *text.splitlines())
        return {"type": components.MENU, "options": options, "min_values": least, "max_values": len(options)}
    most = max(1, len(text), min(field.longest, LONGEST_INPUT)) if alone else LONGEST_INPUT
    if most > LONGEST_INPUT:
        raise FormTooLong(f"{most} characters in one line")
    style = PARAGRAPH if field.kind is FieldKind.TEXT else LINE
    return {"type": TEXT_INPUT, "style": style, "max_length": most} | ({"value": text} if text else {})


def _pieces(text: str) -> list[str]:
    """The text in parts that fit into one input each; joined they are the text."""
    parts: list[str] = []
    while len(text) > LONGEST_INPUT:
        end = _seam(text)
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text] if text or not parts else parts


def _seam(text: str) -> int:
    for at in range(LONGEST_INPUT, LONGEST_INPUT - LOOK_FOR_SEAM, -1):
        if not text[at - 1].isspace() and not text[at].isspace():
            return at
    return LONGEST_INPUT


# ── what was filled in ──


def filled(data: Payload) -> Filled:
    """What the submission carries. Fields come in order, with their parts joined."""
    values: dict[str, str] = {}
    files: list[Payload] = []
    known: Payload = (data.get("resolved") or {}).get("attachments") or {}
    for name, given in _given(data):
        if given.get("type") == UPLOAD:
            files += [known[one] for one in given.get("values") or () if one in known]
        else:
            values[name] = values.get(name, "") + _text(given)
    return Filled(values=values, files=tuple(files))


def _given(data: Payload) -> Iterator[tuple[str, Payload]]:
    inside = [_inner(one) for one in data.get("components") or () if isinstance(one, dict)]
    found = [(_INPUT.fullmatch(str(one.get("custom_id") or "")), one) for one in inside]
    ours = [(match, one) for match, one in found if match is not None]
    for match, one in sorted(ours, key=lambda pair: (int(pair[0]["field"]), int(pair[0]["part"]))):
        yield match["name"], one


def _inner(component: Payload) -> Payload:
    inner = component.get("component")
    return inner if isinstance(inner, dict) else {}


def _text(given: Payload) -> str:
    if given.get("type") == components.MENU:
        return storable("\n".join(components.unescaped(str(one)) for one in given.get("values") or ()))
    return storable(str(given.get("value") or ""))


def storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def refilled(form: Form, values: Mapping[str, str]) -> Form:
    """The form with what was typed in it. Files have to be put in anew."""
    fields = tuple(replace(field, value=values.get(field.name, field.value)) for field in form.fields)
    return replace(form, fields=fields)


def typed(said: Iterable[tuple[str, str]]) -> str:
    """What was typed, for people to copy, under the names that come with it; empty where nothing was."""
    return "\n\n".join(f"{name}:\n{value}" for name, value in said if value.strip())


def labelled(form: Form) -> list[tuple[str, str]]:
    """What stands in the form, by what people read above each field."""
    return [(field.label, field.value) for field in form.fields if field.kind is not FieldKind.FILE]
