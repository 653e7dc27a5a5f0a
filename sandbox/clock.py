"""A clock that stands still until it is told to go on, for tests of limits and of what ends by itself."""

START = 1_780_000_000.0


class ManualClock:
    """Calling it tells the time in seconds since 1970; give it to a server as `now=clock`."""

    def __init__(self, start: float = START) -> None:
        self._at = start

    def __call__(self) -> float:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += seconds
