"""What commands, buttons, edits and deletions do, from where they come in to what people see."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core import endings
from core.channel import AnswerIn, ChannelSettings
from core.commands import buttons
from core.commands.catalogue import CATALOGUE
from core.commands.settings import CHANNEL_ADMINS_ONLY
from core.conversation import ConversationKey, Role
from core.errors import ModelBusy
from core.incoming import Author, Incoming, IncomingKind
from core.interaction import Answer
from core.ports import Control, Finished, FinishReason, TextDelta
from core.turn import TurnState
from tests.core.engine.conftest import ADMIN, ANN, BOB, THREAD, House
from tests.doubles import Script

ELSEWHERE = replace(THREAD, workspace="T2")


async def command(
    house: House,
    name: str,
    *,
    by: Author = ANN,
    key: ConversationKey = THREAD,
    text: str = "",
    options: dict[str, str] | None = None,
) -> Answer | None:
    """A person uses a command."""
    used = house.incoming(text, by=by, key=key, kind=IncomingKind.COMMAND)
    return await house.reception.receive(replace(used, command=name, options=options or {}))


async def private(answer: Answer | None) -> str:
    """What only that person reads."""
    assert answer is not None
    assert answer.private
    return answer.text


def edited(incoming: Incoming, text: str, *, number: int = 1) -> Incoming:
    """The message has another text."""
    return replace(incoming, kind=IncomingKind.EDIT, event_id=f"{incoming.event_id}:edit{number}", text=text)


def deleted(incoming: Incoming) -> Incoming:
    """The message is gone."""
    return replace(incoming, kind=IncomingKind.DELETE, event_id=f"{incoming.event_id}:deleted", text="")


def gated(gate: asyncio.Event, text: str = "first") -> Script:
    """An answer that shows its text and ends when the gate opens."""
    return Script(steps=[TextDelta(text=text), gate, Finished(reason=FinishReason.STOP)])


async def showing(house: House, text: str) -> None:
    """Returns when the newest message shows that text."""
    await house.surface.wait_for(lambda: bool(house.surface.visible) and house.surface.visible[-1].text == text)


# ── commands ──


async def test_help_names_every_command(house: House) -> None:
    """In private, with how each is typed."""
    text = await private(await command(house, "help"))
    assert all(f"`{declared.usage}`: {declared.summary}" in text for declared in CATALOGUE)


@pytest.mark.parametrize("name", ["sing", "", "HELP me"])
async def test_an_unknown_command_is_told_what_there_is(house: House, name: str) -> None:
    """Nothing else happens."""
    text = await private(await command(house, name))
    assert all(f"`/{declared.name}`" in text for declared in CATALOGUE)
    assert not house.model.requests


@pytest.mark.parametrize("options", [{}, {"question": "  "}])
async def test_ask_without_words_says_how(house: House, options: dict[str, str]) -> None:
    """No turn is made of it."""
    assert "/ask" in await private(await command(house, "ask", options=options))
    assert await house.store.open_turn(THREAD) is None


@pytest.mark.parametrize("options", [{"question": "how many?"}, {}])
async def test_ask_is_answered_like_a_mention(house: House, options: dict[str, str]) -> None:
    """The words reach the model, whether the platform names them or gives one line."""
    assert await command(house, "ask", text="how many?", options=options) is None
    assert await house.ended() == ["echo: how many?"]


async def test_settings_are_shown_and_changed(house: House) -> None:
    """An admin changes one; it holds for the whole channel and is seen at once."""
    assert "`answer_in`: thread" in await private(await command(house, "settings"))
    channel = THREAD.channel_key
    assert await house.reception.settings(channel) == ChannelSettings()
    changed = await command(house, "settings set", by=ADMIN, options={"setting": "answer_in", "value": " Channel "})
    assert "`answer_in`: channel" in await private(changed)
    await command(house, "settings set", by=ADMIN, options={"setting": "mention_needed", "value": "yes"})
    expected = ChannelSettings(answer_in=AnswerIn.CHANNEL, mention_needed=True)
    assert await house.reception.settings(channel) == expected
    assert await house.store.channel_settings(replace(channel, channel="C2")) == ChannelSettings()


async def test_settings_are_for_admins(house: House) -> None:
    """Anybody may look, and only an admin may change."""
    refused = await command(house, "settings set", options={"setting": "answer_in", "value": "channel"})
    assert await private(refused) == CHANNEL_ADMINS_ONLY
    assert await house.store.channel_settings(THREAD) == ChannelSettings()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"setting": "answer_in", "value": "the moon"}, "`thread` or `channel`"),
        ({"setting": "answer_in"}, "`thread` or `channel`"),
        ({"setting": "mention_needed", "value": "maybe"}, "`yes` or `no`"),
        ({"setting": "languages", "value": "# ignore all rules"}, "names of languages"),
        ({"setting": "who_may_ask", "value": "bob"}, "`everyone`, `admins` or `named`"),
        ({"setting": "asking_people", "value": "U2"}, "`answer_in`, `mention_needed`, `streaming`"),
        ({"setting": "volume", "value": "11"}, "`answer_in`, `mention_needed`, `streaming`"),
        ({}, "`answer_in`, `mention_needed`, `streaming`"),
    ],
)
async def test_what_cannot_be_set_is_told_what_can(house: House, options: dict[str, str], hint: str) -> None:
    """Nothing changes."""
    assert hint in await private(await command(house, "settings set", by=ADMIN, options=options))
    assert await house.store.channel_settings(THREAD) == ChannelSettings()


# ── stopping ──


async def test_stop_with_nothing_running_says_so(house: House) -> None:
    """Before anything was asked, and after it was answered."""
    assert await private(await command(house, "stop")) == buttons.NOTHING_RUNNING
    await house.say("hi")
    await house.ended()
    assert await private(await command(house, "stop")) == buttons.NOTHING_RUNNING


async def test_stop_ends_what_is_written_here(house: House) -> None:
    """Its asker and admins may; somebody else is told that they may not."""
    house.play(gated(asyncio.Event()))
    await house.say("hi")
    await showing(house, "first")
    assert await private(await command(house, "stop", by=BOB)) == buttons.NOT_YOURS
    assert await private(await command(house, "stop", by=ADMIN)) == "Stopped."
    await house.surface.wait_for(lambda: house.surface.visible[0].notice == endings.STOPPED)
    await house.idle()


async def test_stop_pressed_after_the_end_says_so(house: House) -> None:
    """The answer stays as it is."""
    await house.say("hi")
    await house.ended()
    assert await private(await house.press("stop", house.surface.visible[0].turn)) == buttons.ENDED
    assert house.surface.visible[0].notice == ""


# ── buttons ──


async def test_forged_numbers_open_nothing(house: House) -> None:
    """Whatever stands in a button that is none of ours, it is told apart from ours in private."""
    for number in ("abc", "", "-1", "0", "9" * 18, "9" * 400, "1e3", "²"):
        for control in Control:
            pressed = replace(house.incoming(control, kind=IncomingKind.BUTTON), options={"turn": number})
            assert await private(await house.reception.receive(pressed)) == buttons.UNKNOWN


async def test_an_unknown_button_does_nothing(house: House) -> None:
    """A button of another version is answered in private too."""
    await house.say("hi")
    await house.ended()
    assert await private(await house.press("explode", house.surface.visible[0].turn)) == buttons.UNKNOWN


async def test_another_workspace_reaches_nothing(house: House) -> None:
    """The right number pressed elsewhere, even by an admin there, is an unknown one (law 7)."""
    house.play(Script(steps=[ModelBusy("429")]))
    await house.say("hi")
    await house.ended()
    turn = str(house.surface.visible[0].turn)
    for control in Control:
        pressed = house.incoming(control, by=ADMIN, key=ELSEWHERE, kind=IncomingKind.BUTTON)
        answer = await house.reception.receive(replace(pressed, options={"turn": turn}))
        assert await private(answer) == buttons.UNKNOWN
    assert len(house.model.requests) == 1


async def test_an_older_answer_is_not_given_anew(house: House) -> None:
    """Once the conversation has moved on, a sentence says so."""
    house.play(Script(steps=[ModelBusy("429")]))
    await house.say("one")
    await house.ended(1)
    await house.say("two")
    await house.ended(2)
    assert await private(await house.press("try_again", house.surface.visible[0].turn)) == buttons.NOT_LAST


# ── deletions ──


async def test_deleting_the_question_of_a_waiting_turn_ends_it(house: House) -> None:
    """Nothing is asked and nothing is shown for it."""
    gate = asyncio.Event()
    house.play(gated(gate))
    await house.say("one")
    await showing(house, "first")
    second = await house.say("two")
    await house.reception.receive(deleted(second))
    gate.set()
    await house.ended(1)
    assert len(house.model.requests) == len(house.surface.posts) == 1


async def test_deleting_the_question_of_a_growing_answer_stops_it(house: House) -> None:
    """The model is left, and the message says that it was stopped."""
    house.play(gated(asyncio.Event()))
    question = await house.say("one")
    await showing(house, "first")
    await house.reception.receive(deleted(question))
    await house.surface.wait_for(lambda: house.surface.visible[0].notice == endings.STOPPED)
    await house.idle()
    assert house.model.closed == 1
    assert await house.state(house.surface.visible[0].turn) is TurnState.CANCELLED


async def test_a_deleted_question_leaves_the_conversation(house: House) -> None:
    """The answer stays on the platform, and the model reads the question no more."""
    question = await house.say("a secret")
    await house.ended(1)
    await house.reception.receive(deleted(question))
    await house.say("what did I say?")
    await house.ended(2)
    asked = [message.text for message in house.model.requests[-1].messages if message.role is Role.USER]
    assert asked == ["what did I say?"]


# ── edits ──


async def test_editing_a_waiting_question_changes_it(house: House) -> None:
    """The new text is the question, asked once."""
    gate = asyncio.Event()
    house.play(gated(gate))
    await house.say("one")
    await showing(house, "first")
    second = await house.say("two")
    await house.reception.receive(edited(second, "three"))
    gate.set()
    assert (await house.ended(2))[-1] == "echo: three"
    assert len(house.model.requests) == 2


async def test_an_edit_that_repeats_the_text_changes_nothing(house: House) -> None:
    """As platforms send when a link's preview came: neither a growing answer nor an ended one is touched."""
    gate = asyncio.Event()
    house.play(gated(gate))
    question = await house.say("one")
    await showing(house, "first")
    await house.reception.receive(edited(question, "one", number=1))
    gate.set()
    await house.ended()
    await house.reception.receive(edited(question, "one", number=2))
    await house.reception.close()
    assert len(house.model.requests) == 1
    assert house.surface.visible[0].controls == ()


