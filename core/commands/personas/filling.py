"""What stands in the forms of a persona, and what becomes of it. Pure.

Values travel as texts by the names of fields, so that what was typed can be shown again whatever was wrong with it. A
form is about one part of a persona; the rest stays as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from core.persona import NUMBERS, Persona
from core.persona_document import written

_OTHER = frozenset({*(number.name for number in NUMBERS), "stop"} - {"temperature", "max_tokens"})
"""Parameters that are typed as lines."""


# ── from a persona to the values of a form ──


def values_of(persona: Persona, part: str) -> dict[str, str]:
    """What a form shows of the persona."""
    match part:
        case "model":
            return _model_values(written(persona).get("parameters", {}), persona.model)
        case "style":
            return _style_values(persona)
        case "tools":
            return {"tools": "\n".join(persona.tools)}
        case _:
            return {
                "name": persona.name,
                "description": persona.description,
                "prompt": persona.prompt,
                "welcome": persona.welcome,
            }


def _model_values(parameters: Mapping[str, Any], model: str) -> dict[str, str]:
    temperature, cap = parameters.get("temperature"), parameters.get("max_tokens")
    return {
        "model": model,
        "temperature": "" if temperature is None else f"{temperature:g}",
        "max_tokens": "" if cap is None else str(cap),
        "reasoning_effort": parameters.get("reasoning_effort") or "",
        "other": "\n".join(f"{name} = {_toml(value)}" for name, value in parameters.items() if name in _OTHER),
    }


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    plain = (escapes.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}") for sign in text)
    return f'"{"".join(plain)}"'


def _style_values(persona: Persona) -> dict[str, str]:
    style = persona.style
    needed = {None: "", True: "yes", False: "no"}[style.mention_needed]
    return {
        "length": style.length.value,
        "language": style.language,
        "answer_in": style.answer_in.value if style.answer_in else "",
        "mention_needed": needed,
        "visibility": "private" if persona.private else "all",
    }


# ── from the values of a form to a document ──


def document_with(base: Persona, part: str, values: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The document of the persona with the part as it was typed, to be read by persona_document, and what is wrong that
    it cannot see."""
    document = written(base)
    match part:
        case "model":
            return document, _with_model(document, values)
        case "style":
            _with_style(document, values)
            return document, []
        case "tools":
            return document | {"tools": values.get("tools", "").splitlines()}, []
        case _:
            typed = {name: values[name] for name in ("name", "description", "prompt", "welcome") if name in values}
            return document | typed, []


def _with_model(document: dict[str, Any], values: Mapping[str, str]) -> list[str]:
    document["model"] = values.get("model", "")
    problems: list[str] = []
    try:
        parameters = tomllib.loads(values.get("other", ""))
    except tomllib.TOMLDecodeError:
        parameters = {}
        problems.append('other parameters: a line each is needed, such as `top_p = 0.9` or `stop = ["END"]`.')
    if isinstance(other := parameters.pop("model", None), str):
        document["model"] = other
    for name in ("temperature", "max_tokens"):
        if said := values.get(name, "").strip():
            parameters[name] = _number(said)
    if values.get("reasoning_effort"):
        parameters["reasoning_effort"] = values["reasoning_effort"]
    document["parameters"] = parameters
    return problems


def _number(said: str) -> float | int | str:
    """The number, or the very words for the document's reader to complain of."""
    for kind in (int, float):
        try:
            return kind(said)
        except ValueError:
            continue
    return said


def _with_style(document: dict[str, Any], values: Mapping[str, str]) -> None:
    style: dict[str, Any] = {
        "length": values.get("length") or None,
        "language": values.get("language", ""),
        "answer_in": values.get("answer_in") or None,
        "mention_needed": {"yes": True, "no": False}.get(values.get("mention_needed", "")),
    }
    document["style"] = {name: value for name, value in style.items() if value is not None}
    document["private"] = values.get("visibility") == "private"


def merged(base: Persona, newest: Persona, part: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed upon an older version, upon the newest: a field that was not touched is as it is now."""
    before, now = values_of(base, part), values_of(newest, part)
    return {name: now.get(name, text) if same(text, before.get(name, "")) else text for name, text in typed.items()}


def same(one: str, other: str) -> bool:
    """Whether a form could have made one of the other without anybody's doing."""
    return _edges(one) == _edges(other)


def _edges(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
