"""What is said of settings: every fault at once, with what to do, and never a secret."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import pytest
from dotenv import dotenv_values
from platformdirs import user_data_path

from bots.loading import configured_platforms, load, load_configured
from bots.settings import Settings, SettingsError
from core.conversation import Platform
from core.store.database import understood

EXAMPLE = Path(__file__).parents[2] / ".env.example"
EXAMPLES = {"SLACK_BOT_TOKEN": "xoxb-…", "SLACK_APP_TOKEN": "xapp-…", "OPENAI_MODEL": "gpt-6-luna"}
"""Values that show a form and are no defaults."""
WELL = {
    "SLACK_BOT_TOKEN": "xoxb-111-secret",
    "SLACK_APP_TOKEN": "xapp-222-secret",
    "SLACK_SIGNING_SECRET": "signing-333-secret",
    "DISCORD_TOKEN": "discord-444-secret",
    "OPENAI_API_KEY": "sk-555-secret",
    "OPENAI_MODEL": "gpt-6-luna",
    "DATABASE_URL": "postgresql://parley:password-666-secret@db.example/parley",
}


class Environment:
    """The settings in the environment."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, **values: str) -> None:
        for name, value in values.items():
            self._patch.setenv(name, value)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(monkeypatch)


def problems(*platforms: Platform, model: bool = True) -> list[str]:
    """What is wrong with the settings."""
    with pytest.raises(SettingsError) as raised:
        load(*platforms, model=model)
    assert raised.value.problems == [line.removeprefix("- ") for line in str(raised.value).splitlines()]
    return raised.value.problems


def named(found: list[str]) -> list[str]:
    """The setting that each problem begins with."""
    return [re.split(r"[ :]", problem)[0] for problem in found]


# ── all at once ──


def test_every_fault_is_named_at_once(given: Environment) -> None:
    """Wrong values and missing ones are told in one go, one sentence each, with the meaning of what is wrong."""
    given(PORT="many", LOG_FORMAT="xml", OPENAI_TEMPERATURE="9", DATABASE_URL="mysql://db", DISCORD_API_URL="discord")
    found = problems(Platform.SLACK, Platform.DISCORD)
    assert set(named(found)) == {
        "PORT",
        "LOG_FORMAT",
        "OPENAI_TEMPERATURE",
        "DATABASE_URL",
        "DISCORD_API_URL",
        "SLACK_BOT_TOKEN",
        "Neither",
        "DISCORD_TOKEN",
        "OPENAI_MODEL",
        "OPENAI_API_KEY",
    }
    assert len(found) == 10
    assert "It means: Where Slack's HTTP events are received." in found[named(found).index("PORT")]


def test_a_wrong_value_is_not_told_twice(given: Environment) -> None:
    """What only seems to be missing because another value is wrong is left out."""
    given(OPENAI_MODEL="m", OPENAI_BASE_URL="localhost:11434", DISCORD_SHARD_COUNT="two", DISCORD_SHARD_IDS="0,1")
    given(DISCORD_TOKEN="token")
    assert sorted(named(problems(Platform.DISCORD))) == ["DISCORD_SHARD_COUNT", "OPENAI_BASE_URL"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_BASE_URL", "ftp://models.example/v1"),
        ("OPENAI_BASE_URL", "https://user:pass@models.example/v1"),
        ("DISCORD_GATEWAY_URL", "https://gateway.example"),
        ("DISCORD_API_URL", "wss://discord.example"),
        ("SLACK_API_URL", "slack"),
        ("DATABASE_URL", "my-parley-file"),
        ("DATABASE_URL", "oracle://db"),
        ("OPENAI_CONTEXT_WINDOW", "12"),
        ("OPENAI_MAX_TOKENS", "0"),
        ("PORT", "70000"),
        ("PARLEY_STOP_SECONDS", "-1"),
        ("PARLEY_LEASE_SECONDS", "0"),
        ("LOG_LEVEL", "loud"),
        ("DISCORD_SHARD_COUNT", "0"),
        ("DISCORD_SHARD_IDS", "one"),
        ("PARLEY_WEB_HOSTS", "https://example.org/page"),
    ],
)
def test_a_value_that_cannot_be(given: Environment, name: str, value: str) -> None:
    """It is named, alone, before anything starts; the value itself is not repeated."""
    given(**(WELL | {name: value}))
    [problem] = problems(Platform.SLACK)
    assert problem.startswith(name)
    assert len(value) < 4 or value not in problem


