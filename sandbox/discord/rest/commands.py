"""The application's commands over REST, globally and for one guild."""

from collections.abc import Sequence
from typing import Any

from sandbox.discord import refusals
from sandbox.discord.commands import CHAT_INPUT, Registry
from sandbox.discord.forms import Form
from sandbox.discord.happenings import Happenings
from sandbox.discord.rest import places
from sandbox.discord.rest.route import NO_CONTENT, Answer, Call, Route
from sandbox.discord.values import ApiError, Json

_GLOBAL = "/applications/{application}/commands"
_GUILD = "/applications/{application}/guilds/{guild}/commands"


class Commands:
    """What people find behind the slash."""

    def __init__(self, happenings: Happenings, registry: Registry) -> None:
        self._happenings = happenings
        self._registry = registry

    def routes(self) -> Sequence[Route]:
        routes: list[Route] = []
        for scope, path in (("global", _GLOBAL), ("guild", _GUILD)):
            one = path + "/{command}"
            for name, method, place, handler in (
                ("list", "GET", path, self.list),
                ("overwrite", "PUT", path, self.overwrite),
                ("create", "POST", path, self.create),
                ("get", "GET", one, self.get),
                ("edit", "PATCH", one, self.edit),
                ("delete", "DELETE", one, self.delete),
            ):
                called = f"{name}_{scope}_commands"
                routes.append(Route(name=called, method=method, path=place, handler=handler, limit="commands"))
        return routes

    def list(self, call: Call) -> Answer:
        return Answer(body=self._registry.of(self._place(call)))

    def overwrite(self, call: Call) -> Answer:
        if not isinstance(call.body, list) or not all(isinstance(one, dict) for one in call.body):
            form = Form()
            form.wrong("commands", "LIST_TYPE_CONVERT", "Only iterables of objects may be used here.")
            form.check()
        return Answer(body=self._changed(self._place(call), call.body))

    def create(self, call: Call) -> Answer:
        """One more; a command of the same name and type is replaced."""
        place, payload = self._place(call), call.json
        key = (payload.get("type") or CHAT_INPUT, payload.get("name"))
        others = [one for one in self._registry.of(place) if (one["type"], one["name"]) != key]
        return Answer(body=self._changed(place, [*others, payload])[-1], status=201)

    def get(self, call: Call) -> Answer:
        return Answer(body=self._one(call))

    def edit(self, call: Call) -> Answer:
        place, wanted = self._place(call), self._one(call)
        kept = [one | call.json if one is wanted else one for one in self._registry.of(place)]
        changed = self._changed(place, kept)
        return Answer(body=changed[[one["id"] for one in changed].index(wanted["id"])])

    def delete(self, call: Call) -> Answer:
        wanted = self._one(call)
        place = self._place(call)
        self._changed(place, [one for one in self._registry.of(place) if one is not wanted])
        return NO_CONTENT

    def _changed(self, place: str | None, payloads: Any) -> Any:
        registered = self._registry.overwrite(place, payloads)
        self._happenings.changes.tell({"type": "event", "kind": "commands registered"})
        return registered

    def _place(self, call: Call) -> str | None:
        if call.params["application"] != self._happenings.world.application_id:
            raise ApiError(refusals.UNKNOWN_APPLICATION)
        return places.guild(self._happenings, call).id if "guild" in call.params else None

    def _one(self, call: Call) -> Json:
        for command in self._registry.of(self._place(call)):
            if command["id"] == call.params["command"]:
                return command
        raise ApiError(refusals.UNKNOWN_COMMAND)
