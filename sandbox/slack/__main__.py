"""`python -m sandbox.slack`: the sandbox alone, with the environment that points a bot at it."""

import argparse
import asyncio
import signal

from sandbox.slack.server import SlackSandbox


async def serve(host: str, port: int, request_url: str | None, rate_limits: float | None) -> None:
    sandbox = SlackSandbox(rate_limits=rate_limits)
    await sandbox.start(host, port)
    try:
        if request_url and not await sandbox.use_request_url(request_url):
            raise SystemExit(f"{request_url} did not answer Slack's challenge; start the bot first")
        for name, value in sandbox.env.items():
            print(f"{name}={value}", flush=True)
        await _told_to_stop()
    finally:
        await sandbox.stop()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.slack", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8065)
    parser.add_argument("--request-url", help="deliver by HTTP to this URL instead of Socket Mode")
    parser.add_argument("--no-rate-limits", action="store_true", help="never answer 429")
    given = parser.parse_args()
    limits = None if given.no_rate_limits else 1.0
    asyncio.run(serve(given.host, given.port, given.request_url, limits))


if __name__ == "__main__":
    main()
