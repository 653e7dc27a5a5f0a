"""A real MCP server, made with the official package: `serving.py stdio`, or `serving.py http TOKEN PORT new`.

Over HTTP it writes its port to standard output as soon as it listens.
"""

from __future__ import annotations

import asyncio
import os
import sys

import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp_types import ToolAnnotations
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

server = MCPServer("tests", log_level="CRITICAL")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def echo(text: str) -> str:
    """Says the same again."""
    return text


@server.tool()
def note(text: str) -> str:
    """Writes something down."""
    return f"noted: {text}"


@server.tool(name="odd.name/with signs")
def odd() -> str:
    """Has a name that no model can call."""
    return "odd"


@server.tool()
async def slow(seconds: float) -> str:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return "at last"


@server.tool()
def crash() -> str:
    """Ends the server."""
    os._exit(3)


@server.tool()
def huge(characters: int) -> str:
    """Says very much."""
    return "x" * characters


@server.tool()
def fail() -> str:
    """Does not work."""
    raise ValueError("the moon is in the way")


@server.tool()
def picture() -> Image:
    """Shows a picture."""
    return Image(data=b"not really", format="png")


@server.tool()
def facts() -> dict[str, int]:
    """Gives numbers."""
    return {"legs": 4}


@server.tool()
async def learn(context: Context) -> str:
    """From now on there is another tool."""

    def learned() -> str:
        """Was not there before."""
        return "new"

    server.add_tool(learned)
    await context.notify_tools_changed()
    await context.session.send_tool_list_changed()
    return "done"


class Guarded:
    """Lets in who knows the token; an old one does not know what newer clients ask first."""

    def __init__(self, app: ASGIApp, token: str, *, old: bool) -> None:
        self._app = app
        self._token = token
        self._old = old

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 200
        if scope["type"] == "http":
            headers = Request(scope).headers
            if headers.get("authorization") != f"Bearer {self._token}":
                status = 401
            elif self._old and headers.get("mcp-method") == "server/discover":
                status = 400
        if status == 200:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("no", status_code=status)(scope, receive, send)


async def serve_http(token: str, port: int, *, old: bool) -> None:
    """Until it is told to stop."""
    app = Guarded(server.streamable_http_app(), token, old=old)
    serving = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=0))
    running = asyncio.create_task(serving.serve())
    while not serving.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    sys.stdout.write(f"{serving.servers[0].sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await running


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        asyncio.run(serve_http(sys.argv[2], int(sys.argv[3]), old=sys.argv[4] == "old"))
