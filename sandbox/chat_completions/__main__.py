"""`python -m sandbox.chat_completions [--port N]`: the server by itself. It prints what to put into the environment."""

from __future__ import annotations

import argparse
import asyncio
import signal

from sandbox.chat_completions.server import ChatCompletionsSandbox


async def serve(port: int) -> None:
    """The server answers on that port (0: a free one) until SIGINT or SIGTERM."""
    sandbox = ChatCompletionsSandbox()
    await sandbox.start(port=port)
    print(f"OPENAI_BASE_URL={sandbox.base_url}")
    print(f"OPENAI_API_KEY={sandbox.api_key}")
    print(f"OPENAI_MODEL={sandbox.model}", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await sandbox.stop()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.chat_completions", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; a free one by default")
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
