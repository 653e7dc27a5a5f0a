"""Settings of channels are heeded: how answers are shown, what they may say, and who may ask."""

from __future__ import annotations

from dataclasses import replace

from core.errors import ModelBusy
from core.incoming import IncomingKind
from core.persona import DEFAULT_PROMPT
from core.turn import Usage
from tests.core.engine.conftest import ADMIN, ANN, BOB, THREAD, House
from tests.core.engine.desk import OTHER, Person, ask, made
from tests.doubles import Script, says

# ── settings of channels ──


async def test_an_answer_at_once(house: House) -> None:
    """Without streaming nothing is shown before the answer is whole, and then it is posted once."""
    await Person(house).use("set", "settings", setting="streaming", value="off")
    house.play(says("one ", "two ", "three"))
    await house.say("hi")
    assert await house.ended() == ["one two three"]
    (post,) = house.surface.posts.values()
    assert [draft.text for draft in post.drafts] == ["one two three"]


async def test_a_footer(house: House) -> None:
    """Under finished answers alone: the model, the tokens, and the persona with its version."""
    await Person(house).use("set", "settings", setting="footer", value="yes")
    house.play(says("four", usage=Usage(prompt_tokens=1_200, completion_tokens=3, model="large-1")))
    await house.say("2+2?")
    await house.ended()
    assert house.surface.visible[0].notice == "large-1 · 1,200 + 3 tokens · Parley"
    house.play(Script(steps=[ModelBusy("429")]))
    await house.say("again?")
    await house.ended(2)
    assert house.surface.visible[1].notice == ModelBusy().sentence


async def test_a_footer_names_the_version(house: House) -> None:
    """Of whoever answered."""
    boss = Person(house)
    await boss.press(await made(house), "Use here")
    await boss.use("set", "settings", setting="footer", value="on")
    await house.say("2+2?")
    await house.ended()
    assert house.surface.visible[0].notice.endswith("tokens · Guide, version 1")


async def test_only_these_languages(house: House) -> None:
    """The prompt says so, whoever answers."""
    await Person(house).use("set", "settings", setting="languages", value="German, Plattdeutsch")
    assert "German, Plattdeutsch" in await ask(house)
    await Person(house).use("set", "settings", setting="languages", value="any")
    assert await ask(house, key=replace(OTHER, thread="999.9"), times=2) == "Be brief."
    assert DEFAULT_PROMPT != "Be brief."


async def test_only_admins_ask(house: House) -> None:
    """Others are told in private who may; nothing of theirs is stored or answered."""
    house.surface.admins.add(ADMIN.id)
    await Person(house).use("set", "settings", setting="who_may_ask", value="admins")
    refused = await house.say("hi", by=ANN)
    await house.reception.receive(refused)
    await house.say("hi", by=ADMIN)
    assert await house.ended() == ["echo: hi"]
    await house.surface.wait_for(lambda: True)
    assert house.surface.whispers == [(ANN.id, house.surface.whispers[0][1])]
    assert "only admins may ask" in house.surface.whispers[0][1]
    told = await Person(house, ANN, THREAD).use("", "ask", question="why?")
    assert "only admins may ask" in told.text
    assert len(house.model.requests) == 1


async def test_those_who_are_named_ask(house: House) -> None:
    """People by themselves and by their roles; the list counts only once the channel is set so."""
    boss = Person(house)
    assert "does not count yet" in (await boss.use("allow", "settings", person=ANN.id)).text
    await boss.use("allow", "settings", role="S1")
    assert "does not" not in (await boss.use("set", "settings", setting="who_may_ask", value="named")).text
    await house.say("one", by=ANN)
    await house.ended(1)
    await house.say("two", by=replace(BOB, roles=frozenset({"S1"})))
    await house.ended(2)
    await house.say("three", by=BOB)
    await boss.use("disallow", "settings", person=ANN.id)
    await house.say("four", by=ANN)
    await house.idle()
    assert len(house.model.requests) == 2
    assert [person for person, _ in house.surface.whispers] == [BOB.id, ANN.id]
    assert "1 role" in house.surface.whispers[1][1]
    assert "Name somebody" in (await boss.use("allow", "settings")).text


async def test_talk_in_other_threads_is_let_be(house: House) -> None:
    """Who may not ask and does not speak to us is not told so, but where we take part: once in a while."""
    house.surface.admins.add(ADMIN.id)
    await house.say("hi", by=ADMIN)
    await house.ended()
    await Person(house).use("set", "settings", setting="who_may_ask", value="admins")
    for key in (OTHER, THREAD, THREAD):
        await house.reception.receive(house.incoming("well", by=ANN, key=key, kind=IncomingKind.FOLLOW_UP))
    await house.idle()
    assert len(house.surface.whispers) == 1
    assert len(house.model.requests) == 1
