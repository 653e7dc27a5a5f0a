"""`/persona preview`: one question to a persona, answered to one person. Nothing of it is kept but an entry of the
audit log, and what it took on the account of who asked: who has nothing left gets none.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from core.audit import entry
from core.commands.personas import forms
from core.commands.personas.desk import Desk, Token, token, whole
from core.commands.personas.listing import Listing
from core.commands.personas.permissions import Permissions
from core.context import build
from core.conversation import Role, text_message
from core.errors import ModelCut, ModelError, ModelNotFound
from core.incoming import Incoming
from core.interaction import Answer
from core.markdown import well_formed
from core.persona import Persona, PersonaVersion
from core.ports import Finished, FinishReason, ModelRequest, TextDelta
from core.privacy import Place
from core.prompting import ready, setting_of
from core.quota.price import Price
from core.quota.window import Window
from core.quota.words import reached
from core.turn import Outcome, TurnState, Usage

PREVIEW = "persona.preview"
MOST_TOKENS = 700
"""Of an answer."""
CUT = "*The answer goes on; a preview is cut here.*"
EMPTY = "*The model gave an empty answer.*"
NO_MODEL = "The model's server does not know the model of this persona. `/persona edit` changes it."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    text: str
    reason: FinishReason
    usage: Usage


class Preview:
    """Asks personas."""

    def __init__(self, desk: Desk, permissions: Permissions, listing: Listing) -> None:
        self._desk = desk
        self._permissions = permissions
        self._listing = listing

    async def preview(self, incoming: Incoming) -> Answer:
        """The answer to the question; a form asks for it where there is none."""
        words = incoming.options.get("name", "")
        refused = await self._permissions.refusal(incoming, PREVIEW, subject=words)
        if refused is not None:
            return refused
        found = await self._listing.begun(incoming, words.replace(":", " ", 1))  # `Tutor: why?` is natural
        if isinstance(found, Answer):
            return found
        question = incoming.options.get("question", "").strip() or found[1].strip()
        return await self._answered(incoming, found[0], question)

    async def pressed(self, incoming: Incoming) -> Answer:
        """The form that asks for the question."""
        return await self._with_token(incoming, "")

    async def submitted(self, incoming: Incoming) -> Answer:
        """The answer to the question of the form."""
        return await self._with_token(incoming, incoming.options.get("question", "").strip())

    async def _with_token(self, incoming: Incoming, question: str) -> Answer:
        refused = await self._permissions.refusal(incoming, PREVIEW)
        if refused is not None:
            return refused
        newest = await self._listing.meant(incoming, token(incoming.options.get("value", "")))
        return newest if isinstance(newest, Answer) else await self._answered(incoming, newest.of, question)

    async def _answered(self, incoming: Incoming, persona: PersonaVersion, question: str) -> Answer:
        if not question:
            meant = str(Token(persona_id=persona.id, version=persona.version))
            return Answer(form=forms.question_form(meant), text="Write a question behind the name.")
        if (over := await self._over(incoming, persona)) is not None:
            return Answer(text=over)
        try:
            tried = await self._asked(incoming, persona.persona, question)
        except ModelNotFound:
            return Answer(text=NO_MODEL)
        except ModelError as error:
            return Answer(text=error.sentence)
        await self._record(incoming, persona, tried)
        cut = f"\n\n{CUT}" if tried.reason is FinishReason.LENGTH else ""
        heading = f"**{persona.persona.name}**, version {persona.version}, answers:"
        return Answer(text=f"{heading}\n\n{well_formed(tried.text).strip() or EMPTY}{cut}")

    async def _asked(self, incoming: Incoming, persona: Persona, question: str) -> _Tried:
        request = await self._request(incoming, persona, question)
        pieces: list[str] = []
        async with aclosing(self._desk.model.stream(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    pieces.append(event.text)
                elif isinstance(event, Finished):
                    text = "".join(pieces)
                    return _Tried(text=text, reason=event.reason, usage=event.usage or self._estimated(request, text))
        raise ModelCut("the stream ended without saying why")

    async def _request(self, incoming: Incoming, persona: Persona, question: str) -> ModelRequest:
        platform = incoming.key.platform
        names = await self._desk.outlets[platform].names(incoming.key, person=incoming.author)
        setting = setting_of(names, platform=platform, user=incoming.author.name, now=self._desk.now())
        cap = min(persona.parameters.max_tokens or MOST_TOKENS, MOST_TOKENS)
        return ModelRequest(
            messages=build(ready(persona, setting), None, (text_message(Role.USER, question),)),
            model=persona.model,
            parameters=replace(persona.parameters, max_tokens=cap),
        )

    def _estimated(self, request: ModelRequest, text: str) -> Usage:
        count = self._desk.counter.count
        asked = sum(count(message.text) for message in request.messages)
        return Usage(prompt_tokens=asked, completion_tokens=count(text), estimated=True)

    async def _record(self, incoming: Incoming, persona: PersonaVersion, tried: _Tried) -> None:
        usage = tried.usage
        details: dict[str, object] = {
            "version": persona.version,
            "model": usage.model or persona.persona.model or "default",
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
        }
        by = entry(incoming, PREVIEW, now=self._desk.now(), subject=persona.persona.name, place=whole(incoming))
        outcome = Outcome(
            state=TurnState.DONE,
            text="",
            usage=usage,
            persona_id=persona.id,
            persona_version=persona.version,
            price=self._price(persona.persona.model),
        )
        await self._desk.store.charge(Place.of(incoming.key), outcome, by=replace(by, details=details))

    def _price(self, model: str) -> Price | None:
        """In the currency of limits, or none."""
        price = self._desk.prices.of(model, self._desk.now())
        return price if price is not None and price.currency == self._desk.terms.currency else None

    async def _over(self, incoming: Incoming, persona: PersonaVersion) -> str | None:
        """Which limit is reached, and when it begins anew."""
        await self._desk.prices.learn([persona.persona.model])
        place, now, currency = Place.of(incoming.key), self._desk.now(), self._desk.terms.currency
        terms = await self._desk.terms.terms(place.whole)
        standings = await self._desk.store.standings(
            place, incoming.author, persona_id=persona.id, terms=terms, now=now
        )
        full = [one for one in standings if not one.left]
        if not full:
            return None
        last = max(full, key=lambda one: one.resets_at)
        spell = Window(begins=min(now, last.resets_at), ends=last.resets_at)
        return reached(last.limit, last.used + last.reserved, spell, currency)
