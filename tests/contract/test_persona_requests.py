"""What the model is given where a persona answers: its prompt with the place's names filled in, and its parameters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.audit import AuditEntry
from core.incoming import Author
from core.persona import Length, ModelParameters, Persona, PersonaVersion, Style
from core.privacy import Place as PrivacyPlace
from core.store import PersonaScope, PersonaUse, Store
from sandbox.chat_completions.script import Answer, Failure
from tests.contract.conftest import Town
from tests.doubles import START

PROMPT = "You help in {channel} of {workspace} on {platform}. Keep {{this}}."
ADMIN = Author(id="U1", name="Olga")


class Cast:
    """Personas of the town's workspace."""

    def __init__(self, store: Store, workspace: str, platform: Any) -> None:
        self.store = store
        self.place = PrivacyPlace(platform=platform, workspace=workspace)
        self.entry = AuditEntry(at=START, place=self.place, actor=ADMIN, action="persona.test")

    async def created(self, persona: Persona) -> PersonaVersion:
        """The persona is there."""
        made = await self.store.create_persona(self.place, persona, by=ADMIN, note="", entry=self.entry, now=START)
        assert isinstance(made, PersonaVersion)
        return made

    async def changed(self, version: PersonaVersion, persona: Persona) -> PersonaVersion:
        """It has a new version."""
        made = await self.store.change_persona(
            self.place, version.id, persona, based_on=version.version, by=ADMIN, note="", entry=self.entry, now=START
        )
        assert isinstance(made, PersonaVersion)
        return made

    async def everywhere(self, version: PersonaVersion) -> None:
        """It answers in all of the workspace."""
        use = PersonaUse(place=self.place, scope=PersonaScope.WORKSPACE, persona_id=version.id)
        await self.store.use_persona(use, entry=self.entry, now=START)


@pytest.fixture
async def cast(town: Town) -> AsyncIterator[Cast]:
    """The personas of the sandbox's workspace."""
    store = await Store.open(town.settings.database_url)
    sandbox: Any = getattr(town.place, "sandbox")  # noqa: B009 - both kinds of places have one
    workspace = sandbox.team_id if town.place.name == "slack" else sandbox.guild_id
    yield Cast(store, workspace, town.platform)
    await store.close()


def system_prompt(town: Town) -> str:
    """Of the last request."""
    body = town.model.requests[-1].body
    assert body["messages"][0]["role"] == "system"
    return str(body["messages"][0]["content"])


async def test_the_prompt_and_the_parameters_reach_the_model(town: Town, cast: Cast) -> None:
    """Variables are filled with the names that people see; the way of answering is spelled out."""
    made = await cast.created(
        Persona(
            name="Support",
            prompt=PROMPT,
            parameters=ModelParameters(temperature=0.2, max_tokens=50, stop=("END",)),
            style=Style(length=Length.BRIEF, language="German"),
        )
    )
    await cast.everywhere(made)
    town.model.script(Answer(text="Ja."))
    talk = await town.place.mention("ann", "Is it open?")
    await town.answered(talk)
    prompt, body = system_prompt(town), town.model.requests[-1].body
    assert prompt.startswith("You help in general of Sandbox on ")
    assert f"on {town.place.name.title()}. Keep {{this}}." in prompt
    assert "Keep answers short" in prompt
    assert "Always answer in German" in prompt
    assert body["temperature"] == 0.2
    assert 50 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert body["stop"] == ["END"]


async def test_a_running_thread_keeps_its_version(town: Town, cast: Cast) -> None:
    """A change reaches new threads; the one that runs goes on as it began."""
    made = await cast.created(Persona(name="Support", prompt="Version one."))
    await cast.everywhere(made)
    town.model.script(*(Answer(text=text) for text in ("One.", "Two.", "Three.")))
    old = await town.place.mention("ann", "first")
    await town.answered(old)
    await cast.changed(made, Persona(name="Support", prompt="Version two."))
    new = await town.place.mention("ann", "second")
    await town.answered(new)
    assert system_prompt(town) == "Version two."
    await town.place.say(old, "ann", "third")
    await town.answered(old, 2)
    assert system_prompt(town) == "Version one."


async def test_a_model_that_is_gone_is_replaced_by_the_default_one(town: Town, cast: Cast) -> None:
    """People get an answer and a notice under it; the persona and the model are named."""
    await cast.everywhere(await cast.created(Persona(name="Support", prompt="Help.", model="gone-4")))
    missing = {"error": {"message": "The model does not exist", "code": "model_not_found", "type": "x", "param": None}}
    town.model.script(Failure(status=404, body=missing), when=lambda question: question.body["model"] == "gone-4")
    town.model.script(Answer(text="Here is an answer."), when=lambda question: question.body["model"] != "gone-4")
    talk = await town.place.mention("ann", "Is it open?")
    (shown,) = await town.answered(talk)
    assert "Here is an answer." in shown.text
    assert "gone-4" in shown.text
    assert "Support" in shown.text
