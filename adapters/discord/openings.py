"""Forms that may have to be opened again with what was typed in them.

Discord opens a form only as the first response, and never in answer to another form; so what has to be put right is
opened by a button. The forms are kept in this process for as long as there is room. Who presses the button later, or
after a restart, finds what was typed in the message above it.
"""

from __future__ import annotations

import secrets

from adapters.discord.components import Json, button, row
from adapters.recency import Recent
from core.interaction import Form, Style

MOST = 500
EDIT_AGAIN = "Edit again"
OPEN = "Open the form"

_PREFIX = "o:"


class Openings:
    """Which form a button opens, and what was opened last."""

    def __init__(self) -> None:
        self._waiting: Recent[str, tuple[str, Form]] = Recent(MOST)
        self._opened: Recent[tuple[str, str, str], Form] = Recent(MOST)

    def keep(self, person: str, form: Form, label: str) -> Json:
        """A row with a button that opens the form, for that person alone."""
        token = secrets.token_urlsafe(12)
        self._waiting.put(token, (person, form))
        return row(button(label, f"{_PREFIX}{token}", Style.PRIMARY))

    def wanted(self, person: str, custom_id: str) -> Form | None:
        """The form behind the button; none where it is not known any more, or was somebody else's."""
        owner, form = self._waiting.get(custom_id.removeprefix(_PREFIX)) or ("", None)
        return form if owner == person else None

    def opened(self, person: str, form: Form) -> None:
        """The person sees the form."""
        self._opened.put((person, form.action, form.value), form)

    def last(self, person: str, action: str, value: str) -> Form | None:
        """The form that the person saw, if it is still known."""
        return self._opened.get((person, action, value))


def is_opening(custom_id: str) -> bool:
    """Whether the button opens a form again."""
    return custom_id.startswith(_PREFIX)
