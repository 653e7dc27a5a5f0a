"""One person at Slack or Discord: commands, buttons, lists and forms as they use them, and what they alone read.

As places.py the same words for both: the real bot answers through the real libraries, and a hand only acts and looks on
the sandbox's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.commands import catalogue
from core.commands.declaration import Command
from sandbox.discord.attachments import Upload as DiscordUpload
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Message as DiscordMessage
from sandbox.slack.files import Upload as SlackUpload
from sandbox.slack.messages import Message as SlackMessage
from tests.contract.places import PATIENCE, DiscordPlace, Place, SlackPlace

IN_ONE_INPUT = 3_000
"""Characters that Slack's form takes in one input; Discord's takes 4,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message of the bot that one person reads."""

    id: str
    text: str
    buttons: tuple[str, ...]
    choices: int
    """In its list."""
    pings: tuple[str, ...]
    private: bool


class Hand(Protocol):
    """One person in one channel."""

    async def use(self, name: str, /, **options: str) -> None:
        """A command with its verb; options by name (`from_` for `from`)."""
        ...

    async def told(self, words: str) -> Told:
        """Returns the newest message with these words in it, as soon as there is one."""
        ...

    async def press(self, told: Told, label: str) -> None: ...
    async def choose(self, told: Told, number: int) -> None: ...
    async def form(self) -> dict[str, str]:
        """Returns what stands in the fields of the form that is open, as soon as one is."""
        ...

    async def again(self, words: str) -> dict[str, str]:
        """The same for a form that was sent and has something put right, which these words tell."""
        ...

    async def fill(self, values: Mapping[str, str] | None = None, *, file: bytes | None = None) -> None:
        """The form is filled in and sent; fields that are not named stay as they are."""
        ...

    def files(self) -> dict[str, bytes]:
        """Files that this person was given, by name; the newest of each."""
        ...


def hand(place: Place, person: str, channel: str = "general") -> Hand:
    """The person's."""
    match place:
        case SlackPlace():
            return SlackHand(place, person, channel)
        case DiscordPlace():
            return DiscordHand(place, person, channel)
        case _:
            raise TypeError(place)


def declared(name: str) -> Command:
    """The command, or the verb of one."""
    first, _, verb = name.partition(" ")
    command = catalogue.named(first)
    found = command if command is None or not verb else command.verb(verb)
    assert found is not None, name
    return found


class SlackHand:
    """Slack's."""

    def __init__(self, place: SlackPlace, person: str, channel: str) -> None:
        self.sandbox = place.sandbox
        self.person = person
        self.channel = channel

    async def use(self, name: str, /, **options: str) -> None:
        named = {option.rstrip("_"): value for option, value in options.items()}
        words = [named[option.name] for option in declared(name).options if option.name in named]
        first, _, verb = name.partition(" ")
        got = await self.sandbox.command(self.person, self.channel, f"/{first}", " ".join([verb, *words]).strip())
        assert got.acked, got

    async def told(self, words: str) -> Told:
        return await self.sandbox.wait_for(lambda: self._newest(words), PATIENCE)

    def _newest(self, words: str) -> Told | None:
        shown = [_slack_told(one) for one in self.sandbox.messages(self.channel, person=self.person)]
        return next((one for one in reversed(shown) if words in one.text), None)

    async def press(self, told: Told, label: str) -> None:
        button = next(one for one in self._elements(told, "button") if one["text"]["text"] == label)
        await self.sandbox.click(self.person, self.channel, told.id, button["action_id"])

    async def choose(self, told: Told, number: int) -> None:
        (menu,) = self._elements(told, "static_select")
        value = menu["options"][number]["value"]
        await self.sandbox.click(self.person, self.channel, told.id, menu["action_id"], option=value)

    def _elements(self, told: Told, kind: str) -> list[dict[str, Any]]:
        return _slack_elements(self.sandbox.message(self.channel, told.id), kind)

    async def form(self) -> dict[str, str]:
        await self.sandbox.wait_for(lambda: self._view() is not None and bool(_inputs(self._view())), PATIENCE)
        return _slack_values(_inputs(self._view()))

    async def again(self, words: str) -> dict[str, str]:
        def complains() -> bool:
            texts = [block["text"]["text"] for block in self._view().blocks if block["type"] == "section"]
            return words in "\n".join(texts)

        await self.sandbox.wait_for(complains, PATIENCE)
        return await self.form()

    async def fill(self, values: Mapping[str, str] | None = None, *, file: bytes | None = None) -> None:
        view = self._view()
        ids = [block["element"]["action_id"] for block in _inputs(view)]
        given: dict[str, Any] = {}
        for name, text in (values or {}).items():
            parts = [one for one in ids if one == name or one.startswith(f"{name}.")]
            pieces = [text[at : at + IN_ONE_INPUT] for at in range(0, len(text), IN_ONE_INPUT)] or [""]
            assert len(pieces) <= len(parts), f"{name} takes {len(parts)} inputs"
            given |= dict(zip(parts, [*pieces, *[""] * len(parts)], strict=False))
        for block in _inputs(view):
            name = block["element"]["action_id"]
            if block["element"]["type"] == "multi_static_select" and name in given:
                given[name] = given[name].splitlines()
        if file is not None:
            given["file"] = [SlackUpload(name="file.txt", content=file)]
        got = await self.sandbox.submit_view(self.person, view.id, given)
        assert got.acked, got
        assert got.error is None, got

    def _view(self) -> Any:
        me = self.sandbox.world.person(self.person).id
        return next((view for view in reversed(self.sandbox.views) if view.person.id == me), None)

    def files(self) -> dict[str, bytes]:
        found = [file for one in self.sandbox.messages("dm", person=self.person) for file in one.files]
        return {file["name"]: self.sandbox._files._stored[file["id"]].upload.content for file in found}


