"""What people do: they talk, edit, delete, press, fill in forms, and use commands.

Each act has the effects it has in Slack and nothing more: events for what the app subscribed to, payloads for
commands and presses. Acts that wait for the app return how it acknowledged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.slack import blocks as block_kit
from sandbox.slack import events, interactions, markup
from sandbox.slack.delivery import Delivery, EnvelopeType
from sandbox.slack.files import Files, Upload
from sandbox.slack.interactions import Option
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.streams import Streams
from sandbox.slack.triggers import Triggers
from sandbox.slack.values import ApiError, Json, SandboxError
from sandbox.slack.views import View, Views, submission
from sandbox.slack.workspace import Workspace
from sandbox.slack.world import Channel, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """How the app took a command, a press or a form."""

    acked: bool
    """Within Slack's three seconds."""
    error: str | None = None
    """What the person reads otherwise: `operation_timeout`, or `dispatch_failed` when no app was there."""
    text: str = ""
    answer: Json | None = None
    ts: str | None = None
    """The message that the answer of a command became."""
    errors: dict[str, str] | None = None
    """A form's complaints, by block_id."""


class Acting:
    """The hands of everyone in the workspace but the app."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        streams: Streams,
        views: Views,
        triggers: Triggers,
        responses: ResponseUrls,
        files: Files,
    ) -> None:
        self._workspace = workspace
        self._streams = streams
        self._views = views
        self.triggers = triggers
        self.responses = responses
        self._files = files

    async def say(
        self,
        person: str,
        channel: str,
        text: str,
        *,
        thread_ts: str | None = None,
        files: Sequence[Upload] = (),
        encoded: bool = False,
    ) -> str:
        """The message stands in the channel; its ts. `encoded` takes the text as Slack's own mrkdwn."""
        who, place = self._at(person, channel)
        if thread_ts is not None:
            thread_ts = self._workspace.find(place, thread_ts).thread_ts or thread_ts
        world = self._workspace.world
        stored = tuple(self._files.add(upload, who) for upload in files)
        block = markup.rich_text(text, world, world.ids.numbered("b"))
        message = self._workspace.post(
            who,
            place,
            text if encoded else markup.encode(text, world),
            blocks=(block,) if text and not encoded else (),
            thread_ts=thread_ts,
            files=stored,
            subtype="file_share" if stored else None,
            client_msg_id=None if who.is_bot else world.ids.numbered("client-"),
        )
        return message.ts

    async def edit(self, person: str, channel: str, ts: str, text: str) -> None:
        """The person's own message reads so now. SandboxError for somebody else's."""
        who, place = self._at(person, channel)
        message = self._workspace.find(place, ts)
        if message.author.id != who.id:
            raise SandboxError(f"{who.name} did not write {ts}")
        world = self._workspace.world
        block = markup.rich_text(text, world, world.ids.numbered("b"))
        self._workspace.edit(message, markup.encode(text, world), blocks=(block,))

    async def delete(self, person: str, channel: str, ts: str) -> None:
        """The message is gone: one's own, or anybody's for an admin."""
        who, place = self._at(person, channel)
        message = self._workspace.find(place, ts)
        if message.author.id != who.id and not (who.admin or who.owner):
            raise SandboxError(f"{who.name} may not delete {ts}")
        self._workspace.delete(message)

    async def unfurl(self, channel: str, ts: str) -> None:
        """A preview appears under the message: message_changed, though nobody changed the text."""
        message = self._workspace.find(self._workspace.world.channel(channel), ts)
        preview = {"title": "A page", "from_url": "https://example.org", "fallback": "A page"}
        self._workspace.change(message, message.text, attachments=(*message.attachments, preview))

    async def react(self, person: str, channel: str, ts: str, name: str) -> None:
        """The reaction is there; a second time it changes nothing."""
        who, place = self._at(person, channel)
        message = self._workspace.find(place, ts)
        if who.id not in message.reactions.get(name, ()):
            self._workspace.react(who, message, name)

    async def unreact(self, person: str, channel: str, ts: str, name: str) -> None:
        """The person's reaction is gone; where there was none it changes nothing."""
        who, place = self._at(person, channel)
        message = self._workspace.find(place, ts)
        if who.id in message.reactions.get(name, ()):
            self._workspace.unreact(who, message, name)

    async def command(self, person: str, channel: str, name: str, text: str = "") -> Acknowledged:
        """How the app answered `/ask …` typed in the channel; what it answered is shown there."""
        who, place = self._at(person, channel)
        world = self._workspace.world
        body = interactions.command(world, who, place, name, markup.encode_command(text, world))
        body["response_url"] = self.responses.issue(who, place)
        got = await self._ask("command", "slash_commands", body, who)
        if not got.acked or not got.answer:
            return got
        if got.answer.get("response_type") == "in_channel":
            self._workspace.post(who, place, markup.escape(f"{name} {text}".strip()))
        try:
            shown = self.responses.acknowledge(body["response_url"], got.answer)
        except ApiError as error:
            return Acknowledged(acked=True, error=error.error, answer=got.answer)
        return Acknowledged(acked=True, text=shown.text, answer=got.answer, ts=shown.ts)

    async def click(self, person: str, channel: str, ts: str, action_id: str, *, option: Option = None) -> Acknowledged:
        """How the app took the press of a button (or the choice of a menu's `option`) under a message."""
        who, place = self._at(person, channel)
        message = self._workspace.find(place, ts)
        if message.ephemeral_for not in (None, who.id):
            raise SandboxError(f"{who.name} does not see {ts}")
        done = self._action(message.blocks, action_id, option)
        body = interactions.pressed(self._workspace.world, self._workspace.book, who, message, done)
        body["response_url"] = self.responses.issue(who, place, message)
        return await self._ask("block_actions", "interactive", body, who)

    async def click_in_view(self, person: str, view_id: str, action_id: str, *, option: Option = None) -> Acknowledged:
        """As `click`, in a modal or on the Home tab."""
        view = self._view(person, view_id)
        done = self._action(view.blocks, action_id, option)
        body = interactions.pressed_in_view(self._workspace.world, view, done)
        return await self._ask("block_actions", "interactive", body, view.person)

    async def submit_view(self, person: str, view_id: str, values: Json) -> Acknowledged:
        """How the app took the form; unless it said otherwise, the modal is closed."""
        view = self._view(person, view_id)
        state = submission(view.blocks, self._with_files(view.person, values), view.typed)
        self._views.typed(view, state["values"])
        body = interactions.submitted(self._workspace.world, view, state)
        got = await self._ask("view_submission", "interactive", body, view.person)
        view = self._views.get(view_id) or view
        if not got.acked:
            return got
        try:
            return self._answered(view, got)
        except ApiError as error:  # Slack says "We had some trouble connecting", and the modal stays
            return Acknowledged(acked=True, answer=got.answer, error=error.error)

    def _answered(self, view: View, got: Acknowledged) -> Acknowledged:
        answer = got.answer or {}
        match answer.get("response_action"):
            case "errors":
                named = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not answer["errors"] or not named.issuperset(answer["errors"]):
                    raise ApiError("invalid_errors")
                return Acknowledged(acked=True, answer=answer, errors=answer["errors"])
            case "update":
                self._views.update(view, answer["view"])
            case "push":
                self._views.open(view.person, answer["view"], push=True)
            case action:
                self._views.close(view, everything=action == "clear")
        return got

    def _with_files(self, person: Person, values: Json) -> Json:
        """The values with the files that are among them put on the host."""
        return {
            name: [self._files.add(one, person) for one in value] if _is_uploads(value) else value
            for name, value in values.items()
        }

    async def close_view(self, person: str, view_id: str) -> Acknowledged | None:
        """The modal is closed; how the app took it, when it had asked to be told."""
        view = self._view(person, view_id)
        self._views.close(view)
        if not view.body.get("notify_on_close"):
            return None
        body = interactions.closed(self._workspace.world, view, cleared=False)
        return await self._ask("view_closed", "interactive", body, view.person)

    async def stop_session(self, person: str, channel: str, thread_ts: str) -> list[str]:
        """The native Stop button: streams of the thread have ended; their ts. The status stays as it is."""
        who, place = self._at(person, channel)
        stopped = self._streams.stop_in_thread(place.id, thread_ts)
        if self._workspace.manifest.hears("agent_session_stopped"):
            ts = self._workspace.timestamps.next()
            self._workspace.emit(events.session_stopped(who, place, thread_ts, stopped, ts))
        return stopped

    async def open_dm(self, person: str) -> str:
        """The person looks at the Messages tab; the id of their direct messages with the bot."""
        return self._opened(person, "messages")

    async def open_home(self, person: str) -> str:
        """The person looks at the Home tab; the id of their direct messages with the bot."""
        return self._opened(person, "home")

    def _opened(self, person: str, tab: str) -> str:
        who = self._workspace.world.person(person)
        dm = self._workspace.world.dm(who)
        home = self._views.homes.get(who.id) if tab == "home" else None
        if self._workspace.manifest.hears("app_home_opened"):
            ts = self._workspace.timestamps.next()
            self._workspace.emit(events.home_opened(who, dm, tab, ts, home.body if home else None))
        return dm.id

    def _at(self, person: str, channel: str) -> tuple[Person, Channel]:
        who = self._workspace.world.person(person)
        place = self._workspace.world.channel(channel, who)
        if who.id not in place.members:
            raise SandboxError(f"{who.name} is not in {place.name}")
        return who, place

    def _view(self, person: str, view_id: str) -> View:
        view = self._views.get(view_id)
        if view is None or view.person.id != self._workspace.world.person(person).id:
            raise SandboxError(f"{person} sees no view {view_id}")
        return view

    def _action(self, blocks: Sequence[Json], action_id: str, option: Option) -> Json:
        for block, element in block_kit.elements(blocks):
            if element["action_id"] == action_id:
                return interactions.action(block, element, self._workspace.timestamps.next(), option)
        raise SandboxError(f"nothing to press is called {action_id!r}")

    async def _ask(self, kind: str, type: EnvelopeType, body: Json, who: Person) -> Acknowledged:
        payload = body | {"trigger_id": self.triggers.issue(who)}
        delivery = self._workspace.deliveries.send(kind, type, payload)
        await delivery.done.wait()
        return _acknowledged(delivery)


def _is_uploads(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, Upload) for one in value)


def _acknowledged(delivery: Delivery) -> Acknowledged:
    if delivery.acked:
        return Acknowledged(acked=True, answer=delivery.answer)
    absent = delivery.attempts[-1].outcome in ("dispatch_failed", "connection_failed", "http_error")
    return Acknowledged(acked=False, error="dispatch_failed" if absent else "operation_timeout")
