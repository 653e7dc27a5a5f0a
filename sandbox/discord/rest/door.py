"""REST's front door: token, rate limit, planned faults, the log; then the route answers.

The content type is exactly `application/json`: with a charset behind it discord.py would take the body for text.
What a route does stands in its group's module.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from sandbox.discord import refusals
from sandbox.discord.faults import CallFault, Faults
from sandbox.discord.rate_limits import Grant, RateLimits
from sandbox.discord.rest import bodies
from sandbox.discord.rest.bodies import Body
from sandbox.discord.rest.calls import Answered, CallLog
from sandbox.discord.rest.route import Answer, Call, Route
from sandbox.discord.values import ApiError

PREFIX = "/api/v10"
VIA = "1.1 google"
_TOKEN = re.compile(r"((?:webhooks|interactions)/[^/]+)/[^/]+")
"""What must not stand in the log of a route that nobody knows."""
_MAJOR = ("token", "channel", "guild")


class Door:
    """All routes behind one check."""

    def __init__(
        self,
        *,
        routes: Iterable[Route],
        limits: RateLimits,
        faults: Faults,
        log: CallLog,
        token: Callable[[], str],
        hang_up: Callable[[], asyncio.Event],
    ) -> None:
        self._routes = list(routes)
        self._limits = limits
        self._faults = faults
        self._log = log
        self._token = token
        self._hang_up = hang_up

    def routes(self) -> list[web.RouteDef]:
        found = [web.route(one.method, PREFIX + one.path, self._at(one)) for one in self._routes]
        return [*found, web.route("*", PREFIX + "/{unknown:.*}", self._unknown)]

    def _at(self, route: Route) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(route, request)

        return handle

    async def _handle(self, route: Route, request: web.Request) -> web.StreamResponse:
        path = request.path.partition(PREFIX)[2]
        try:
            body = await bodies.read(request)
        except ApiError as error:
            return self._said(route, request, Body(), error.body, error.refusal.status)
        known_as = (route.name, route.path, path)
        fault = self._faults.take_call(route.method, known_as, body.json if isinstance(body.json, dict) else {})
        if fault is None:
            return self._answered(route, request, body)
        if fault.takes_effect:
            self._carried_out(route, request, body)
        return await self._misbehave(route, request, body, fault)

    def _answered(self, route: Route, request: web.Request, body: Body) -> web.Response:
        try:
            self._authorize(route, request)
        except ApiError as error:
            return self._said(route, request, body, error.body, error.refusal.status)
        grant = self._grant(route, request)
        if grant.retry_after:
            return self._too_many(route, request, body, grant)
        answer = self._carried_out(route, request, body)
        return self._said(route, request, body, answer.body, answer.status, grant.headers)

    def _carried_out(self, route: Route, request: web.Request, body: Body) -> Answer:
        call = Call(params=request.match_info, query=dict(request.query), body=body.json, files=body.files)
        try:
            return route.handler(call)
        except ApiError as error:
            return Answer(body=error.body, status=error.refusal.status)

    def _authorize(self, route: Route, request: web.Request) -> None:
        if route.open or route.by_token:
            return
        if request.headers.get("Authorization") != f"Bot {self._token()}":
            raise ApiError(refusals.UNAUTHORIZED)

    def _grant(self, route: Route, request: web.Request) -> Grant:
        if route.limit is None:
            return Grant()
        major = next((request.match_info[name] for name in _MAJOR if name in request.match_info), "")
        return self._limits.take(route.limit, major, counts_globally=not route.by_token)

    def _too_many(self, route: Route, request: web.Request, body: Body, grant: Grant) -> web.Response:
        everywhere = grant.scope == "global"
        said = {"message": "You are being rate limited.", "retry_after": grant.retry_after, "global": everywhere}
        headers = dict(grant.headers) | _slow_down(grant.retry_after, grant.scope, via=True)
        return self._said(route, request, body, said, 429, headers)

    async def _misbehave(self, route: Route, request: web.Request, body: Body, fault: CallFault) -> web.StreamResponse:
        match fault.outcome:
            case "status":
                said = {"message": fault.message, "code": fault.code}
                return self._said(route, request, body, said, fault.status)
            case "ratelimited":
                everywhere = fault.scope == "global"
                limited = {"message": "You are being rate limited.", "retry_after": fault.retry_after}
                headers = _slow_down(fault.retry_after, fault.scope, via=fault.via)
                return self._said(route, request, body, limited | {"global": everywhere}, 429, headers)
            case "html":
                self._note(route, request, body, Answered(status=fault.status))
                page = "<html><body>There was a problem in front of Discord</body></html>"
                return web.Response(status=fault.status, text=page, content_type="text/html")
            case "hang" | "cut":
                await self._stay_silent(fault.seconds if fault.outcome == "hang" else 0)
        self._note(route, request, body, Answered(status=0))
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _stay_silent(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hang_up().wait()
        except TimeoutError:
            return

    async def _unknown(self, request: web.Request) -> web.Response:
        path = _TOKEN.sub(r"\1/…", "/" + request.match_info["unknown"])
        route = Route(name="unknown", method=request.method, path=path, handler=lambda _: Answer())
        refusal = ApiError(refusals.NO_SUCH_ROUTE)
        return self._said(route, request, Body(), refusal.body, refusal.refusal.status)

    def _said(
        self,
        route: Route,
        request: web.Request,
        body: Body,
        said: Any,
        status: int,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        self._note(route, request, body, Answered.of(status, said), headers)
        sent = dict(headers or {}) | {"Via": VIA} if status != 429 else dict(headers or {})
        if said is None:
            return web.Response(status=status, headers=sent)
        return web.Response(
            status=status, body=json.dumps(said).encode(), content_type="application/json", headers=sent
        )

    def _note(
        self,
        route: Route,
        request: web.Request,
        body: Body,
        answer: Answered,
        limits: Mapping[str, str] | None = None,
    ) -> None:
        self._log.add(
            method=request.method,
            route=route.path,
            name=route.name,
            params={} if route.name == "unknown" else request.match_info,
            body=body.json,
            answer=answer,
            limits=limits,
        )


def _slow_down(seconds: float, scope: str, *, via: bool) -> dict[str, str]:
    headers = {"Retry-After": str(max(1, round(seconds))), "X-RateLimit-Scope": scope}
    headers |= {"X-RateLimit-Global": "true"} if scope == "global" else {}
    return headers | ({"Via": VIA} if via else {})
