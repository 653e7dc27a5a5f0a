"""`python -m bots.cli`, for places where the package is not installed as a command."""

from bots.cli import main

main()
