"""Files that people attach, and the host that serves them."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.files import Upload
from sandbox.slack.server import SlackSandbox


async def test_a_file_is_served_to_the_bot_only(slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """With the bot's token the bytes; without it 200 and a sign-in page."""
    content = "é\n".encode()
    await slack.say("ann", "#help", "look", files=[Upload(name="notes.txt", content=content)])
    event = slack.deliveries[0].payload["event"]
    (file,) = event["files"]
    assert (event["subtype"], file["name"], file["size"], file["filetype"]) == ("file_share", "notes.txt", 3, "txt")
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    for address in (file["url_private"], file["url_private_download"]):
        async with session.get(address, headers=headers) as answer:
            assert (await answer.read(), answer.content_type) == (content, "text/plain")
        async with session.get(address) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")


async def test_without_the_scope_there_is_only_the_sign_in_page(
    slack: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    """files:read is needed for the bytes."""
    await slack.say("ann", "#help", "", files=[Upload(name="a.txt", content=b"a")])
    slack.manifest.scopes.discard("files:read")
    (file,) = slack.messages("#help")[0].files
    async with session.get(file["url_private"], headers={"Authorization": f"Bearer {slack.bot_token}"}) as answer:
        assert answer.content_type == "text/html"


async def test_a_foreign_file_must_be_asked_for(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A file from another company is only an id until files.info is called."""
    await slack.say("ann", "#help", "", files=[Upload(name="a.txt", content=b"a", foreign=True)])
    (file,) = slack.messages("#help")[0].files
    assert file == {"id": file["id"], "file_access": "check_file_info"}
    assert (await client.files_info(file=file["id"]))["file"]["name"] == "a.txt"
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_info(file="F0")
