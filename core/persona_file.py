"""Personas as a TOML file that people read, compare and keep in git: a persona a file, or several as [[persona]].

What a persona may be is persona_document.py's part. Written here by hand: of the libraries that write TOML, those that
can write a text over several lines turn a carriage return before a line's end into nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from core.persona import Persona
from core.persona_document import PersonaInvalid, read, written

_SEVERAL = "persona"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_TO_ESCAPE = re.compile(r'[\\"\x00-\x1f\x7f]')
_TO_ESCAPE_IN_LINES = re.compile(r'\\|"(?="")|"\Z|(?<=")"|[\x00-\x08\x0b-\x1f\x7f]')
_LITERAL = re.compile(r"(?:(?!''')[\t\n\x20-\x7e\x80-\U0010ffff])*\Z")
"""What may stand between three apostrophes just as it is."""


# ── writing ──


def dumped(personas: Sequence[Persona]) -> str:
    """The file of these personas. What is as it is by default is left out. `loaded` gives the same personas back."""
    if len(personas) == 1:
        return _table(written(personas[0]), "")
    return "\n".join(f"[[{_SEVERAL}]]\n{_table(written(persona), f'{_SEVERAL}.')}" for persona in personas)


def _table(document: Mapping[str, Any], prefix: str) -> str:
    plain = [f"{name} = {_value(value)}" for name, value in document.items() if not isinstance(value, Mapping)]
    tables = [
        f"\n[{prefix}{name}]\n{_table(value, prefix)}" for name, value in document.items() if isinstance(value, Mapping)
    ]
    return "".join([*(f"{line}\n" for line in plain), *tables])


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            raise TypeError(f"no value of a persona: {type(value).__name__}")


def _text(text: str) -> str:
    """Over several lines where the text has several; without escapes where it would be full of them."""
    if "\n" not in text:
        return f'"{_TO_ESCAPE.sub(_escaped, text)}"'
    if "\\" in text and not text.endswith("'") and _LITERAL.match(text):
        return f"'''\n{text}'''"
    return f'"""\n{_TO_ESCAPE_IN_LINES.sub(_escaped, text)}"""'


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}"


# ── reading ──


def loaded(text: str) -> tuple[Persona, ...]:
    """The personas of a file; none in an empty one. Raises PersonaInvalid, which names place, persona and field."""
    documents = _documents(_parsed(text))
    problems: list[str] = []
    personas: list[Persona] = []
    for number, document in enumerate(documents, 1):
        try:
            personas.append(read(document))
        except PersonaInvalid as error:
            prefix = "" if len(documents) == 1 else f"{_shown(document, number)}, "
            problems += [f"{prefix}{problem}" for problem in error.problems]
    problems += _twice(personas)
    if problems:
        raise PersonaInvalid(tuple(problems))
    return tuple(personas)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise PersonaInvalid((f"This is not TOML: {error}.",)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or brackets in brackets in brackets
        raise PersonaInvalid(("This is not TOML that anybody would write.",)) from None


def _documents(parsed: dict[str, Any]) -> list[dict[str, Any]]:
    if _SEVERAL not in parsed:
        return [parsed] if parsed else []
    several = parsed.pop(_SEVERAL)
    if parsed:
        beside = ", ".join(sorted(parsed))
        raise PersonaInvalid((f"{beside}: nothing may stand beside [[{_SEVERAL}]], only inside one.",))
    if not isinstance(several, list) or not all(isinstance(document, dict) for document in several):
        raise PersonaInvalid((f"{_SEVERAL}: write [[{_SEVERAL}]] above each persona.",))
    return several


def _shown(document: Mapping[str, Any], number: int) -> str:
    name = document.get("name")
    return f"persona {number} ({' '.join(name.split())[:60]})" if isinstance(name, str) else f"persona {number}"


def _twice(personas: Sequence[Persona]) -> list[str]:
    names = [persona.name.casefold() for persona in personas]
    twice = {persona.name for persona, name in zip(personas, names, strict=True) if names.count(name) > 1}
    return [
        f"name: two personas are called {name}." for name in sorted({name.casefold(): name for name in twice}.values())
    ]
