"""An MCP server of the tests, made with the official package; run by its path.

program.py stdio                    on standard input and output
program.py http PORT [TOKEN]        at http://127.0.0.1:PORT/mcp, with a bearer token where one is named
program.py garbage                  writes what is no protocol, and answers nothing
program.py silent                   says nothing at all
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

server = MCPServer("tests", log_level="CRITICAL")
READS = ToolAnnotations(read_only_hint=True)


@server.tool(annotations=READS, title="Echo")
def echo(text: str) -> str:
    """Says the text again."""
    return f"echo: {text}"


@server.tool()
def write(text: str) -> str:
    """Writes the text somewhere."""
    return f"written: {text}"


@server.tool(annotations=READS)
async def slow() -> str:
    """Takes very long."""
    await asyncio.sleep(600)
    return "late"


@server.tool(annotations=READS)
def crash() -> str:
    """Ends its process."""
    os._exit(1)


@server.tool(annotations=READS)
def huge() -> str:
    """Gives more than anybody reads."""
    return "long " * 400_000


@server.tool(annotations=READS)
def broken() -> str:
    """Fails."""
    raise ToolError("the file is missing")


@server.tool(annotations=READS)
def environment() -> list[str]:
    """Names of what it was given."""
    return sorted(os.environ)


@server.tool(annotations=READS)
async def grow(ctx: Context) -> str:
    """Adds another tool."""
    server.add_tool(write, name="grown", description="Was not there before.")
    await ctx.notify_tools_changed()
    return "grown"


def main() -> None:
    """As its arguments say."""
    match sys.argv[1:]:
        case ["stdio"]:
            server.run("stdio")
        case ["http", port, *token]:
            _serve(int(port), token[0] if token else "")
        case ["garbage"]:
            while True:
                os.write(1, b"no { protocol\n")
                time.sleep(0.01)
        case _:
            time.sleep(600)


def _serve(port: int, token: str) -> None:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response

    app = server.streamable_http_app()

    async def guarded(scope, receive, send):  # type: ignore[no-untyped-def]  # an ASGI application
        asked = scope["type"] == "http"
        if asked and token and Request(scope).headers.get("authorization") != f"Bearer {token}":
            await Response(status_code=401)(scope, receive, send)
            return
        await app(scope, receive, send)

    uvicorn.run(guarded, host="127.0.0.1", port=port, log_level="critical")


if __name__ == "__main__":
    main()
