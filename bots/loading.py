"""The settings as a process needs them: read once, complete for its platforms, with every problem said at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from bots.credentials import held
from bots.settings import ENV_FILE, Settings, SettingsError
from core.conversation import Platform


def load(*platforms: Platform, model: bool = True, env_file: Path | None = ENV_FILE) -> Settings:
    """The settings, complete for those platforms and, unless told otherwise, for the model. Raises SettingsError with
    all that is wrong."""
    settings, faults = _read(env_file)
    return _complete(settings, faults, platforms, model=model)


def load_configured(*, at_least_one: bool = True, env_file: Path | None = ENV_FILE) -> Settings:
    """The settings, complete for every platform that has a token. Raises SettingsError with all that is wrong, and
    where `at_least_one` is asked for, that none has."""
    settings, faults = _read(env_file)
    platforms = configured_platforms(settings)
    if at_least_one and not platforms:
        faults["platforms"] = "No platform has a token: set SLACK_BOT_TOKEN or DISCORD_TOKEN."
    return _complete(settings, faults, platforms, model=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The settings with all that is wrong, and what can be used in spite of it."""

    settings: Settings
    """With the default where a value is wrong."""
    problems: tuple[str, ...]
    platforms: tuple[Platform, ...]
    """Those that have a token and whose settings are right."""
    any_token: bool
    database: bool
    model: bool


def survey(*, env_file: Path | None = ENV_FILE) -> Survey:
    """What is set, for whoever looks at everything at once. Raises SettingsError where the file cannot be read."""
    settings, faults = _read(env_file)
    configured = configured_platforms(settings)
    wrong = {platform: _platform_problems(settings, (platform,), faults) for platform in configured}
    model = _model_problems(settings, faults)
    return Survey(
        settings=settings,
        problems=(*faults.values(), *(problem for problems in wrong.values() for problem in problems), *model),
        platforms=tuple(one for one in configured if not wrong[one] and not _faulty(faults, f"{one.value}_")),
        any_token=bool(configured) or _faulty(faults, "slack_bot_token") or _faulty(faults, "discord_token"),
        database=not _faulty(faults, "database_url"),
        model=not model and not _faulty(faults, "openai_"),
    )


def _faulty(faults: Collection[str], beginning: str) -> bool:
    return any(name.startswith(beginning) for name in faults)


def _complete(settings: Settings, faults: dict[str, str], platforms: tuple[Platform, ...], *, model: bool) -> Settings:
    problems = [*faults.values(), *_platform_problems(settings, platforms, faults)]
    if model:
        problems += _model_problems(settings, faults)
    if problems:
        raise SettingsError(problems)
    return settings


def _read(env_file: Path | None) -> tuple[Settings, dict[str, str]]:
    """The settings, with the default where a value is wrong, and what is wrong by the field's name."""
    try:
        return Settings(_env_file=env_file), {}
    except ValidationError as error:
        faults = {_field(dict(fault)): _explained(dict(fault)) for fault in error.errors(include_input=False)}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{env_file} cannot be read as UTF-8 text ({type(error).__name__})."]) from None
    defaults: dict[str, Any] = {
        name: Settings.model_fields[name].get_default(call_default_factory=True) for name in faults
    }
    return Settings(_env_file=env_file, **defaults), faults


def configured_platforms(settings: Settings) -> tuple[Platform, ...]:
    """The platforms for which there is a token."""
    return tuple(
        platform
        for platform, token in (
            (Platform.SLACK, settings.slack_bot_token),
            (Platform.DISCORD, settings.discord_token),
        )
        if token is not None
    )


def _field(fault: dict[str, Any]) -> str:
    return str(fault["loc"][0])


def _explained(fault: dict[str, Any]) -> str:
    name = _field(fault)
    message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("DATABASE_URL ")
    return f"{name.upper()}: {message}. It means: {Settings.model_fields[name].description}."


def _platform_problems(settings: Settings, platforms: tuple[Platform, ...], faults: Collection[str]) -> list[str]:
    problems = []
    if Platform.SLACK in platforms:
        problems += _slack_problems(settings)
    if Platform.DISCORD in platforms:
        problems += _discord_problems(settings, faults)
    return problems


def _slack_problems(settings: Settings) -> list[str]:
    problems = []
    bot, app = _revealed(settings.slack_bot_token), _revealed(settings.slack_app_token)
    if bot.startswith("xapp-") and app.startswith("xoxb-"):
        return ["SLACK_BOT_TOKEN and SLACK_APP_TOKEN are mixed up: xoxb-… is the bot's, xapp-… the app's."]
    if not bot:
        problems.append("SLACK_BOT_TOKEN is not set: copy it from your app's page, OAuth & Permissions (xoxb-…).")
    elif not bot.startswith("xoxb-"):
        other = "SLACK_BOT_TOKEN does not begin with xoxb-: take the Bot User OAuth Token, no other one."
        problems.append(held("SLACK_BOT_TOKEN", bot) or other)
    if app and not app.startswith("xapp-"):
        other = "SLACK_APP_TOKEN does not begin with xapp-: make one under Basic Information, App-Level Tokens."
        problems.append(held("SLACK_APP_TOKEN", app) or other)
    if other := held("SLACK_SIGNING_SECRET", _revealed(settings.slack_signing_secret)):
        problems.append(other)
    if not app and settings.slack_signing_secret is None:
        problems.append(
            "Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP on PORT) is set: set one of them."
        )
    return problems


def _discord_problems(settings: Settings, faults: Collection[str]) -> list[str]:
    problems = []
    ids, count = settings.discord_shard_ids, settings.discord_shard_count
    if settings.discord_token is None:
        problems.append("DISCORD_TOKEN is not set: copy it from your application's page, Bot, Reset Token.")
    elif other := held("DISCORD_TOKEN", _revealed(settings.discord_token)):
        problems.append(other)
    if ids and count is None and "discord_shard_count" not in faults:
        problems.append("DISCORD_SHARD_IDS needs DISCORD_SHARD_COUNT, the number of all shards.")
    if len(set(ids)) < len(ids):
        problems.append("DISCORD_SHARD_IDS names a shard twice.")
    if any(shard < 0 or (count is not None and shard >= count) for shard in ids):
        most = f"{count - 1} (DISCORD_SHARD_COUNT is {count})" if count is not None else "the number of shards less one"
        problems.append(f"DISCORD_SHARD_IDS must lie between 0 and {most}.")
    return problems


def _model_problems(settings: Settings, faults: Collection[str]) -> list[str]:
    problems = []
    if not settings.openai_model:
        problems.append("OPENAI_MODEL is not set: name the model that shall answer, such as gpt-6-luna.")
    official = settings.openai_base_url.host == "api.openai.com" and "openai_base_url" not in faults
    if official and settings.openai_api_key is None:
        problems.append("OPENAI_API_KEY is not set: make one at platform.openai.com, or set OPENAI_BASE_URL.")
    if other := held("OPENAI_API_KEY", _revealed(settings.openai_api_key)):
        problems.append(other)
    if settings.parley_endpoints is not None and not settings.parley_endpoints.is_file():
        problems.append("PARLEY_ENDPOINTS names a file that is not there.")
    if settings.parley_prices is not None and not settings.parley_prices.is_file():
        problems.append("PARLEY_PRICES names a file that is not there.")
    return problems


def _revealed(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
