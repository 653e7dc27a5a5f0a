"""The control API: how a web page, or a test in another process, watches the workspace and acts in it.

`state` is the picture now, `events` the stream of what changes, `do` acts as a person, `faults` plans misbehaviour.
It is no part of Slack.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from sandbox import downloads
from sandbox.slack import notices
from sandbox.slack.acting import Acknowledged, Acting
from sandbox.slack.faults import Faults
from sandbox.slack.files import Files, Upload
from sandbox.slack.rate_limits import RateLimits
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.values import ApiError, Json, SandboxError
from sandbox.slack.views import Views
from sandbox.slack.workspace import Workspace

KEEP_ALIVE_SECONDS = 15.0


class Control:
    """What is under `_sandbox/`."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        acting: Acting,
        views: Views,
        files: Files,
        sockets: SocketMode,
        limits: RateLimits,
        use_request_url: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._workspace = workspace
        self._acting = acting
        self._views = views
        self._files = files
        self._sockets = sockets
        self._limits = limits
        self._use_request_url = use_request_url

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sandbox/state", self.state),
            web.get("/_sandbox/events", self.events),
            web.get("/_sandbox/files/{id}/{name}", self.file),
            web.post("/_sandbox/do", self.do),
            web.post("/_sandbox/faults", self.faults),
            web.post("/_sandbox/request_url", self.request_url),
            web.post("/_sandbox/manifest", self.manifest),
        ]

    async def state(self, _: web.Request) -> web.Response:
        """The workspace as it is now."""
        return web.json_response(self.picture())

    def picture(self) -> Json:
        world, sessions = self._workspace.world, self._workspace.sessions
        return {
            "workspace": {"id": world.team_id, "name": world.team_name, "bot": world.bot.id},
            "people": [notices.person(person) for person in world.people.values()],
            "channels": [notices.channel(place) for place in world.channels.values()],
            "messages": [notices.shown(message) for message in self._workspace.book.everything()],
            "statuses": [
                {"channel": channel, "thread": thread, "text": line.text}
                for (channel, thread), line in sessions.lines().items()
            ],
            "sessions": [
                {"channel": channel, "thread": thread, "status": session.status, "title": session.title}
                for (channel, thread), session in sessions.all().items()
            ],
            "commands": self._workspace.manifest.commands,
            "views": [{"person": view.person.id, "view": view.body} for view in self._views.all()],
            "connections": len(self._sockets.connections),
        }

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one JSON object each, until the page or the sandbox goes."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        with self._workspace.changes.feed() as feed:
            await stream.prepare(request)
            await stream.write(b": watching\n\n")
            try:
                await _pour(feed, stream)
            except ConnectionError:
                return stream
        return stream

    async def file(self, request: web.Request) -> web.Response:
        """A file as people see it, who need no token; only pictures are shown, the rest is downloaded."""
        upload = self._files.upload(request.match_info["id"])
        if upload is None:
            raise web.HTTPNotFound
        return downloads.answer(upload.name, upload.mimetype, upload.content)

    async def do(self, request: web.Request) -> web.Response:
        """Somebody acts; `ok` says whether they could, and `id` names the message they made."""
        return await _answered(request, self._do)

    async def faults(self, request: web.Request) -> web.Response:
        """Something will go wrong, or goes wrong now."""
        return await _answered(request, self._fault)

    async def request_url(self, request: web.Request) -> web.Response:
        """Events go to this URL by HTTP from now on, if it answers Slack's challenge."""
        return await _answered(request, self._request_url)

    async def manifest(self, request: web.Request) -> web.Response:
        """The app has this manifest; of it only the commands are taken over, and suggested while people type."""
        return await _answered(request, self._manifest)

    async def _do(self, body: Json) -> Json:
        acting, person, channel = self._acting, str(body.get("person")), str(body.get("channel"))
        match body.get("action"):
            case "say":
                files = _uploads(body.get("files", ()))
                ts = await acting.say(person, channel, str(body["text"]), thread_ts=body.get("thread"), files=files)
                return {"id": ts}
            case "edit":
                await acting.edit(person, channel, body["id"], str(body["text"]))
            case "delete":
                await acting.delete(person, channel, body["id"])
            case "react" | "unreact" as changed:
                react = acting.react if changed == "react" else acting.unreact
                await react(person, channel, body["id"], str(body.get("text") or body["reaction"]))
            case "command":
                return _taken(await acting.command(person, channel, body["command"], body.get("text", "")))
            case "click":
                return _taken(await self._click(person, channel, body))
            case "submit":
                return _taken(await acting.submit_view(person, body["id"], _values(body.get("values", {}))))
            case "close":
                await acting.close_view(person, body["id"])
            case "stop":
                return {"stopped": await acting.stop_session(person, channel, body["thread"])}
            case "home":
                await acting.open_home(person)
            case "dm":
                return {"channel": await acting.open_dm(person)}
            case other:
                raise SandboxError(f"no action is called {other!r}")
        return {}

    async def _click(self, person: str, channel: str, body: Json) -> Acknowledged:
        option = body.get("option", body.get("options"))
        if "view" in body:
            return await self._acting.click_in_view(person, body["view"], body["button"], option=option)
        return await self._acting.click(person, channel, body["id"], body["button"], option=option)

    async def _fault(self, body: Json) -> Json:
        faults, details = self._workspace.faults, dict(body)
        kind = details.pop("kind", None)
        match kind:
            case "drop":
                await self._sockets.drop(clean=bool(details.get("clean")))
            case "disconnect":
                await self._sockets.disconnect(str(details.get("reason", "refresh_requested")))
            case "raw":
                await self._sockets.send_raw(str(details.get("frame", '{"type": broken')))
            case "event":
                self._workspace.emit(details.get("event", {"type": "an_event_from_the_future"}))
            case "rate_limits":
                self._limits.scale = details.get("scale")
            case _:
                _plan(faults, str(kind), details)
        return {}

    async def _request_url(self, body: Json) -> Json:
        if not await self._use_request_url(str(body["url"])):
            raise SandboxError("the URL did not answer the challenge")
        return {}

    async def _manifest(self, body: Json) -> Json:
        self._workspace.manifest.declare(body)
        return {}


def _plan(faults: Faults, kind: str, details: Json) -> None:
    match kind:
        case "call":
            faults.call(**details)
        case "duplicate":
            faults.duplicate(int(details.get("times", 1)))
        case "hold":
            faults.hold(int(details.get("times", 1)), seconds=details.get("seconds"))
        case "release":
            faults.release()
        case "swap_mention":
            faults.swap_mention(int(details.get("times", 1)))
        case "wrong_signature":
            faults.wrong_signatures += int(details.get("times", 1))
        case "old_timestamp":
            faults.old_timestamps += int(details.get("times", 1))
        case "clear":
            faults.clear()
        case _:
            raise SandboxError(f"no fault is called {kind!r}")


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


def _values(given: Json) -> Json:
    return {name: _uploads(value) if _is_files(value) else value for name, value in given.items()}


def _is_files(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _uploads(given: Sequence[Json]) -> list[Upload]:
    """Files as JSON carries them: name, media type, and the bytes as base64."""
    return [
        Upload(
            name=str(one["name"]),
            content=base64.b64decode(one.get("content", ""), validate=True),
            mimetype=str(one.get("mimetype", "text/plain")),
        )
        for one in given
    ]


def _taken(got: Acknowledged) -> Json:
    if got.errors:
        return {"ok": False, "error": "; ".join(got.errors.values()), "errors": got.errors}
    return {"ok": got.acked, "text": got.text, "id": got.ts, "error": got.error}
