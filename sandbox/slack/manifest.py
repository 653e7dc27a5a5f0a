"""What the app under test was granted: its scopes, the events it subscribes to, whether it is an agent.

The defaults are the manifest of Parley's Slack app; a test takes a scope away to see what then fails.
"""

from dataclasses import dataclass, field

from sandbox.slack.values import Json

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "reactions:read",
    "users:read",
)

EVENTS = (
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "tokens_revoked",
)

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
}


@dataclass(slots=True)
class Manifest:
    """Changeable while the sandbox runs, as an app's settings are."""

    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    events: set[str] = field(default_factory=lambda: set(EVENTS))
    commands: list[Json] = field(default_factory=list)
    """As the app's manifest declares them: `command`, `description`, `usage_hint`. Slack suggests them while people
    type; here also one that is not declared is sent."""
    agent: bool = True
    """Declared as agent: streams open a session, and the conversation lives in the Messages tab."""

    def declare(self, document: Json) -> None:
        """The app's slash commands are those of this manifest, in the form in which Slack takes one. KeyError or
        TypeError for another document."""
        self.commands = [dict(one) for one in document["features"].get("slash_commands", ())]

    def hears(self, event: str) -> bool:
        """Whether Slack sends this event to the app: subscribed, and its scope granted."""
        needed = EVENT_SCOPES.get(event)
        return event in self.events and (needed is None or needed in self.scopes)
