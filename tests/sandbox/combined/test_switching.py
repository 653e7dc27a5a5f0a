"""The model is changed while everything runs: checked first, then Parley is restarted with its settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.chat_completions.server import ChatCompletionsSandbox
from sandbox.combined.model_choice import demo_choice, given_choice
from sandbox.combined.switching import ModelSwitch, SwitchRefused
from sandbox.combined.tap import ModelTap
from sandbox.local_model.installation import LocalModelUnavailable

TAP = "http://127.0.0.1:1/tap/v1"


class Local:
    """A local model that starts, or says why it cannot."""

    base_url = "http://127.0.0.1:3/v1"
    api_key = "sk-local"
    model = "small"

    def __init__(self) -> None:
        self.fault = ""
        self.running = 0

    async def start(self) -> None:
        """Runs, unless it has a fault."""
        if self.fault:
            raise LocalModelUnavailable(self.fault)
        self.running += 1

    async def stop(self) -> None:
        """Runs no more."""
        self.running -= 1


class Switched:
    """A switch over a demo, and the environments with which Parley was restarted."""

    def __init__(self, model: ChatCompletionsSandbox) -> None:
        self.model = model
        self.local = Local()
        self.restarts: list[dict[str, str]] = []
        self.told: list[object] = []
        tap = ModelTap(tell=lambda _: None, changed=lambda: None)
        self.tap = tap
        self.switch = ModelSwitch(demo=model, tap=tap, make_local=lambda: self.local, changed=self._changed)
        self.switch.tap_url = TAP
        self.switch.begin(demo_choice(model, "a test"), None, {})
        self.switch.restart = self._restart

    def _changed(self) -> None:
        self.told.append(self.switch.told())

    async def _restart(self) -> None:
        self.restarts.append(self.switch.environment())


@pytest.fixture
async def switched() -> AsyncIterator[Switched]:
    """Over a model that really answers."""
    model = ChatCompletionsSandbox()
    await model.start()
    made = Switched(model)
    yield made
    await made.switch.stop()
    await model.stop()


async def test_to_the_local_model_and_back(switched: Switched) -> None:
    """It is started once, asked through the tap, and stopped at the end."""
    await switched.switch.to({"kind": "local"})
    assert (switched.restarts[-1]["OPENAI_MODEL"], switched.restarts[-1]["OPENAI_BASE_URL"]) == ("small", TAP)
    assert switched.tap.upstream is not None
    assert switched.tap.upstream.base_url == Local.base_url
    await switched.switch.to({"kind": "demo"})
    await switched.switch.to({"kind": "local"})
    assert (len(switched.restarts), switched.local.running) == (3, 1)
    await switched.switch.stop()
    assert switched.local.running == 0


async def test_to_a_model_of_ones_own(switched: Switched) -> None:
    """Its server is asked for its models first; the key is in Parley's settings and nowhere else."""
    model = switched.model
    wish = {"kind": "given", "base_url": model.base_url, "api_key": model.api_key, "model": model.model}
    await switched.switch.to(wish)
    assert switched.restarts[-1]["OPENAI_API_KEY"] == model.api_key
    assert model.api_key not in str(switched.told) + repr(switched.switch.choice)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"base_url": "ftp://x"}, "must begin with http"),
        ({"base_url": "http://127.0.0.1:9/v1"}, "Nothing that speaks chat completions answers there"),
        ({"api_key": "sk-wrong"}, "refuses the key"),
        ({"model": ""}, "Name the model"),
        ({"model": "nobody"}, "has no model nobody"),
        ({"kind": "other"}, "no model of the kind"),
    ],
)
async def test_what_cannot_be_used_changes_nothing(switched: Switched, change: dict[str, str], sentence: str) -> None:
    """Each mistake is said in a sentence, and the old model goes on."""
    model = switched.model
    right = {"kind": "given", "base_url": model.base_url, "api_key": model.api_key, "model": model.model}
    before = switched.switch.choice
    with pytest.raises(SwitchRefused, match=sentence):
        await switched.switch.to(right | change)
    assert (switched.restarts, switched.switch.choice) == ([], before)


async def test_a_local_model_that_cannot_run_is_said(switched: Switched) -> None:
    """With the reason."""
    switched.local.fault = "the package is not installed"
    with pytest.raises(SwitchRefused, match="the package is not installed"):
        await switched.switch.to({"kind": "local"})


async def test_two_changes_at_once(switched: Switched) -> None:
    """The second is refused while the first is under way."""
    slow = asyncio.Event()

    async def restart() -> None:
        await slow.wait()

    switched.switch.restart = restart
    first = asyncio.create_task(switched.switch.to({"kind": "local"}))
    await asyncio.sleep(0)
    with pytest.raises(SwitchRefused, match="already"):
        await switched.switch.to({"kind": "demo"})
    slow.set()
    await first


async def test_without_a_parley_of_ours(switched: Switched) -> None:
    """Where Parley was started by somebody else, its model is not ours to change."""
    switched.switch.restart = None
    with pytest.raises(SwitchRefused, match="not started from here"):
        await switched.switch.to({"kind": "demo"})


def test_a_public_model_is_asked_directly(switched: Switched) -> None:
    """Its name decides prices and dialect, so it must not be hidden behind an address of this machine."""
    given = {"OPENAI_BASE_URL": "https://api.openai.com/v1", "OPENAI_API_KEY": "sk-x", "OPENAI_MODEL": "gpt"}
    switched.switch.begin(given_choice(given), None, given)
    assert switched.switch.environment()["OPENAI_BASE_URL"] == "https://api.openai.com/v1"
    assert (switched.switch.seen, switched.tap.upstream) == (False, None)
    private = given | {"OPENAI_BASE_URL": "http://192.168.1.5:8000/v1"}
    switched.switch.begin(given_choice(private), None, private)
    assert switched.switch.environment()["OPENAI_BASE_URL"] == TAP
