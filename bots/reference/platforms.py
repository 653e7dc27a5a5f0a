"""The page on what Parley asks of Slack and of Discord: scopes, events, permissions and intents, with reasons."""

from __future__ import annotations

from adapters.discord.gateway import intents
from adapters.discord.permissions import NEEDED as PERMISSIONS
from adapters.discord.permissions import Permission
from adapters.slack.doctor import NEEDED as SCOPES
from core.commands.catalogue import CATALOGUE

PREFACE = """\
# What Parley asks of Slack and Discord

*Made from the adapters' declarations by `python -m bots.reference`.* `parley doctor` compares an app with them and
tells what is missing and where to add it.
"""
FURTHER_SCOPES = {
    "usergroups:read": "know who is in a user group, for limits and rights of groups; without it nobody is in any",
}
"""Scopes that Parley does without, and what each adds."""
EVENTS = {
    "app_mention": ("app_mentions:read", "somebody mentions Parley in a channel where it is a member"),
    "message.channels": ("channels:history", "threads in public channels go on without a mention; edits and deletions"),
    "message.groups": ("groups:history", "the same in private channels"),
    "message.im": ("im:history", "direct messages"),
    "message.mpim": ("mpim:history", "messages in groups of people"),
    "agent_session_stopped": ("", "Slack's own Stop button; only an app that is declared as an agent has it"),
    "app_uninstalled": ("", "Parley was removed from the workspace: the process ends with a clear message"),
    "tokens_revoked": ("", "the token was taken back, likewise"),
}
"""Bot events of a Slack app → the scope that each needs, and what it is for."""
PERMISSION_REASONS = {
    Permission.VIEW_CHANNEL: ("View Channels", "see the channels where it shall answer"),
    Permission.SEND_MESSAGES: ("Send Messages", "answer"),
    Permission.EMBED_LINKS: ("Embed Links", "show cards, such as personas and quotas"),
    Permission.ATTACH_FILES: ("Attach Files", "give people files: long answers, exports, pictures of progress"),
    Permission.READ_MESSAGE_HISTORY: ("Read Message History", "answer under a message, and find its thread"),
    Permission.CREATE_PUBLIC_THREADS: ("Create Public Threads", "answer a mention in a thread of its own"),
    Permission.SEND_MESSAGES_IN_THREADS: ("Send Messages in Threads", "go on there"),
}
INTENT_REASONS = {
    "guilds": "which servers, channels and threads there are",
    "guild_messages": "messages in channels; without the content, only that there are some and who is mentioned",
    "dm_messages": "direct messages",
    "message_content": "the words of messages that do not mention Parley: threads go on without a mention",
}
PRIVILEGED = {"message_content"}
"""Intents that must be switched on in Discord's portal."""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([PREFACE, _slack(), _discord()])


def _slack() -> str:
    scopes = "\n".join(f"| `{scope}` | {reason} |" for scope, reason in SCOPES.items())
    further = "\n".join(f"| `{scope}` | {reason} |" for scope, reason in FURTHER_SCOPES.items())
    events = "\n".join(
        f"| `{event}` | {f'`{scope}`' if scope else ''} | {reason} |" for event, (scope, reason) in EVENTS.items()
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

The app-level token for Socket Mode has one scope, `connections:write`. After each change of scopes the app must be
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
    needed = [permission for permission in Permission if permission in PERMISSIONS]
    permissions = "\n".join(
        f"| {name} | {reason} |" for name, reason in (PERMISSION_REASONS[permission] for permission in needed)
    )
    asked = [name for name, on in intents(message_content=True) if on]
    rows = "\n".join(f"| `{name}` | {'yes' if name in PRIVILEGED else ''} | {INTENT_REASONS[name]} |" for name in asked)
    return f"""\
## Discord: permissions

The invitation asks for these (`permissions={int(PERMISSIONS)}`), with the scopes `bot` and `applications.commands`.

| permission | Parley needs it to |
| --- | --- |
{permissions}

## Discord: gateway intents

| intent | privileged | why |
| --- | --- | --- |
{rows}

A privileged intent is switched on in the developer portal: your application, Bot, Privileged Gateway Intents. Without
the message content intent Parley answers mentions, direct messages and slash commands, but does not see that a thread
goes on. Commands need no declaration: Parley registers them with Discord when it starts.
"""
