"""What the model is given where a persona answers: its prompt with the place's names filled in, and its parameters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from core.audit import AuditEntry
from core.conversation import Platform
from core.incoming import Author
from core.persona import DEFAULT_PROMPT, Length, ModelParameters, Persona, PersonaVersion, Style
from core.privacy import Place as PrivacyPlace
from core.store import PersonaScope, PersonaUse, Store
from sandbox.chat_completions.script import Answer, Failure
from tests.contract.conftest import Town
from tests.contract.places import DiscordPlace, SlackPlace
from tests.contract.test_advice import private_words
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
        await self.use(version, PersonaScope.WORKSPACE)

    async def use(self, version: PersonaVersion, scope: PersonaScope, channel: str | None = None) -> None:
        """It answers there."""
        use = PersonaUse(place=replace(self.place, channel=channel), scope=scope, persona_id=version.id)
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


def channel_of(town: Town) -> str:
    """The platform's id of the channel in which people have spoken."""
    match town.place:
        case SlackPlace(sandbox=slack):
            return slack.messages("general")[0].channel
        case DiscordPlace(sandbox=discord):
            return discord.messages("general")[0].channel_id
        case _:
            raise TypeError(town.place)


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


async def test_direct_messages_have_a_persona_of_their_own(town: Town, cast: Cast) -> None:
    """The one for direct messages answers there and nowhere else; where it answers reads as people would say it."""
    await cast.everywhere(await cast.created(Persona(name="Support", prompt="In {channel}.")))
    if town.platform is Platform.DISCORD:  # there direct messages belong to no server
        cast = Cast(cast.store, "@me", town.platform)
    await cast.use(await cast.created(Persona(name="Tutor", prompt="In {channel} with {user}.")), PersonaScope.DMS)
    town.model.script(Answer(text="One."), Answer(text="Two."))
    await town.answered(await town.place.direct("ann", "first"))
    assert system_prompt(town).lower() == "in direct messages with ann."
    await town.answered(await town.place.mention("ann", "second"))
    assert system_prompt(town) == "In general."


async def test_a_channel_has_a_persona_of_its_own(town: Town, cast: Cast) -> None:
    """It goes before the workspace's, in that channel alone, for `/ask` as for a mention."""
    await cast.everywhere(await cast.created(Persona(name="Support", prompt="Everywhere.")))
    town.model.script(*(Answer(text=text) for text in ("One.", "Two.", "Three.")))
    await town.answered(await town.place.mention("ann", "where are we?"))
    assert system_prompt(town) == "Everywhere."
    made = await cast.created(Persona(name="Sales", prompt="Here, {time_zone}."))
    await cast.use(made, PersonaScope.CHANNEL, channel=channel_of(town))
    await town.answered(await town.place.mention("ann", "and now?"))
    zone = "Europe/Berlin" if town.platform is Platform.SLACK else "UTC"
    assert system_prompt(town) == f"Here, {zone}."
    await town.answered(await town.place.ask("ann", "and by command?"))
    assert system_prompt(town) == f"Here, {zone}."


async def test_an_archived_persona_goes_on_in_its_threads(town: Town, cast: Cast) -> None:
    """Who began there ends there; a new thread has whoever is nearest now."""
    made = await cast.created(Persona(name="Support", prompt="Old."))
    await cast.everywhere(made)
    town.model.script(*(Answer(text=text) for text in ("One.", "Two.", "Three.")))
    talk = await town.place.mention("ann", "first")
    await town.answered(talk)
    await cast.store.archive_persona(cast.place, made.id, entry=cast.entry, now=START)
    await town.place.say(talk, "ann", "second")
    await town.answered(talk, 2)
    assert system_prompt(town) == "Old."
    await town.answered(await town.place.mention("ann", "third"))
    assert system_prompt(town).startswith(DEFAULT_PROMPT)


async def test_a_parameter_that_the_server_refuses_is_left_out(town: Town, cast: Cast) -> None:
    """The answer comes all the same, with what else the persona asks for."""
    parameters = ModelParameters(temperature=1.9, top_p=0.5)
    await cast.everywhere(await cast.created(Persona(name="Support", prompt="Help.", parameters=parameters)))
    told = {
        "message": "temperature: range: 0..1",
        "type": "invalid_request_error",
        "param": "temperature",
        "code": None,
    }
    town.model.script(Failure(status=400, body={"error": told}), Answer(text="Here you are."))
    (shown,) = await town.answered(await town.place.mention("ann", "Is it open?"))
    assert "Here you are." in shown.text
    body = town.model.requests[-1].body
    assert ("temperature" in body, body["top_p"]) == (False, 0.5)


async def test_a_long_prompt_reaches_the_model_whole(town: Town, cast: Cast) -> None:
    """12,000 characters with marks, pings, quotes and 4-byte characters, as they were written."""
    prompt = ('Say "hi" to <!channel> & @everyone: *x* \\ \U0001f680 {{y}}\n' * 300)[:12_000].strip()
    await cast.everywhere(await cast.created(Persona(name="Support", prompt=prompt)))
    town.model.script(Answer(text="ok"))
    await town.answered(await town.place.mention("ann", "hi"))
    assert system_prompt(town) == prompt.replace("{{", "{").replace("}}", "}")


async def test_a_model_that_is_gone_is_replaced_by_the_default_one(town: Town, cast: Cast) -> None:
    """People get an answer and a notice under it that names persona and model; an admin is told in private what to
    do."""
    await cast.everywhere(await cast.created(Persona(name="Support", prompt="Help.", model="gone-4")))
    town.model.script(Answer(text="Here is an answer."))  # the sandbox itself refuses a model that it does not have
    (shown,) = await town.answered(await town.place.mention("ann", "Is it open?"))
    assert "Here is an answer." in shown.text
    assert "gone-4" in shown.text
    assert "Support" in shown.text
    assert [request.body["model"] for request in town.model.requests] == ["gone-4", town.model.model]
    await town.place.wait_for(lambda: any("/persona edit" in text for text in private_words(town, "ann")))
