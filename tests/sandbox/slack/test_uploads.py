"""Files that the app uploads, through the real client."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.server import SlackSandbox


async def test_the_sdk_uploads(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """files_upload_v2 shares files in a thread as one message of the bot, and their bytes are served."""
    root = await slack.say("ann", "#help", "hi")
    channel = slack.world.channel("#help").id
    done = await client.files_upload_v2(
        file_uploads=[
            {"filename": "a b.csv", "content": "1,2", "title": "Numbers", "alt_txt": "two numbers"},
            {"filename": "c.png", "content": b"\x89PNG"},
        ],
        channel=channel,
        thread_ts=root,
        initial_comment="*Here*",
    )
    (shared,) = [message for message in slack.messages("#help", root) if message.author.is_bot]
    first, second = shared.files
    assert (shared.text, shared.thread_ts, [one["id"] for one in done["files"]]) == (
        "*Here*",
        root,
        [first["id"], second["id"]],
    )
    assert (first["title"], first["alt_txt"], first["mimetype"], second["title"]) == (
        "Numbers",
        "two numbers",
        "text/csv",
        "c.png",
    )
    info = (await client.files_info(file=first["id"]))["file"]
    assert info["shares"]["public"][channel][0]["ts"] == shared.ts
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession() as session, session.get(info["url_private_download"], headers=headers) as answer:
        assert await answer.read() == b"1,2"


async def test_only_what_was_uploaded_is_completed(
    client: AsyncWebClient, slack: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    """Bytes must be there, as many as were announced, and completing works once."""
    begun = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    wanted: list[dict[str, str | None]] = [{"id": begun["file_id"], "title": "a.txt"}]
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=wanted)
    async with session.post(str(begun["upload_url"]), data=b"abcd") as answer:
        assert answer.status == 400
    async with session.post(f"{slack.base_url}/upload/v1/made-up", data=b"abc") as answer:
        assert answer.status == 404
    form = aiohttp.FormData()
    form.add_field("filename", b"abc", filename="a.txt")
    async with session.post(str(begun["upload_url"]), data=form) as answer:
        assert await answer.text() == "OK - 3"
    await client.files_completeUploadExternal(files=wanted)
    assert not slack.messages("#help")
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=wanted)


async def test_refusals(client: AsyncWebClient, slack: SlackSandbox, session: aiohttp.ClientSession) -> None:
    """Empty files, people in place of channels, channels not joined and missing scopes are refused."""
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.files_getUploadURLExternal(filename="a.txt", length=0)
    begun = await client.files_getUploadURLExternal(filename="a.txt", length=1)
    async with session.post(str(begun["upload_url"]), data=b"a") as answer:
        assert answer.status == 200
    wanted: list[dict[str, str | None]] = [{"id": begun["file_id"], "title": "a.txt"}]
    for channel, error in [
        (slack.world.person("ann").id, "invalid_arguments"),
        (slack.world.channel("#random").id, "not_in_channel"),
        (slack.world.channel("#private").id, "channel_not_found"),
    ]:
        with pytest.raises(SlackApiError, match=error):
            await client.files_completeUploadExternal(files=wanted, channel_id=channel)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.files_completeUploadExternal(files=[])
    slack.manifest.scopes.discard("files:write")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.files_getUploadURLExternal(filename="a.txt", length=1)


async def test_a_deleted_file(client: AsyncWebClient, slack: SlackSandbox) -> None:
    """The bot's own file is gone from the host and from messages; other people's files are not the bot's."""
    channel = slack.world.channel("#help").id
    done = await client.files_upload_v2(filename="a.txt", content="a", channel=channel)
    file = done["files"][0]["id"]
    await client.files_delete(file=file)
    assert slack.messages("#help")[0].files == ({"id": file, "mode": "tombstone"},)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_info(file=file)