def test_only_the_database_matters_to_a_migration(given: Environment) -> None:
    """A release step needs no model and no platform."""
    given(DATABASE_URL="sqlite:///here.db")
    assert load(model=False).database_url == "sqlite:///here.db"


# ── Slack, Discord, the model ──


def test_slack_tokens_in_each_others_place(given: Environment) -> None:
    """Two tokens in the wrong places are one mistake."""
    given(**(WELL | {"SLACK_BOT_TOKEN": "xapp-1-secret", "SLACK_APP_TOKEN": "xoxb-2-secret"}))
    [problem] = problems(Platform.SLACK)
    assert "mixed up" in problem


def test_slack_tokens_of_another_kind(given: Environment) -> None:
    """A user's token is none of a bot's, and a bot's is none of an app's."""
    given(**(WELL | {"SLACK_BOT_TOKEN": "xoxp-1-secret", "SLACK_APP_TOKEN": "xoxb-2-secret"}))
    bot, app = problems(Platform.SLACK)
    assert "Bot User OAuth Token" in bot
    assert "App-Level Tokens" in app


def test_slack_by_http_needs_the_signing_secret(given: Environment) -> None:
    """Without an app token the signing secret is enough, and without both neither way in is there."""
    given(SLACK_BOT_TOKEN="xoxb-1", OPENAI_MODEL="m", OPENAI_API_KEY="k", SLACK_SIGNING_SECRET="s")
    assert load(Platform.SLACK).slack_app_token is None
    given(SLACK_SIGNING_SECRET="")
    assert named(problems(Platform.SLACK)) == ["Neither"]


@pytest.mark.parametrize(
    ("ids", "count", "says"),
    [
        ("0,1", "", "needs DISCORD_SHARD_COUNT"),
        ("0,2", "2", "between 0 and 1"),
        ("-1", "2", "between 0 and 1"),
        ("1, 1", "2", "twice"),
    ],
)
def test_shards_that_cannot_be(given: Environment, ids: str, count: str, says: str) -> None:
    """Each mistake with shards has its sentence."""
    given(**(WELL | {"DISCORD_SHARD_IDS": ids, "DISCORD_SHARD_COUNT": count}))
    [problem] = problems(Platform.DISCORD)
    assert says in problem


def test_shards(given: Environment) -> None:
    """Written with commas, with or without spaces."""
    given(**(WELL | {"DISCORD_SHARD_IDS": "0, 1,3", "DISCORD_SHARD_COUNT": "4"}))
    assert load(Platform.DISCORD).discord_shard_ids == (0, 1, 3)


def test_a_local_model_needs_no_key(given: Environment) -> None:
    """Only OpenAI's own address always wants one."""
    given(OPENAI_MODEL="llama", OPENAI_BASE_URL="http://localhost:11434/v1")
    assert load().openai_api_key is None


def test_platforms_are_those_with_a_token(given: Environment) -> None:
    """What has no token is left out."""
    given(OPENAI_MODEL="m", OPENAI_API_KEY="k", DISCORD_TOKEN="t")
    assert configured_platforms(load()) == (Platform.DISCORD,)
    given(SLACK_BOT_TOKEN="xoxb-1")
    assert configured_platforms(load()) == (Platform.SLACK, Platform.DISCORD)


def test_what_has_a_token_must_be_complete(given: Environment) -> None:
    """Faults of the platforms are told together with wrong values; so is that there is no platform at all."""
    given(OPENAI_MODEL="m", OPENAI_API_KEY="k", PORT="many", SLACK_BOT_TOKEN="xapp-1-secret")
    with pytest.raises(SettingsError) as raised:
        load_configured()
    assert named(raised.value.problems) == ["PORT", "SLACK_BOT_TOKEN", "Neither"]
    given(SLACK_BOT_TOKEN="")
    with pytest.raises(SettingsError) as raised:
        load_configured()
    assert named(raised.value.problems) == ["PORT", "No"]
    given(PORT="")
    assert load_configured(at_least_one=False).openai_model == "m"


