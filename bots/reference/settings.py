"""The page on settings, made from the fields of `bots.settings.Settings`: types, bounds and defaults included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bots.settings import Settings

PREFACE = """\
# Settings

*Made from `bots/settings.py` by `python -m bots.reference`.*

Settings come from the environment, or from a file `.env` in the working folder; the environment is stronger. An empty
value counts as none. All that is wrong is told at once at the start, and `parley doctor` tries what is set. What
belongs to a workspace or a channel is no setting: admins change it in the chat ([commands](commands.md)).
"""
SECTIONS = {
    "slack_bot_token": "Slack",
    "discord_token": "Discord",
    "openai_api_key": "The model",
    "database_url": "This process",
}
"""The field with which each section begins."""
HEAD = "| setting | takes | default | meaning |\n| --- | --- | --- | --- |\n"
_KINDS = {"integer": "whole number", "number": "number", "string": "text", "array": "list, with commas"}
_FORMATS = {"password": "secret", "uri": "address", "path": "file"}


def page() -> str:
    """The whole page, in Markdown."""
    schema = Settings.model_json_schema()["properties"]
    parts = [PREFACE]
    for field, declared in schema.items():
        if field in SECTIONS:
            parts.append(f"\n## {SECTIONS[field]}\n\n{HEAD}")
        meaning = str(Settings.model_fields[field].description).replace("|", "\\|")
        parts.append(f"| `{field.upper()}` | {'; '.join(_takes(declared))} | {_default(declared)} | {meaning} |\n")
    return "".join(parts)


def _takes(declared: dict[str, Any]) -> Iterator[str]:
    one = next((each for each in declared.get("anyOf", ()) if each.get("type") != "null"), declared)
    if "enum" in one:
        yield ", ".join(f"`{value}`" for value in one["enum"])
        return
    yield _FORMATS.get(one.get("format", ""), _KINDS[one["type"]])
    least, most = one.get("minimum"), one.get("maximum")
    if least is not None and most is not None:
        yield f"{least:,} to {most:,}"
    elif least is not None:
        yield f"at least {least:,}"


def _default(declared: dict[str, Any]) -> str:
    default = declared.get("default")
    if isinstance(default, list):
        default = ",".join(map(str, default))
    return f"`{default}`" if default not in (None, "") else ""
