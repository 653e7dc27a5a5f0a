"""The small model really runs and really answers; where it cannot, it says why and leaves nothing behind."""

from __future__ import annotations

import asyncio
import sys

import httpx
import pytest

from sandbox.local_model import installation, process
from sandbox.local_model.installation import LocalModelUnavailable, model_file
from sandbox.local_model.process import LocalModel


def installed() -> bool:
    """Whether this machine has the small model."""
    try:
        model_file()
    except LocalModelUnavailable:
        return False
    return True


needs_model = pytest.mark.skipif(not installed(), reason="no wheel of the small model fits this machine")


@needs_model
async def test_it_streams_words_of_its_own() -> None:
    """llama.cpp's server answers a chat with the key it was given, in a process that ends with `stop`."""
    model = LocalModel()
    await model.start()
    try:
        body = {"model": model.model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
        async with httpx.AsyncClient(base_url=model.base_url, trust_env=False, timeout=30) as client:
            headers = {"Authorization": f"Bearer {model.api_key}"}
            answered = await client.post("/chat/completions", json=body, headers=headers)
            refused = await client.post("/chat/completions", json=body)
            listed = await client.get("/models", headers=headers)
    finally:
        await model.stop()
    assert answered.json()["choices"][0]["message"]["content"].strip()
    assert refused.status_code == 401
    assert listed.json()["data"][0]["meta"]["n_ctx"] == process.CONTEXT
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{model.base_url}/models")


@needs_model
async def test_it_ends_when_its_parent_does() -> None:
    """Its input closed, as it is by any death of the parent, the server ends by itself."""
    model = LocalModel()
    await model.start()
    child = model._process
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 20) == 0
    await model.stop()


@needs_model
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit('no such instruction')", "no such instruction"),
        ("import os; os.abort()", "code -6"),
        ("print('listening http://127.0.0.1:9', flush=True); import time; time.sleep(60)", "127.0.0.1:9"),
        ("import time; time.sleep(60)", "did not answer within"),
    ],
)
async def test_a_server_that_does_not_come_up_is_explained(code: str, reason: str) -> None:
    """A crash, a refusal, a dead address or silence becomes one sentence, and no process is left."""
    model = LocalModel(command=(sys.executable, "-c", code))
    with pytest.raises(LocalModelUnavailable, match=reason):
        await model.start(within=1)
    assert model._process is None


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the server's wheel, or without the model's, the reason names the package."""
    with monkeypatch.context() as without:
        without.setattr(installation, "SERVER_MODULE", "no_such_module_anywhere")
        with pytest.raises(LocalModelUnavailable, match="no_such_module_anywhere"):
            model_file()
    monkeypatch.setattr(installation, "SERVER_MODULE", "sys")
    monkeypatch.setattr(installation, "MODEL_DISTRIBUTION", "no-such-distribution")
    with pytest.raises(LocalModelUnavailable, match="no-such-distribution"):
        model_file()
    monkeypatch.setattr(installation, "MODEL_DISTRIBUTION", "pytest")
    with pytest.raises(LocalModelUnavailable, match="holds no model file"):
        model_file()
