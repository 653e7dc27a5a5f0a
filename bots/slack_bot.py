"""The Slack process: `python -m bots.slack_bot`."""

from bots import lightness, process  # noqa: F401  lightness goes first, and that is all it does
from core.conversation import Platform

if __name__ == "__main__":
    process.main(Platform.SLACK)
