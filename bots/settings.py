"""Settings: the environment and `.env`, read once, checked whole, and never printed with a secret.

Each field's description stands in `.env.example` and in the docs; a test keeps them the same. What belongs to a
workspace or channel is no setting: it lives in the database and is changed by commands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AnyUrl, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adapters.web.hosts import parse_patterns
from core.enclosure import MESSAGES_MOST
from core.privacy import Ages
from core.quota.amount import QuotaMistake
from core.quota.saying import parse_limits
from core.quota.window import zone_named
from core.store.database import understood
from core.store.shedding import IN_ALL

DEFAULT_TOOLS = ("current_time", "calculate", "search_messages", "remember", "recall", "forget_note")
ENV_FILE = Path(".env")
"""In the working folder. The environment is stronger."""


class SettingsError(Exception):
    """The settings do not fit together. The text lists every problem with what to do, and no value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"- {problem}" for problem in problems))


def default_database() -> str:
    """A SQLite file in the user's data folder."""
    return f"sqlite+aiosqlite:///{user_data_path('parley') / 'parley.db'}"


class Settings(BaseSettings):
    """Everything that can be set from outside."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        str_strip_whitespace=True,
        # Only our own sentences are shown, but a traceback would print pydantic's: without the value, it may be a key.
        hide_input_in_errors=True,
    )

    slack_bot_token: SecretStr | None = Field(None, description="Slack: the bot token, xoxb-…")
    slack_app_token: SecretStr | None = Field(
        None, description="Slack: the app-level token, xapp-…, for Socket Mode; without it events come by HTTP on PORT"
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Slack: the signing secret; needed without an app token"
    )
    slack_api_url: AnyUrl = Field(
        AnyUrl("https://slack.com/api/"), description="Slack: the Web API's base; GovSlack and the sandbox have others"
    )

    discord_token: SecretStr | None = Field(None, description="Discord: the bot's token")
    discord_api_url: AnyUrl | None = Field(None, description="Discord: another REST base, ending in /api/v10")
    discord_gateway_url: AnyUrl | None = Field(None, description="Discord: another gateway, ws://… or wss://…")
    discord_shard_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="Discord: the shards of this process, such as 0,1; needs DISCORD_SHARD_COUNT"
    )
    discord_shard_count: int | None = Field(None, ge=1, description="Discord: how many shards there are in all")

    openai_api_key: SecretStr | None = Field(None, description="The model's API key")
    openai_base_url: AnyUrl = Field(
        AnyUrl("https://api.openai.com/v1"), description="Any OpenAI-compatible API, ending in /v1"
    )
    openai_model: str = Field("", description="The model that answers, such as gpt-6-luna")
    openai_context_window: int | None = Field(
        None, ge=512, description="Tokens the model reads and writes together; known models need no value"
    )
    openai_max_tokens: int | None = Field(None, ge=1, description="Cap of one answer, in tokens")
    openai_temperature: float | None = Field(None, ge=0, le=2, description="0 to 2; the model's own default otherwise")
    parley_vision: Literal["auto", "yes", "no"] = Field(
        "auto", description="Whether the model looks at pictures: auto (known by its name, or learned), yes or no"
    )
    parley_endpoints: Path | None = Field(
        None, description="A TOML file with more endpoints, tried in order when the first one fails"
    )
    parley_tools: Annotated[tuple[str, ...], NoDecode] = Field(
        DEFAULT_TOOLS,
        description="Tools of the built-in persona, such as current_time,calculate or tracker/*; none: no tools",
    )
    parley_system_prompt: str = Field("", description="The system prompt where no persona is set")

    database_url: str = Field(
        default_factory=default_database,
        repr=False,  # it may hold a password
        description="SQLite (sqlite+aiosqlite:///path) or PostgreSQL (postgresql://…); a file in your data folder",
    )
    port: int = Field(3000, ge=0, le=65535, description="Where Slack's HTTP events are received")
    parley_stop_seconds: float = Field(
        20.0, ge=0, le=300, description="On SIGTERM, how long answers may go on before they are handed over"
    )
    parley_lease_seconds: float = Field(
        30.0, ge=1, le=300, description="How long a process that died holds its answers before another goes on"
    )
    parley_waiting_most: int = Field(
        IN_ALL,
        ge=100,
        le=1_000_000,
        description="Questions that may wait on a platform; a quarter of it in a workspace, a hundredth of one person",
    )
    parley_line_seconds: float = Field(
        120.0, ge=0, le=3600, description="How long a question waits in line while the model's provider limits us"
    )
    parley_messages_most: int = Field(
        MESSAGES_MOST, ge=1, le=100, description="Messages of one answer; what does not fit comes as a file below them"
    )
    parley_limits: str = Field(
        "",
        description="Limits where no admin has set others, such as: 50 requests a day for each user; "
        "USD 20 a month for the workspace",
    )
    parley_currency: str = Field("USD", pattern="^[A-Z]{3}$", description="The currency of costs, by its three letters")
    parley_time_zone: str = Field("UTC", description="Whose midnight a day begins at, such as Europe/Berlin")
    parley_prices: Path | None = Field(
        None, description="A TOML file with what models cost; those of known services are known"
    )
    parley_mcp_file: Path | None = Field(
        None, description="A TOML file with MCP servers, whose tools personas may use (docs/mcp.md)"
    )
    parley_secret_key: SecretStr | None = Field(
        None, description="Keeps tokens that admins enter safe; several, with commas, to replace one"
    )
    parley_web_hosts: str = Field(
        "",
        description="Hosts whose pages the model may read, such as *.wikipedia.org, docs.python.org; * for every "
        "public host, none when empty",
    )
    parley_retention_days: int = Field(
        180,
        ge=0,
        le=36_500,
        description="Days for which conversations are kept where no admin has set others; 0: for ever",
    )
    parley_notes_retention_days: int = Field(
        400, ge=0, le=36_500, description="Days for which notes that people had Parley keep are kept, likewise"
    )
    parley_tutoring_retention_days: int = Field(
        400, ge=0, le=36_500, description="Days for which tutoring sessions are kept after their last use, likewise"
    )
    parley_usage_retention_days: int = Field(
        400, ge=0, le=36_500, description="Days for which accounts of use are kept, likewise"
    )
    parley_audit_retention_days: int = Field(
        400, ge=0, le=36_500, description="Days for which the log of what admins did is kept, likewise"
    )
    parley_metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Where /metrics, /live and /ready are answered; nowhere when empty"
    )
    parley_metrics_host: str = Field("127.0.0.1", description="The address for them; there is no sign-in")
    otel_exporter_otlp_endpoint: AnyUrl | None = Field(
        None, description="An OpenTelemetry collector that takes OTLP over HTTP, for traces"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning, error")
    log_format: Literal["text", "json"] = Field("text", description="text for people, json for machines")

    @field_validator("discord_shard_ids", mode="before")
    @classmethod
    def _shard_ids(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("parley_tools", mode="before")
    @classmethod
    def _tools(cls, value: object) -> object:
        names = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        return () if names == ["none"] else names

    @field_validator("log_level", "log_format", "parley_vision", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        understood(value)
        return value

    @field_validator("slack_api_url", "discord_api_url", "openai_base_url", "otel_exporter_otlp_endpoint")
    @classmethod
    def _web(cls, value: AnyUrl | None) -> AnyUrl | None:
        return _address(value, ("http", "https"))

    @field_validator("discord_gateway_url")
    @classmethod
    def _gateway(cls, value: AnyUrl | None) -> AnyUrl | None:
        return _address(value, ("ws", "wss"))

    @property
    def ages(self) -> Ages:
        """For how long things are kept where no admin has set others."""
        return Ages(
            conversations=self.parley_retention_days,
            notes=self.parley_notes_retention_days,
            tutoring=self.parley_tutoring_retention_days,
            usage=self.parley_usage_retention_days,
            audit=self.parley_audit_retention_days,
        )

    @field_validator("parley_limits")
    @classmethod
    def _limits(cls, said: str) -> str:
        return _meant(lambda text: parse_limits(text, ""), said)

    @field_validator("parley_web_hosts")
    @classmethod
    def _web_hosts(cls, said: str) -> str:
        parse_patterns(said)
        return said

    @field_validator("parley_time_zone")
    @classmethod
    def _time_zone(cls, said: str) -> str:
        return _meant(zone_named, said)

    def secret_values(self) -> tuple[str, ...]:
        """Everything that must never be printed."""
        fields = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.discord_token,
            self.openai_api_key,
            self.parley_secret_key,
        )
        secrets = [secret.get_secret_value() for secret in fields if secret is not None]
        password = understood(self.database_url).password
        return (*secrets, str(password)) if password else tuple(secrets)


def _meant(check: Callable[[str], object], said: str) -> str:
    try:
        check(said)
    except QuotaMistake as mistake:
        raise ValueError(str(mistake).rstrip(".")) from None
    return said


def _address(url: AnyUrl | None, schemes: tuple[str, ...]) -> AnyUrl | None:
    if url is not None and (url.scheme not in schemes or not url.host):
        raise ValueError(f"An address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)} is needed")
    if url is not None and (url.username or url.password):
        raise ValueError("No name and no password may stand in this address")
    return url
