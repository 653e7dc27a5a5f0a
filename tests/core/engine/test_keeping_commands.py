"""`/retention`, `/audit` and `/mydata`: who may, what they read, what holds afterwards."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.channel import AnswerIn
from core.commands import audit, mydata
from core.commands.retention import read_days
from core.commands.settings import ADMINS_ONLY, CHANNEL_ADMINS_ONLY
from core.conversation import ConversationKey
from core.incoming import Author, IncomingKind
from core.interaction import Answer
from core.privacy import Ages, Place
from tests.core.engine.conftest import ADMIN, ANN, BOB, THREAD, House

CHANNEL = Place.of(THREAD)


async def use(
    house: House,
    command: str,
    *,
    by: Author = ANN,
    key: ConversationKey = THREAD,
    said: dict[str, str] | None = None,
    **options: str,
) -> Answer:
    """A person uses a command."""
    used = house.incoming("", by=by, key=key, kind=IncomingKind.COMMAND)
    answer = await house.reception.receive(replace(used, command=command, options={**(said or {}), **options}))
    assert answer is not None
    assert answer.private
    return answer


# ── retention ──


async def test_ages_are_shown_to_everybody(house: House) -> None:
    """Each with who set it."""
    text = (await use(house, "retention show")).text
    assert "`conversations` (what was asked and answered): 180 days, set by my operator" in text
    await use(house, "retention set", by=ADMIN, what="conversations", days="30", where="workspace")
    await use(house, "retention set", by=ADMIN, what="usage", days="forever")
    text = (await use(house, "retention")).text
    assert "answered): 30 days, set for the workspace" in text
    assert "used): for ever, set for this channel" in text
    elsewhere = (await use(house, "retention show", key=replace(THREAD, channel="C2"))).text
    assert "used): 400 days, set by my operator" in elsewhere


async def test_an_age_is_set_and_taken_back(house: House) -> None:
    """It holds for the place that was meant, and the log has both values."""
    await use(house, "retention set", by=ADMIN, what="conversations", days="1")
    assert await house.store.ages(CHANNEL) == Ages(conversations=1)
    await use(house, "retention set", by=ADMIN, what="conversations", days="default")
    assert await house.store.ages(CHANNEL) == Ages()
    newest, oldest = await house.store.audit(CHANNEL, action="retention.set")
    assert (newest.subject, dict(newest.details)) == ("conversations", {"before": 1, "after": None})
    assert (oldest.actor.id, dict(oldest.details)) == (ADMIN.id, {"before": None, "after": 1})


async def test_only_admins_set_ages(house: House) -> None:
    """The refusal is in the log; nothing changed."""
    for where in ("here", "workspace"):
        refused = await use(house, "retention set", what="conversations", days="1", where=where)
        assert refused.text == (ADMINS_ONLY if where == "workspace" else CHANNEL_ADMINS_ONLY)
    assert await house.store.ages(CHANNEL) == await house.store.ages(CHANNEL.whole) == Ages()
    assert [one.allowed for one in await house.store.audit(CHANNEL.whole)] == [False, False]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"what": "everything", "days": "1"}, "`conversations`"),
        ({"what": "usage", "days": "soon"}, "from 1 to 36500"),
        ({"what": "usage"}, "from 1 to 36500"),
        ({"what": "usage", "days": "1", "where": "there"}, "`here`"),
    ],
)
async def test_what_makes_no_sense_is_told(house: House, options: dict[str, str], told: str) -> None:
    """With what would have been right; nothing changed."""
    assert told in (await use(house, "retention set", by=ADMIN, said=options)).text
    assert await house.store.ages(CHANNEL) == Ages()


async def test_another_verb_is_told_what_there_is(house: House) -> None:
    """As the other commands do."""
    assert "/retention show|set" in (await use(house, "retention", verb="delete")).text


@pytest.mark.parametrize(
    ("said", "meant"), [("7", 7), (" 36500 ", 36_500), ("forever", 0), ("0", 0), ("Default", None)]
)
def test_days_are_read(said: str, meant: int | None) -> None:
    """Numbers and words."""
    assert read_days(said) == meant


@pytest.mark.parametrize("said", ["36501", "-1", "1.5", "²", "", "999999999999"])
def test_other_days_are_refused(said: str) -> None:
    """In a sentence."""
    assert isinstance(read_days(said), str)


# ── the log ──


async def test_settings_are_in_the_log(house: House) -> None:
    """Changed, with both values, and refused."""
    await use(house, "settings set", by=ADMIN, setting="answer_in", value="channel")
    await use(house, "settings set", setting="answer_in", value="thread")
    refused, changed = await house.store.audit(CHANNEL)
    assert (changed.subject, dict(changed.details)) == ("answer_in", {"before": "thread", "after": "channel"})
    assert (refused.actor.id, refused.allowed) == (ANN.id, False)
    assert (await house.store.channel_settings(THREAD)).answer_in is AnswerIn.CHANNEL


async def test_admins_read_the_log(house: House) -> None:
    """The newest first, chosen by action and by person; a name is text and marks nothing up."""
    hostile = Author(id="U9", name="**<!channel>** `x`\n- y", admin=True)
    await use(house, "settings set", by=hostile, setting="mention_needed", value="yes")
    await use(house, "retention set", by=ADMIN, what="usage", days="9", where="workspace")
    first, second = (await use(house, "audit", by=ADMIN)).text.splitlines()
    assert "`retention.set` usage in the workspace by Cleo (U9): before: –, after: 9" in first
    assert "in channel C1 by" in second
    assert not set("*<>!") & set(second)
    assert second.count("`") == 2
    assert (await use(house, "audit", by=ADMIN, action="Settings")).text == second
    assert (await use(house, "audit", by=ADMIN, person=BOB.id)).text == audit.EMPTY


async def test_nobody_else_reads_the_log(house: House) -> None:
    """And that they tried is in it."""
    await use(house, "retention set", by=ADMIN, what="usage", days="9")
    assert (await use(house, "audit")).text == ADMINS_ONLY
    abroad = replace(THREAD, workspace="T2")
    assert (await use(house, "audit", by=ADMIN, key=abroad)).text == audit.EMPTY
    assert "`audit.read` **refused**" in (await use(house, "audit", by=ADMIN)).text


# ── one's own data ──


async def test_everybody_gets_their_own_data(house: House) -> None:
    """A file for that person alone, readable by people and machines, with nothing of anybody else."""
    await house.say("my secret")
    await house.idle()
    await house.say("Bob's secret", by=BOB)
    await house.idle()
    answer = await use(house, "mydata")
    (file,) = answer.files
    assert (answer.text, file.media_type) == (mydata.WHOLE, "application/json")
    document = json.loads(file.content)
    (exchange,) = [one for one in document["entries"] if one["kind"] == "exchanges"]
    assert (exchange["channel"], exchange["thread"], exchange["name"]) == ("C1", "171.5", "Ann")
    assert [(one["role"], one["text"]) for one in exchange["messages"]] == [
        ("user", "my secret"),
        ("assistant", "echo: my secret"),
    ]
    assert document["whole"] is True
    assert b"Bob" not in file.content


async def test_a_file_has_a_bound(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is left out, the file is still whole JSON, and the person learns where the rest is."""
    for n in range(4):
        await house.say(f"{n} " * 200)
        await house.idle()
    monkeypatch.setattr(mydata, "MOST", 3_000)
    answer = await use(house, "mydata")
    document = json.loads(answer.files[0].content)
    assert answer.text == mydata.CUT
    assert document["whole"] is False
    assert 0 < len(document["entries"]) < 4
    assert len(answer.files[0].content) <= 3_000
