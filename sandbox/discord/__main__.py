"""`python -m sandbox.discord`: the sandbox alone, with the environment that points a bot at it."""

import argparse
import asyncio

from sandbox.discord.server import DiscordSandbox


async def serve(host: str, port: int, rate_limits: float | None) -> None:
    sandbox = DiscordSandbox(rate_limits=rate_limits)
    await sandbox.start(host, port)
    try:
        for name, value in sandbox.env.items():
            print(f"{name}={value}", flush=True)
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.discord", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8066)
    parser.add_argument("--no-rate-limits", action="store_true", help="never answer 429")
    given = parser.parse_args()
    limits = None if given.no_rate_limits else 1.0
    try:
        asyncio.run(serve(given.host, given.port, limits))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
