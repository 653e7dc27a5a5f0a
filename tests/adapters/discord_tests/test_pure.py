"""Small decisions that need no Discord: names of threads, bodies of messages, buttons, comparing commands."""

from __future__ import annotations

import pytest

from adapters.discord import commands, translate
from adapters.discord.payloads import LONGEST, body_of, control_of, nonce, sentence
from adapters.discord.places import Place
from adapters.discord.translate import Surroundings, thread_name
from core.commands.catalogue import CATALOGUE
from core.incoming import Ignored, Incoming
from core.ports import Control, Draft

ANSWER = "# Title\n\n- [ ] item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx\n```\n> quote\n---\n[x](https://a.b)"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("why?", "why?"),
        ("**Why** is `x` _so_?", "Why is x so?"),
        ("\n\n# Plan\nmore", "Plan"),
        ("> Bob: green\n\nis that so?", "is that so?"),
        ("", "A question"),
        ("```\n```", "A question"),
        ("word " * 40, "word " * 15 + "word…"),
        ("x" * 200, "x" * 80 + "…"),
    ],
)
def test_threads_are_named_after_the_question(question: str, name: str) -> None:
    """The name is short, plain and never empty."""
    assert thread_name(question) == name
    assert 1 <= len(name) <= 100


def test_every_beginning_of_an_answer_can_be_posted() -> None:
    """Discord takes no empty message, and the first words of an answer may be nothing but marks."""
    for end in range(1, len(ANSWER)):
        if ANSWER[:end].strip():
            assert str(body_of(Draft(text=ANSWER[:end]))["content"]).strip()
    assert body_of(Draft(text="[](#x)"))["content"] == "…"


def test_buttons_name_their_turn() -> None:
    """A button's id is read back as it was written; anything else is not ours."""
    for control in Control:
        [row] = body_of(Draft(text="x", controls=(control,), turn=77))["components"]
        assert control_of(row["components"][0]["custom_id"]) == (control, "77")
    for foreign in ("", "parley", "parley:stop", "parley:stop:", "parley:burn:1", "other:stop:1"):
        assert control_of(foreign) is None


def test_our_own_words_always_fit() -> None:
    """A sentence of ours is one message, however long it became."""
    assert len(sentence("x" * 5_000)["content"]) == LONGEST


def test_nonces() -> None:
    """Different keys have different nonces, the same key the same, and none is too long for Discord."""
    keys = [f"turn-{number}-0" for number in range(1_000)]
    assert len({nonce(key) for key in keys}) == 1_000
    assert nonce(keys[0]) == nonce("turn-0-0")
    assert all(len(nonce(key)) <= 25 for key in keys)


def test_commands_are_compared_by_what_was_declared() -> None:
    """What Discord fills in or leaves out makes no difference; what was declared does."""
    ours = [commands.declared(command) for command in CATALOGUE]
    theirs = [{**one, "id": "1", "version": "2", "nsfw": False, "options": one["options"] or None} for one in ours]
    assert commands._essence(theirs[::-1]) == commands._essence(ours)
    changes: tuple[dict[str, object], ...] = (
        {"description": "new"},
        {"options": []},
        {"default_member_permissions": "8"},
        {"contexts": [0]},
    )
    for change in changes:
        changed = [{**one, **change} if one["name"] == "ask" else one for one in ours]
        assert commands._essence(changed) != commands._essence(ours)
    assert commands._essence(ours[1:]) != commands._essence(ours)


def test_required_options_come_first() -> None:
    """Discord refuses a command whose optional options stand before required ones."""
    for command in CATALOGUE:
        for used in command.verbs or (command,):
            required = [option["required"] for option in commands.declared(used)["options"]]
            assert required == sorted(required, reverse=True)


HERE = Surroundings(bot="9", place=Place(guild="1", channel="2"))
DIRECTLY = Surroundings(bot="9", place=Place(guild=None, channel="2"))
ANN = {"id": "5", "username": "ann", "global_name": "Ann"}


def written(**fields: object) -> dict[str, object]:
    """A message of Ann's, as the gateway delivers it."""
    return {"id": "1574303713890140160", "channel_id": "2", "author": ANN, "content": "", "type": 0} | fields


def test_a_forwarded_message_is_quoted() -> None:
    """Its text does not stand in the message's own content, and it answers nobody."""
    forwarded = written(
        message_reference={"type": 1, "message_id": "3", "channel_id": "4"},
        message_snapshots=[{"message": {"content": "line <@5>\nline"}}],
    )
    heard = translate.message(forwarded, DIRECTLY)
    assert isinstance(heard, Incoming)
    assert heard.text == "> line @someone\n> line"
    assert heard.continues is None


def test_reply_whose_message_is_not_told() -> None:
    """Where Discord does not say what was answered it may have been ours, so the engine is asked."""
    reply = written(
        content="<@9> why?", mentions=[{"id": "9", "username": "p"}], message_reference={"message_id": "3"}, type=19
    )
    heard = translate.message(reply, HERE)
    assert isinstance(heard, Incoming)
    assert (heard.continues, heard.target.kind) == ("3", "reply")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (written(author={"id": "9", "bot": True}), "own message"),
        (written(author={"id": "8", "bot": True}), "another bot"),
        (written(webhook_id="8"), "webhook"),
        (written(type=7), "system message"),
        (written(author=None), "system message"),
    ],
)
def test_silence_has_a_reason(payload: dict[str, object], reason: str) -> None:
    """What nobody needs to hear is told apart before anything else is looked up."""
    silence = translate.silence(payload, "9")
    assert silence == Ignored(reason=reason)


def test_names_as_the_guild_shows_them() -> None:
    """The nickname, else the shown name, else the account's."""
    for member, user, name in (
        ({"nick": "Annie"}, ANN, "Annie"),
        ({"nick": None}, ANN, "Ann"),
        (None, {"id": "5", "username": "ann"}, "ann"),
    ):
        assert translate.author_of({"author": user, "member": member}).name == name
