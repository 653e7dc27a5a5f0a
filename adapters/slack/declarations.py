"""What Parley asks of Slack: the scopes of its tokens and the events of its app, each with its reason.

Written once: the manifest, the doctor and the reference pages read it. Commands are declared in core.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One scope of the bot's token."""

    name: str
    reason: str
    """Ends the sentence "Parley needs it to …", and where it is not needed "It lets Parley …"."""
    needed: bool = True
    """Without the others Parley works, but knows less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event that the app subscribes to for its bot."""

    name: str
    reason: str
    scope: str = ""
    """Without which Slack does not send it."""
    agents_only: bool = False
    """Whether only an app that is declared as an agent has it."""


SCOPES = (
    Scope(name="app_mentions:read", reason="hear mentions"),
    Scope(name="channels:history", reason="go on in threads of public channels"),
    Scope(name="channels:read", reason="tell the model what a channel is called"),
    Scope(name="chat:write", reason="answer"),
    Scope(name="commands", reason="offer /ask and the other commands"),
    Scope(name="files:read", reason="read files that people attach"),
    Scope(name="files:write", reason="give people files"),
    Scope(name="groups:history", reason="go on in threads of private channels"),
    Scope(name="groups:read", reason="tell the model what a private channel is called"),
    Scope(name="im:history", reason="hear direct messages"),
    Scope(name="im:write", reason="write to somebody directly"),
    Scope(name="mpim:history", reason="go on in group messages"),
    Scope(
        name="usergroups:read",
        reason="know who is in a user group, for limits and rights of groups; without it nobody is in any",
        needed=False,
    ),
    Scope(name="users:read", reason="know people's names and who is an admin"),
)
"""Of the bot's token (slack.md, sections 5 and 7)."""
NEEDED = {scope.name: scope.reason for scope in SCOPES if scope.needed}
"""Without these the doctor is not content."""
APP_SCOPE = "connections:write"
"""The one scope of the app-level token, for Socket Mode."""
AGENT_SCOPE = "assistant:write"
"""Which an app has that is declared as an agent; Parley itself calls nothing that wants it."""

EVENTS = (
    Event(
        name="app_mention",
        scope="app_mentions:read",
        reason="somebody mentions Parley in a channel where it is a member",
    ),
    Event(
        name="message.channels",
        scope="channels:history",
        reason="threads in public channels go on without a mention; edits and deletions",
    ),
    Event(name="message.groups", scope="groups:history", reason="the same in private channels"),
    Event(name="message.im", scope="im:history", reason="direct messages"),
    Event(name="message.mpim", scope="mpim:history", reason="messages in groups of people"),
    Event(
        name="agent_session_stopped",
        reason="Slack's own Stop button; only an app that is declared as an agent has it",
        agents_only=True,
    ),
    Event(
        name="app_uninstalled",
        reason="Parley was removed from the workspace: the process ends with a clear message",
    ),
    Event(name="tokens_revoked", reason="the token was taken back, likewise"),
)
"""Of the bot (slack.md, section 5)."""
