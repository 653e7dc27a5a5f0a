"""Why a server is of no use right now, in words for people: no secret, and nothing that the server wrote."""

from __future__ import annotations


class ServerFailed(Exception):
    """The server cannot be used now. The text is a sentence."""


class NotStarted(ServerFailed):
    """The program could not be started."""

    def __init__(self) -> None:
        super().__init__("Its program could not be started.")


class Unreached(ServerFailed):
    """Nobody answers at the address, or it broke off."""

    def __init__(self) -> None:
        super().__init__("It cannot be reached.")


class Slow(ServerFailed):
    """It took too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"It did not answer within {seconds:g} seconds.")


class Ended(ServerFailed):
    """The connection ended."""

    def __init__(self) -> None:
        super().__init__("It broke off the connection.")


class Unauthorised(ServerFailed):
    """It wants another token, or one."""

    def __init__(self, status: int) -> None:
        super().__init__(f"It refuses us (HTTP {status}): its token is missing, or wrong.")


class Answered(ServerFailed):
    """An HTTP error instead of an answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"It answers with HTTP {status}.")


class Puzzling(ServerFailed):
    """It does not speak the protocol."""

    def __init__(self) -> None:
        super().__init__("It does not speak the Model Context Protocol as I know it.")


class Refused(ServerFailed):
    """Its address is none that we call."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
