"""The control API: how a web page, or a test in another process, watches this Discord and acts in it.

`state` is the picture now, `events` the stream of what changes, `do` acts as a person, `faults` plans misbehaviour.
It is no part of Discord.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox import downloads
from sandbox.discord import notices
from sandbox.discord.attachments import Attachments, Upload
from sandbox.discord.commands import Registry
from sandbox.discord.dispatch import Dispatcher
from sandbox.discord.happenings import Happenings
from sandbox.discord.interacting import Interacting
from sandbox.discord.interactions import Interaction, Interactions
from sandbox.discord.mischief import Mischief
from sandbox.discord.values import ApiError, Json, SandboxError
from sandbox.discord.world import Guild

KEEP_ALIVE_SECONDS = 15.0


class Control:
    """What is under `_sandbox/`."""

    def __init__(
        self,
        *,
        happenings: Happenings,
        acting: Interacting,
        attachments: Attachments,
        registry: Registry,
        interactions: Interactions,
        dispatcher: Dispatcher,
        mischief: Mischief,
        guild: Guild,
    ) -> None:
        self._happenings = happenings
        self._acting = acting
        self._attachments = attachments
        self._registry = registry
        self._interactions = interactions
        self._dispatcher = dispatcher
        self._mischief = mischief
        self._guild = guild

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sandbox/state", self.state),
            web.get("/_sandbox/events", self.events),
            web.get("/_sandbox/files/{id}/{name}", self.file),
            web.post("/_sandbox/do", self.do),
            web.post("/_sandbox/faults", self.faults),
        ]

    async def state(self, _: web.Request) -> web.Response:
        """Everything as it is now."""
        return web.json_response(self.picture())

    def picture(self) -> Json:
        world, wire = self._happenings.world, self._happenings.wire
        sessions = self._dispatcher.sessions.values()
        return {
            "workspace": {"id": self._guild.id, "name": self._guild.name, "bot": world.bot.id},
            "guilds": [{"id": one.id, "name": one.name} for one in world.guilds.values()],
            "people": [notices.person(world, person) for person in world.people.values()],
            "channels": [notices.channel(world, place) for place in world.channels.values()],
            "messages": [notices.shown(world, one, wire) for one in self._happenings.book.everything()],
            "roles": [notices.role(role) for guild in world.guilds.values() for role in wire.roles(guild)],
            "commands": self._registry.everything(),
            "modals": [
                {"person": one.person.id, "modal": one.modal | {"id": one.id}}
                for one in self._interactions.all()
                if one.modal is not None
            ],
            "connections": sum(session.connected for session in sessions),
        }

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one JSON object each, until the page or the sandbox goes."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        with self._happenings.changes.feed() as feed:
            await stream.prepare(request)
            await stream.write(b": watching\n\n")
            try:
                await _pour(feed, stream)
            except ConnectionError:
                return stream
        return stream

    async def file(self, request: web.Request) -> web.Response:
        """A file as people see it; only pictures are shown, the rest is downloaded."""
        upload = self._attachments.upload(request.match_info["id"])
        if upload is None:
            raise web.HTTPNotFound
        return downloads.answer(upload.name, upload.mimetype, upload.content)

    async def do(self, request: web.Request) -> web.Response:
        """Somebody acts; `ok` says whether they could, and `id` names the message they made."""
        return await _answered(request, self._do)

    async def faults(self, request: web.Request) -> web.Response:
        """Something will go wrong, or goes wrong now."""
        return await _answered(request, self._mischief.play)

    async def _do(self, body: Json) -> Json:
        acting, person, channel = self._acting, str(body.get("person")), str(body.get("channel"))
        match body.get("action"):
            case "say":
                answered, files = body.get("reply_to"), [Upload.of(one) for one in body.get("attachments") or ()]
                said = await acting.say(person, channel, str(body["text"]), reply_to=answered, attachments=files)
                return {"id": said}
            case "edit":
                await acting.edit(person, channel, body["id"], str(body["text"]))
            case "delete":
                await acting.delete(person, channel, body["id"])
            case "react" | "unreact" as changed:
                react = acting.react if changed == "react" else acting.unreact
                await react(person, channel, body["id"], str(body.get("text") or body["reaction"]))
            case "typing":
                await acting.type(person, channel)
            case "thread":
                name = str(body.get("text") or body["name"])
                return {"id": await acting.start_thread(person, channel, name, message=body.get("id"))}
            case "command":
                options = {name: _given(value) for name, value in (body.get("options") or {}).items()}
                called, target = str(body["command"]), body.get("target")
                return self._told(await acting.command(person, channel, called, options, target=target))
            case "autocomplete":
                choices = await acting.autocomplete(person, channel, body["command"], body["options"])
                return {"choices": choices}
            case "click":
                chosen = body.get("values") or ()
                pressed = await acting.click(person, channel, body["id"], body["button"], values=chosen)
                return self._told(pressed)
            case "submit":
                return self._told(await acting.submit_modal(person, str(body["id"]), body.get("values") or {}))
            case "close":
                await acting.close_modal(person, str(body["id"]))
            case other:
                raise SandboxError(f"no action is called {other!r}")
        return {}

    def _told(self, interaction: Interaction) -> Json:
        if interaction.failed:
            return {"ok": False, "error": "The application did not respond"}
        found = self._happenings.book.get(interaction.channel_id, interaction.message_id or "")
        text = found.content if found else ""
        return {"id": interaction.message_id, "text": text, "status": interaction.status}


def _given(value: Any) -> Any:
    """A file comes as an object; what an option takes otherwise is plain."""
    return Upload.of(value) if isinstance(value, dict) else value


async def _pour(feed: asyncio.Queue[Json | None], stream: web.StreamResponse) -> None:
    while True:
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                notice = await feed.get()
        except TimeoutError:
            await stream.write(b": still here\n\n")
            continue
        if notice is None:
            return
        await stream.write(f"data: {json.dumps(notice)}\n\n".encode())


async def _answered(request: web.Request, act: Callable[[Json], Awaitable[Json]]) -> web.Response:
    try:
        body: Any = await request.json()
        return web.json_response({"ok": True} | await act(body))
    except (SandboxError, ApiError) as error:
        return web.json_response({"ok": False, "error": str(error)})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # The page sent something that is no act: a field is missing or of another type.
        return web.json_response({"ok": False, "error": f"cannot read this: {error!r}"}, status=400)
