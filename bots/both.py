"""Slack and Discord in one process: `python -m bots.both`. A platform without a token is left out."""

from bots import process
from bots.loading import configured_platforms

if __name__ == "__main__":
    process.main(configured_platforms)
