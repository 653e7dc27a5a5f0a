"""Servers as they should not be, over stdio: `lying.py KIND`. Written by hand, since the official package is honest.

It knows the handshake of older versions only, as many servers do.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

OBJECT = {"type": "object", "properties": {}}
Say = Callable[[dict[str, Any]], None]


def tool(name: str, schema: object = None, description: str = "A tool.") -> dict[str, Any]:
    return {"name": name, "description": description, "inputSchema": OBJECT if schema is None else schema}


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def doubling(depth: int) -> dict[str, Any]:
    """Each part refers to the next one twice."""
    parts = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)}
    return {**OBJECT, "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": {**parts, f"d{depth}": {}}}


LIES = [
    tool("good"),
    tool("good", description="The same name again."),
    tool("text_for_a_schema", schema="object"),
    {"name": "no_schema"},
    {"description": "no name"},
    "not even an object",
    tool("no_object", schema={"type": "array"}),
    tool("invalid", schema={**OBJECT, "properties": {"a": {"type": "nonsense"}}}),
    tool("remote", schema={**OBJECT, "properties": {"a": {"$ref": "http://127.0.0.1:1/schema"}}}),
    tool("nowhere", schema={**OBJECT, "properties": {"a": {"$ref": "#/$defs/none"}}}),
    tool("endless", schema={**OBJECT, "properties": {"a": {"$ref": "#"}}}),
    tool("doubling", schema=doubling(40)),
    tool("big", schema={**OBJECT, "description": "x" * 100_000}),
    tool("n" * 300),
    tool("n" * 100),
    tool("a.b"),
    tool("a/b"),
    tool("line\nbreak"),
    tool("pattern", schema={**OBJECT, "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}}),
    tool("wordy", description="x" * 100_000),
]


def listed(kind: str, times: int, cursor: str | None) -> dict[str, Any]:
    match kind:
        case "lies":
            return {"tools": LIES}
        case "thousands":
            return {"tools": [tool(f"t{n}") for n in range(3_000)]}
        case "pages":
            return {"tools": [tool(f"t{cursor or 0}")], "nextCursor": str(int(cursor or 0) + 1)}
        case "learns":
            return {"tools": [tool(f"t{n}") for n in range(times)]}
        case _:
            return {"tools": [tool("work")]}


def answer(kind: str, request: dict[str, Any], times: int) -> None:
    number, method, params = request.get("id"), request.get("method"), request.get("params") or {}
    if number is None:
        return
    match method:
        case "initialize":
            info = {"name": "lying", "version": "1"}
            capabilities = {"tools": {"listChanged": True}}
            version = params["protocolVersion"]
            say(
                {"id": number, "result": {"protocolVersion": version, "capabilities": capabilities, "serverInfo": info}}
            )
        case "tools/list":
            say({"id": number, "result": listed(kind, times, params.get("cursor"))})
            if kind == "learns" and times < 3:
                say({"method": "notifications/tools/list_changed"})
        case "tools/call":
            called(kind, number)
        case _:
            say({"id": number, "error": {"code": -32601, "message": "what?"}})


def tell(number: int, text: str) -> None:
    say({"id": number, "result": {"content": [{"type": "text", "text": text}]}})


def called(kind: str, number: int) -> None:
    match kind:
        case "deaf":
            signal.pause()
        case "crashes":
            os._exit(3)
        case "starts":
            words = [sys.executable, "-c", "import signal; signal.pause()"]
            started = subprocess.Popen(words, stdin=subprocess.DEVNULL)
            tell(number, f"{os.getpid()} {started.pid}")
        case "environment":
            tell(number, json.dumps(dict(os.environ)))
        case "long":
            tell(number, "x" * 300_000)
        case "nonsense":
            say({"id": number, "result": {"content": "not a list"}})
        case "swells":
            while True:  # one line without an end
                sys.stdout.write("x" * 65_536)
        case "chatty":
            for _ in range(1_000):
                say({"method": "notifications/tools/list_changed"})
            tell(number, "done")
        case "secretive":
            say({"id": number, "error": {"code": -1, "message": "wrong token: hunter2-hunter2"}})
        case _:
            tell(number, "done")


def main(kind: str) -> None:
    if kind == "silent":
        signal.pause()
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if kind == "garbage":
        sys.stdout.write("Welcome!\n{}\n[1, 2\n\xff\n")
    times = 0
    for line in sys.stdin:
        request = json.loads(line)
        times += request.get("method") == "tools/list"
        answer(kind, request, times)
    if kind == "stubborn":
        while True:  # its input has ended, and it goes on
            signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
