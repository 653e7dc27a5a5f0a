"""A persona as a plain document, as JSON and TOML know it: written whole, and read with every fault named at once.

The shape is the same in the database, in exported files and behind forms. What a model can bear (the prompt's length
in tokens, the names of tools and models) is checked where a model is at hand; here stands what holds everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.channel import AnswerIn
from core.persona import (
    LONGEST_DESCRIPTION,
    LONGEST_LANGUAGE,
    LONGEST_MODEL,
    LONGEST_NAME,
    LONGEST_PROMPT,
    LONGEST_STOP,
    LONGEST_TOOL,
    LONGEST_WELCOME,
    MOST_STOPS,
    MOST_TOOLS,
    NUMBERS,
    REASONING_EFFORTS,
    Length,
    ModelParameters,
    NumberParameter,
    Persona,
    Style,
)
from core.prompting import problems_of

_LONGEST = {
    "name": LONGEST_NAME,
    "description": LONGEST_DESCRIPTION,
    "prompt": LONGEST_PROMPT,
    "model": LONGEST_MODEL,
    "welcome": LONGEST_WELCOME,
}
_NAMES = frozenset({*_LONGEST, "tools", "private", "parameters", "style"})
_STYLE = frozenset({"length", "language", "answer_in", "mention_needed"})
_PARAMETERS = frozenset({*(number.name for number in NUMBERS), "stop", "reasoning_effort"})


class PersonaInvalid(ValueError):
    """The document is no persona. `problems` has a sentence for each fault."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def written(persona: Persona) -> dict[str, Any]:
    """The document of a persona. What is as it is by default is left out, but for the name and the prompt."""
    document: dict[str, Any] = {"name": persona.name, "description": persona.description, "prompt": persona.prompt}
    document |= {"model": persona.model, "welcome": persona.welcome, "private": persona.private}
    document["tools"] = list(persona.tools)
    document["parameters"] = _written_parameters(persona.parameters)
    document["style"] = _written_style(persona.style)
    return {name: value for name, value in document.items() if value or name in ("name", "prompt")}


def _written_parameters(parameters: ModelParameters) -> dict[str, Any]:
    values = {number.name: getattr(parameters, number.name) for number in NUMBERS}
    values |= {"stop": list(parameters.stop) or None, "reasoning_effort": parameters.reasoning_effort}
    return {name: value for name, value in values.items() if value is not None}


def _written_style(style: Style) -> dict[str, Any]:
    values: dict[str, Any] = {"language": style.language or None, "mention_needed": style.mention_needed}
    values["length"] = None if style.length is Length.NORMAL else style.length.value
    values["answer_in"] = None if style.answer_in is None else style.answer_in.value
    return {name: value for name, value in values.items() if value is not None}


def read(document: Mapping[str, Any]) -> Persona:
    """The persona of a document. Raises PersonaInvalid with everything that is wrong."""
    reading = _Reading(document)
    persona = reading.persona()
    if reading.problems:
        raise PersonaInvalid(tuple(reading.problems))
    return persona


def recalled(document: Mapping[str, Any]) -> Persona:
    """The persona of a document that was checked when it was stored. Whatever would not be taken any more stays as it
    was, or is left out where it means nothing: a rule of today is no reason that nobody answers."""
    return _Reading(document).persona()


