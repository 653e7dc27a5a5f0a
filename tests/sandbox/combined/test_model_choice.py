"""Parley gets the caller's model, else the small local one, else the demo; and it is said which and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.combined.model_choice import ModelKind, choose, given_settings
from sandbox.local_model.installation import LocalModelUnavailable


@dataclass
class Somewhere:
    """An endpoint that starts, or does not."""

    base_url: str = "http://127.0.0.1:1/v1"
    api_key: str = "sk-x"
    model: str = "some-model"
    fault: str = ""
    running: bool = False

    async def start(self) -> None:
        """Starts unless it has a fault."""
        if self.fault:
            raise LocalModelUnavailable(self.fault)
        self.running = True

    async def stop(self) -> None:
        """Runs no more."""
        self.running = False


DEMO = Somewhere(model="parley-demo", base_url="http://127.0.0.1:2/v1")


async def test_the_callers_own_settings_win() -> None:
    """Neither the local model nor the demo is touched; no key and no password stands in what is shown."""
    local = Somewhere()
    given = {"OPENAI_BASE_URL": "https://me:secret@models.example/v1", "OPENAI_API_KEY": "sk-real", "OPENAI_MODEL": "m"}
    choice, started = await choose(given=given, demo=DEMO, make_local=lambda: local, demo_wanted=False)
    assert (choice.kind, started, local.running) == (ModelKind.GIVEN, None, False)
    assert choice.environment == given
    assert "models.example" in choice.note
    assert "secret" not in choice.note + repr(choice)
    assert "sk-real" not in choice.note + repr(choice)


async def test_the_local_model_comes_next_with_its_window() -> None:
    """It is started, told to be small, and Parley learns its window."""
    local = Somewhere()
    choice, started = await choose(given={}, demo=DEMO, make_local=lambda: local, demo_wanted=False)
    assert (choice.kind, started, local.running) == (ModelKind.LOCAL, local, True)
    assert choice.environment["OPENAI_CONTEXT_WINDOW"] == "8192"
    assert "plumbing, not wisdom" in choice.note


async def test_the_demo_is_last_and_says_why() -> None:
    """The reason why the local model cannot be used is in the note."""
    local = Somewhere(fault="the package xllamacpp is not installed")
    choice, started = await choose(given={}, demo=DEMO, make_local=lambda: local, demo_wanted=False)
    assert (choice.kind, started) == (ModelKind.DEMO, None)
    assert "xllamacpp is not installed" in choice.note
    assert choice.environment["OPENAI_MODEL"] == "parley-demo"


async def test_the_demo_can_be_asked_for() -> None:
    """Then nothing else is tried, whatever is set."""
    choice, _ = await choose(given={"OPENAI_API_KEY": "k"}, demo=DEMO, make_local=Somewhere, demo_wanted=True)
    assert choice.kind is ModelKind.DEMO


def test_settings_come_from_the_environment_before_the_file(tmp_path: Path) -> None:
    """Empty values count as not set, in both."""
    file = tmp_path / ".env"
    file.write_text("OPENAI_API_KEY=from-file\nOPENAI_MODEL=from-file\nOPENAI_BASE_URL=\n")
    found = given_settings({"OPENAI_MODEL": "from-environment", "OPENAI_API_KEY": ""}, file)
    assert found == {"OPENAI_API_KEY": "from-file", "OPENAI_MODEL": "from-environment"}
    assert given_settings({}, tmp_path / "none") == {}
