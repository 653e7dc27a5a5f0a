"""Who is told what when the operator has something to mend."""

from __future__ import annotations

import pytest

from sandbox.chat_completions.script import Failure
from tests.contract.conftest import Town
from tests.contract.places import DiscordPlace, SlackPlace

REFUSED = Failure(status=401, body={"error": {"message": "bad key", "code": "invalid_api_key"}})


def private_words(town: Town, person: str) -> list[str]:
    """What that person alone can read from the bot."""
    match town.place:
        case SlackPlace(sandbox=slack):
            return [
                m.text
                for m in slack.messages("general", person=person)
                if m.ephemeral_for and m.author.id == slack.bot_user_id
            ]
        case DiscordPlace(sandbox=discord):
            return [m.content for m in discord.messages(f"@{person}") if m.author.id == discord.bot_user_id]
        case _:
            raise TypeError(town.place)


@pytest.mark.parametrize(("person", "told"), [("ann", True), ("bob", False)])
async def test_a_refused_key_is_told_to_admins_only(town: Town, person: str, told: bool) -> None:
    """Everybody reads "not configured" in the thread; an admin also reads in private what to mend."""
    town.model.script(REFUSED)
    talk = await town.place.mention(person, "hi")
    (reply,) = await town.answered(talk)
    assert "not configured" in reply.text
    assert "OPENAI_API_KEY" not in reply.text
    if told:
        await town.place.wait_for(lambda: any("OPENAI_API_KEY" in text for text in private_words(town, person)))
    else:
        town.model.script(REFUSED)
        await town.place.say(talk, person, "and now?")
        await town.answered(talk, 2)
        assert private_words(town, person) == []
