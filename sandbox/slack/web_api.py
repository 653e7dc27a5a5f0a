"""The Web API's front door: reads a call, checks token, scope and rate limit, lets the method answer, keeps a log.

What a method does is in `methods`. Errors are HTTP 200 with `ok: false`, as Slack's are, except for 429.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.slack import arguments
from sandbox.slack.arguments import Arguments
from sandbox.slack.faults import CallFault
from sandbox.slack.methods import places
from sandbox.slack.methods.method import Method
from sandbox.slack.rate_limits import POSTING_IN_CHANNEL, Limit, RateLimits
from sandbox.slack.values import ApiError, Json
from sandbox.slack.workspace import Workspace

KEPT = 20_000
"""Calls remembered; older ones are forgotten, so that a long run does not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call as it came and as it was answered; tokens are not kept."""

    method: str
    args: Json
    answer: Json
    status: int
    at: float

    @property
    def ok(self) -> bool:
        return self.status == 200 and self.answer.get("ok") is True

    @property
    def error(self) -> str | None:
        return self.answer.get("error")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    body: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Tokens:
    """The two tokens of the app, and whether they still hold."""

    def __init__(self, bot: str, app: str) -> None:
        self.bot = bot
        self.app = app
        self.revoked = False

    def check(self, token: str | None, *, app_level: bool) -> None:
        """The token may call such a method, or an ApiError says why not."""
        if token is None:
            raise ApiError("not_authed")
        if token not in (self.bot, self.app):
            raise ApiError("invalid_auth")
        if (token == self.app) != app_level:
            raise ApiError("not_allowed_token_type")
        if self.revoked:
            raise ApiError("token_revoked")


class WebApi:
    """All methods behind one route."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        tokens: Tokens,
        limits: RateLimits,
        methods: Iterable[Method],
        hang_up: Callable[[], asyncio.Event],
    ) -> None:
        self._workspace = workspace
        self._tokens = tokens
        self._limits = limits
        self._methods = {method.name: method for method in methods}
        self._hang_up = hang_up
        self.log: deque[ApiCall] = deque(maxlen=KEPT)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The answer of one call; a planned fault takes the answer's place, or the call's."""
        name = request.match_info["method"]
        try:
            args, token = await arguments.read(request)
        except ApiError as error:
            return self._logged(name, Arguments({}), _refusal(error))
        fault = self._workspace.faults.take_call(name, args.given)
        if fault is None:
            return self._logged(name, args, self._answer(name, args, token))
        if fault.takes_effect:
            self._answer(name, args, token)
        return await self._misbehave(request, name, args, fault)

    def _answer(self, name: str, args: Arguments, token: str | None) -> _Answer:
        method = self._methods.get(name)
        if method is None:
            return _refusal(ApiError("unknown_method", req_method=name))
        try:
            self._tokens.check(token, app_level=method.app_level)
            if wait := self._limits.take(_limits(method, args)):
                return _too_many(wait)
            if method.scope:
                places.need_scope(self._workspace, method.scope)
            return _Answer(body={"ok": True} | method.handler(args), headers=self._scopes(method))
        except ApiError as error:
            return _refusal(error, self._scopes(method))

    def _scopes(self, method: Method) -> Mapping[str, str]:
        if method.app_level:
            return {"x-oauth-scopes": "connections:write"}
        granted = {"x-oauth-scopes": ",".join(sorted(self._workspace.manifest.scopes))}
        return granted | ({"x-accepted-oauth-scopes": method.scope} if method.scope else {})

    async def _misbehave(
        self, request: web.Request, name: str, args: Arguments, fault: CallFault
    ) -> web.StreamResponse:
        match fault.answer:
            case "status":
                body = {"ok": False, "error": fault.error}
                return self._logged(name, args, _Answer(body=body, status=fault.status))
            case "error":
                return self._logged(name, args, _refusal(ApiError(fault.error)))
            case "ratelimited":
                return self._logged(name, args, _too_many(fault.retry_after))
            case "html":
                self._note(name, args, _Answer(body={}, status=fault.status))
                page = "<html><body>Slack is having trouble</body></html>"
                return web.Response(status=fault.status, text=page, content_type="text/html")
            case "hang" | "cut":
                await self._stay_silent(fault.seconds if fault.answer == "hang" else 0)
        self._note(name, args, _Answer(body={}, status=0))
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _stay_silent(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hang_up().wait()
        except TimeoutError:
            return

    def _logged(self, name: str, args: Arguments, answer: _Answer) -> web.Response:
        self._note(name, args, answer)
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    def _note(self, name: str, args: Arguments, answer: _Answer) -> None:
        call = ApiCall(
            method=name,
            args=args.given,
            answer=answer.body,
            status=answer.status,
            at=self._workspace.now(),
        )
        self.log.append(call)
        told: Json = {"method": name, "status": call.status, "ok": call.ok, "error": call.error, "at": call.at}
        told |= {"channel": args.text("channel"), "budget": self._budget(name, args)}
        self._workspace.changes.tell({"type": "call"} | told)

    def _budget(self, name: str, args: Arguments) -> Json | None:
        method = self._methods.get(name)
        left = None if method is None else self._limits.left(_limits(method, args))
        return None if left is None else {"left": left.calls, "of": left.of, "seconds": left.seconds}


def _limits(method: Method, args: Arguments) -> dict[str, Limit]:
    limits = {method.name: method.limit}
    if method.posts:
        limits[f"{method.name} {args.text('channel')}"] = POSTING_IN_CHANNEL
    return limits


def _refusal(error: ApiError, headers: Mapping[str, str] | None = None) -> _Answer:
    return _Answer(body={"ok": False, "error": error.error} | error.extra, headers=headers or {})


def _too_many(seconds: int) -> _Answer:
    body = {"ok": False, "error": "ratelimited"}
    return _Answer(body=body, status=429, headers={"Retry-After": str(seconds)})
