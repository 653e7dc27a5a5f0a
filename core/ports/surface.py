"""A platform, as core writes on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.conversation import ConversationKey
from core.incoming import Attachment, Author, ReplyTarget
from core.interaction import Button, File, Select
from core.ports.draft import Call, Draft, SurfaceLimits
from core.prompting import PlaceNames
from core.scheduling import BudgetObservation, EditBudget
from core.turn import MessageRef


class Surface(Protocol):
    """One platform, as a reply sees it."""

    def limits(self, target: ReplyTarget) -> SurfaceLimits:
        """What messages of a reply there may be."""
        ...

    def measure(self, text: str) -> int:
        """The length of this Markdown as the platform counts it, rendered."""
        ...

    def budget(self, call: Call, target: ReplyTarget) -> EditBudget:
        """What the write will draw on."""
        ...

    async def open(self, target: ReplyTarget, draft: Draft, *, key: str, seek: bool = False) -> MessageRef:
        """A new message shows the draft. The same key never posts twice: with `seek`, an earlier try may have posted
        it (its answer was lost, or the process died), so the surface looks for it first and edits what it finds."""
        ...

    async def edit(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """The message shows the draft. Raises PostGone, PostSealed, PostTooLong or another SurfaceError."""
        ...

    async def finish(self, target: ReplyTarget, ref: MessageRef, draft: Draft) -> None:
        """The message shows the draft and will not grow any more."""
        ...

    async def delete(self, target: ReplyTarget, ref: MessageRef) -> None:
        """The message is gone, if it was there."""
        ...

    async def whisper(self, target: ReplyTarget, person: Author, text: str) -> None:
        """That person alone reads the text, or nobody where the platform has no way."""
        ...

    async def is_admin(self, target: ReplyTarget, person: Author) -> bool:
        """Whether the platform says now that this person runs the place. No answer means no."""
        ...

    async def working(self, target: ReplyTarget, saying: str = "") -> None:
        """People see that an answer is on its way, for `working_every` seconds or until a message comes; with these
        words where the platform's sign can say any."""
        ...

    async def idle(self, target: ReplyTarget) -> None:
        """No sign that an answer is on its way stays there, however the turn ended; told at the end of each. Returns
        at once, and fails in silence."""
        ...


class Namer(Protocol):
    """One platform, as somebody sees it who speaks of its places."""

    async def names(self, key: ConversationKey, *, person: Author | None = None) -> PlaceNames:
        """What the place is called, remembered for some minutes; the time zone is that person's where the platform
        tells it. Never fails: what cannot be found out is the id, or UTC."""
        ...


class Messenger(Namer, Protocol):
    """One platform, as everything sees it that is not a reply. Surfaces implement it too."""

    async def send(
        self,
        target: ReplyTarget,
        text: str,
        *,
        key: str,
        files: Sequence[File] = (),
        buttons: Sequence[Button] = (),
        selects: Sequence[Select] = (),
    ) -> MessageRef:
        """A message of our own stands there, for all who read that place. The same key never posts twice: an earlier
        try that did is found. Raises SurfaceError."""
        ...

    async def resend(
        self,
        target: ReplyTarget,
        ref: MessageRef,
        text: str,
        *,
        files: Sequence[File] = (),
        buttons: Sequence[Button] = (),
        selects: Sequence[Select] = (),
    ) -> None:
        """That message of our own shows this and nothing of what it showed before. Raises PostGone or another
        SurfaceError."""
        ...

    async def direct(self, place: ConversationKey, person: Author) -> ReplyTarget:
        """Where that person alone reads what we write, and can answer. Raises SurfaceForbidden where they take no
        messages of ours."""
        ...

    async def fetch(self, attachment: Attachment, *, most: int) -> bytes:
        """The file's content. Only from the platform's own hosts, with the bot's credentials. Raises FileTooLarge
        beyond that many bytes, or another SurfaceError."""
        ...


class Outlet(Surface, Messenger, Protocol):
    """One platform, as everything sees it that writes there: what an adapter's surface is."""


class BudgetObserver(Protocol):
    """Told by surfaces what the platform's answers say of its budgets."""

    def learned(self, budget: str, observation: BudgetObservation) -> None:
        """The budget of that name is corrected."""
        ...
