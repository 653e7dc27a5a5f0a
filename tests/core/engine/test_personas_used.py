"""Personas put to use: who answers where, what people read, and versions that come and go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.channel import AnswerIn
from core.commands.personas.preview import CUT, EMPTY
from core.commands.personas.using import DMS_APART, NO_THREAD
from core.conversation import ConversationKey, Platform, Role
from core.errors import ModelBusy, ModelNotFound, SurfaceUnavailable
from core.incoming import Author, IncomingKind
from core.interaction import Answer
from core.persona import DEFAULT_PROMPT
from core.ports import FinishReason
from core.store import PersonaScope, Store
from core.turn import Usage
from tests.core.engine.conftest import ADMIN, ANN, BOB, THREAD, House
from tests.core.engine.desk import CHANNEL, WHOLE, Person
from tests.doubles import Script, says

OTHER = replace(THREAD, thread="999.1")
DIRECT = replace(THREAD, channel="D1", thread="1.1")


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


# ── who answers ──


async def test_the_nearest_answers(house: House) -> None:
    """Channel before workspace, direct messages before workspace; nobody's place has the operator's own."""
    boss = Person(house)
    for name in ("Here", "All", "Direct"):
        await made(house, name)
    assert await ask(house) == "Be brief."
    await boss.use("use", where="workspace", name="all")
    assert await ask(house, key=replace(OTHER, thread="999.2"), times=2) == "I am All."
    await boss.use("use", where="here", name="Here")
    await boss.use("use", where="dms", name="Direct")
    assert await ask(house, key=replace(OTHER, thread="999.3"), times=3) == "I am Here."
    assert await ask(house, key=DIRECT, kind=IncomingKind.DIRECT, times=4) == "I am Direct."
    assert "Nobody in particular" in (await boss.use("use", where="here", name="Default")).text
    assert await ask(house, key=replace(OTHER, thread="999.4"), times=5) == "I am All."


async def test_a_thread_keeps_its_version(house: House) -> None:
    """Until somebody moves it, by a button or by the command; new threads take the newest."""
    shown = await made(house)
    boss, inside = Person(house), Person(house, key=OTHER)
    await boss.press(shown, "Use here")
    assert await ask(house) == "I am Guide."
    shown = await inside.submit(await inside.press(shown, "Edit prompt"), prompt="I am new.")
    assert await ask(house, times=2) == "I am Guide."
    assert await ask(house, key=replace(OTHER, thread="999.2"), times=3) == "I am new."
    moved = await inside.press(shown, "Use version 2 in this thread")
    assert "**Guide** goes on in this thread, in version 2." in moved.text
    assert await ask(house, times=4) == "I am new."
    await made(house, "Other")
    await inside.use("use", where="thread", name="other")
    assert await ask(house, times=5) == "I am Other."
    assert (await boss.use("use", where="thread", name="Guide")).text == NO_THREAD


async def test_put_away_while_in_use(house: House) -> None:
    """A button does it: threads keep it, new conversations go to whoever is around, and the name is free."""
    boss = Person(house)
    shown = await made(house)
    await boss.press(shown, "Use here")
    await ask(house)
    asked = await boss.use("archive", name="Guide")
    assert "answers in 1 channel" in asked.text
    assert "is archived. It answered in 1 channel." in (await boss.press(asked, "Archive")).text
    assert "archived already" in (await boss.press(asked, "Archive")).text
    assert await ask(house, times=2) == "I am Guide."
    assert await ask(house, key=replace(OTHER, thread="999.2"), times=3) == "Be brief."
    assert "takes no changes" in (await boss.press(shown, "Edit prompt")).text
    assert "is archived" in (await boss.press(shown, "Use here")).text
    assert "version 1" in (await made(house)).text


async def test_archived_while_its_form_was_open(house: House) -> None:
    """What was made of it comes as a file that can be imported."""
    boss = Person(house)
    form = await boss.press(await made(house), "Edit prompt")
    await boss.press(await boss.use("archive", name="Guide"), "Archive")
    told = await boss.submit(form, prompt="I am not lost.")
    boss.files.append(told.files[0].content)
    await boss.use("import")
    found = await house.store.persona(WHOLE, "Guide")
    assert found is not None
    assert found.persona.prompt == "I am not lost."


async def test_the_welcome_line(house: House) -> None:
    """Stands in the channel for all, once; where it cannot be posted the persona answers all the same."""
    boss = Person(house)
    shown = await made(house, welcome="Hello @everyone!")
    await boss.press(shown, "Use here")
    assert [text for _, text in house.surface.sent.values()] == ["Hello @everyone!"]
    house.surface.failures.append(SurfaceUnavailable("away"))
    assert "could not post its welcome line" in (await boss.press(shown, "Use here")).text
    await boss.use("use", where="workspace", name="Guide")
    assert len(house.surface.sent) == 1


async def test_who_runs_the_channel_chooses_for_it(house: House) -> None:
    """And for nothing else; the log has both."""
    keeper = Person(house, Author(id="U5", name="Kim", manages_channel=True))
    await made(house)
    assert "answers here from now on" in (await keeper.use("use", where="here", name="Guide")).text
    assert "You may not" in (await keeper.use("use", where="workspace", name="Guide")).text
    (use,) = await house.store.persona_uses(WHOLE)
    assert (use.scope, use.place.channel) == (PersonaScope.CHANNEL, "C1")
    logged = await house.store.audit(WHOLE, action="persona.use")
    assert [(entry.allowed, entry.actor.id) for entry in logged] == [(False, "U5"), (True, "U5")]


async def test_direct_messages_without_a_workspace(house: House) -> None:
    """Discord's belong to no server, so nobody can choose for them."""
    boss = Person(house, key=replace(CHANNEL, platform=Platform.DISCORD))
    assert (await boss.use("use", where="dms", name="Guide")).text == DMS_APART
    assert "/persona use here" in (await boss.use("use", where="the moon", name="Guide")).text


