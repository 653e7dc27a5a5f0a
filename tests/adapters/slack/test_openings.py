"""Many questions in direct messages at once: the first answers are streams, the others ordinary messages."""

from __future__ import annotations

from adapters.slack.openings import Openings
from adapters.slack.rates import START, size
from adapters.slack.surface import LIMITS, STREAM_LIMITS, SlackSurface
from adapters.slack.targets import InDirect, target
from core.conversation import ConversationKey, Platform
from core.incoming import ReplyTarget
from core.ports import Call, Control, Draft
from sandbox.slack.server import SlackSandbox
from tests.doubles import ManualClock

BURST, INTERVAL = size(START)


def _way(number: int) -> InDirect:
    return InDirect(channel=f"D{number}", thread="1.5", message=f"{number}.5", user="U1")


def test_streams_as_far_as_they_go() -> None:
    """As many answers are streams as Slack lets begin at once, in each workspace; and each stays what it is."""
    openings = Openings(ManualClock())
    crowd = [openings.is_stream("T1", _way(number)) for number in range(50)]
    assert crowd == [True] * BURST + [False] * (50 - BURST)
    assert [openings.is_stream("T1", _way(number)) for number in range(50)] == crowd
    assert openings.is_stream("T2", _way(0))


def test_streams_again_when_the_crowd_has_gone() -> None:
    """Once the budget is there again an answer is a stream; one that began otherwise goes on as it began."""
    clock = ManualClock()
    openings = Openings(clock)
    for number in range(BURST + 1):
        openings.is_stream("T1", _way(number))
    clock.advance(BURST * INTERVAL)
    assert openings.is_stream("T1", _way(100))
    assert not openings.is_stream("T1", _way(BURST))


async def _asked(slack: SlackSandbox) -> ReplyTarget:
    ts = await slack.say("ann", "dm", "hello")
    ann = slack.world.person("ann")
    place = slack.world.dm(ann).id
    key = ConversationKey(platform=Platform.SLACK, workspace=slack.team_id, channel=place, thread=ts)
    return target(key, InDirect(channel=place, thread=ts, message=ts, user=ann.id))


async def test_a_crowd_is_shown_text_without_waiting_for_streams(slack: SlackSandbox, surface: SlackSurface) -> None:
    """Whoever finds no stream left is answered in a message that is posted and edited, on the budgets of those."""
    targets = [await _asked(slack) for _ in range(BURST + 1)]
    assert [surface.limits(one) for one in targets] == [STREAM_LIMITS] * BURST + [LIMITS]
    late = targets[-1]
    assert "chat.postMessage" in surface.budget(Call.OPEN, late).name
    assert "chat.update" in surface.budget(Call.EDIT, late).name
    ref = await surface.open(late, Draft(text="One two", controls=(Control.STOP,), turn=1), key="k")
    await surface.edit(late, ref, Draft(text="One two three", controls=(Control.STOP,), turn=1))
    await surface.finish(late, ref, Draft(text="One two three four"))
    assert slack.message(ref.channel, ref.message).text == "One two three four"
    assert not slack.calls_of("chat.startStream")
    assert len(slack.calls_of("chat.postMessage")) == 1
