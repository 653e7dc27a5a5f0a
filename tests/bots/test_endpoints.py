"""More endpoints from a file, and what is said of a file that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.chat_completions.endpoints import Endpoint, Timeouts
from bots.endpoints import endpoints, persona
from bots.settings import Settings, SettingsError

GOOD = """
[[endpoint]]
name = "backup"
base_url = "https://openrouter.example/api/v1/"
model = "openai/gpt-6-luna"
api_key_env = "BACKUP_KEY"
window = 128000
aliases = { "gpt-6-luna" = "openai/gpt-6-luna" }
headers = { "X-Title" = "Parley" }

[[endpoint]]
name = "azure"
base_url = "https://it.openai.example/openai/deployments/luna"
model = "luna"
api_key_env = "AZURE_KEY"
key_header = "api-key"
query = { "api-version" = "2024-10-21" }
timeouts = { connect = 3, first_token = 20.5 }

[[endpoint]]
name = "here"
base_url = "http://localhost:11434/v1"
model = "llama"
"""


def settings(folder: Path, text: str | None = GOOD) -> Settings:
    """With that file of endpoints."""
    file = folder / "models.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    return Settings(_env_file=None, openai_model="m", openai_base_url="http://first/v1", parley_endpoints=file)


def problems(folder: Path, text: str | None) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        endpoints(settings(folder, text))
    return raised.value.problems


@pytest.fixture
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_KEY", "sk-backup-secret")
    monkeypatch.setenv("AZURE_KEY", "azure-secret")


@pytest.mark.usefixtures("_keys")
def test_all_of_them_in_order(folder: Path) -> None:
    """The settings' own first, then the file's, each with all that it says."""
    first, backup, azure, here = endpoints(settings(folder))
    assert (first.name, first.base_url, first.model) == ("default", "http://first/v1", "m")
    assert (backup.name, backup.base_url, backup.window) == ("backup", "https://openrouter.example/api/v1", 128000)
    assert backup.request_headers() == {"x-title": "Parley", "authorization": "Bearer sk-backup-secret"}
    assert backup.named("gpt-6-luna") == "openai/gpt-6-luna"
    assert azure.request_headers() == {"api-key": "azure-secret"}
    assert azure.query == {"api-version": "2024-10-21"}
    assert azure.timeouts == Timeouts(connect=3, first_token=20.5)
    assert (here.secrets(), here.timeouts) == ((), Timeouts())
    assert "-secret" not in repr((first, backup, azure, here))


def test_keys_may_stand_in_the_env_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the other keys; the environment wins."""
    (folder / ".env").write_text("BACKUP_KEY=of-the-file\nAZURE_KEY=of-the-file\n")
    monkeypatch.setenv("AZURE_KEY", "of-the-environment")
    _, backup, azure, _ = endpoints(settings(folder))
    assert backup.secrets() == ("of-the-file",)
    assert azure.request_headers() == {"api-key": "of-the-environment"}


def test_every_field_of_an_endpoint_can_be_written(folder: Path) -> None:
    """A new field of Endpoint must be offered here too, or left out on purpose."""
    [problem] = problems(folder, GOOD.replace("window", "windows"))
    offered = problem.rpartition("there are ")[2].removesuffix(".").split(", ")
    assert set(offered) - {"api_key_env"} == set(Endpoint.__dataclass_fields__) - {"api_key", "dialect"}


def test_without_a_file_there_is_one() -> None:
    """The one of the settings."""
    assert len(endpoints(Settings(_env_file=None, openai_model="m"))) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "models.toml: the file cannot be read: No such file or directory."),
        ("[[endpoint]\n", "models.toml: this is not TOML: "),
        ("[[endpoints]]\nname = 'a'\n", "endpoints: there is no such name; there are [[endpoint]]."),
        ("[endpoint]\nname = 'a'\n", "endpoint: Input should be a valid list."),
        ("endpoint = 'a'\n", "endpoint: Input should be a valid list."),
        ("endpoint = ['a']\n", "endpoint 1, : Input should be a valid dictionary"),
    ],
)
def test_a_file_that_cannot_be_used(folder: Path, text: str | None, says: str) -> None:
    """One sentence says what is the matter, and names the file."""
    [problem] = problems(folder, text)
    assert problem.startswith("PARLEY_ENDPOINTS, models.toml")
    assert says in problem


def test_every_fault_of_the_tables_is_named(folder: Path) -> None:
    """Which endpoint, which name, and what is the matter, without the value."""
    text = """
[[endpoint]]
name = "a"
model = "m"
url = "https://a.example/v1"
window = "sk-wrong-place"
[[endpoint]]
name = "b"
base_url = "https://b.example/v1"
model = "m"
timeouts = { silence = -1, first = 3 }
"""
    found = problems(folder, text)
    assert [problem.split(": ")[0].removeprefix("PARLEY_ENDPOINTS, models.toml, ") for problem in sorted(found)] == [
        "endpoint 1, base_url",
        "endpoint 1, url",
        "endpoint 1, window",
        "endpoint 2, timeouts.first",
        "endpoint 2, timeouts.silence",
    ]
    assert "connect, first_token, silence, whole" in next(one for one in found if "timeouts.first:" in one)
    assert "sk-wrong-place" not in str(found)


def test_keys_that_are_not_there(folder: Path) -> None:
    """A forgotten variable is said at the start, not by a 401 on the day the first endpoint fails."""
    first, second = problems(folder, GOOD)
    assert "endpoint 1 (backup): api_key_env names BACKUP_KEY, which is not set" in first
    assert "endpoint 2 (azure): api_key_env names AZURE_KEY, which is not set" in second


def test_values_that_no_endpoint_can_have(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a scheme, a header that HTTP cannot carry, a key with a space: all at once, no key shown."""
    monkeypatch.setenv("ODD_KEY", "with a-secret")
    text = """
[[endpoint]]
name = "a"
base_url = "a.example/v1"
model = "m"
[[endpoint]]
name = "b"
base_url = "https://b.example/v1"
model = "m"
headers = { "X Title" = "x" }
[[endpoint]]
name = "c"
base_url = "https://c.example/v1"
model = "m"
api_key_env = "ODD_KEY"
"""
    found = problems(folder, text)
    assert [problem.split(": ")[0].partition("models.toml, ")[2] for problem in found] == [
        "endpoint 1 (a)",
        "endpoint 2 (b)",
        "endpoint 3 (c)",
    ]
    assert "a-secret" not in str(found)


def test_two_of_one_name(folder: Path) -> None:
    """Names stand in logs and findings, where two of them could not be told apart."""
    table = '[[endpoint]]\nname = "default"\nbase_url = "http://a/v1"\nmodel = "m"\n'
    [problem] = problems(folder, table + table.replace("default", "b"))
    assert "two endpoints are called 'default'" in problem


def test_the_settings_own_fault_and_the_files(folder: Path) -> None:
    """Both are told at once."""
    given = settings(folder, "[[endpoint]\n").model_copy(update={"openai_model": ""})
    with pytest.raises(SettingsError) as raised:
        endpoints(given)
    assert len(raised.value.problems) == 2


def test_who_answers() -> None:
    """The settings' prompt and parameters; Parley's own prompt where there is none."""
    own = persona(Settings(_env_file=None, openai_temperature=0.5, openai_max_tokens=99, parley_system_prompt="Be."))
    assert (own.prompt, own.parameters.temperature, own.parameters.max_tokens) == ("Be.", 0.5, 99)
    assert persona(Settings(_env_file=None)).prompt