async def test_style_goes_before_the_channel(house: House) -> None:
    """Where a persona answers and whether it must be mentioned are its own, at once."""
    boss = Person(house)
    shown = await made(house)
    channel = THREAD.channel_key
    assert (await house.reception.settings(channel)).answer_in is AnswerIn.THREAD
    await boss.press(shown, "Use here")
    await boss.submit(await boss.press(shown, "Edit style"), answer_in="channel", mention_needed="yes")
    effective = await house.reception.settings(channel)
    assert (effective.answer_in, effective.mention_needed) == (AnswerIn.CHANNEL, True)
    assert "`answer_in`: thread" in (await boss.use("show", "settings")).text


# ── versions ──


async def test_history_difference_and_the_way_back(house: House) -> None:
    """Everything is kept; going back is a new version."""
    boss, ann = Person(house), Person(house, ANN)
    shown = await made(house)
    assert "only one version" in (await ann.use("diff", name="Guide")).text
    for prompt in ("Second.", "Third."):
        await boss.submit(await boss.press(shown, "Edit prompt"), prompt=prompt)
    history = await ann.press(shown, "History")
    assert [line.split(",")[0] for line in history.text.splitlines()[1:]] == [f"- version {n}" for n in (3, 2, 1)]
    assert not history.selects
    assert '-prompt = "Second."\n+prompt = "Third."' in (await ann.use("diff", name="Guide")).text
    compared = await ann.use("diff", name="guide 1 v2")
    assert "from version 1 to version 2" in compared.text
    assert (await ann.use("diff", name="Guide", from_="1", to="2")).text == compared.text
    assert "has no version 9" in (await ann.use("diff", name="Guide", from_="9")).text
    listed = await boss.use("history", name="Guide")
    back = await boss.choose(listed, 1)
    assert "has version 4" in back.text
    assert "back to version 1" in (await ann.use("history", name="Guide")).text
    assert "has saved version 4" in (await boss.choose(listed, 0)).text
    assert "are the same" in (await boss.use("rollback", name="Guide 1")).text
    await boss.use("rollback", name="Guide", version="2")
    found = await house.store.persona(WHOLE, "Guide")
    assert found is not None
    assert (found.version, found.persona.prompt) == (5, "Second.")


async def test_a_long_difference_is_a_file(house: House) -> None:
    """Its beginning is shown, all of it is in the file."""
    house.model._window = 64_000
    boss = Person(house)
    shown = await made(house, prompt="\n".join(f"line {n}" for n in range(500)))
    await boss.submit(await boss.press(shown, "Edit prompt"), prompt="\n".join(f"row {n}" for n in range(500)))
    answer = await boss.use("diff", name="Guide")
    assert len(answer.text) < 2_000
    assert b"+row 499" in answer.files[0].content


