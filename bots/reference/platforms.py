"""The page on what Parley asks of Slack and of Discord: scopes, events, permissions and intents, with reasons."""

from __future__ import annotations

from adapters.discord import declarations as discord
from adapters.slack import declarations as slack
from core.commands.catalogue import CATALOGUE

PREFACE = """\
# What Parley asks of Slack and Discord

*Made from the adapters' declarations by `python -m bots.reference`.* `parley manifest slack` and
`parley invite discord` ask for just this; `parley doctor` compares an app with it and tells what is missing and where
to add it.
"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([PREFACE, _slack(), _discord()])


def _slack() -> str:
    scopes = "\n".join(f"| `{scope.name}` | {scope.reason} |" for scope in slack.SCOPES if scope.needed)
    further = "\n".join(f"| `{scope.name}` | {scope.reason} |" for scope in slack.SCOPES if not scope.needed)
    events = "\n".join(
        f"| `{event.name}` | {f'`{event.scope}`' if event.scope else ''} | {event.reason} |" for event in slack.EVENTS
    )
    commands = "\n".join(f"| `/{command.name}` | {command.summary} |" for command in CATALOGUE)
    return f"""\
## Slack: scopes of the bot token

| scope | Parley needs it to |
| --- | --- |
{scopes}

Parley does without these, but knows less:

| scope | what it adds |
| --- | --- |
{further}

The app-level token for Socket Mode has one scope, `{slack.APP_SCOPE}`. After each change of scopes the app must be
installed again: the token has its old scopes until then.

## Slack: bot events

| event | scope | why |
| --- | --- | --- |
{events}

## Slack: slash commands

Each must be declared in the app, with “Escape channels, users, and links” switched on where people or groups are named.

| command | description |
| --- | --- |
{commands}
"""


def _discord() -> str:
    permissions = "\n".join(f"| {asked.title} | {asked.reason} |" for asked in discord.PERMISSIONS)
    scopes = "\n".join(f"| `{scope}` | {reason} |" for scope, reason in discord.SCOPES.items())
    rows = "\n".join(
        f"| `{intent.name}` | {'yes' if intent.portal else ''} | {intent.reason} |" for intent in discord.INTENTS
    )
    return f"""\
## Discord: permissions

The link that invites Parley asks for these; `parley invite discord` prints it with the application's id in its place:

```text
{discord.invitation("APPLICATION_ID")}
```

| permission | Parley needs it to |
| --- | --- |
{permissions}

| scope of the link | Parley needs it to |
| --- | --- |
{scopes}

## Discord: gateway intents

| intent | privileged | why |
| --- | --- | --- |
{rows}

A privileged intent is switched on in the developer portal: your application, Bot, Privileged Gateway Intents. Without
the message content intent Parley answers mentions, direct messages and slash commands, but does not see that a thread
goes on. Commands need no declaration: Parley registers them with Discord when it starts.
"""
