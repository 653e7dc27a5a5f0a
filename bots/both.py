"""Slack and Discord in one process: `python -m bots.both`. A platform without a token is left out."""

from bots import lightness, process  # noqa: F401  lightness goes first, and that is all it does
from bots.loading import configured_platforms

if __name__ == "__main__":
    process.main(configured_platforms)
