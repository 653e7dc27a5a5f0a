"""How the bot answers an interaction: the callback first, then `@original` and follow-ups with the same token.

Each refusal is Discord's: too late, twice, of the wrong kind, or with a token that is over. Nobody's permission in
the channel is asked, because an interaction carries its own.
"""

from collections.abc import Callable, Mapping

from sandbox.discord import commands, components, drafts, mentions, notices, refusals
from sandbox.discord.attachments import Upload
from sandbox.discord.drafts import Draft
from sandbox.discord.forms import Form
from sandbox.discord.happenings import Happenings
from sandbox.discord.interactions import TOKEN_SECONDS, Interaction, Interactions, Kind, Response
from sandbox.discord.messages import Flag, Message, MessageType
from sandbox.discord.publishing import Publishing
from sandbox.discord.values import ApiError, Json
from sandbox.discord.world import Channel

Files = Mapping[int, Upload]
PARSED = mentions.BY_INTERACTIONS
ORIGINAL = "@original"
_MESSAGES = frozenset({Response.MESSAGE, Response.DEFERRED_MESSAGE})
_UPDATES = frozenset({Response.UPDATE, Response.DEFERRED_UPDATE})


class Responses:
    """The bot's side of every interaction."""

    def __init__(
        self,
        *,
        interactions: Interactions,
        happenings: Happenings,
        publishing: Publishing,
        now: Callable[[], float],
        ack_seconds: float,
    ) -> None:
        self._interactions = interactions
        self._happenings = happenings
        self._publishing = publishing
        self._now = now
        self._ack_seconds = ack_seconds

    def callback(self, interaction_id: str, token: str, body: Json, files: Files) -> Json:
        """The interaction is acknowledged; what a `with_response` call reads of it."""
        interaction = self._interactions.get(interaction_id)
        if interaction is None or interaction.token != token or self._age(interaction) > self._ack_seconds:
            raise ApiError(refusals.UNKNOWN_INTERACTION)
        if interaction.acknowledged:
            raise ApiError(refusals.ALREADY_ACKNOWLEDGED)
        response, data = _allowed(interaction, body.get("type")), body.get("data") or {}
        match response:
            case Response.MESSAGE:
                self._answer(interaction, drafts.of_new(data, files, drafts.BY_INTERACTIONS))
            case Response.DEFERRED_MESSAGE:
                self._think(interaction, data)
            case Response.DEFERRED_UPDATE:
                interaction.message_id = interaction.source.id if interaction.source else None
            case Response.UPDATE:
                self._update(interaction, data, files)
            case Response.CHOICES:
                interaction.choices = _choices(data, _focused(interaction.payload["data"]))
            case Response.MODAL:
                self._open_modal(interaction, data)
        interaction.response = response
        self._happenings.changes.tell({"type": "event", "kind": f"answered {interaction.name}"})
        return self._described(interaction, response)

    def message(self, token: str, message_id: str) -> Message:
        """`@original`, or one of the follow-ups. ApiError when the token is over or the message is not there."""
        interaction = self._valid(token)
        wanted = interaction.message_id if message_id == ORIGINAL else message_id
        if wanted is None or wanted not in (interaction.message_id, *interaction.followups):
            raise ApiError(refusals.UNKNOWN_MESSAGE)
        found = self._happenings.book.get(interaction.channel_id, wanted)
        if found is None:
            raise ApiError(refusals.UNKNOWN_MESSAGE)
        return found

    def edit(self, token: str, message_id: str, body: Json, files: Files) -> Message:
        """The message shows what the payload asks for."""
        message = self.message(token, message_id)
        self._fill(self._valid(token), message, drafts.of_edit(body, files, message))
        return message

    def delete(self, token: str, message_id: str) -> None:
        """The message is gone; "thinking" is over with it, so that what follows is a message of its own."""
        message, interaction = self.message(token, message_id), self._valid(token)
        if message.id == interaction.message_id:
            interaction.thinking = False
        self._happenings.delete(message)

    def follow_up(self, token: str, body: Json, files: Files) -> Message:
        """Another message; the first one after "thinking" takes its place, as Discord still does it."""
        interaction = self._valid(token)
        draft = drafts.of_new(body, files, drafts.BY_INTERACTIONS)
        if interaction.thinking and interaction.message_id:
            original = self.message(token, ORIGINAL)
            self._fill(interaction, original, drafts.of_edit(body, files, original))
            return original
        message = self._post(interaction, draft, MessageType.DEFAULT, original=interaction.message_id)
        interaction.followups.append(message.id)
        return message

    def _answer(self, interaction: Interaction, draft: Draft) -> None:
        interaction.ephemeral = bool(draft.flags & Flag.EPHEMERAL)
        interaction.message_id = self._post(interaction, draft, _type(interaction)).id

    def _think(self, interaction: Interaction, data: Json) -> None:
        flags = Flag(data.get("flags") or 0) & Flag.EPHEMERAL | Flag.LOADING
        draft = Draft(content="", embeds=(), components=(), flags=flags)
        interaction.ephemeral = bool(flags & Flag.EPHEMERAL)
        interaction.thinking = True
        interaction.message_id = self._post(interaction, draft, _type(interaction)).id

    def _update(self, interaction: Interaction, data: Json, files: Files) -> None:
        source = interaction.source
        if source is None or self._happenings.book.get(source.channel_id, source.id) is None:
            raise ApiError(refusals.UNKNOWN_MESSAGE)
        self._publishing.edit(source, drafts.of_edit(data, files, source), parsed=PARSED)
        interaction.message_id = source.id

    def _open_modal(self, interaction: Interaction, data: Json) -> None:
        form = Form()
        form.length("custom_id", data.get("custom_id"), 100, least=1)
        form.length("title", data.get("title"), 45, least=1)
        components.check_modal(data.get("components") or [], form)
        form.check()
        interaction.modal = data | {"components": list(components.numbered(data["components"]))}
        told = notices.modal(interaction.person, interaction.id, interaction.modal)
        self._happenings.changes.tell(told)

    def _fill(self, interaction: Interaction, message: Message, draft: Draft) -> None:
        if message.id == interaction.message_id:
            interaction.thinking = False
        self._publishing.edit(message, draft, parsed=PARSED)

    def _post(self, interaction: Interaction, draft: Draft, kind: MessageType, original: str | None = None) -> Message:
        hidden = draft.flags & Flag.EPHEMERAL
        return self._publishing.post(
            draft,
            self._channel(interaction),
            parsed=PARSED,
            type=kind,
            webhook=True,
            ephemeral_for=interaction.person.id if hidden else None,
            interaction=self._metadata(interaction, original),
        )

    def _metadata(self, interaction: Interaction, original: str | None) -> Json:
        body: Json = {
            "id": interaction.id,
            "type": int(interaction.kind),
            "user": self._happenings.wire.user(interaction.person),
            "authorizing_integration_owners": interaction.payload["authorizing_integration_owners"],
        }
        body |= {"original_response_message_id": original} if original else {}
        return body | ({"interacted_message_id": interaction.source.id} if interaction.source else {})

    def _described(self, interaction: Interaction, response: Response) -> Json:
        about: Json = {"id": interaction.id, "type": int(interaction.kind)}
        if response not in _MESSAGES | _UPDATES or interaction.message_id is None:
            return {"interaction": about, "resource": {"type": int(response)}}
        about |= {
            "response_message_id": interaction.message_id,
            "response_message_loading": interaction.thinking,
            "response_message_ephemeral": interaction.ephemeral,
        }
        message = self._happenings.book.get(interaction.channel_id, interaction.message_id)
        resource: Json = {"type": int(response)}
        if message is not None and response is not Response.DEFERRED_UPDATE:
            resource["message"] = self._happenings.wire.message(message)
        return {"interaction": about, "resource": resource}

    def _valid(self, token: str) -> Interaction:
        interaction = self._interactions.by_token(token)
        if interaction is None or self._age(interaction) > TOKEN_SECONDS:
            raise ApiError(refusals.INVALID_WEBHOOK_TOKEN)
        if not interaction.acknowledged:
            raise ApiError(refusals.UNKNOWN_WEBHOOK)
        return interaction

    def _channel(self, interaction: Interaction) -> Channel:
        return self._happenings.world.channels[interaction.channel_id]

    def _age(self, interaction: Interaction) -> float:
        return self._now() - interaction.at


