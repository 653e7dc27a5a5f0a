"""`/tools`: which tools there are here, and for admins which servers bring them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.audit import AuditEntry, entry
from core.commands.catalogue import TOOLS
from core.commands.foreign import coded
from core.commands.personas.desk import Desk, whole
from core.commands.personas.naming import suggested
from core.commands.settings import ADMINS_ONLY
from core.equipment import ServerEntry
from core.incoming import Incoming
from core.interaction import Answer, Choice, Field, Form
from core.persona import Persona
from core.tools.servers import NoServers, NotAdded, ServerView, Standing, ToolServers
from core.tools.tool import Tool

ADD = "tools.add"
LOOK_SECONDS = 1.5
"""For which a list waits for servers that are just being connected."""
MOST_ADDED = 10
"""Servers that a workspace may add."""
MOST_NAMED = 15
"""Tools of one server that a list names."""
NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,23}")
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_TOKEN = 24, 500, 3_000
NO_SERVERS = "No servers bring tools here."
BAD_NAME = "A server's name has at most 24 small letters, digits and single hyphens, such as `wiki` or `git-hub`."
TAKEN = "My operator has declared a server of that name; choose another one."
TOO_MANY = f"There are {MOST_ADDED} servers already that were added here; remove one first."
UNKNOWN = "There is no server of that name here. `/tools list` tells which there are."
DECLARED = "My operator declared that server, so it cannot be removed here; `/tools disable` turns it off."
ADMIN_VERBS = ("enable", "disable", "add", "remove", "test")


class ToolsCommand:
    """Tools of a workspace, from the chat. `own` are those that need no server."""

    def __init__(self, desk: Desk, servers: ToolServers | None = None, own: Sequence[Tool] = ()) -> None:
        self._desk = desk
        self._servers = servers or NoServers()
        self._own = own

    async def call(self, incoming: Incoming) -> Answer:
        """What was asked for was done and is told, in private."""
        verb = (incoming.command or "").partition(" ")[2]
        if verb == "list" or (not verb and not incoming.options):
            return await self._list(incoming)
        if verb not in ADMIN_VERBS:
            return Answer(text=f"Write it so: `{TOOLS.usage}`.")
        if not incoming.author.admin:
            return await self._refused(incoming, verb)
        name = incoming.options.get("server", "").strip().lower()
        match verb:
            case "add":
                return Answer(text="Fill in the form to add a server.", form=_form(name))
            case "enable" | "disable":
                return await self._enable(incoming, name, on=verb == "enable")
            case "remove":
                return await self._remove(incoming, name)
            case _:
                return await self._test(incoming, name)

    async def submitted(self, incoming: Incoming) -> Answer:
        """The server that was typed in is added, or it is said why not."""
        if not incoming.author.admin:
            return await self._refused(incoming, "add")
        try:
            return await self._add(incoming)
        except NotAdded as reason:
            return Answer(text=f"{reason} Nothing was added; `/tools add` opens the form again.")

    async def suggest(self, incoming: Incoming, option: str, typed: str) -> tuple[Choice, ...]:
        """Names of servers, for those who may do something with them."""
        if option != "server" or not incoming.author.admin:
            return ()
        views = await self._servers.views(whole(incoming), wait=0)
        return suggested([view.name for view in views], typed)

    # ── list ──

    async def _list(self, incoming: Incoming) -> Answer:
        views = await self._servers.views(whole(incoming), wait=LOOK_SECONDS)
        personas = await self._desk.personas(incoming, private=incoming.author.admin)
        users = [self._desk.built_in, *(one.persona for one in personas)]
        parts = [_own_text(self._own, users)] if self._own else []
        shown = views if incoming.author.admin else [view for view in views if view.enabled]
        parts += [_server_text(view, users, admin=incoming.author.admin) for view in shown]
        if not shown:
            parts.append(NO_SERVERS)
        return Answer(text="\n\n".join(parts))

    # ── enable, disable, remove, test ──

    async def _enable(self, incoming: Incoming, name: str, *, on: bool) -> Answer:
        view = await self._view(incoming, name)
        if view is None:
            return Answer(text=UNKNOWN)
        by = self._entry(incoming, "enable" if on else "disable", server=name)
        await self._desk.store.enable_server(whole(incoming), name, on=on, by=by)
        if not on:
            return Answer(text=f"{coded(name)} is off: nobody's persona uses its tools here any more.")
        return Answer(
            text=f"{coded(name)} is on. A persona uses its tools where {coded(f'{name}/*')} is among its tools."
        )

    async def _remove(self, incoming: Incoming, name: str) -> Answer:
        if await self._desk.store.remove_server(whole(incoming), name, by=self._entry(incoming, "remove", server=name)):
            await self._view(incoming, name)  # its connection ends
            return Answer(text=f"{coded(name)} is gone, and its token with it.")
        return Answer(text=UNKNOWN if await self._view(incoming, name) is None else DECLARED)

    async def _test(self, incoming: Incoming, name: str) -> Answer:
        view = await self._servers.tested(whole(incoming), name)
        if view is None:
            return Answer(text=UNKNOWN)
        await self._desk.store.record_audit(self._entry(incoming, "test", server=name))
        if view.standing is not Standing.UP:
            return Answer(text=f"{coded(name)} cannot be used now. {view.problem}".strip())
        return Answer(text=f"{coded(name)} works. {_brought(view)}")

    # ── add ──

    async def _add(self, incoming: Incoming) -> Answer:
        options = incoming.options
        name, token = options.get("name", "").strip().lower(), options.get("token", "").strip()
        if not NAME.fullmatch(name):
            raise NotAdded(BAD_NAME)
        view = await self._view(incoming, name)
        if view is not None and not view.added:
            raise NotAdded(TAKEN)
        address = await self._servers.checked(options.get("address", ""))
        sealed = self._servers.sealed(token) if token else ""
        added = ServerEntry(name=name, enabled=True, address=address, token=sealed)
        by = self._entry(incoming, "add", server=name, token=bool(token))
        if not await self._desk.store.add_server(whole(incoming), added, most=MOST_ADDED, by=by):
            raise NotAdded(TOO_MANY)
        return Answer(
            text=f"{coded(name)} is added. `/tools test {name}` tries it now. "
            f"A persona uses its tools where {coded(f'{name}/*')} is among its tools."
        )

    # ── beneath ──

    async def _view(self, incoming: Incoming, name: str) -> ServerView | None:
        views = await self._servers.views(whole(incoming), wait=0)
        return next((view for view in views if view.name == name), None)

    async def _refused(self, incoming: Incoming, verb: str) -> Answer:
        await self._desk.store.record_audit(replace(self._entry(incoming, verb), allowed=False))
        return Answer(text=ADMINS_ONLY)

    def _entry(self, incoming: Incoming, verb: str, **details: object) -> AuditEntry:
        made = entry(incoming, f"tools.{verb}", now=self._desk.now(), place=whole(incoming))
        return replace(made, details=details)


def _form(name: str) -> Form:
    fields = (
        Field(
            name="name",
            label="Name",
            value=name[:LONGEST_NAME],
            required=True,
            longest=LONGEST_NAME,
            hint="Small letters, digits and hyphens.",
        ),
        Field(
            name="address",
            label="Address",
            required=True,
            longest=LONGEST_ADDRESS,
            hint="Of an MCP server over streamable HTTP: https://…/mcp",
        ),
        Field(
            name="token",
            label="Bearer token",
            longest=LONGEST_TOKEN,
            hint="Where the server wants one. It is kept encrypted and never shown again.",
        ),
    )
    return Form(action=ADD, title="Add a tool server", fields=fields, submit="Add")


# ── texts ──


def _own_text(own: Sequence[Tool], users: Sequence[Persona]) -> str:
    lines = [f"- {coded(tool.name)}{_users([tool.name], users)}" for tool in own]
    return "\n".join(["**Built in**", *lines])


def _server_text(view: ServerView, users: Sequence[Persona], *, admin: bool) -> str:
    title = f"**{view.name}** ({view.standing.value})"
    if admin and view.host:
        title += f", added here: {coded(view.host)}"
    lines = [title]
    if admin and view.problem:
        lines.append(view.problem)
    if view.tools:
        lines.append(_brought(view))
    if view.enabled:
        lines.append(_server_users(view, users))
    return "\n".join(lines)


def _brought(view: ServerView) -> str:
    if not view.tools:
        return "It brings no tools that I can use."
    named = ", ".join(coded(one.name) + ("" if one.asks else " (only reads)") for one in view.tools[:MOST_NAMED])
    more = f" and {len(view.tools) - MOST_NAMED} more" if len(view.tools) > MOST_NAMED else ""
    return f"{len(view.tools)} tool{'' if len(view.tools) == 1 else 's'}: {named}{more}"


def _server_users(view: ServerView, users: Sequence[Persona]) -> str:
    found = [
        one.name for one in users if any(tool.startswith((f"{view.name}/", f"{view.name}__")) for tool in one.tools)
    ]
    return f"Used by {', '.join(map(coded, found))}" if found else "No persona uses it yet."


def _users(names: Sequence[str], users: Sequence[Persona]) -> str:
    found = [one.name for one in users if set(names) & set(one.tools)]
    return f": {', '.join(map(coded, found))}" if found else ""
