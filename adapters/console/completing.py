"""What is offered while a command is typed: names and verbs from the declaration, values from the feature itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from adapters.console.screen import Suggest
from adapters.console.typed import OWN
from core.commands import catalogue
from core.commands.declaration import Command, Option
from core.interaction import Choice


class Commands(Completer):
    """Completes lines that begin with a slash."""

    def __init__(self, suggest: Suggest) -> None:
        self._suggest = suggest

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """See get_completions_async, which is what a prompt uses."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion]:
        """What may stand where the cursor is."""
        line = document.text_before_cursor
        if not line.startswith("/"):
            return
        first, *words = line[1:].split(" ")
        if not words:
            for name, summary in _names():
                if name.startswith(first.lower()):
                    yield Completion(name, start_position=-len(first), display_meta=summary)
            return
        command = catalogue.named(first.lower())
        if command is None:
            return
        if command.verbs and len(words) == 1:
            for verb in command.verbs:
                if verb.name.startswith(words[0].lower()):
                    yield Completion(verb.name, start_position=-len(words[0]), display_meta=verb.summary)
            return
        async for completion in self._values(command, words):
            yield completion

    async def _values(self, command: Command, words: list[str]) -> AsyncGenerator[Completion]:
        verb = command.verb(words[0].lower()) if command.verbs else None
        used, values = (verb, words[1:]) if verb is not None else (command, words)
        name = f"{command.name} {verb.name}" if verb is not None else command.name
        option = _option(used, len(values) - 1)
        if option is None:
            return
        typed = values[-1]
        choices = tuple(Choice(value=one, label=one) for one in option.choices)
        if option.suggested:
            choices = await self._suggest(name, option.name, typed)
        for choice in choices:
            if choice.value.lower().startswith(typed.lower()) or option.suggested:
                yield Completion(choice.value, start_position=-len(typed), display_meta=choice.label)


def _option(command: Command, place: int) -> Option | None:
    return command.options[place] if 0 <= place < len(command.options) else None


def _names() -> list[tuple[str, str]]:
    declared = [(one.name, one.summary) for one in catalogue.CATALOGUE]
    return [*declared, *OWN.items()]
