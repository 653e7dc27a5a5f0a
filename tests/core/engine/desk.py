"""A person at `/persona`: commands, presses and forms as platforms hand them over, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.conversation import ConversationKey, Role
from core.incoming import Attachment, Author, IncomingKind
from core.interaction import Answer, Form
from core.privacy import Place
from tests.core.engine.conftest import ADMIN, THREAD, House

CHANNEL = THREAD.channel_key
WHOLE = Place.of(THREAD).whole
OTHER = replace(THREAD, thread="999.1")


@dataclass
class Person:
    """Somebody in a channel of the house."""

    house: House
    author: Author = ADMIN
    key: ConversationKey = CHANNEL
    shared: bool = True
    files: list[bytes] = field(default_factory=list)
    """Put into the next command or form."""

    async def use(self, verb: str, command: str = "persona", /, **options: str) -> Answer:
        """The command, with options by name (`from_` for `from`)."""
        named = {name.rstrip("_"): value for name, value in options.items()}
        return await self._done(IncomingKind.COMMAND, "", named, command=f"{command} {verb}".strip())

    async def press(self, answer: Answer, label: str) -> Answer:
        """A button of the answer."""
        button = next(one for one in answer.buttons if one.label == label)
        return await self._done(IncomingKind.BUTTON, button.action, {"value": button.value})

    async def choose(self, answer: Answer, number: int) -> Answer:
        """One of a list's choices."""
        (select,) = answer.selects
        return await self._done(IncomingKind.BUTTON, select.action, {"value": select.choices[number].value})

    async def submit(self, answer: Answer, **values: str) -> Answer:
        """The answer's form with these values; the others stay as they are shown."""
        form = form_of(answer)
        options = {one.name: one.value for one in form.fields if one.kind.value != "file"} | values
        return await self._done(IncomingKind.FORM, form.action, options | {"value": form.value})

    async def _done(self, kind: IncomingKind, text: str, options: dict[str, str], command: str | None = None) -> Answer:
        done = replace(
            self.house.incoming(text, by=self.author, key=self.key, kind=kind),
            command=command,
            options=options,
            attachments=() if kind is IncomingKind.BUTTON else tuple(self._attached()),
            shared=self.shared,
        )
        answer = await self.house.reception.receive(done)
        assert answer is not None
        assert answer.private
        return answer

    def _attached(self) -> list[Attachment]:
        attached = []
        for content in self.files:
            number = f"F{len(self.house.surface.uploads) + 1}"
            self.house.surface.uploads[number] = content
            attached.append(Attachment(id=number, name="a.txt", media_type="text/plain", size=len(content), url=""))
        self.files.clear()
        return attached


def form_of(answer: Answer) -> Form:
    """The form that the answer opens."""
    assert answer.form is not None, answer.text
    return answer.form


def values_of(answer: Answer) -> dict[str, str]:
    """What the answer's form shows."""
    return {one.name: one.value for one in form_of(answer).fields}


async def made(house: House, name: str = "Guide", **values: str) -> Answer:
    """A persona by the form, made by an admin."""
    boss = Person(house)
    return await boss.submit(await boss.use("create"), **{"name": name, "prompt": f"I am {name}.", **values})


def system(house: House) -> str:
    """What the model was last told about itself."""
    return next(one.text for one in house.model.requests[-1].messages if one.role is Role.SYSTEM)


async def ask(
    house: House, *, key: ConversationKey = OTHER, kind: IncomingKind = IncomingKind.MENTION, times: int = 1
) -> str:
    """A question is answered; returns who the model was told it is."""
    incoming = replace(house.incoming("hi", kind=kind), key=key, shared=kind is not IncomingKind.DIRECT)
    await house.reception.receive(incoming)
    await house.model.asked(times)
    await house.idle()
    return system(house)
