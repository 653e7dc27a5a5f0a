"""Who answers a turn, what is recorded of it, and what happens where a persona's model is gone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.audit import AuditEntry
from core.context import MESSAGE_OVERHEAD
from core.conversation import ConversationKey
from core.errors import ModelNotFound, ModelUnavailable
from core.persona import ModelParameters, Persona, PersonaVersion
from core.ports import Control, TextDelta
from core.privacy import Place, Reach
from core.prompting import PlaceNames
from core.store import PersonaScope, PersonaUse
from tests.core.engine.conftest import ADMIN, ANN, THREAD, House
from tests.doubles import START, Script, says

TEAM = Place.of(THREAD).whole
ENTRY = AuditEntry(at=START, place=TEAM, actor=ADMIN, action="persona.test")
OTHER = ConversationKey(platform=THREAD.platform, workspace="T1", channel="C1", thread="200.5")
GONE = Persona(name="Support", prompt="Help customers.", model="gone-4", parameters=ModelParameters(temperature=0.2))


async def cast(house: House, persona: Persona) -> PersonaVersion:
    """The persona answers in all of the workspace."""
    made = await house.store.create_persona(TEAM, persona, by=ADMIN, note="", entry=ENTRY, now=START)
    assert isinstance(made, PersonaVersion)
    use = PersonaUse(place=TEAM, scope=PersonaScope.WORKSPACE, persona_id=made.id)
    await house.store.use_persona(use, entry=ENTRY, now=START)
    return made


async def accounts(house: House) -> list[tuple[Any, Any]]:
    """Persona and version of each of Ann's turns that ended."""
    told = house.store.told(Reach(place=TEAM, person=ANN.id))
    return [(one["persona"], one["persona_version"]) async for kind, one in told if kind == "usage"]


async def test_the_nearest_persona_answers_with_its_prompt_filled_in(house: House) -> None:
    """What the platform calls the place stands in the prompt; model and parameters are the persona's."""
    house.surface.places["C1"] = PlaceNames(workspace="Wanderlust", channel="general", time_zone="Asia/Tokyo")
    prompt = "Help {user} in {channel} of {workspace}; there it is {date}."
    await cast(house, Persona(name="S", prompt=prompt, model="m-2", parameters=ModelParameters(top_p=0.5)))
    await house.say("hi")
    await house.ended()
    (request,) = house.model.requests
    assert request.messages[0].text == "Help Ann in general of Wanderlust; there it is Monday, 23 November 2026."
    assert (request.model, request.parameters.top_p) == ("m-2", 0.5)


async def test_an_account_says_whose_answer_it_was(house: House) -> None:
    """The built-in persona is version 0 of none; a thread that runs keeps what it began with."""
    await house.say("before")
    await house.ended()
    made = await cast(house, Persona(name="S", prompt="One."))
    await house.say("the same thread")
    await house.ended(2)
    await house.say("another one", key=OTHER)
    await house.ended(3)
    assert await accounts(house) == [(None, 0), (None, 0), (made.id, 1)]
    assert [request.messages[0].text for request in house.model.requests] == ["Be brief.", "Be brief.", "One."]


async def test_a_stopped_answer_has_a_persona_too(house: House) -> None:
    """What was used until then is on its account."""
    made = await cast(house, Persona(name="S", prompt="One."))
    house.play(Script(steps=[TextDelta(text="Begun."), asyncio.Event()]))
    await house.say("go")
    await house.surface.wait_for(lambda: any("Begun" in draft.text for draft in house.surface.visible))
    await house.press(Control.STOP.value, house.surface.visible[0].turn)
    await house.ended()
    assert await accounts(house) == [(made.id, 1)]


async def test_where_its_model_is_gone_the_default_one_answers(house: House) -> None:
    """With the persona's prompt and parameters, and a notice that names both; whoever is no admin hears no more."""
    await cast(house, GONE)
    house.play(Script(steps=[ModelNotFound("404")]), says("Here you are."))
    await house.say("help")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.text == "Here you are."
    assert draft.notice == "The model `gone-4` of persona *Support* is not available; the default model answered."
    assert draft.controls == ()
    first, second = house.model.requests
    assert (first.model, second.model) == ("gone-4", "tiny")
    assert (second.messages, second.parameters) == (first.messages, first.parameters)
    assert house.surface.whispers == []


async def test_an_admin_is_told_which_persona_to_mend(house: House) -> None:
    """In private, once in a while for each persona, also after another one."""
    house.surface.admins.add(ADMIN.id)
    await cast(house, GONE)
    for number in range(1, 3):
        house.play(Script(steps=[ModelNotFound("404")]), says("ok"))
        await house.say("help", by=ADMIN)
        await house.ended(number)
    ((person, advice),) = house.surface.whispers
    assert person == ADMIN.id
    assert all(word in advice for word in ("`gone-4`", "*Support*", "/persona edit"))
    await cast(house, Persona(name="Sales", prompt="Sell.", model="gone-5"))
    house.play(Script(steps=[ModelNotFound("404")]), says("ok"))
    await house.say("help", by=ADMIN, key=OTHER)
    await house.ended(3)
    assert "*Sales*" in house.surface.whispers[1][1]


@pytest.mark.parametrize("model", ["", "tiny"])
async def test_the_default_model_has_no_other(house: House, model: str) -> None:
    """Where it is the default itself that is gone, it is asked once, and the sentence for it stands there."""
    await cast(house, Persona(name="S", prompt="p", model=model))
    house.play(Script(steps=[ModelNotFound("404")]))
    await house.say("help")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.notice == ModelNotFound().sentence
    assert len(house.model.requests) == 1


async def test_where_the_default_model_fails_as_well_that_is_told(house: House) -> None:
    """No notice claims that it answered."""
    await cast(house, GONE)
    house.play(Script(steps=[ModelNotFound("404")]), Script(steps=[ModelUnavailable("503")]))
    await house.say("help")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.notice == ModelUnavailable().sentence


async def test_a_model_that_answered_is_not_replaced(house: House) -> None:
    """Once text was shown no other model begins anew behind it."""
    await cast(house, GONE)
    house.play(Script(steps=[TextDelta(text="Half"), ModelNotFound("404")]))
    await house.say("help")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.text == "Half"
    assert len(house.model.requests) == 1


async def test_a_hostile_name_of_a_model_stays_one_short_word(house: House) -> None:
    """Marks and lines in it do nothing to the notice."""
    await cast(house, Persona(name="S", prompt="p", model="a`b\nc" + "x" * 190))
    house.play(Script(steps=[ModelNotFound("404")]), says("ok"))
    await house.say("help")
    await house.ended()
    (draft,) = house.surface.visible
    assert draft.notice.startswith("The model `a'b cx")
    assert len(draft.notice) < 200


async def test_the_filled_prompt_is_what_is_counted(house: House) -> None:
    """A prompt that only grows too long when it is filled in leaves no room: the conversation is cut, the window
    holds."""
    house.surface.places["C1"] = PlaceNames(workspace="w" * 80, channel="c")
    await cast(house, Persona(name="S", prompt="{workspace}" * 280, parameters=ModelParameters(max_tokens=100)))
    await house.say("x" * 2_000)
    await house.ended()
    await house.say("y" * 4_000)
    await house.ended(2)
    for request in house.model.requests:
        assert sum(-(-len(m.text) // 4) + MESSAGE_OVERHEAD for m in request.messages) + 100 <= 8_000
