"""What is wrong with a payload, gathered field by field, in the shape of Discord's error 50035."""

from typing import Any

from sandbox.discord import refusals
from sandbox.discord.values import ApiError, Json


class Form:
    """The faults of one payload."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """The field at the dotted path has this fault."""
        place = self._errors
        for key in path.split("."):
            place = place.setdefault(key, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, value: Any, most: int, *, least: int = 0) -> None:
        """The text, which may be missing unless it needs a length, is no longer than `most` code points."""
        if value is None and least == 0:
            return
        if value is None:
            self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str):
            self.wrong(path, "STRING_TYPE_CONVERT", f"Could not interpret {value!r} as string.")
        elif least and not least <= len(value) <= most:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        elif len(value) > most:
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def check(self) -> None:
        """ApiError 50035 when anything is wrong."""
        if self._errors:
            raise ApiError(refusals.INVALID_FORM, self._errors)
