"""Which models look at pictures: by their names, by a setting, and by what their servers refuse."""

from __future__ import annotations

import pytest

from adapters.chat_completions.client import ChatCompletionsModel
from adapters.chat_completions.fallback import FallbackModel
from adapters.chat_completions.sight import sees_by_name
from core.conversation import ImagePart, Message, Role, TextPart
from core.ports import ModelRequest
from sandbox.chat_completions.failures import error
from sandbox.chat_completions.script import Answer
from sandbox.chat_completions.server import ChatCompletionsSandbox
from tests.adapters.chat_completions.conftest import NotingClock, Opening
from tests.adapters.chat_completions.reading import asked, failed, text_of

PICTURE = ImagePart(url="data:image/png;base64,iVBORw0KGgo=")
LOOK = ModelRequest(messages=(Message(role=Role.USER, parts=(TextPart(text="What is this?"), PICTURE)),))

REFUSALS = {
    "OpenAI": (400, "Invalid content type. image_url is only supported by certain models."),
    "DeepSeek": (400, "Failed to deserialize: messages[0]: unknown variant `image_url`, expected `text` at line 1"),
    "Mistral": (400, "Image input is not enabled for this model"),
    "Groq": (400, "'messages.0' : for 'role:user' the following must be satisfied: content must be a string"),
    "vLLM": (400, "llama is not a multimodal model"),
    "vLLM with a limit": (400, "At most 0 image(s) may be provided in one prompt."),
    "OpenRouter": (404, "No endpoints found that support image input"),
    "llama.cpp": (500, "image input is not supported - hint: you may need to provide the mmproj"),
    "Ollama": (500, "this model is missing data required for image input"),
    "xAI": (400, "Image inputs are not supported by this model."),
}


@pytest.mark.parametrize(
    "name",
    ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-6-luna", "o3", "o4-mini", "claude-sonnet-4-5", "gemini-2.5-flash",
     "google/gemma-3-27b-it", "meta-llama/llama-4-scout", "llama3.2-vision", "qwen2.5-vl-72b", "pixtral-12b",
     "mistral-small-3.2", "llava:13b", "gpt-4-turbo", "kimi-k2.5", "grok-4", "our-own-model"],
)  # fmt: skip
def test_these_see(name: str) -> None:
    """And so may names that nobody knows: their servers say so if not."""
    assert sees_by_name(name)


@pytest.mark.parametrize(
    "name",
    ["gpt-3.5-turbo", "gpt-4", "gpt-4-0613", "gpt-oss-120b", "o1-mini", "o3-mini", "deepseek-chat", "deepseek-v3.2",
     "llama-3.3-70b-versatile", "llama3:8b", "gemma2-9b-it", "gemma-3-1b-it", "mistral-7b-instruct", "mixtral-8x7b",
     "codestral-latest", "qwen3-32b", "phi-4", "smollm2:135m", "kimi-k2-instruct", "deepseek/deepseek-r1:free"],
)  # fmt: skip
def test_these_do_not(name: str) -> None:
    """They read text alone."""
    assert not sees_by_name(name)


@pytest.mark.parametrize("server", REFUSALS)
async def test_a_refusal_is_learned(sandbox: ChatCompletionsSandbox, open_model: Opening, server: str) -> None:
    """The question is asked again without the pictures, and no picture is sent to that model any more."""
    model = open_model(sandbox.base_url)
    assert model.sees("")
    status, words = REFUSALS[server]
    sandbox.script(error(status, words), Answer(text="I cannot see it."), Answer(text="Nor now."))
    assert text_of(await asked(model, LOOK)) == "I cannot see it."
    assert not model.sees("")
    assert text_of(await asked(model, LOOK)) == "Nor now."
    sent = [request.body["messages"][0]["content"] for request in sandbox.requests]
    assert [isinstance(content, str) for content in sent] == [False, True, True]
    assert sent[1].startswith("What is this?")
    assert "not shown to you" in sent[1]


async def test_a_picture_that_is_not_good_teaches_nothing(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """It is left out this once, and the next one is sent."""
    model = open_model(sandbox.base_url)
    sandbox.script(error(400, "You uploaded an invalid image.", code="image_parse_error"), Answer(text="Broken?"))
    assert text_of(await asked(model, LOOK)) == "Broken?"
    assert model.sees("")


async def test_other_refusals_leave_the_pictures_in(sandbox: ChatCompletionsSandbox, open_model: Opening) -> None:
    """A complaint about something else is not mended by them."""
    model = open_model(sandbox.base_url)
    sandbox.script(error(400, "Something else is wrong."))
    await failed(model, LOOK)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(("setting", "sees"), [(True, True), (False, False), (None, False)])
async def test_a_setting_goes_before_the_name(
    sandbox: ChatCompletionsSandbox, open_model: Opening, setting: bool | None, sees: bool
) -> None:
    """Without one the name decides."""
    model = open_model(sandbox.base_url, model="gpt-4", vision=setting)
    assert model.sees("") is sees


async def test_where_the_preferred_one_does_not_see_nobody_is_shown_anything(
    sandbox: ChatCompletionsSandbox, open_model: Opening, clock: NotingClock
) -> None:
    """Of several endpoints the preferred one decides what is prepared; one that is blind leaves it out by itself."""
    blind: ChatCompletionsModel = open_model(sandbox.base_url, vision=False)
    seeing: ChatCompletionsModel = open_model(sandbox.base_url, vision=True)
    assert not FallbackModel([blind, seeing], clock=clock).sees("")
    assert FallbackModel([seeing, blind], clock=clock).sees("")
    sandbox.script(Answer(text="ok"))
    await asked(blind, LOOK)
    assert isinstance(sandbox.requests[-1].body["messages"][0]["content"], str)