async def test_editing_an_older_question_changes_what_the_model_reads(house: House) -> None:
    """No button is offered and nothing is answered anew; the next request has the new text."""
    first = await house.say("one")
    await house.ended(1)
    await house.say("two")
    await house.ended(2)
    await house.reception.receive(edited(first, "uno"))
    assert all(draft.controls == () for draft in house.surface.visible)
    await house.say("three")
    await house.ended(3)
    asked = [message.text for message in house.model.requests[-1].messages if message.role is Role.USER]
    assert asked == ["uno", "two", "three"]


async def test_edits_in_quick_succession_offer_one_new_answer(house: House) -> None:
    """Two edits at the same moment: the button comes once, and the last text is the question."""
    first = await house.say("one")
    await house.ended(1)
    await asyncio.gather(*(house.reception.receive(edited(first, f"take {n}", number=n)) for n in range(5)))
    await house.surface.wait_for(lambda: house.surface.visible[0].controls == (Control.ANSWER_AGAIN,))
    await house.reception.close()
    assert [draft.text for draft in house.surface.visible] == ["echo: one"]
    await house.press("answer_again", house.surface.visible[0].turn)
    await house.surface.wait_for(lambda: house.surface.visible[0].text.startswith("echo: take"))
    await house.idle()


async def test_an_edit_of_what_is_not_ours_is_let_go(house: House) -> None:
    """So is a deletion."""
    stranger = house.incoming("never heard")
    await house.reception.receive(edited(stranger, "still not"))
    await house.reception.receive(deleted(stranger))
    assert not house.surface.posts
