"""Every error that Parley raises on purpose.

    ParleyError
    ├── ModelError                the model's side failed; the sentence is shown where the answer would be
    │   ├── ModelNotConfigured    no key, or a wrong one: the operator mends it
    │   ├── ModelNotFound         the model's name is unknown there: an admin mends it
    │   │   └── PersonaModelNotFound  it is a persona's own, and the default model answered instead
    │   ├── ModelOutOfCredit      the account is empty: the operator mends it
    │   ├── ModelRefused          the request itself was refused
    │   ├── ModelFiltered         the provider's content filter refused the question
    │   ├── ContextTooLong        the question does not fit the model's window
    │   ├── ModelBusy             rate limited; waiting helps
    │   ├── ModelUnavailable      5xx, no connection, or not loaded; waiting helps
    │   ├── ModelTimeout          silence for longer than we wait
    │   └── ModelCut              the stream broke off in the middle
    ├── SurfaceError              the platform's side failed
    │   ├── SurfaceBusy           rate limited; waiting helps
    │   ├── SurfaceUnavailable    5xx or no connection; waiting helps
    │   ├── PostGone              the message to edit was deleted, or cannot be edited any more
    │   ├── PostSealed            the message takes no more text, and another one must follow
    │   ├── PostTooLong           the platform counts more characters than we did
    │   ├── SurfaceForbidden      we may not write there
    │   └── Undelivered           the platform refused for good; carries the text still owed
    ├── StoreUnavailable          the database cannot be reached or is locked
    ├── LeaseLost                 another process has taken the turn over
    └── IllegalMove               a turn was asked to move where its state forbids

Each class's docstring is its default sentence, written for the person who reads it in a chat. `mender` says who
can put it right. `retry_after` is in seconds, where waiting helps and somebody told us how long.
"""

from __future__ import annotations

from enum import StrEnum

_DOCTOR = "`parley doctor` checks it."


class Mender(StrEnum):
    """Who can put an error right."""

    NOBODY = "nobody"
    ASKER = "asker"
    ADMIN = "admin"
    OPERATOR = "operator"
    TIME = "time"


class ParleyError(Exception):
    """Something went wrong."""

    mender: Mender = Mender.OPERATOR
    advice: str = ""
    """What to do about it, for an admin; nobody else is told."""

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        self.detail = detail
        """For the log: no one's words and no secret."""
        self.retry_after = retry_after
        super().__init__(detail or self.sentence)

    @property
    def sentence(self) -> str:
        """What a person is told, in one sentence or two."""
        return " ".join((type(self).__doc__ or "Something went wrong.").split())


class ModelError(ParleyError):
    """The model could not answer."""


class ModelNotConfigured(ModelError):
    """I am not configured yet: my operator has to check the model's key."""

    mender = Mender.OPERATOR
    advice = f"The model's server refused my key or my address. Check OPENAI_API_KEY and OPENAI_BASE_URL. {_DOCTOR}"


class ModelNotFound(ModelError):
    """The model I was told to use is not available: an admin has to choose another."""

    mender = Mender.ADMIN
    advice = f"The model's server does not know the model that I am set to. Check OPENAI_MODEL. {_DOCTOR}"


class PersonaModelNotFound(ModelNotFound):
    """The model of this persona is not available: an admin has to choose another."""

    def __init__(self, *, persona: str, model: str) -> None:
        name = _code(model)
        self.notice = f"The model `{name}` of persona *{persona}* is not available; the default model answered."
        """What stands under the answer."""
        self.advice = (
            f"The model's server does not know `{name}`, the model of persona *{persona}*, so the default model "
            "answered. Choose another with `/persona edit`."
        )
        super().__init__(f"model {name}")


class ModelOutOfCredit(ModelError):
    """The account that pays for the model has no credit left: my operator has to look at it."""

    mender = Mender.OPERATOR
    advice = (
        "The model's account has no credit left or has reached its spending limit. Check it with the provider. "
        f"{_DOCTOR}"
    )


class ModelRefused(ModelError):
    """The model's server did not accept the request: my operator will find the reason in the log."""

    mender = Mender.OPERATOR
    advice = f"The model's server did not accept my request. My log says what it disliked. {_DOCTOR}"


class ModelFiltered(ModelError):
    """The model's provider declined this question. Putting it in other words may help."""

    mender = Mender.ASKER


class ContextTooLong(ModelError):
    """This is longer than the model can read at once. Please send a shorter message."""

    mender = Mender.ASKER


class ModelBusy(ModelError):
    """The model is busy right now. Please try again in a moment."""

    mender = Mender.TIME


class ModelCrowded(ModelBusy):
    """The model has been too busy to take your question, so I stopped waiting. Please try again in some minutes."""


class ModelUnavailable(ModelError):
    """The model cannot be reached right now. Please try again in a moment."""

    mender = Mender.TIME


class ModelTimeout(ModelError):
    """The model took too long to answer. Please try again."""

    mender = Mender.TIME


class ModelCut(ModelError):
    """The connection to the model was lost. Please try again."""

    mender = Mender.TIME


class SurfaceError(ParleyError):
    """The platform did not take the message."""


class SurfaceBusy(SurfaceError):
    """The platform asks us to slow down."""

    mender = Mender.TIME


class SurfaceUnavailable(SurfaceError):
    """The platform cannot be reached right now."""

    mender = Mender.TIME


class PostGone(SurfaceError):
    """The message was deleted or can no longer be edited."""

    mender = Mender.NOBODY


class PostSealed(SurfaceError):
    """The message takes no more text."""

    mender = Mender.NOBODY


class PostTooLong(SurfaceError):
    """The text is longer than the platform takes."""

    mender = Mender.NOBODY


class SurfaceForbidden(SurfaceError):
    """I am not allowed to write here: an admin has to give me the permission."""

    mender = Mender.ADMIN


class FileTooLarge(SurfaceError):
    """The file is larger than I take."""

    mender = Mender.ASKER


class Undelivered(SurfaceError):
    """The platform did not take the rest of the answer."""

    mender = Mender.ADMIN

    def __init__(self, detail: str, *, owed: str) -> None:
        super().__init__(detail)
        self.owed = owed
        """What people have not seen. Never part of the error's text, so never in a log."""


class StoreUnavailable(ParleyError):
    """My memory cannot be reached right now. Please try again in a moment."""

    mender = Mender.TIME


class LeaseLost(ParleyError):
    """Another process has taken this reply over."""

    mender = Mender.NOBODY


class IllegalMove(ParleyError):
    """A reply was asked to do what its state forbids."""


def _code(text: str, most: int = 60) -> str:
    """A name as it can stand in a code span."""
    line = " ".join(text.replace("`", "'").split())
    return line if len(line) <= most else line[: most - 1] + "…"
