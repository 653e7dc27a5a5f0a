"""Interaction callbacks and the webhook of an interaction's token. What they do is in `responses`."""

from collections.abc import Sequence

from sandbox.discord import refusals
from sandbox.discord.responses import ORIGINAL, Responses
from sandbox.discord.rest.route import NO_CONTENT, Answer, Call, Route
from sandbox.discord.values import ApiError
from sandbox.discord.wire import Wire

_WEBHOOK = "/webhooks/{application}/{token}"
_ORIGINAL = _WEBHOOK + "/messages/@original"
_MESSAGE = _WEBHOOK + "/messages/{message}"
_CALLBACK = "/interactions/{interaction}/{token}/callback"


class InteractionRoutes:
    """None of these reads the bot's token; the interaction's stands in the path."""

    def __init__(self, responses: Responses, wire: Wire, application_id: str) -> None:
        self._responses = responses
        self._wire = wire
        self._application_id = application_id

    def routes(self) -> Sequence[Route]:
        callback = Route(name="respond", method="POST", path=_CALLBACK, handler=self.respond, by_token=True, limit=None)
        webhook = [
            ("get_original", "GET", _ORIGINAL, self.get),
            ("edit_original", "PATCH", _ORIGINAL, self.edit),
            ("delete_original", "DELETE", _ORIGINAL, self.delete),
            ("follow_up", "POST", _WEBHOOK, self.follow_up),
            ("get_follow_up", "GET", _MESSAGE, self.get),
            ("edit_follow_up", "PATCH", _MESSAGE, self.edit),
            ("delete_follow_up", "DELETE", _MESSAGE, self.delete),
        ]
        return [callback] + [
            Route(
                name=name,
                method=method,
                path=path,
                handler=handler,
                by_token=True,
                limit="webhook.edit" if method == "PATCH" else "webhook",
            )
            for name, method, path, handler in webhook
        ]

    def respond(self, call: Call) -> Answer:
        told = self._responses.callback(call.params["interaction"], call.params["token"], call.json, call.files)
        wanted = call.query.get("with_response", "").lower() in ("1", "true")
        return Answer(body=told) if wanted else NO_CONTENT

    def get(self, call: Call) -> Answer:
        return Answer(body=self._wire.message(self._responses.message(self._token(call), _message(call))))

    def edit(self, call: Call) -> Answer:
        message = self._responses.edit(self._token(call), _message(call), call.json, call.files)
        return Answer(body=self._wire.message(message))

    def delete(self, call: Call) -> Answer:
        self._responses.delete(self._token(call), _message(call))
        return NO_CONTENT

    def follow_up(self, call: Call) -> Answer:
        return Answer(body=self._wire.message(self._responses.follow_up(self._token(call), call.json, call.files)))

    def _token(self, call: Call) -> str:
        if call.params["application"] != self._application_id:
            raise ApiError(refusals.UNKNOWN_WEBHOOK)
        return call.params["token"]


def _message(call: Call) -> str:
    return call.params.get("message", ORIGINAL)
