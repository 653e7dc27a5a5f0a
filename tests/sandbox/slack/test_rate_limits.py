"""Rate limits, with the clock in the test's hand."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import ManualClock
from sandbox.slack.rate_limits import POSTING_IN_CHANNEL, TIER_3
from sandbox.slack.server import SlackSandbox

HELP = "C0000HELP"


async def _refused(client: AsyncWebClient, **args: str) -> int:
    with pytest.raises(SlackApiError) as failure:
        await client.chat_update(**args)  # type: ignore[arg-type]  # only texts are passed here
    response = failure.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    return int(response.headers["Retry-After"])


async def test_updates_share_fifty_a_minute(
    timed: SlackSandbox, timed_client: AsyncWebClient, clock: ManualClock
) -> None:
    """After the burst an update is 429 with Retry-After; having waited that long, it goes through."""
    posted = await timed_client.chat_postMessage(channel=HELP, text="a")
    args = {"channel": HELP, "ts": posted["ts"], "text": "b"}
    for _ in range(TIER_3.burst):
        await timed_client.chat_update(**args)
    wait = await _refused(timed_client, **args)
    assert wait == 2
    clock.advance(wait)
    await timed_client.chat_update(**args)
    assert timed.message("#help", posted["ts"]).edited == TIER_3.burst + 1


async def test_the_average_is_kept_over_time(timed_client: AsyncWebClient, clock: ManualClock) -> None:
    """Asked every tenth of a second for two minutes, about a hundred updates and a burst go through."""
    posted = await timed_client.chat_postMessage(channel=HELP, text="a")
    passed = 0
    for _ in range(1200):
        clock.advance(0.1)
        try:
            await timed_client.chat_update(channel=HELP, ts=posted["ts"], text="b")
            passed += 1
        except SlackApiError:
            continue
    assert 100 <= passed <= 100 + TIER_3.burst + 1


async def test_posting_is_limited_in_each_channel(timed_client: AsyncWebClient, clock: ManualClock) -> None:
    """One post a second in a channel, after a small burst; other channels are not concerned."""
    for _ in range(POSTING_IN_CHANNEL.burst):
        await timed_client.chat_postMessage(channel=HELP, text="a")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await timed_client.chat_postMessage(channel=HELP, text="a")
    await timed_client.chat_postMessage(channel="C0GENERAL", text="a")
    clock.advance(1)
    await timed_client.chat_postMessage(channel=HELP, text="a")


async def test_limits_can_be_scaled_and_switched_off(timed: SlackSandbox, timed_client: AsyncWebClient) -> None:
    """A scale multiplies rate and burst; None lets everything through."""
    timed.rate_limits.scale = 2
    for _ in range(POSTING_IN_CHANNEL.burst * 2):
        await timed_client.chat_postMessage(channel=HELP, text="a")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await timed_client.chat_postMessage(channel=HELP, text="a")
    timed.rate_limits.scale = None
    for _ in range(20):
        await timed_client.chat_postMessage(channel=HELP, text="a")
