"""The arguments of one Web API call, however they travelled: query, form or JSON; and the token.

Slack takes lists and objects as JSON text too, and booleans as 1 or true; so do the getters here.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.values import ApiError, Json

_TRUE = frozenset({"1", "true", "True"})


class Arguments:
    """Typed views of what a call was given. ApiError `invalid_arguments` for what cannot be read."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    def text(self, name: str) -> str | None:
        """The text, or None when absent or empty."""
        value = self.given.get(name)
        return None if value in (None, "") else str(value)

    def required(self, name: str) -> str:
        if (value := self.text(name)) is None:
            raise ApiError(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.given.get(name)
        return default if value is None else value is True or str(value) in _TRUE

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.given.get(name, default))
        except (TypeError, ValueError):
            raise ApiError("invalid_arguments") from None

    def given_list(self, name: str) -> list[Any] | None:
        """The list, or None when the argument was not given; an empty one is a list."""
        value = self._parsed(name)
        if value is not None and not isinstance(value, list):
            raise ApiError("invalid_arguments")
        return value

    def object(self, name: str) -> Json | None:
        value = self._parsed(name)
        if value is not None and not isinstance(value, dict):
            raise ApiError("invalid_arguments")
        return value

    def _parsed(self, name: str) -> Any:
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError("invalid_json" if name != "blocks" else "invalid_blocks_format") from None


async def read(request: web.Request) -> tuple[Arguments, str | None]:
    """The arguments and the token, which is taken from the header or from among the arguments.

    ApiError `invalid_json` for a JSON body that is none.
    """
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= _json(await request.text())
    elif request.method == "POST":
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    token = given.pop("token", None)
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        token = header.removeprefix("Bearer ").strip()
    return Arguments(given), token or None


def _json(text: str) -> Json:
    if not text:
        return {}
    try:
        parsed = json.loads(text)
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise ApiError("json_not_object")
    return parsed