# ── where settings come from ──


def test_an_empty_text_is_no_value(given: Environment) -> None:
    """As in `.env.example` with nothing behind the equals sign."""
    given(**{name.upper(): "" for name in Settings.model_fields})
    assert Settings() == Settings(_env_file=None)
    assert Settings().port == 3000


def test_spaces_around_a_value_are_dropped(given: Environment) -> None:
    """A line end copied with a token is none of it."""
    given(**(WELL | {"SLACK_BOT_TOKEN": " xoxb-1-secret \n", "LOG_LEVEL": " WARNING "}))
    settings = load(Platform.SLACK)
    assert settings.slack_bot_token is not None
    assert (settings.slack_bot_token.get_secret_value(), settings.log_level) == ("xoxb-1-secret", "warning")


def test_the_file_is_read_and_the_environment_wins(given: Environment, folder: Path) -> None:
    """`.env` of the working folder; a variable that is set to something else is stronger, an empty one is not."""
    (folder / ".env").write_text('OPENAI_MODEL="of the file"\nPORT=1\nOPENAI_API_KEY=k\nSOMETHING_ELSE=1\n')
    given(PORT="2", OPENAI_MODEL="")
    assert (load().openai_model, load().port) == ("of the file", 2)


def test_a_file_that_is_no_text(folder: Path) -> None:
    """It is said, without a traceback."""
    (folder / ".env").write_bytes(b"OPENAI_MODEL=\xff\xfe")
    assert ".env cannot be read" in problems()[0]


def test_the_default_database_lies_in_the_users_data_folder() -> None:
    """A file that no clone of the repository takes with it."""
    assert understood(Settings().database_url).database == str(user_data_path("parley") / "parley.db")


# ── secrets ──


def test_secrets_are_never_shown(given: Environment) -> None:
    """Not by printing the settings, and not by an error, its cause or its traceback."""
    given(**WELL)
    settings = load(Platform.SLACK, Platform.DISCORD)
    assert "-secret" not in f"{settings!r} {settings!s}"
    given(PORT="port-777-secret", DATABASE_URL="nothing://parley:password-666-secret@db", SLACK_BOT_TOKEN="no-secret")
    with pytest.raises(SettingsError) as raised:
        load(Platform.SLACK)
    assert len(raised.value.problems) == 3
    assert "-secret" not in "".join(traceback.format_exception(raised.value))


def test_everything_secret_is_known_to_the_logs(given: Environment) -> None:
    """The database's password too."""
    given(**WELL)
    expected = {value for name, value in WELL.items() if name not in ("OPENAI_MODEL", "DATABASE_URL")}
    assert set(load(Platform.SLACK).secret_values()) == expected | {"password-666-secret"}


# ── .env.example ──


def example_lines() -> list[str]:
    """Its settings as `NAME=value`."""
    return re.findall(r"^#?([A-Z_]+=.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_example_names_exactly_the_settings() -> None:
    """None is missing, none is made up, and they stand in one order."""
    assert [line.partition("=")[0].lower() for line in example_lines()] == list(Settings.model_fields)


def test_the_example_tells_the_defaults(folder: Path) -> None:
    """Uncommented, with the examples taken out, it changes nothing; and every default is told."""
    file = folder / "example"
    file.write_text("\n".join(line for line in example_lines() if line.partition("=")[0] not in EXAMPLES))
    assert Settings(_env_file=file) == Settings(_env_file=None)
    told = {name.lower() for name, value in dotenv_values(file).items() if value}
    defaults = {name for name, field in Settings.model_fields.items() if field.default not in (None, "", ())}
    assert told == {name for name in defaults if Settings.model_fields[name].default_factory is None}


def test_the_example_shows_the_form_of_tokens() -> None:
    """What a newcomer fills in looks like what is there."""
    lines = dict(line.split("=", 1) for line in example_lines())
    assert {name: lines[name] for name in EXAMPLES} == EXAMPLES