def _slack_told(message: SlackMessage) -> Told:
    texts = [block["text"] for block in message.blocks if block["type"] == "markdown"] or [message.text]
    menus = _slack_elements(message, "static_select")
    return Told(
        id=message.ts,
        text="\n".join(texts),
        buttons=tuple(one["text"]["text"] for one in _slack_elements(message, "button")),
        choices=len(menus[0]["options"]) if menus else 0,
        pings=message.pings,
        private=message.ephemeral_for is not None,
    )


def _slack_elements(message: SlackMessage, kind: str) -> list[dict[str, Any]]:
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [one for row in rows for one in row["elements"] if one["type"] == kind]


def _inputs(view: Any) -> list[dict[str, Any]]:
    return [block for block in view.blocks if block["type"] == "input"]


def _slack_values(inputs: list[dict[str, Any]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for block in inputs:
        element = block["element"]
        chosen = (element.get("initial_option") or {}).get("value", "").removeprefix("\\")
        name = element["action_id"].partition(".")[0]
        values[name] = values.get(name, "") + (element.get("initial_value") or chosen)
    return values


class DiscordHand:
    """Discord's."""

    def __init__(self, place: DiscordPlace, person: str, channel: str) -> None:
        self.sandbox = place.sandbox
        self.person = person
        self.channel = channel
        self._read = f"@{person}" if channel == "dm" else channel
        """Where its messages stand, by the sandbox's name."""
        self._last: Interaction | None = None

    async def use(self, name: str, /, **options: str) -> None:
        named: dict[str, Any] = {option.rstrip("_"): value.removeprefix("@") for option, value in options.items()}
        for option in declared(name).options:
            if option.kind.value == "number" and option.name in named:
                named[option.name] = int(named[option.name])
        self._last = await self.sandbox.command(self.person, self.channel, name, named)
        assert self._last.acknowledged

    async def told(self, words: str) -> Told:
        found = await self.sandbox.wait_for(lambda: self._newest(words), PATIENCE)
        assert found is not None
        return found

    def _newest(self, words: str) -> Told | None:
        shown = [_discord_told(one) for one in self.sandbox.messages(self._read, person=self.person)]
        return next((one for one in reversed(shown) if words in one.text), None)

    async def press(self, told: Told, label: str) -> None:
        button = next(one for one in self._parts(told, 2) if one["label"] == label)
        self._last = await self.sandbox.click(self.person, self.channel, told.id, button["custom_id"])

    async def choose(self, told: Told, number: int) -> None:
        (menu,) = self._parts(told, 3)
        values = [menu["options"][number]["value"]]
        self._last = await self.sandbox.click(self.person, self.channel, told.id, menu["custom_id"], values=values)

    def _parts(self, told: Told, kind: int) -> list[dict[str, Any]]:
        return _discord_parts(self.sandbox.message(self._read, told.id), kind)

    async def form(self) -> dict[str, str]:
        await self.sandbox.wait_for(lambda: self._last is not None and self._last.modal is not None, PATIENCE)
        values: dict[str, str] = {}
        for one in self._fields():
            chosen = next((option["value"] for option in one.get("options") or () if option.get("default")), "")
            name = one["custom_id"].partition(":")[2]
            values[name] = values.get(name, "") + str(one.get("value") or chosen.removeprefix("\\"))
        return values

    async def again(self, words: str) -> dict[str, str]:
        await self.press(await self.told(words), "Edit again")
        return await self.form()

    async def fill(self, values: Mapping[str, str] | None = None, *, file: bytes | None = None) -> None:
        given: dict[str, Any] = {}
        wanted = dict(values or {})
        for one in self._fields():
            name = one["custom_id"].partition(":")[2]
            if name in wanted and one["type"] == 3:
                given[one["custom_id"]] = wanted.pop(name).splitlines()
            elif name in wanted:
                longest = one.get("max_length") or len(wanted[name])
                given[one["custom_id"]], wanted[name] = wanted[name][:longest], wanted[name][longest:]
            if name == "file" and file is not None:
                given[one["custom_id"]] = [DiscordUpload(name="file.txt", content=file)]
        assert not any(wanted.values()), "more than the form takes"
        assert self._last is not None
        self._last = await self.sandbox.submit_modal(self.person, self._last, given)
        assert self._last.acknowledged

    def _fields(self) -> list[dict[str, Any]]:
        assert self._last is not None
        assert self._last.modal is not None
        return [one["component"] for one in self._last.modal["components"]]

    def files(self) -> dict[str, bytes]:
        found = [file for one in self.sandbox.messages(self._read, person=self.person) for file in one.attachments]
        return {file.upload.name: file.upload.content for file in found}


def _discord_told(message: DiscordMessage) -> Told:
    menus = _discord_parts(message, 3)
    return Told(
        id=message.id,
        text=message.content,
        buttons=tuple(one["label"] for one in _discord_parts(message, 2)),
        choices=len(menus[0]["options"]) if menus else 0,
        pings=tuple(message.pings),
        private=message.ephemeral_for is not None,
    )


def _discord_parts(message: DiscordMessage, kind: int) -> list[dict[str, Any]]:
    return [one for row in message.components for one in row["components"] if one["type"] == kind]