class _Reading:
    """One document, and what is wrong with it so far."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.problems: list[str] = []

    def persona(self) -> Persona:
        self._unknown("", self._document, _NAMES)
        prompt = self._text("prompt")
        self.problems += problems_of(prompt)
        if not prompt.strip():
            self.problems.append("prompt: a persona needs a prompt.")
        return Persona(
            name=self._name(),
            description=self._text("description"),
            prompt=prompt,
            model=self._text("model"),
            welcome=self._text("welcome"),
            private=self._flag(self._document, "private", "private") or False,
            tools=self._tools(),
            parameters=self._parameters(self._part("parameters", _PARAMETERS)),
            style=self._style(self._part("style", _STYLE)),
        )

    def _name(self) -> str:
        name = " ".join(self._text("name").split())
        if not name:
            self.problems.append("name: a persona needs a name.")
        if not name.isprintable() or any(sign in name for sign in "`*_~<>|@#\\"):
            self.problems.append("name: letters, digits, spaces, points and hyphens only.")
        return name

    def _text(self, name: str) -> str:
        value = self._document.get(name, "")
        if not isinstance(value, str):
            self.problems.append(f"{name}: a text is needed.")
            return ""
        if len(value) > _LONGEST[name]:
            self.problems.append(f"{name}: {len(value):,} characters; {_LONGEST[name]:,} are allowed.")
        if not _is_whole(value):
            self.problems.append(f"{name}: it holds half of a character, which no file can keep.")
        return value if name == "prompt" else value.strip()

    def _part(self, name: str, names: frozenset[str]) -> Mapping[str, Any]:
        part = self._document.get(name, {})
        if not isinstance(part, Mapping):
            self.problems.append(f"{name}: a table is needed.")
            return {}
        self._unknown(f"{name}.", part, names)
        return part

    def _unknown(self, prefix: str, part: Mapping[str, Any], names: frozenset[str]) -> None:
        self.problems += [
            f"{prefix}{name}: there is no such name; there are {', '.join(sorted(names))}."
            for name in part
            if name not in names
        ]

    def _tools(self) -> tuple[str, ...]:
        tools = self._texts(self._document, "tools", "tools")
        if len(tools) > MOST_TOOLS or not all(0 < len(name) <= LONGEST_TOOL and name.isprintable() for name in tools):
            self.problems.append(f"tools: at most {MOST_TOOLS} names of 1 to {LONGEST_TOOL} characters each.")
        return tuple(dict.fromkeys(tools))

    def _parameters(self, part: Mapping[str, Any]) -> ModelParameters:
        numbers: dict[str, Any] = {number.name: self._number(part.get(number.name), number) for number in NUMBERS}
        stop = self._texts(part, "stop", "parameters.stop")
        if len(stop) > MOST_STOPS or any(not 0 < len(text) <= LONGEST_STOP for text in stop):
            self.problems.append(f"parameters.stop: at most {MOST_STOPS} texts of 1 to {LONGEST_STOP} characters each.")
        effort = part.get("reasoning_effort")
        if effort is not None and effort not in REASONING_EFFORTS:
            self.problems.append(f"parameters.reasoning_effort: one of {', '.join(REASONING_EFFORTS)}.")
            effort = None
        return ModelParameters(stop=stop, reasoning_effort=effort, **numbers)

    def _number(self, value: object, number: NumberParameter) -> float | None:
        if value is None:
            return None
        fits = isinstance(value, int | float) and not isinstance(value, bool) and number.least <= value <= number.most
        if not fits or (number.whole and not isinstance(value, int)):
            kind = "a whole number" if number.whole else "a number"
            bounds = f"from {number.least:,} to {number.most:,}"
            self.problems.append(f"parameters.{number.name}: {kind} {bounds} ({number.summary}).")
            return None
        assert isinstance(value, int | float)
        return value

    def _style(self, part: Mapping[str, Any]) -> Style:
        language = part.get("language", "")
        if not isinstance(language, str) or len(language) > LONGEST_LANGUAGE or "\n" in language:
            self.problems.append(f"style.language: a language's name of at most {LONGEST_LANGUAGE} characters.")
            language = ""
        length = self._one_of(part, "length", [each.value for each in Length])
        answer_in = self._one_of(part, "answer_in", [each.value for each in AnswerIn])
        return Style(
            length=Length(length) if length else Length.NORMAL,
            language=language.strip(),
            answer_in=AnswerIn(answer_in) if answer_in else None,
            mention_needed=self._flag(part, "mention_needed", "style.mention_needed"),
        )

    def _one_of(self, part: Mapping[str, Any], name: str, values: list[str]) -> str | None:
        value = part.get(name)
        if value is None or value in values:
            return value
        self.problems.append(f"style.{name}: one of {', '.join(values)}.")
        return None

    def _flag(self, part: Mapping[str, Any], name: str, shown: str) -> bool | None:
        value = part.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.problems.append(f"{shown}: true or false.")
        return None

    def _texts(self, part: Mapping[str, Any], name: str, shown: str) -> tuple[str, ...]:
        value = part.get(name, [])
        if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
            self.problems.append(f"{shown}: a list of texts is needed.")
            return ()
        if not all(map(_is_whole, value)):
            self.problems.append(f"{shown}: it holds half of a character, which no file can keep.")
        return tuple(value)


def _is_whole(text: str) -> bool:
    """Whether there is no half of a surrogate pair in it."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
