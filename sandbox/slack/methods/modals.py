"""views.open, push, update and publish."""

from collections.abc import Sequence
from typing import Any

from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import TIER_4
from sandbox.slack.triggers import Triggers
from sandbox.slack.values import ApiError, Json
from sandbox.slack.views import View, Views
from sandbox.slack.world import World

MOST_BYTES = 250_000


class Modals:
    """What the app may put on a person's screen."""

    def __init__(self, world: World, views: Views, triggers: Triggers) -> None:
        self._world = world
        self._views = views
        self._triggers = triggers

    def methods(self) -> Sequence[Method]:
        return (
            Method(name="views.open", limit=TIER_4, handler=self.open),
            Method(name="views.push", limit=TIER_4, handler=self.push),
            Method(name="views.update", limit=TIER_4, handler=self.update),
            Method(name="views.publish", limit=TIER_4, handler=self.publish),
        )

    def open(self, args: Arguments) -> Json:
        return self._opened(args, push=False)

    def push(self, args: Arguments) -> Json:
        return self._opened(args, push=True)

    def update(self, args: Arguments) -> Json:
        view = self._named(args)
        return _answer(self._views.update(view, _body(args), args.text("hash")))

    def publish(self, args: Arguments) -> Json:
        person = self._world.people.get(args.required("user_id"))
        if person is None:
            raise ApiError("invalid_arguments")
        return _answer(self._views.publish(person, _body(args), args.text("hash")))

    def _opened(self, args: Arguments, *, push: bool) -> Json:
        body = _body(args)
        person = self._triggers.exchange(args.required("trigger_id"))
        return _answer(self._views.open(person, body, push=push))

    def _named(self, args: Arguments) -> View:
        if view_id := args.text("view_id"):
            view = self._views.get(view_id)
        else:
            view = self._views.by_external_id(args.required("external_id"))
        if view is None:
            raise ApiError("not_found")
        return view


def _body(args: Arguments) -> Any:
    body = args.object("view")
    if body is None:
        raise ApiError("invalid_arguments")
    if len(str(body).encode()) > MOST_BYTES:
        raise ApiError("view_too_large")
    return body


def _answer(view: View) -> Json:
    return {"view": view.body}