def _allowed(interaction: Interaction, given: object) -> Response:
    updates = _UPDATES if interaction.source is not None else frozenset()
    by_kind: dict[Kind, frozenset[Response]] = {
        Kind.COMMAND: _MESSAGES | {Response.MODAL},
        Kind.COMPONENT: _MESSAGES | updates | {Response.MODAL},
        Kind.MODAL: _MESSAGES | updates,
        Kind.AUTOCOMPLETE: frozenset({Response.CHOICES}),
    }
    for response in by_kind[interaction.kind]:
        if response == given:
            return response
    form = Form()
    form.wrong("type", "INTERACTION_RESPONSE_TYPE_INVALID", "This response is not allowed for this interaction.")
    form.check()
    raise AssertionError("a form with a fault raises")


def _focused(data: Json) -> int:
    """The type of the option that is typed."""
    for option in data.get("options") or ():
        if option.get("focused"):
            return int(option["type"])
        if "options" in option:
            return _focused(option)
    return commands.STRING


def _choices(data: Json, kind: int) -> list[Json]:
    choices: list[Json] = data.get("choices") or []
    form = Form()
    if len(choices) > 25:
        form.wrong("choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for number, choice in enumerate(choices):
        form.length(f"choices.{number}.name", choice.get("name"), 100, least=1)
        if fault := commands.wrong_value(kind, choice.get("value")):
            form.wrong(f"choices.{number}.value", "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID", fault)
    form.check()
    return choices


def _type(interaction: Interaction) -> MessageType:
    if interaction.kind is Kind.COMMAND:
        chat = interaction.payload["data"].get("type", 1) == 1
        return MessageType.CHAT_INPUT_COMMAND if chat else MessageType.CONTEXT_MENU_COMMAND
    return MessageType.REPLY if interaction.source else MessageType.DEFAULT
