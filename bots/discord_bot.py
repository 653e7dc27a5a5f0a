"""The Discord process: `python -m bots.discord_bot`."""

from bots import process
from core.conversation import Platform

if __name__ == "__main__":
    process.main(Platform.DISCORD)
