"""The demo says that it is one, shows what it was given, and misbehaves on request."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

import httpx
import pytest

from sandbox.chat_completions.demo import PACE
from sandbox.chat_completions.journal import Outcome
from sandbox.chat_completions.server import ChatCompletionsSandbox

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {"type": "integer"}},
            "required": ["city", "unit", "days"],
        },
    },
}


def said(*texts: str) -> list[dict[str, str]]:
    """Messages of a user."""
    return [{"role": "user", "content": text} for text in texts]


async def test_the_demo_is_honest_and_quotes(ask: Any) -> None:
    """It names itself a demo, quotes the last message and counts the conversation."""
    got = await ask(messages=[{"role": "system", "content": "Be brief."}, *said("What is", "an *umlaut*?")])
    assert got.text.startswith("This is Parley's scripted demo model, not a language model")
    assert "> an *umlaut*?" in got.text
    assert "**3 messages**" in got.text


async def test_the_demo_shows_markdown(ask: Any) -> None:
    """A list, a code block, a table and bold text stand in the plain answer."""
    text = (await ask()).text
    assert all(part in text for part in ("- a list", "```python", "| table | yes |", "**bold**"))


async def test_the_demo_keeps_its_pace(ask: Any, slept: list[float]) -> None:
    """Each delta waits as long as the pace says."""
    await ask()
    assert set(slept) == {1 / PACE}


async def test_help_names_every_word_and_failure(ask: Any) -> None:
    """The words that the demo knows can be read in the answer to help."""
    text = (await ask(messages=said("help"))).text
    assert all(
        f"`{word}`" in text for word in ("long", "slow", "error", "cut", "silent", "rate_limited", "bad_gateway")
    )


async def test_long_outgrows_a_message(ask: Any) -> None:
    """Several thousand characters with closed code fences."""
    text = (await ask(messages=said("a long one please"))).text
    assert len(text) > 8_000
    assert text.count("```") % 2 == 0


@pytest.mark.parametrize(
    ("word", "outcome"), [("error", Outcome.CUT), ("refuse", Outcome.FINISHED), ("empty", Outcome.FINISHED)]
)
async def test_words_make_it_misbehave(sandbox: ChatCompletionsSandbox, ask: Any, word: str, outcome: Outcome) -> None:
    """Each word plays its feature, and the journal says how it ended."""
    got = await ask(messages=said(f"please: {word}!"))
    assert sandbox.requests[0].outcome is outcome
    features = {
        "error": "error" in got.chunks[-1],
        "refuse": any(delta.get("refusal") for delta in got.deltas),
        "empty": got.text == "",
    }
    assert features[word]


async def test_slow_is_slow_and_thinking_comes_first(ask: Any, slept: list[float]) -> None:
    """Slow pauses a quarter of a second; think streams reasoning first."""
    await ask(messages=said("slow"))
    assert set(slept) == {0.25}
    deltas = (await ask(messages=said("think"))).deltas
    assert "reasoning_content" in deltas[1]


async def test_a_cut_breaks_and_silence_lasts(sandbox: ChatCompletionsSandbox, client: httpx.AsyncClient) -> None:
    """Cut breaks the connection; silent leaves it open until the client goes."""
    body = {"model": "parley-demo", "stream": True}
    with pytest.raises(httpx.TransportError):
        await client.post("/chat/completions", json={**body, "messages": said("cut")})
    asked = asyncio.create_task(client.post("/chat/completions", json={**body, "messages": said("silent")}))
    await sandbox.wait_for(lambda log: log[-1].deltas == 20)
    asked.cancel()
    await sandbox.wait_for(lambda log: log[-1].disconnected)


async def test_play_gives_a_known_failure(client: httpx.AsyncClient) -> None:
    """A person can ask for any failure by its name."""
    body = {"model": "parley-demo", "messages": said("please play insufficient_quota")}
    response = await client.post("/chat/completions", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "insufficient_quota")


async def test_the_demo_calls_a_tool_and_quotes_its_result(ask: Any) -> None:
    """Arguments fit the tool's schema, and the result comes back in the next answer."""
    got = await ask(messages=said("use a tool"), tools=[WEATHER])
    fragments = [call for delta in got.deltas for call in delta.get("tool_calls", ())]
    arguments = json.loads("".join(fragment["function"]["arguments"] for fragment in fragments))
    assert arguments == {"city": "example", "unit": "C", "days": 1}
    call = {"id": fragments[0]["id"], "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    history = [
        *said("use a tool"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "17 degrees"},
    ]
    assert "> 17 degrees" in (await ask(messages=history, tools=[WEATHER])).text


async def test_a_required_tool_is_called(ask: Any) -> None:
    """tool_choice is kept, by name or as required."""
    for choice in ("required", {"type": "function", "function": {"name": "weather"}}):
        assert (await ask(tools=[WEATHER], tool_choice=choice)).finish_reasons == ["tool_calls"]


async def test_max_tokens_stop_and_json_mode_are_kept(ask: Any) -> None:
    """The answer ends by length, at a stop sequence, or is JSON, as asked."""
    short = await ask(max_tokens=5)
    assert (short.finish_reasons, short.text) == (["length"], "This is Parley's")
    assert "demo" not in (await ask(stop="demo")).text
    spoken = await ask(messages=said("in json"), response_format={"type": "json_object"})
    assert json.loads(spoken.text)["demo"] is True


async def test_the_server_runs_by_itself() -> None:
    """`python -m sandbox.chat_completions` prints its settings, answers, and stops cleanly when told to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.chat_completions", "--port", "0", stdout=asyncio.subprocess.PIPE, env=os.environ
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(3)]
    settings = dict(line.split("=", 1) for line in lines)
    headers = {"Authorization": f"Bearer {settings['OPENAI_API_KEY']}"}
    async with httpx.AsyncClient(base_url=settings["OPENAI_BASE_URL"], headers=headers, trust_env=False) as client:
        ids = [model["id"] for model in (await client.get("/models")).json()["data"]]
    assert settings["OPENAI_MODEL"] in ids
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
