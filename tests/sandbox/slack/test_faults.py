"""Web API misbehaviour on demand, as the real client suffers it."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox

HELP = "C0000HELP"


async def _post(client: AsyncWebClient, text: str = "hi") -> None:
    await client.chat_postMessage(channel=HELP, text=text)


async def test_the_next_calls_fail(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """So many calls answer 500, then all is well; other methods are not concerned."""
    slack.faults.call("chat.postMessage", "status", status=500, times=2)
    await client.auth_test()
    for _ in range(2):
        with pytest.raises(SlackApiError) as failure:
            await _post(client)
        assert failure.value.response.status_code == 500
    await _post(client)
    assert [call.status for call in slack.calls_of("chat.postMessage")] == [500, 500, 200]
    assert len(slack.messages("#help")) == 1


async def test_a_post_whose_answer_is_lost(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """The call takes effect, but its caller learns of a failure only."""
    slack.faults.call("chat.postMessage", "status", takes_effect=True)
    with pytest.raises(SlackApiError):
        await _post(client)
    assert [message.text for message in slack.messages("#help")] == ["hi"]


async def test_a_chosen_error(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """Any error of Slack's can be answered, also only for calls with certain arguments."""
    slack.faults.call("*", "error", error="fatal_error", when=lambda args: args.get("text") == "bad")
    await _post(client, "good")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await _post(client, "bad")


async def test_a_rate_limit_on_demand(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """A 429 with Retry-After is understood by slack_sdk's own retry handler."""
    handlers: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=handlers)
    slack.faults.call("chat.postMessage", "ratelimited", retry_after=0)
    await _post(client)
    assert [call.status for call in slack.calls] == [429, 200]


async def test_a_call_that_never_answers(slack: SlackSandbox) -> None:
    """The caller's own timeout ends it; the call had no effect."""
    slack.faults.call("chat.postMessage", "hang", seconds=30)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2), trust_env=False) as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
        with pytest.raises(TimeoutError):
            await _post(client)
    assert slack.messages("#help") == []


async def test_a_connection_cut_in_mid_call(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """The connection ends without an answer, after the message was posted."""
    slack.faults.call("chat.postMessage", "cut", takes_effect=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await _post(client)
    assert len(slack.messages("#help")) == 1


async def test_a_page_instead_of_json(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """A 503 with an HTML page fails in the client and has no JSON."""
    slack.faults.call("chat.postMessage", "html", status=503)
    with pytest.raises(SlackApiError) as failure:
        await _post(client)
    assert failure.value.response.status_code == 503


async def test_faults_can_be_called_off(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """After clear everything works."""
    slack.faults.call("*", times=100)
    slack.faults.clear()
    await _post(client)
