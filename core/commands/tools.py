"""`/tools`: what models may use here, and the MCP servers that bring it, switched on and added by admins."""

from __future__ import annotations

from collections.abc import Sequence

from core.audit import AuditEntry, entry
from core.commands.catalogue import TOOLS
from core.commands.foreign import coded
from core.commands.personas.desk import Desk, whole
from core.commands.personas.permissions import Permissions
from core.incoming import Incoming
from core.interaction import Answer, Choice, Field, Form
from core.toolservers import ServerChoice, ServerMistake, Servers, ServerState

ADD = "tools.add"
LONGEST_ADDRESS, LONGEST_TOKEN, LONGEST_NAME = 500, 2_000, 20
SHOWN = 12
"""Names of a server's tools in one line."""
NO_SERVERS = "My operator has connected me to no MCP servers (PARLEY_MCP_FILE), and none was added here."
UNKNOWN = "There is no server {name} here. `/tools list` shows those there are."
HINT = "A persona uses what it is allowed: `/persona edit`, part tools."


class ToolsCommand:
    """Tools of a workspace, from the chat."""

    def __init__(self, desk: Desk, servers: Servers | None) -> None:
        self._desk = desk
        self._servers = servers
        self._permissions = Permissions(desk)

    async def call(self, incoming: Incoming) -> Answer:
        """What was asked for was done and is told, in private."""
        verb = (incoming.command or "").partition(" ")[2] or "list"
        if verb == "list":
            return await self._listed(incoming)
        if verb not in ("enable", "disable", "add", "remove", "test"):
            return Answer(text=f"Write it so: `{TOOLS.usage}`.")
        name = incoming.options.get("name", "").strip().lower()
        refusal = await self._permissions.refusal(incoming, f"tools.{verb}", subject=name)
        if refusal is not None:
            return refusal
        if self._servers is None:
            return Answer(text=NO_SERVERS)
        try:
            return await self._done(incoming, self._servers, verb, name)
        except ServerMistake as mistake:
            return Answer(text=str(mistake))

    async def _done(self, incoming: Incoming, servers: Servers, verb: str, name: str) -> Answer:
        match verb:
            case "add":
                return Answer(form=_form(name))
            case "remove":
                return await self._removed(incoming, name)
            case "test":
                return Answer(text=_told(await servers.tested(incoming.key, name)))
            case _:
                return await self._switched(incoming, servers, name, on=verb == "enable")

    async def submitted(self, incoming: Incoming) -> Answer:
        """The server that was typed in is there and switched on; or the form again. The token is never shown."""
        said = incoming.options
        name, url = said.get("name", "").strip().lower(), said.get("url", "").strip()
        refusal = await self._permissions.refusal(incoming, "tools.add", subject=name)
        if refusal is not None or self._servers is None:
            return refusal or Answer(text=NO_SERVERS)
        try:
            choice = self._servers.checked(name, url, said.get("token", "").strip())
        except ServerMistake as mistake:
            return Answer(text=str(mistake), form=_form(name, url))
        await self._desk.store.choose_server(whole(incoming), choice, by=self._entry(incoming, "add", name))
        return Answer(text=f"{_told(await self._servers.tested(incoming.key, name))}\n\n{HINT}")

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """Names of servers."""
        if self._servers is None or option != "name":
            return ()
        states = await self._servers.states(incoming.key)
        found = [state.name for state in states if typed.strip().lower() in state.name]
        return tuple(Choice(value=name, label=name) for name in found[:25])

    # ── verbs ──

    async def _listed(self, incoming: Incoming) -> Answer:
        own = [f"- {coded(tool.name)}: {_sentence(tool.spec.description)}" for tool in self._desk.toolbox.own]
        states = await self._servers.states(incoming.key) if self._servers is not None else ()
        parts = [
            "**My own tools**\n" + ("\n".join(own) or "None."),
            "**MCP servers**\n" + ("\n".join(f"- {_line(state)}" for state in states) or NO_SERVERS),
            HINT,
        ]
        return Answer(text="\n\n".join(parts))

    async def _switched(self, incoming: Incoming, servers: Servers, name: str, *, on: bool) -> Answer:
        known = {state.name for state in await servers.states(incoming.key)}
        if name not in known:
            return Answer(text=UNKNOWN.format(name=coded(name)))
        before = {choice.name: choice for choice in await self._desk.store.tool_servers(whole(incoming))}.get(name)
        choice = ServerChoice(
            name=name,
            enabled=on,
            url=before.url if before else "",
            sealed_token=before.sealed_token if before else "",
        )
        by = self._entry(incoming, "enable" if on else "disable", name)
        await self._desk.store.choose_server(whole(incoming), choice, by=by)
        if not on:
            return Answer(text=f"{coded(name)} is switched off in this workspace.")
        return Answer(text=f"{_told(await servers.tested(incoming.key, name))}\n\n{HINT}")

    async def _removed(self, incoming: Incoming, name: str) -> Answer:
        by = self._entry(incoming, "remove", name)
        if not await self._desk.store.drop_server(whole(incoming), name, by=by):
            return Answer(text=UNKNOWN.format(name=coded(name)))
        return Answer(text=f"{coded(name)} is gone from this workspace, and so is its token.")

    def _entry(self, incoming: Incoming, verb: str, name: str) -> AuditEntry:
        return entry(incoming, f"tools.{verb}", now=self._desk.now(), subject=name, place=whole(incoming))


def _form(name: str, url: str = "") -> Form:
    return Form(
        action=ADD,
        title="Add an MCP server",
        submit="Add",
        fields=(
            Field(
                name="name",
                label="Name",
                value=name,
                required=True,
                longest=LONGEST_NAME,
                hint="Small letters, digits and hyphens, such as tracker.",
            ),
            Field(
                name="url",
                label="Address",
                value=url,
                required=True,
                longest=LONGEST_ADDRESS,
                hint="Of its streamable HTTP, such as https://mcp.example.org/mcp.",
            ),
            Field(
                name="token",
                label="Token",
                longest=LONGEST_TOKEN,
                hint="Sent as a bearer token and stored encrypted; nothing where it needs none.",
            ),
        ),
    )


def _line(state: ServerState) -> str:
    whose = "" if state.own else ", added here"
    stands = f"{_standing(state)}" if state.enabled else "switched off"
    return f"{coded(state.name)}{whose}: {stands}"


def _standing(state: ServerState) -> str:
    if state.fault and not state.up:
        return f"not reachable ({state.fault})"
    if not state.up:
        return "switched on"
    return f"{len(state.tools)} tools: {_named(state.tools)}"


def _told(state: ServerState) -> str:
    if not state.up:
        fault = f" ({state.fault})" if state.fault else ""
        return (
            f"I could not reach {coded(state.name)}{fault}. It stays as it is set, and I keep trying when it is needed."
        )
    first = f" {state.asks_first} of them ask a person before they run." if state.asks_first else ""
    return f"{coded(state.name)} answers and has {len(state.tools)} tools: {_named(state.tools)}.{first}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(coded(name) for name in names[:SHOWN]) or "none") + more


def _sentence(text: str) -> str:
    """The first sentence of what models read."""
    return text.split(". ")[0].rstrip(".") + "."