CHANGES = st.lists(st.one_of(st.text("ab\n` ", min_size=1).filter(str.strip), st.integers(1, 6)), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
async def test_history_is_a_line(changes: list[str | int]) -> None:
    """Whatever is edited and brought back: versions count up, each is what was saved, and the model gets the newest."""
    store = await Store.open("sqlite+aiosqlite:///:memory:")
    house = House(store)
    house.start()
    try:
        await _changed_and_asked(house, changes)
    finally:
        await house.stop()
        await store.close()


async def _changed_and_asked(house: House, changes: list[str | int]) -> None:
    boss = Person(house)
    shown = await made(house)
    await boss.press(shown, "Use here")
    kept = ["I am Guide."]
    for change in changes:
        if isinstance(change, str):
            await boss.submit(await boss.press(shown, "Edit prompt"), prompt=change)
            new = kept[-1] if change.strip() == kept[-1].strip() else change
        else:
            await boss.use("rollback", name="Guide", version=str(change))
            new = kept[change - 1] if change <= len(kept) else kept[-1]
        kept += [new] if new != kept[-1] else []
    number = int(shown.buttons[0].value.partition(":")[0])
    found = await house.store.persona_revisions(WHOLE, number, limit=50)
    assert [one.of.version for one in found] == list(range(len(kept), 0, -1))
    assert [one.of.persona.prompt for one in reversed(found)] == kept
    assert await ask(house) == kept[-1].strip()


# ── copies and files ──


async def test_copies(house: House) -> None:
    """Of personas and presets; a form asks for the name where none was given."""
    boss = Person(house)
    await made(house, "Big guide", description="helps")
    assert "**Small one** is there." in (await boss.use("copy", name="big guide as Small one")).text
    asked = await boss.use("copy", name="Big guide")
    assert "already a persona" in (await boss.submit(asked, name="small ONE")).text
    await boss.submit(asked, name="Third")
    assert "**Tutor** is there." in (await boss.use("copy", name="tutor")).text
    again = await boss.use("copy", name="Tutor")
    assert "already a persona" not in (await boss.submit(again, name="Tutor 2")).text
    assert "no persona called" in (await boss.use("copy", name="Nobody", as_="Somebody")).text
    names = [one.persona.name for one in await house.store.personas(WHOLE)]
    assert names == ["Big guide", "Small one", "Third", "Tutor", "Tutor 2"]
    third = await house.store.persona(WHOLE, "third")
    assert third is not None
    assert (third.persona.description, third.persona.prompt) == ("helps", "I am Big guide.")


async def test_out_and_in_again(house: House) -> None:
    """A file brings a workspace to what it says: new ones, new versions, and what is the same stays."""
    boss = Person(house)
    assert "no persona to export" in (await boss.use("export")).text
    for name in ("One", "Two", "Three"):
        await made(house, name)
    exported = await boss.use("export")
    assert exported.files[0].name == "personas.toml"
    await boss.submit(await boss.use("edit", name="Two"), prompt="Changed.")
    await boss.press(await boss.use("archive", name="Three"), "Archive")
    form = await boss.use("import")
    boss.files.append(exported.files[0].content)
    told = (await boss.submit(form)).text
    assert all(line in told for line in ("**One**: unchanged", "**Two**: version 3", "**Three**: new"))
    assert "Put a file in" in (await boss.submit(await boss.use("import"))).text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name = ", "TOML"),
        (b'name = "A"\nprompt = "{boss}"', "{boss}"),
        (b'[[persona]]\nname = "A"\nprompt = "a"\n[[persona]]\nname = "B"\nprompt = ""', "prompt"),
        (b'name = "A"\nprompt = "' + b"word " * 8_000 + b'"', "would be left"),
        (b"\xff", "UTF-8"),
        (b"x" * 1_000_001, "could not read the file"),
    ],
)
async def test_files_that_say_nothing(house: House, content: bytes, complaint: str) -> None:
    """Nothing is imported, and it is said why."""
    boss = Person(house, files=[content])
    assert complaint in (await boss.use("import")).text
    assert await house.store.personas(WHOLE) == ()


# ── previews ──


async def test_preview(house: House) -> None:
    """Asks the persona's model with its prompt, capped; nothing is stored but an entry with the tokens."""
    boss = Person(house)
    shown = await made(house, prompt="I speak with {user}.")
    await boss.submit(await boss.press(shown, "Edit model"), model="large", max_tokens="5000")
    house.play(says("Because **this", usage=Usage(prompt_tokens=12, completion_tokens=3, model="large-1")))
    answer = await boss.use("preview", name="guide: why?")
    assert answer.text == "**Guide**, version 2, answers:\n\nBecause **this**"
    request = house.model.requests[-1]
    assert (request.model, request.parameters.max_tokens) == ("large", 700)
    assert [one.text for one in request.messages] == ["I speak with Cleo.", "why?"]
    (entry,) = await house.store.audit(WHOLE, action="persona.preview")
    expected = {"version": 2, "model": "large-1", "prompt_tokens": 12, "completion_tokens": 3}
    assert dict(entry.details) == expected
    assert await house.store.open_turn(THREAD) is None


async def test_preview_asks_for_the_question(house: House) -> None:
    """In a form, from the button and from the command; what fails is said."""
    boss = Person(house)
    shown = await made(house)
    house.play(says("cut", reason=FinishReason.LENGTH), says(""), Script(steps=[ModelBusy("429")]))
    assert CUT in (await boss.submit(await boss.press(shown, "Preview"), question="why?")).text
    assert EMPTY in (await boss.submit(await boss.use("preview", name="Guide"), question="why?")).text
    assert (await boss.use("preview", name="Guide", question="why?")).text == ModelBusy().sentence
    house.play(Script(steps=[ModelNotFound("gone")]))
    assert "/persona edit" in (await boss.use("preview", name="Guide", question="why?")).text


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
