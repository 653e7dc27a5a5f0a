"""Personas put to use: who answers where, what people read, and versions that come and go."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.channel import AnswerIn
from core.commands.personas.using import DMS_APART, NO_THREAD
from core.conversation import Platform
from core.errors import SurfaceUnavailable
from core.incoming import Author, IncomingKind
from core.store import PersonaScope, Store
from tests.core.engine.conftest import ANN, THREAD, House
from tests.core.engine.desk import CHANNEL, OTHER, WHOLE, Person, ask, made

DIRECT = replace(THREAD, channel="D1", thread="1.1")


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
    assert "This thread goes on" in (told := (await inside.use("show")).text)
    assert "**Guide**, version 1" in told
    assert "**Guide**, version 2" in (await boss.use("show")).text
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
