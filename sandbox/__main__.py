"""`python -m sandbox`: a local Slack, a local Discord, a model, and Parley connected to them. `make run` is this."""

from __future__ import annotations

import argparse

from sandbox.combined.life import Options, main
from sandbox.combined.platforms import real_platforms


def options() -> Options:
    """The command line, read."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8700, help="where the page is; the next free port when taken")
    parser.add_argument("--demo-model", action="store_true", help="answer by the scripted demo, not by a model")
    parser.add_argument("--servers-only", action="store_true", help="start no Parley; print the settings for one")
    parser.add_argument("--keep-database", action="store_true", help="keep what Parley remembers from the last run")
    given = parser.parse_args()
    return Options(
        port=given.port,
        demo_model=given.demo_model,
        servers_only=given.servers_only,
        keep_database=given.keep_database,
    )


if __name__ == "__main__":
    main(options(), real_platforms())
